"""PixelDojo: many image and video models behind one asynchronous API; pictures go there as web addresses.

```
steps (schema, catalogue, routes)   spec → steps, checked against the model's schema where it is known
orders → answers, errors            the paid request, and what is answered to it
status                              free requests: states, files, lost orders
meaning (pictures, video)           what stored files are: edits laid over their source, frames of a clip
```
Everything that needs numpy is imported when it is used: plans do without (but for edits, whose masks are checked).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.http.api import Api
from bridge.http.outcome import Answer
from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.paid import (
    Accepted,
    Balance,
    Capabilities,
    FreeCalls,
    Gone,
    LostOrder,
    Models,
    Order,
    RateLimits,
    Refusal,
    Remote,
    RemoteAsset,
    Running,
    Status,
)
from bridge.providers.pixeldojo import routes
from bridge.providers.pixeldojo.uses import USES

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import Spec


class PixelDojoProvider:
    """See `bridge.providers.paid.PaidProvider`.

    catalogue_file: where the models are kept between runs; None is the user's cache folder.
    """

    name = routes.NAME
    kinds = frozenset(routes.OPERATIONS)
    uses = USES
    offline = False
    # No idempotency key; a running job cannot be cancelled.
    abilities = Capabilities(can_search=True)
    # 60 requests a minute are shared by everything; videos take minutes.
    limits = RateLimits(concurrent=4, per_minute=60, poll_first=3.0, poll=3.0, poll_most=10.0, patience=1800.0)
    api = Api(
        "https://pixeldojo.ai/api/v1", "PIXELDOJO_API_KEY", hosts=(".pixeldojo.ai",), account_url=routes.ACCOUNT_URL
    )

    def __init__(self, catalogue_file: Path | None = None) -> None:
        self._file = catalogue_file

    @property
    def _catalogue_file(self) -> Path:
        from bridge.providers.pixeldojo import catalogue

        return self._file or catalogue.default_file()

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """See `Provider.compile`.

        Raises:
            UserError: `provider_kind`, `spec_invalid`, `spec_not_applicable`, `provider_limit`.
        """
        from bridge.providers.pixeldojo import catalogue, steps

        return steps.compile_spec(spec, context, catalogue.read(self._catalogue_file))

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """See `Provider.interpret`."""
        from bridge.providers.pixeldojo import meaning

        return meaning.interpret(step, result)

    def addressed(self, step: Step, part: str) -> bool:
        """See `Addressing.addressed`: pictures, where nothing is laid over them here."""
        return step.operation == "image.create" and part in step.gives

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        """See `PaidProvider.order`."""
        from bridge.providers.pixeldojo import orders

        del needed
        return orders.order(step, inputs)

    def free(self, step: Step) -> Mapping[str, str] | None:
        """See `PaidProvider.free`: nothing can be adopted."""
        del step
        return None

    def accepted(self, step: Step, answer: Answer) -> Accepted | None:
        """See `PaidProvider.accepted`."""
        from bridge.providers.pixeldojo import answers

        del step
        return answers.accepted(answer)

    def refusal(self, step: Step, answer: Answer) -> Refusal:
        """See `PaidProvider.refusal`."""
        from bridge.providers.pixeldojo import errors

        return errors.refusal(step, answer)

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        """See `PaidProvider.check`."""
        from bridge.providers.pixeldojo import status

        del step
        return await status.check(calls, ids)

    def cancelling(self, ids: Mapping[str, str]) -> Order:
        """See `PaidProvider.cancelling`: there is no such request."""
        raise NotImplementedError

    async def fetch(
        self, calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
    ) -> StepResult | Running | Gone:
        """See `PaidProvider.fetch`."""
        from bridge.providers.pixeldojo import status

        del facts
        return await status.fetch(calls, step, ids)

    async def search(self, calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
        """See `PaidProvider.search`."""
        from bridge.providers.pixeldojo import status

        return await status.search(calls, lost)

    async def balance(self, calls: FreeCalls) -> Balance:
        """See `PaidProvider.balance`: no route says it, so nothing is asked and nothing is known."""
        del calls
        return Balance({})

    async def assets(self, calls: FreeCalls) -> Sequence[RemoteAsset]:
        """See `PaidProvider.assets`: results are kept for a day and are not adopted."""
        del calls
        return []

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """See `PaidProvider.models`: as the service lists them now, else the list that was kept. Later plans are
        checked against it.

        Raises:
            TransportError: as `FreeCalls.get`, and nothing was kept. OSError: the list cannot be kept.
        """
        from bridge.providers.pixeldojo import catalogue

        return await catalogue.listed(calls, self._catalogue_file, about)
