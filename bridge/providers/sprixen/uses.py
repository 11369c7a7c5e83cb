"""The fields that reach the service, by kind. It takes no seed: another one asks for another result."""

from __future__ import annotations

from bridge.providers.uses import Uses

_ATTEMPT = frozenset({"description", "seed", "take"})
_STYLE = frozenset({"outline", "shading", "detail"})
_PICTURE = _ATTEMPT | _STYLE | {"view", "transparent", "reference.style", "reference.style_url", "provider_options"}
USES: Uses = {
    "sprite": _PICTURE | {"variants", "pick", "direction", "projection"},
    "items": _PICTURE | {"items.*.description", "items.*.take"},
    "character": _PICTURE
    | {"adopt", "variants", "pick", "archetype", "projection", "weapon"}
    | {f"animations.*.{field}" for field in ("action", "template", "take")},
    "animation": _PICTURE | {"adopt", "source", "source_url", "archetype", "action", "frames"},
    "isometric_tiles": _ATTEMPT
    | _STYLE
    | {"shape", *(f"tiles.*.{field}" for field in ("description", "shape"))}
    | {"tiles.*.builtin"},
    "map": _ATTEMPT | {"adopt", "size", "projection", "pack", "edits"},
    "music": _ATTEMPT | {"preset", "bpm", "key", "duration"},
}
