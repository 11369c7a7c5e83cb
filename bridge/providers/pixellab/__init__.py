"""PixelLab (API v2): pixel art by text, characters with motion templates, Wang tilesets, isometric tiles.

```
steps, sprite, motion, character, tileset, isometric   spec → steps (routes, requests, words: what the service takes)
orders → answers                                       the paid request, and what its answer holds
status, figures, tiles, account                        free requests: states, results, lists, balance
errors, meaning                                        why it refuses; what stored results are
```
Everything that needs numpy is imported when it is used: plans do without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bridge.http.api import Api
from bridge.http.outcome import SUBMIT_STATUSES, Answer, Outcome
from bridge.providers.api import CompileContext, Step, StepResult
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
    Status,
)
from bridge.providers.pixellab import routes
from bridge.providers.pixellab.uses import USES

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import Spec

_COMPILERS: Mapping[str, tuple[str, str]] = {
    "sprite": ("sprite", "compile_sprite"),
    "items": ("sprite", "compile_items"),
    "edit": ("sprite", "compile_edit"),
    "turnaround": ("sprite", "compile_turnaround"),
    "animation": ("motion", "compile_animation"),
    "character": ("character", "compile_character"),
    "tileset": ("tileset", "compile_tileset"),
    "isometric_tiles": ("isometric", "compile_isometric"),
}
_ADOPTED: Mapping[str, str] = {"character.adopt": "character", "tileset.adopt": "tileset"}


class PixelLabProvider:
    """See `bridge.providers.paid.PaidProvider`."""

    name = routes.NAME
    kinds = frozenset(_COMPILERS)
    uses = USES
    offline = False
    # No idempotency key and no cancelling; what has no id (single pictures) cannot be found again.
    abilities = Capabilities(can_search=True)
    # The cap of the smaller plans is not published; a 429 says when it is reached.
    limits = RateLimits(concurrent=4, poll_first=5.0, poll=5.0, poll_most=15.0)
    api = Api(
        "https://api.pixellab.ai/v2",
        "PIXELLAB_API_KEY",
        hosts=(".pixellab.ai", ".supabase.co", ".backblazeb2.com"),
        # 423: the character is still being made, the same order works later. 409, 410: nothing was begun.
        statuses={
            **SUBMIT_STATUSES,
            409: Outcome.REJECTED,
            410: Outcome.REJECTED,
            423: Outcome.RATE_LIMITED,
        },
        account_url="https://pixellab.ai/account",
    )

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """See `Provider.compile`.

        Raises:
            UserError: `spec_not_applicable`, `provider_limit`, and what a kind's own module says.
        """
        module, function = _COMPILERS[spec.kind]
        found: Sequence[Step] = getattr(import_module(f"{__name__}.{module}"), function)(spec, context)
        return found

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """See `Provider.interpret`."""
        from bridge.providers.pixellab import meaning

        return meaning.interpret(step, result)

    def addressed(self, step: Step, part: str) -> bool:
        """See `Addressing.addressed`: the stills of characters, which anybody can fetch who knows their address."""
        return step.operation.startswith("character.") and part.startswith("still/") and part in step.gives

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        """See `PaidProvider.order`."""
        from bridge.providers.pixellab import orders

        return orders.order(step, inputs, needed)

    def free(self, step: Step) -> Mapping[str, str] | None:
        """See `PaidProvider.free`: what is adopted is there already."""
        name = _ADOPTED.get(step.operation)
        return None if name is None else {name: step.params[name]}

    def accepted(self, step: Step, answer: Answer) -> Accepted | None:
        """See `PaidProvider.accepted`."""
        from bridge.providers.pixellab import answers

        return answers.accepted(step, answer)

    def refusal(self, step: Step, answer: Answer) -> Refusal:
        """See `PaidProvider.refusal`."""
        from bridge.providers.pixellab import errors

        return errors.refusal(step, answer)

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        """See `PaidProvider.check`."""
        from bridge.providers.pixellab import status

        return await status.check(calls, step, ids)

    def cancelling(self, ids: Mapping[str, str]) -> Order:
        """See `PaidProvider.cancelling`: there is no such request."""
        raise NotImplementedError

    async def fetch(
        self, calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
    ) -> StepResult | Running | Gone:
        """See `PaidProvider.fetch`."""
        from bridge.providers.pixellab import figures, status, tiles

        if step.operation == "character.animate":
            return await figures.fetch_clip(calls, step, ids, facts)
        if step.operation.startswith("character."):
            return await figures.fetch_base(calls, step, ids)
        if step.operation.startswith(("tileset.", "isometric.")):
            return await tiles.fetch(calls, step, ids)
        return await status.fetch_delivered(calls, step, ids)

    async def search(self, calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
        """See `PaidProvider.search`."""
        from bridge.providers.pixellab import account

        return await account.search(calls, lost)

    async def balance(self, calls: FreeCalls) -> Balance:
        """See `PaidProvider.balance`."""
        from bridge.providers.pixellab import account

        return await account.balance(calls)

    async def assets(self, calls: FreeCalls) -> Sequence[RemoteAsset]:
        """See `PaidProvider.assets`."""
        from bridge.providers.pixellab import account

        return await account.assets(calls)

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """See `PaidProvider.models`: only sprites and items have a choice."""
        from bridge.providers.pixellab.sprite import MODELS

        del calls, about
        return Models([Model(name, kinds=("sprite", "items")) for name in MODELS])
