"""The fields that reach the service, by kind."""

from __future__ import annotations

from bridge.providers.uses import Uses

_EVERY = frozenset({"seed", "take", "provider_options", "reference.colors"})
_STYLE = frozenset({"description", "outline", "shading", "detail"})
_START = frozenset({"reference.init", "reference.init_strength"})
_PICTURE = _EVERY | _STYLE | _START | {"negative", "view", "transparent"}
_MADE = _PICTURE | {"model", "reference.style", "reference.style_strength"}
USES: Uses = {
    "sprite": _MADE | {"variants", "pick", "direction", "projection", "skeleton"},
    "items": _MADE | {f"items.*.{field}" for field in ("description", "pick", "seed", "take")},
    "edit": _PICTURE | {"variants", "pick", "source", "mask", "keep_outside"},
    "turnaround": _EVERY | _START | {"source", "direction", "from_view", "to_view", "rotate", "tilt"},
    "animation": _EVERY | {"source", "description", "action", "negative", "view", "frames", "skeleton"},
    "character": _EVERY
    | _STYLE
    | {"adopt", "variants", "pick", "archetype", "proportions", "projection", "reference.force_colors"}
    | {f"animations.*.{field}" for field in ("action", "template", "seed", "take", "provider_options")},
    "tileset": _EVERY
    | _STYLE
    | {"adopt", "view", "transition_size", "terrains.*.description", "terrains.*.reference"}
    | {f"transitions.*.{field}" for field in ("description", "size", "reference")},
    "isometric_tiles": _EVERY | _STYLE | _START | {"shape", "tiles.*.description", "tiles.*.shape"},
}
