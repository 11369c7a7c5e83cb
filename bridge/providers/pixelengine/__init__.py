"""Pixel Engine: pictures set in motion, clips between given pictures, and parts of clips made again.

```
animation (modes, requests, routes)   spec → steps, every published limit checked
cleaning                              [refine] pixelate → steps, and back from sheets
orders (pictures, webp)               the paid request: one canvas, a matte, the seed
responses, status, errors             what was answered: jobs, links, refusals
decode                                what a stored clip is: frames without the matte
```
Everything that needs numpy is imported when it is used: plans do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from bridge.http.api import Api
from bridge.providers.api import CompileContext, Step, Subject
from bridge.providers.lazy import LazyProvider
from bridge.providers.paid import Capabilities, Ending, FreeCalls, Kept, ModelInfo, Models, RateLimits, Statement
from bridge.providers.pixelengine import routes
from bridge.providers.pixelengine.uses import USES

if TYPE_CHECKING:
    from bridge.spec.base_spec import RefineStep


class PixelEngineProvider(LazyProvider):
    """Clips of Pixel Engine, and its free clean-up; results are kept there for a day and cannot be adopted."""

    name = routes.NAME
    COMPILERS: ClassVar = {"animation": ("animation", "compile_animation")}
    MODULES: ClassVar = {
        "interpret": "decode",
        "order": "orders",
        "accepted": "responses",
        "refusal": "errors",
        "check": "status",
        "cancelling": "status",
        "fetch": "status",
        "balance": "status",
    }
    kinds = frozenset(COMPILERS)
    uses = USES
    refinements = frozenset({"pixelate"})
    # No idempotency key and no list of jobs: an order whose answer is lost cannot be found again.
    # Credits are held when a job begins and captured by its success alone: failing and cancelling release the hold
    # (API reference, "Billing object"). What it made and nobody fetched within a day was captured or not; nobody says.
    abilities = Capabilities(can_cancel=True, keeps={Ending.FAILED: Kept.NO, Ending.STOPPED: Kept.NO})
    # No rate is published. A hold lives for ten minutes, so what takes longer has failed or waits in a long queue.
    limits = RateLimits(concurrent=3, poll_first=3.0, poll=4.0, poll_most=10.0, patience=900.0)
    api = Api(
        "https://api.pixelengine.ai/functions/v1",
        "PIXELENGINE_API_KEY",
        hosts=(".pixelengine.ai", ".supabase.co"),
        account_url="https://pixelengine.ai",
    )

    def refine(self, name: str, settings: RefineStep, subject: Subject, context: CompileContext) -> Sequence[Step]:
        """The step that pixelates one part.

        Raises:
            UserError: `spec_not_applicable`, `provider_limit`.
        """
        del name
        return [self.load("cleaning").compile_step(settings, subject, context)]

    def addressed(self, step: Step, part: str) -> bool:
        """Whether others can fetch a part: pictures that were cleaned up."""
        return step.operation == "pixelate" and part.startswith("still/") and part in step.gives

    async def statement(self, calls: FreeCalls, first: str, last: str) -> Statement | None:
        """What was booked between two UTC days, both included; None where the answer does not say."""
        statement: Statement | None = await self.load("status").statement(calls, first, last)
        return statement

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """Those of the documentation; others are sent as they are written."""
        del calls, about
        return Models([ModelInfo(name, kinds=("animation",)) for name in self.load("modes").MODELS])
