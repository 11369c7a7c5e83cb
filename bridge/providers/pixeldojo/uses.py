"""The fields that reach a model, and whether the background of what it delivers is taken away."""

from __future__ import annotations

from bridge.providers.uses import Uses

_EVERY = frozenset({"model", "description", "seed", "take", "source", "source_url", "transparent", "provider_options"})
_PICTURE = _EVERY | {"variants", "pick", "view", "outline", "shading", "detail"}
USES: Uses = {
    "sprite": _PICTURE | {"direction"},
    "edit": _PICTURE | {"mask", "keep_outside"},
    "animation": _EVERY | {"action", "frames"},
}
