"""Pixel Engine: pictures set in motion, clips between given pictures, and parts of clips made again.

```
animation (modes, requests, routes)   spec → steps, every published limit checked
cleaning                              [refine] pixelate → steps, and back from sheets
orders (pictures, webp)               the paid request: one canvas, a matte, the seed
answers, status, errors               what was answered: jobs, links, refusals
meaning                               what a stored clip is: frames without the matte
```
Everything that needs numpy is imported when it is used: plans do without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bridge.http.api import Api
from bridge.http.outcome import Answer
from bridge.providers.api import CompileContext, Step, StepResult, Subject
from bridge.providers.paid import (
    Accepted,
    Balance,
    Capabilities,
    FreeCalls,
    Gone,
    LostOrder,
    Model,
    Models,
    Order,
    RateLimits,
    Refusal,
    Remote,
    RemoteAsset,
    Running,
    Statement,
    Status,
)
from bridge.providers.pixelengine import routes
from bridge.providers.pixelengine.uses import USES

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.common import RefineStep
    from bridge.spec.model import Spec


class PixelEngineProvider:
    """See `bridge.providers.paid.PaidProvider`."""

    name = routes.NAME
    kinds = frozenset({"animation"})
    uses = USES
    offline = False
    refinements = frozenset({"pixelate"})
    # No idempotency key and no list of jobs: an order whose answer is lost cannot be found again.
    abilities = Capabilities(can_cancel=True)
    # No rate is published. A hold lives for ten minutes, so what takes longer has failed or waits in a long queue.
    limits = RateLimits(concurrent=3, poll_first=3.0, poll=4.0, poll_most=10.0, patience=900.0)
    api = Api(
        "https://api.pixelengine.ai/functions/v1",
        "PIXELENGINE_API_KEY",
        hosts=(".pixelengine.ai", ".supabase.co"),
        account_url="https://pixelengine.ai",
    )

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """See `Provider.compile`.

        Raises:
            UserError: `spec_not_applicable`, `provider_limit`, `spec_invalid`.
        """
        from bridge.providers.pixelengine import animation
        from bridge.spec.model import AnimationSpec

        if not isinstance(spec, AnimationSpec):
            raise context.fail("provider_kind", f"pixelengine makes no {spec.kind}", "kind", "It makes animation.")
        return animation.compile_animation(spec, context)

    def refine(self, name: str, settings: RefineStep, subject: Subject, context: CompileContext) -> Sequence[Step]:
        """See `Refiner.refine`."""
        from bridge.providers.pixelengine import cleaning

        del name
        return [cleaning.compile_step(settings, subject, context)]

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """See `Provider.interpret`."""
        from bridge.providers.pixelengine import meaning

        return meaning.interpret(step, result)

    def addressed(self, step: Step, part: str) -> bool:
        """See `Addressing.addressed`: pictures that were cleaned up."""
        from bridge.providers.pixelengine import cleaning

        return step.operation == cleaning.PIXELATE and part.startswith("still/") and part in step.gives

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        """See `PaidProvider.order`."""
        from bridge.providers.pixelengine import orders

        return orders.order(step, inputs, needed)

    def free(self, step: Step) -> Mapping[str, str] | None:
        """See `PaidProvider.free`: nothing can be adopted."""
        del step
        return None

    def accepted(self, step: Step, answer: Answer) -> Accepted | None:
        """See `PaidProvider.accepted`."""
        from bridge.providers.pixelengine import answers

        return answers.accepted(step, answer)

    def refusal(self, step: Step, answer: Answer) -> Refusal:
        """See `PaidProvider.refusal`."""
        from bridge.providers.pixelengine import errors

        return errors.refusal(step, answer)

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        """See `PaidProvider.check`."""
        from bridge.providers.pixelengine import status

        del step
        return await status.check(calls, ids)

    def cancelling(self, ids: Mapping[str, str]) -> Order:
        """See `PaidProvider.cancelling`. A job that has ended answers 409 and keeps its result."""
        return Order("/cancel", {"api_job_id": ids["job"]})

    async def fetch(
        self, calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
    ) -> StepResult | Running | Gone:
        """See `PaidProvider.fetch`: the job is asked again, for its link may have ended since `facts` were written."""
        from bridge.providers.pixelengine import status

        del facts
        return await status.fetch(calls, step, ids)

    async def search(self, calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
        """See `PaidProvider.search`: there is no list of jobs."""
        del calls, lost
        return []

    async def balance(self, calls: FreeCalls) -> Balance:
        """See `PaidProvider.balance`."""
        from bridge.providers.pixelengine import status

        return await status.balance(calls)

    async def statement(self, calls: FreeCalls, first: str, last: str) -> Statement | None:
        """See `Billing.statement`."""
        from bridge.providers.pixelengine import status

        return await status.statement(calls, first, last)

    async def assets(self, calls: FreeCalls) -> Sequence[RemoteAsset]:
        """See `PaidProvider.assets`: results are kept for a day and cannot be listed."""
        del calls
        return []

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """See `PaidProvider.models`: those of the documentation; others are sent as they are written."""
        from bridge.providers.pixelengine.modes import MODELS

        del calls, about
        return Models([Model(name, kinds=("animation",)) for name in MODELS])
