"""Sprixen (REST API v1): sprites, packs of items, characters with clips, animations, isometric tiles, maps, music.

```
sprite, character, animation, tiles, maps, music   spec → steps (compile, clips, projects: what they share;
                                                   routes: what the service takes); cleaning: [refine]
orders → responses                                 the paid request, and what its answer holds
jobs, map_jobs, account                            free requests: states, files, lists, balance
errors, decode, sheets , sound, map_files          why it refuses; what stored results are
```
Jobs are polled; the service's webhooks carry no signature and only wake the poll. What needs numpy is imported when it
is used: plans do without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from bridge.http.api import Api
from bridge.providers.api import CompileContext, Step, Subject
from bridge.providers.lazy import LazyProvider
from bridge.providers.paid import Capabilities, RateLimits
from bridge.providers.sprixen import routes
from bridge.providers.sprixen.uses import USES

if TYPE_CHECKING:
    from bridge.spec.base_spec import RefineStep


class SprixenProvider(LazyProvider):
    """Sprites, packs, characters with clips, tiles, maps and music of Sprixen; its one model is never named."""

    name = routes.NAME
    COMPILERS: ClassVar = {
        "sprite": ("sprite", "compile_sprite"),
        "items": ("sprite", "compile_items"),
        "character": ("character", "compile_character"),
        "animation": ("animation", "compile_animation"),
        "map": ("maps", "compile_map"),
        "isometric_tiles": ("tiles", "compile_isometric"),
        "music": ("music", "compile_music"),
    }
    MODULES: ClassVar = {
        "interpret": "decode",
        "order": "orders",
        "accepted": "responses",
        "refusal": "errors",
        "check": "collect",
        "fetch": "collect",
        "search": "account",
        "balance": "account",
        "assets": "account",
    }
    FAMILIES: ClassVar = {"music": frozenset({"audio"}), "map": frozenset({"application", "image"})}
    IDS: ClassVar = {
        "character.select": ("sprite",),
        "map.create": ("map",),
        "map.update": (),
        "project": ("project",),
    }
    kinds = frozenset(COMPILERS)
    uses = USES
    refinements = frozenset({"stabilize"})
    # No idempotency key. Neither orders nor jobs say what was charged, and no document says whether failures are.
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

    def refine(self, name: str, settings: RefineStep, subject: Subject, context: CompileContext) -> Sequence[Step]:
        """The steps that `stabilize` a clip of its own.

        Raises:
            UserError: `spec_not_applicable`: a clip of somebody else, or a number of colours.
        """
        steps: Sequence[Step] = self.load("cleaning").refine(name, settings, subject, context)
        return steps

    def addressed(self, step: Step, part: str) -> bool:
        """Whether others can fetch a part: single pictures, not what is cut out of sheets."""
        return self.load("compile").single(step) and part in step.gives

    def require_decoder(self, step: Step) -> None:
        """Music is decoded by a library of its own.

        Raises:
            UserError: `missing_extra`.
        """
        if step.operation == "music.create":
            self.load("sound").require_decoder()

    def adopted_ids(self, step: Step) -> Mapping[str, str] | None:
        """Ids of adopted sprites and maps, of packs and of built-in tiles: they are there already."""
        if step.operation == "character.adopt":
            return {"sprite": step.params["sprite"]}
        if step.operation in ("map.adopt", "map.pack"):
            name = step.operation.partition(".")[2].replace("adopt", "map")
            return {name: step.params[name]}
        if step.operation == "tile.builtin":
            return {name: step.params[name] for name in ("pack", "tile")}
        return None
