"""What a paid provider is, beyond `Provider`: how a step becomes one paid request, and how its result is collected.

The money lies in `order` and `accepted`: `order` is pure and its bytes are written to the journal before they are
sent, once, by `bridge.orders.runner.runner`. Everything else (`check`, `fetch`, `search`, `balance`) is free and
may be repeated as often as needed.

```
step ── order ──► paid POST ── accepted ──► Remote ids ── check … ──► Finished ── fetch ──► StepResult ► store
                                  └───────► Delivered (the answer holds the result already)
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, runtime_checkable

from bridge.http.api import Api, Method
from bridge.http.outcome import Answer
from bridge.providers.api import Price, Provider, ResultFile, Step, StepResult


class Ending(StrEnum):
    """How an order ended that brought no result."""

    REFUSED = "refused"
    """The provider did not take it."""
    FAILED = "failed"
    """The job failed there."""
    STOPPED = "stopped"
    """It was cancelled at the provider."""
    DROPPED = "dropped"
    """The provider had deleted its output before it was fetched."""
    MISSING = "missing"
    """The provider does not know the job, under the key that ordered it."""
    LEFT = "left"
    """A person cancelled it here, and the provider was not told or did not answer."""
    ABANDONED = "abandoned"
    """Nobody knew whether it arrived, and a person gave it up."""
    UNWANTED = "unwanted"
    """A person cancelled it before it was sent."""
    UNSENT = "unsent"
    """It could not be sent; nobody decided anything about it."""


NEVER_SENT = frozenset({Ending.UNWANTED, Ending.UNSENT})


class Kept(StrEnum):
    """Whether a provider keeps the price of an order that brought no result. What it does not say counts as kept."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider's API can do for a client that lost an answer.

    idempotency_header: name of a request header whose repetition is safe for `idempotency_seconds`; empty for none.
    can_search: it has a list in which a lost submission can be found again.
    can_cancel: a running job can be stopped by the request of `cancelling`.
    keeps: what it says of the price of orders without a result; an ending that is not named is unknown. What was
    refused or never sent costs nothing.
    """

    idempotency_header: str = ""
    idempotency_seconds: int = 0
    can_search: bool = False
    can_cancel: bool = False
    keeps: Mapping[Ending, Kept] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How fast a provider may be used. Seconds; `per_minute` counts every request, None where no limit is known.

    poll_first, poll: wait before the first and between later status requests. patience: after this the run stops
    waiting (the job goes on and is collected by a later run).
    """

    concurrent: int = 4
    per_minute: int | None = None
    poll_first: float = 5.0
    poll: float = 5.0
    poll_most: float = 15.0
    patience: float = 1800.0
    search_delay: float = 30.0


@dataclass(frozen=True, slots=True)
class Order:
    """One paid request: a JSON body sent to a path below the base URL, by POST or PATCH.

    webhook: the field of the body that takes an address to be told at when the job has ended; empty where the route has
    none. The runner fills it in where webhooks are received. origin: ids of what the order changes or builds on, where
    its answer does not repeat them; `Remote.ids` get them as well. shared: something free that exists once for all who
    ask for it (a project): `search` is asked before it is ordered, with `Lost.sent` 0.
    """

    path: str
    body: Mapping[str, Any]
    webhook: str = ""
    method: Method = "POST"
    origin: Mapping[str, str] = field(default_factory=dict)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Charge:
    """What the provider says it charged, in its own unit (`generations`, `usd`, `credits`)."""

    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Remote:
    """The provider took the order. Its ids (`job`, `character` …) are all that collecting the result needs.

    charge: what it took with the order; None where it charges later or says nothing. left: what it says is left on the
    account, by unit.
    """

    ids: Mapping[str, str]
    charge: Charge | None = None
    left: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The answer holds the result itself. `charge` is None when the answer does not say."""

    result: StepResult
    charge: Charge | None = None


Accepted: TypeAlias = Remote | Delivered


class DamagedResultError(Exception):
    """What a provider delivered is not what it has to be. Adapters raise it from `fetch` and `accepted`.

    It is fetched again, for nothing, a few times. message: what is wrong, for people. files: what came. charge: what
    the answer says that it cost, where it was the answer that held the result.
    """

    def __init__(self, message: str, files: Sequence[ResultFile] = (), charge: Charge | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.files = tuple(files)
        self.charge = charge


@dataclass(frozen=True, slots=True)
class Running:
    """Not finished. progress 0–1 where it is known; `after` seconds are asked for before the next look."""

    progress: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The result can be fetched. `facts` (JSON) are handed to `fetch`."""

    charge: Charge | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """The job failed for good. `charge` is what it cost in all, perhaps 0; None where nothing is said, and then what
    the provider `keeps` decides.

    stopped: somebody cancelled it at the provider.
    """

    message: str
    charge: Charge | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """The provider does not know the job, or has dropped its output; it is not run again without asking.

    dropped: it says that it had the job and deleted its output. Else the job may be unknown only to this key.
    """

    message: str
    dropped: bool = False


Status: TypeAlias = Running | Finished | Broken | Gone


