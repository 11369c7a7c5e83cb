"""Which steps of `[process]` a kind can have. Imports nothing, because every plan asks."""

from __future__ import annotations

from collections.abc import Collection

MOST_STEADY = 16
"""Most pixels that `steady` may move a frame by: whoever is further away goes somewhere."""
TILE_KINDS = frozenset({"tileset", "isometric_tiles"})
KINDS_WITHOUT_STEPS = frozenset({"map", "music"})
_TILE_STEPS = frozenset({"palette", "colors", "dither", "alpha"})


def not_applicable(kind: str, keys: Collection[str]) -> list[tuple[str, str]]:
    """Keys of a spec's own `[process]` that a kind cannot have, in their order, each with the way out.

    Tiles meet their neighbours: whatever moves or cuts their pixels would open the seams.
    """
    if kind in KINDS_WITHOUT_STEPS:
        return [(key, f"A {kind} has no pixels of its own; remove [process].") for key in keys]
    if kind in TILE_KINDS:
        hint = "Tiles take palette, colors, dither and alpha: anything else would open their seams."
        return [(key, hint) for key in keys if key not in _TILE_STEPS]
    return []
