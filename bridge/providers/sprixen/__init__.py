"""Sprixen (REST API v1): sprites, packs of items, characters with clips, animations, isometric tiles, maps, music.

```
sprite, character, animation, tiles, maps, music   spec → steps (steps, clips, projects: what they share;
                                                   routes: what the service takes); cleaning: [refine]
orders → answers                                   the paid request, and what its answer holds
jobs, map_jobs, account                            free requests: states, files, lists, balance
errors, meaning, sheets, sound, map_files          why it refuses; what stored results are
```
Jobs are polled; the service's webhooks carry no signature and only wake the poll. What needs numpy is imported when it
is used: plans do without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
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
    Models,
    Order,
    RateLimits,
    Refusal,
    Remote,
    RemoteAsset,
    Running,
    Status,
)
from bridge.providers.sprixen import routes
from bridge.providers.sprixen.uses import USES

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.common import RefineStep
    from bridge.spec.model import Spec

_COMPILERS: Mapping[str, tuple[str, str]] = {
    "sprite": ("sprite", "compile_sprite"),
    "items": ("sprite", "compile_items"),
    "character": ("character", "compile_character"),
    "animation": ("animation", "compile_animation"),
    "map": ("maps", "compile_map"),
    "isometric_tiles": ("tiles", "compile_isometric"),
    "music": ("music", "compile_music"),
}


class SprixenProvider:
    """See `bridge.providers.paid.PaidProvider`."""

    name = routes.NAME
    kinds = frozenset(_COMPILERS)
    uses = USES
    offline = False
    refinements = frozenset({"stabilize"})
    abilities = Capabilities(can_search=True)
    # Five jobs at once and sixty requests a minute are published. One job is left to people at the web page; polling
    # four every two seconds, as is recommended for one, would use up all requests.
    limits = RateLimits(concurrent=4, per_minute=60, poll_first=5.0, poll=5.0, poll_most=10.0)
    api = Api(
        "https://api.sprixen.com/v1",
        "SPRIXEN_API_KEY",
        hosts=(".sprixen.com",),
        account_url="https://sprixen.com/settings",
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
        from bridge.providers.sprixen import meaning

        return meaning.interpret(step, result)

    def refine(self, name: str, settings: RefineStep, subject: Subject, context: CompileContext) -> Sequence[Step]:
        """See `Refiner.refine`: `stabilize`, clips of its own only."""
        from bridge.providers.sprixen import cleaning

        return cleaning.refine(name, settings, subject, context)

    def addressed(self, step: Step, part: str) -> bool:
        """See `Addressing.addressed`: single pictures; not what is cut out of sheets."""
        from bridge.providers.sprixen import steps

        return steps.single(step) and part in step.gives

    def order(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
        """See `PaidProvider.order`."""
        from bridge.providers.sprixen import orders

        return orders.order(step, inputs, needed)

    def free(self, step: Step) -> Mapping[str, str] | None:
        """See `PaidProvider.free`: adopted sprites and maps, packs and built-in tiles are there already."""
        if step.operation == "character.adopt":
            return {"sprite": step.params["sprite"]}
        if step.operation in ("map.adopt", "map.pack"):
            name = step.operation.partition(".")[2].replace("adopt", "map")
            return {name: step.params[name]}
        if step.operation == "tile.builtin":
            return {name: step.params[name] for name in ("pack", "tile")}
        return None

    def accepted(self, step: Step, answer: Answer) -> Accepted | None:
        """See `PaidProvider.accepted`."""
        from bridge.providers.sprixen import answers

        return answers.accepted(step, answer)

    def refusal(self, step: Step, answer: Answer) -> Refusal:
        """See `PaidProvider.refusal`."""
        from bridge.providers.sprixen import errors

        return errors.refusal(step, answer)

    async def check(self, calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
        """See `PaidProvider.check`."""
        from bridge.providers.sprixen import jobs, map_jobs

        of_maps = step.operation.startswith("map.")
        return await (map_jobs.check(calls, step, ids) if of_maps else jobs.check(calls, step, ids))

    def cancelling(self, ids: Mapping[str, str]) -> Order:
        """See `PaidProvider.cancelling`: there is no such request."""
        raise NotImplementedError

    async def fetch(
        self, calls: FreeCalls, step: Step, ids: Mapping[str, str], facts: Mapping[str, Any]
    ) -> StepResult | Running | Gone:
        """See `PaidProvider.fetch`."""
        from bridge.providers.sprixen import jobs, map_jobs

        del facts
        of_maps = step.operation.startswith("map.")
        return await (map_jobs.fetch(calls, step, ids) if of_maps else jobs.fetch(calls, step, ids))

    async def search(self, calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
        """See `PaidProvider.search`."""
        from bridge.providers.sprixen import account

        return await account.search(calls, lost)

    async def balance(self, calls: FreeCalls) -> Balance:
        """See `PaidProvider.balance`."""
        from bridge.providers.sprixen import account

        return await account.balance(calls)

    async def assets(self, calls: FreeCalls) -> Sequence[RemoteAsset]:
        """See `PaidProvider.assets`."""
        from bridge.providers.sprixen import account

        return await account.assets(calls)

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """See `PaidProvider.models`: there is one, which is never named."""
        del calls, about
        return Models([])