@dataclass(frozen=True, slots=True)
class OrderRefusal:
    """Why an order was rejected, for people: `code` of `core.errors.CODES`; `field` is the spec field to blame."""

    code: str
    message: str
    hint: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on the account: amounts by unit (`{"generations": 450, "usd": 10.5}`), and the plan's name."""

    amounts: Mapping[str, Decimal]
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a provider booked on UTC days from `first` to `last`, both included, in `unit`.

    used: charged. refunded: given back. added: bought or granted. orders: how many were charged; None if not said.
    """

    unit: str
    first: str
    last: str
    used: Decimal
    refunded: Decimal = Decimal(0)
    added: Decimal = Decimal(0)
    orders: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteAsset:
    """Something that the account already has, for `adopt`: its kind as in specs, its id, what it is."""

    kind: str
    id: str
    name: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that specs may name. kinds: of specs that it is for; empty where that is not known.

    price: of one `per` (`image`, `second`); None where the provider does not say, or where it is that of the plan.
    takes: JSON Schema of what `[provider_options]` may hold; None where it is not known.
    """

    id: str
    name: str = ""
    kinds: tuple[str, ...] = ()
    price: Charge | None = None
    per: str = ""
    takes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Models:
    """as_of: when the provider listed them, in its own words; empty for a list that is part of this program."""

    rows: Sequence[ModelInfo]
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class LostOrder:
    """An order whose answer never came, for `search`. `sent` and `now` are seconds since 1970; `taken` are remote ids
    that other jobs have already (values of `Remote.ids`); `origin` is that of the `Order`."""

    step: Step
    body: Mapping[str, Any]
    sent: float
    now: float
    taken: frozenset[str]
    origin: Mapping[str, str] = field(default_factory=dict)


class FreeCalls(Protocol):
    """The free half of the transport, as providers see it. Paths are below the base URL; the key goes along there only.

    Raises (both): `bridge.http.outcome.TransportError`, after a few tries where trying again is sensible.
    """

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """A whole answer, 2xx only."""
        ...

    async def download(self, url: str, *, most: int = 64_000_000) -> Answer:
        """A file from the provider's own or its storage hosts; at most `most` decoded bytes. `/path` is on the API's
        own host."""
        ...


@runtime_checkable
class Billing(Protocol):
    """A provider that publishes what it booked, and not only what is left."""

    async def statement(self, calls: FreeCalls, first: str, last: str) -> Statement | None:
        """What was booked between two UTC days, both included, or as much of that as it tells; None where its answer
        does not say."""
        ...


@runtime_checkable
class SeveralUnits(Protocol):
    """A provider whose accounts pay in one of several units."""

    def prices(self, step: Step) -> Mapping[str, Price]:
        """What a step costs in each unit, in the order in which an account uses up what it has."""
        ...


@runtime_checkable
class PublicUrls(Protocol):
    """A provider that keeps what it delivers at addresses which others can fetch (`ResultFile.address`)."""

    def addressed(self, step: Step, part: str) -> bool:
        """Whether a part of a step's result will be a picture of its own at such an address."""
        ...


@runtime_checkable
class MediaFamilies(Protocol):
    """A provider that says what kind of files an operation delivers: else any picture, sound or video will do."""

    def families(self, step: Step) -> frozenset[str]:
        """First parts of the media types of a step's files (`image`, `audio`, `video`, `application`)."""
        ...


class PaidProvider(Provider, Protocol):
    """A provider that sells. All but the four async methods is pure."""

    abilities: Capabilities
    limits: RateLimits
    api: Api

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        """The paid request of a step. `inputs` by role (assets as PNG), `needed` the results of `step.after`.

        Raises:
            UserError: an input does not fit (`provider_limit`); nothing was sent.
        """
        ...

    def adopted_ids(self, step: Step) -> Mapping[str, str] | None:
        """Remote ids of a step that needs no order (adopting what the provider already has); None for all others."""
        ...

    def accepted(self, step: Step, answer: Answer) -> Accepted | None:
        """What a 2xx answer holds; None when it has neither an id nor a result (then nobody knows: UNKNOWN).

        Raises:
            DamagedResultError: it holds the result, which cannot be used.
        """
        ...

    def refusal(self, step: Step, answer: Answer) -> OrderRefusal:
        """Why a rejecting answer (4xx) rejects."""
        ...

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        """How a job is doing."""
        ...

    def cancelling(self, ids: Mapping[str, str]) -> Order:
        """The free request that stops a job (only asked where `abilities.can_cancel`). `check` says what came of it."""
        ...

    async def fetch(
        self, calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
    ) -> StepResult | Running | Gone:
        """The result of a finished job. `Running` where it is not there yet (HTTP 404 or 423 at first).

        Files are looked at by the caller: whether they are whole, and of the right kind (`MediaFamilies`).

        Raises:
            DamagedResultError: what came is of no use.
        """
        ...

    async def search(self, calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
        """Orders on the provider's side that may be the lost one (only asked where `abilities.can_search`)."""
        ...

    async def balance(self, calls: FreeCalls) -> Balance:
        """What is left on the account."""
        ...

    async def assets(self, calls: FreeCalls) -> Sequence[RemoteAsset]:
        """What the account already has and a spec can adopt."""
        ...

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """The models that specs may name: none where there is nothing to choose. `about`: those to say all of."""
        ...
