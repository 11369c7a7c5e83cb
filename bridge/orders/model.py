"""A job: one paid request from approval to files, and which moves between its states are allowed.

```
planned ─► approved ─► submitting ─► submitted ─► running ─► fetching ─► stored ─► exported
              ▲           │  │  │         └───────────┴──────────┴──► failed, expired, cancelled
              └── not sent┘  │  └─► rejected                   └─► damaged ─► stored (fetched again)
                             └─► uncertain ─► submitted (found, adopted) or cancelled (given up, by a person)
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bridge.http.api import Method
from bridge.providers.api import Price, Step
from bridge.providers.paid import Charge, Ending, Kept


class JobState(StrEnum):
    """Where a job stands. The names are recovery points: after a crash the state says what may be done next."""

    PLANNED = "planned"
    APPROVED = "approved"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    RUNNING = "running"
    FETCHING = "fetching"
    STORED = "stored"
    EXPORTED = "exported"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNCERTAIN = "uncertain"
    DAMAGED = "damaged"


_S = JobState
MOVES: Mapping[JobState, frozenset[JobState]] = {
    _S.PLANNED: frozenset({_S.APPROVED, _S.CANCELLED}),
    # `submitted` at once is an order that costs nothing: adopting what the provider already has.
    _S.APPROVED: frozenset({_S.SUBMITTING, _S.SUBMITTED, _S.CANCELLED}),
    _S.SUBMITTING: frozenset({_S.SUBMITTED, _S.STORED, _S.DAMAGED, _S.REJECTED, _S.APPROVED, _S.UNCERTAIN}),
    # Back to `submitting` only with the same bytes under the same idempotency key, which cannot charge twice.
    _S.UNCERTAIN: frozenset({_S.SUBMITTING, _S.SUBMITTED, _S.STORED, _S.CANCELLED}),
    _S.SUBMITTED: frozenset({_S.RUNNING, _S.FETCHING, _S.FAILED, _S.EXPIRED, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.FETCHING, _S.FAILED, _S.EXPIRED, _S.CANCELLED}),
    _S.FETCHING: frozenset({_S.STORED, _S.DAMAGED, _S.FAILED, _S.EXPIRED, _S.CANCELLED}),
    # What came cannot be used; it is paid for, so only a person has it fetched or ordered again.
    _S.DAMAGED: frozenset({_S.STORED, _S.CANCELLED}),
    _S.STORED: frozenset({_S.EXPORTED}),
    _S.EXPORTED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}
LIVE = frozenset(
    {_S.PLANNED, _S.APPROVED, _S.SUBMITTING, _S.SUBMITTED, _S.RUNNING, _S.FETCHING, _S.UNCERTAIN}
)  # holds money back
TAKEN = frozenset({_S.SUBMITTED, _S.RUNNING, _S.FETCHING})  # the provider works on it
OWNED = frozenset({_S.STORED, _S.EXPORTED})  # its result is here

_ENDING_WORDS: Mapping[Ending, str] = {
    Ending.REFUSED: "was refused by {}",
    Ending.FAILED: "failed at {}",
    Ending.STOPPED: "was cancelled at {}",
    Ending.DROPPED: "was deleted at {} before it was fetched",
    Ending.MISSING: "is not known at {} any more",
    Ending.LEFT: "was cancelled",
    Ending.ABANDONED: "was given up",
    Ending.UNWANTED: "was cancelled before it was sent",
    Ending.UNSENT: "was not sent",
}


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A step that has to be bought: whose it is, what it may cost, and who said so.

    approved_by: `plan` (a person saw the price), `budget`, `retries` (a budget, after a failure), `free`, or empty
    where nobody has said so yet. retries: how often the spec lets a failed job be ordered again inside a budget.
    """

    asset: str
    step: Step
    fingerprint: str
    approved_by: str = ""
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the journal. Times are seconds since 1970; amounts are in the provider's unit.

    key: an UUID, the idempotency key where the provider knows such a thing. account: fingerprint of the key used.
    body: the exact bytes of the request, dropped when the job has ended. remote: the provider's ids.
    facts: what `check` found out for `fetch`. result: manifest hash in the store (of a damaged one: of
    what came). next_attempt: not before then.
    path, method, origin: see `bridge.providers.paid.Order`.
    hook: secret of the address that the provider was given to tell of the end; empty where it was given none.
    charge: what the provider says it cost in all, so far. ending: how it ended without a result, if it did. keeps: what
    the provider said of the price of such orders when this one was approved.
    """

    id: int
    key: str
    asset: str
    step: Step
    fingerprint: str
    provider: str
    state: JobState
    version: int
    account: str
    estimate: Price
    approved_by: str
    created: float
    updated: float
    sent: float | None = None
    path: str = ""
    body: bytes = b""
    attempt: int = 0
    next_attempt: float | None = None
    remote: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    charge: Charge | None = None
    result: str = ""
    error: Mapping[str, Any] | None = None
    balance_before: Mapping[str, str] = field(default_factory=dict)
    hook: str = field(default="", repr=False)
    method: Method = "POST"
    origin: Mapping[str, str] = field(default_factory=dict)
    ending: Ending | None = None
    keeps: Mapping[Ending, Kept] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it still holds money back."""
        return self.state in LIVE

    @property
    def has_ended_badly(self) -> bool:
        """Whether it ended and brought nothing that is of use. What was never sent is no order."""
        return self.state is JobState.DAMAGED or self.ending not in (None, Ending.UNSENT)

    @property
    def is_cancelled(self) -> bool:
        """Whether a person wanted it no more."""
        return self.ending in (Ending.STOPPED, Ending.LEFT, Ending.UNWANTED)

    def describe_ending(self) -> str:
        """How it ended, as `failed at PROVIDER`."""
        words = _ENDING_WORDS[self.ending] if self.ending is not None else "came damaged from {}"
        return words.format(self.provider)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of `jobs --json`."""
        return {
            "id": self.id,
            "asset": self.asset,
            "step": self.step.key,
            "provider": self.provider,
            "operation": self.step.operation,
            "state": str(self.state),
            "provider_id": next(iter(self.remote.values()), None),
            "remote": dict(self.remote),
            "estimate": format_money(self.estimate.unit, self.estimate.amount),
            "charged": format_money(self.charge.unit, self.charge.amount) if self.charge else None,
            "attempt": self.attempt,
            "ending": str(self.ending) if self.ending else None,
            "error": dict(self.error) if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class BegunOrder:
    """An order that another machine has begun. sent: when. remote: the provider's ids; none where the answer is lost.

    path, method, body, origin: the request as it is written here. facts: whether that is the same byte for byte.
    """

    key: str
    account: str
    sent: float
    remote: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    method: Method = "POST"
    body: bytes = b""
    origin: Mapping[str, str] = field(default_factory=dict)
    keeps: Mapping[Ending, Kept] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class JobMovedError(Exception):
    """Compare-and-set failed: the caller looked at an old version of the job."""


@dataclass(frozen=True, slots=True)
class KeptUrl:
    """Where a delivered picture can still be seen. pixels: its content (`bridge.media.images.pixel_hash`).

    url: perhaps signed, so it is shown nowhere. expires: seconds since 1970; None where no end is known. provider:
    whose address it is; empty before it is in the journal.
    """

    pixels: str
    url: str = field(repr=False)
    expires: float | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One entry of the append-only log: `seq` rises strictly and is the cursor of all listeners."""

    seq: int
    at: float
    type: str
    asset: str
    job: int | None
    data: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form; the sequence number is text, so that no reader rounds it."""
        return {"seq": str(self.seq), "at": self.at, "type": self.type, "id": self.asset, "job": self.job, **self.data}


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """By how much an entry changes the three columns of an order, in `unit`. Corrections may be negative.

    charged: said by the provider (`reported`), or the published price of what was delivered. possible: what may have
    been charged, for the provider does not say whether it keeps it. refunded: given back of what was charged. unknown:
    1 where the order costs something and nobody knows how much; -1 takes that back.
    """

    unit: str
    charged: Decimal = Decimal(0)
    possible: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    unknown: int = 0
    reported: bool = False


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A row of the ledger. day: the UTC day that it counts for; a correction counts for the day of what it corrects."""

    at: float
    day: str
    job: int
    provider: str
    account: str
    asset: str
    step: str
    change: LedgerChange

    @property
    def unit(self) -> str:
        """The unit of its amounts."""
        return self.change.unit


def format_money(unit: str, amount: Decimal | None) -> dict[str, str | None] | None:
    """`{"unit", "amount"}`; None for what has no price at all."""
    if not unit:
        return None
    return {"unit": unit, "amount": None if amount is None else format_amount(amount)}


def format_amount(amount: Decimal) -> str:
    """`4`, `0.05`: no exponent, no trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_amounts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    """Amounts by unit as people and programs read them."""
    return {unit: format_amount(amount) for unit, amount in amounts.items()}


def format_cost(job: Job) -> str:
    """What an order was charged where that is known, else its price: as `format_price`."""
    charge = job.charge
    return format_price(job.estimate if charge is None else Price(charge.unit, charge.amount))


def format_price(price: Price) -> str:
    """`4 generations`, `1 generation`, `an unknown amount of usd`."""
    if price.amount is None:
        return f"an unknown amount of {price.unit}"
    return f"{format_amount(price.amount)} {price.unit.removesuffix('s') if price.amount == 1 else price.unit}"
