"""Which steps of `[process]` a kind can have. Imports nothing, because every plan asks."""

from __future__ import annotations

from collections.abc import Collection

MOST_STEADY = 16
"""Most pixels that `steady` may move a frame by: whoever is further away goes somewhere."""
TILE_KINDS = frozenset({"tileset", "isometric_tiles"})
KINDS_WITHOUT_STEPS = frozenset({"map", "music"})
CLIP_KINDS = frozenset({"character", "animation"})
_TILE_STEPS = frozenset({"palette", "colors", "dither", "alpha"})
_CLIP_STEPS = frozenset({"steady", "repeats"})


def not_applicable(kind: str, keys: Collection[str]) -> list[tuple[str, str]]:
    """Keys of a spec's own `[process]` that a kind cannot have, in their order, each with the way out.

    Tiles meet their neighbours: whatever moves or cuts their pixels would open the seams.
    """
    if kind in KINDS_WITHOUT_STEPS:
        return [(key, "Maps and music have no pixels of their own; remove [process].") for key in keys]
    if kind in TILE_KINDS:
        hint = "Tiles take palette, colors, dither and alpha: anything else would open their seams."
        return [(key, hint) for key in keys if key not in _TILE_STEPS]
    if kind not in CLIP_KINDS:
        hint = "It is for clips, which characters and animations have; remove it."
        return [(key, hint) for key in keys if key in _CLIP_STEPS]
    return []
