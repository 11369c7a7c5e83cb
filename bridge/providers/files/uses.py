"""The fields that own art answers to. Descriptions are for people: nothing is made from them."""

from __future__ import annotations

from bridge.providers.uses import Uses

# Every form is there for every kind: which of them a kind has is said by an error of its own.
_FORMS = frozenset(
    {"description", "source", "files.pattern", "files.sheet", "files.json", "files.clip", "files.aseprite"}
)
_SPACED = {"files.margin", "files.spacing"}
_NAMED = _FORMS | _SPACED | {"files.frame"}
_CLIPS = _NAMED | {"files.rows"}
USES: Uses = {
    "sprite": _CLIPS | {"variants", "pick"},
    "animation": _CLIPS,
    "character": _CLIPS,
    "items": _NAMED | {"items.*.description"},
    "isometric_tiles": _NAMED | {"tiles.*.description"},
    "tileset": _FORMS
    | _SPACED
    | {"files.layout", "transitions.*.description"}
    | {f"terrains.*.{field}" for field in ("description", "animated", "frame_ms")},
    "map": _FORMS,
    "music": _FORMS,
}
