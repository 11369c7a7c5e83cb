"""PixelLab (API v2): pixel art by text, characters with motion templates, Wang tilesets, isometric tiles.

```
compile, sprite, motion, character, tileset, isometric   spec → steps (routes, requests, words: what the service takes)
orders → responses                                     the paid request, and what its answer holds
status, figures, tiles, account                        free requests: states, results, lists, balance
errors, decode                                         why it refuses; what stored results are
```
Everything that needs numpy is imported when it is used: plans do without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bridge.http.api import Api
from bridge.http.outcome import SUBMIT_STATUSES, Outcome
from bridge.providers.api import Price, Step
from bridge.providers.lazy import LazyProvider
from bridge.providers.paid import Capabilities, FreeCalls, ModelInfo, Models, RateLimits
from bridge.providers.pixellab import routes
from bridge.providers.pixellab.uses import USES

_ADOPTED: Mapping[str, str] = {"character.adopt": "character", "tileset.adopt": "tileset"}


class PixelLabProvider(LazyProvider):
    """Pictures, characters, clips and tiles of PixelLab; characters and tilesets can be adopted."""

    name = routes.NAME
    COMPILERS: ClassVar = {
        "sprite": ("sprite", "compile_sprite"),
        "items": ("sprite", "compile_items"),
        "edit": ("sprite", "compile_edit"),
        "turnaround": ("sprite", "compile_turnaround"),
        "animation": ("motion", "compile_animation"),
        "character": ("character", "compile_character"),
        "tileset": ("tileset", "compile_tileset"),
        "isometric_tiles": ("isometric", "compile_isometric"),
    }
    MODULES: ClassVar = {
        "interpret": "decode",
        "order": "orders",
        "accepted": "responses",
        "refusal": "errors",
        "check": "status",
        "fetch": "collect",
        "search": "account",
        "balance": "account",
        "assets": "account",
    }
    IDS: ClassVar = {
        "character": ("character", "job"),
        "character.animate": ("clip", "job"),
        "tileset": ("tileset", "job"),
        "isometric": ("tile", "job"),
        "skeleton": (),
    }
    kinds = frozenset(COMPILERS)
    uses = USES
    # No idempotency key and no cancelling; what has no id (single pictures) cannot be found again. Whether a failed job
    # is charged is not published, and users report both.
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

    def addressed(self, step: Step, part: str) -> bool:
        """Whether others can fetch a part: the stills of characters, whose address is all that is needed."""
        return step.operation.startswith("character.") and part.startswith("still/") and part in step.gives

    def adopted_ids(self, step: Step) -> Mapping[str, str] | None:
        """Ids of what is adopted: it is there already."""
        name = _ADOPTED.get(step.operation)
        return None if name is None else {name: step.params[name]}

    def prices(self, step: Step) -> Mapping[str, Price]:
        """In generations of a subscription, and in dollars where an account has no (more) of them."""
        return routes.prices_of(step.operation)

    def complete_ids(self, step: Step, body: Mapping[str, Any], ids: Mapping[str, str]) -> Mapping[str, str]:
        """Ids that a person found, as an order has them: a clip is known by its character and its name."""
        if step.operation != "character.animate" or "clip" not in ids:
            return ids
        name = body.get("animation_name") or self.load("character").remote_name(step)
        return {**ids, "clip": f"{body.get('character_id')}/{name}", "animation": ids["clip"]}

    async def models(self, calls: FreeCalls, about: Sequence[str] = ()) -> Models:
        """Those of sprites and items: only they have a choice."""
        del calls, about
        return Models([ModelInfo(name, kinds=("sprite", "items")) for name in self.load("sprite").MODELS])
