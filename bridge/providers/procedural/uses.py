"""The fields that reach a drawing or a track. The description of a moved picture is for people."""

from __future__ import annotations

from bridge.providers.uses import Uses

_ATTEMPT = frozenset({"seed", "take"})
_STYLE = frozenset({"outline", "shading", "detail", "colors"})
_DRAWN = frozenset({"description", *_ATTEMPT, *_STYLE})
USES: Uses = {
    "sprite": _DRAWN | {"view", "variants", "pick", "transparent"},
    "items": _DRAWN
    | {"view", "transparent", *(f"items.*.{field}" for field in ("description", "pick", "seed", "take"))},
    "character": _DRAWN
    | {"variants", "pick", "archetype", "proportions", "projection", "weapon"}
    | {"animations.*.action", "animations.*.template"},
    "animation": frozenset({"description", "source", "action", "frames"}),
    "tileset": _DRAWN
    | {"view", "transition_size", "transitions.*.size", "transitions.*.description"}
    | {f"terrains.*.{field}" for field in ("description", "animated", "frame_ms", "variations")},
    "isometric_tiles": _DRAWN | {"shape", "tiles.*.description", "tiles.*.shape"},
    "map": _ATTEMPT | {"size", "tileset", "noise"},
    "music": _ATTEMPT | {"description", "preset", "bpm", "key", "duration"},
}
