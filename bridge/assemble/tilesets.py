"""Kind tileset: Wang tiles of all pairs → one sheet with lasting tile ids.

Ids (specs §7): the first pair's masks 0 … 15, then masks 1 … 15 of each further pair, then extra pairs, variations,
and the frames of animations. mask = NW·8 + NE·4 + SW·2 + SE·1 with a bit for the upper terrain. Frames of a tile
stand in its own column, each the same number of rows below the one before: so the tile itself animates in every
engine, and maps painted before it was animated begin to move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from bridge.assemble.parts import Part, WangTilePart
from bridge.assemble.slots import Slots
from bridge.errors import WorkFailed
from exporters.model import Terrain, Tile, TileFrame, TilesetAsset

if TYPE_CHECKING:
    from bridge.spec.model import TilesetSpec

Corners: TypeAlias = tuple[str | None, str | None, str | None, str | None]
VARIATION_SHARE = 0.25


def pairs(spec: TilesetSpec) -> list[tuple[str | None, str]]:
    """(lower, upper) of every set: consecutive terrains, then extra pairs; a single terrain stands over nothing."""
    names = [terrain.name for terrain in spec.terrains]
    if len(names) == 1:
        return [(None, names[0])]
    chain: list[tuple[str | None, str]] = list(pairwise(names))
    extra = [(between.between[0], between.between[1]) for between in spec.transitions]
    return chain + [pair for pair in extra if pair not in chain]


def corners_of(mask: int, lower: str | None, upper: str) -> Corners:
    """The four corners (north-west, north-east, south-west, south-east) of a mask."""
    one, two, three, four = (upper if mask & bit else lower for bit in (8, 4, 2, 1))
    return one, two, three, four


def tileset(asset_id: str, spec: TilesetSpec, parts: Sequence[Part], slots: Slots) -> tuple[TilesetAsset, list[str]]:
    """The tileset and notes for the user (shared base tiles that were delivered differently)."""
    art, notes = _art(parts)
    columns = slots.columns(spec.columns)
    order = list(_order(spec, art))
    if not order:
        raise WorkFailed("assemble_failed", f"{asset_id}: no tiles were delivered", hint="Build it again.")
    for corners, variation in order:
        slots.get(_key(corners, variation))
    frames = _frame_cells(order, art, slots, columns)
    for pair in pairs(spec):
        for name in pair:
            if name is not None:
                slots.index("terrain", name)
    # Some sets have a terrain of their own between two: `water_sand_edge`.
    for corners, _ in order:
        for name in corners:
            if name is not None:
                slots.index("terrain", name)
    names = slots.indexed("terrain")
    tiles = _tiles(spec, order, art, slots, frames, names)
    terrains = tuple(_terrain(spec, name, art, slots) for name in names)
    width, height = spec.cell
    return (
        TilesetAsset(asset_id, (width, height), columns, tuple(sorted(tiles, key=lambda tile: tile.id)), terrains),
        notes,
    )


def _key(corners: Corners, variation: int = 0, frame: int = 0) -> str:
    text = ",".join(corner or "-" for corner in corners)
    return text + (f"~{variation}" if variation else "") + (f"@{frame}" if frame else "")


def _art(parts: Sequence[Part]) -> tuple[dict[tuple[Corners, int], WangTilePart], list[str]]:
    art: dict[tuple[Corners, int], WangTilePart] = {}
    notes = []
    for part in parts:
        if not isinstance(part, WangTilePart):
            continue
        key = (part.corners, part.variation)
        if key not in art:
            art[key] = part
        elif not np.array_equal(art[key].frames[0], part.frames[0]):
            notes.append(f"the full tile of {part.corners[0]} differs between two sets; the first is kept")
    return art, notes


def _order(spec: TilesetSpec, art: Mapping[tuple[Corners, int], WangTilePart]) -> Iterator[tuple[Corners, int]]:
    seen: set[tuple[Corners, int]] = set()
    for lower, upper in pairs(spec):
        for mask in range(16):
            key = (corners_of(mask, lower, upper), 0)
            if key in art and key not in seen:
                seen.add(key)
                yield key
    yield from (key for key in art if key not in seen and key[1] == 0)
    yield from sorted((key for key in art if key[1]), key=lambda key: (_terrain_place(spec, key[0]), key[1]))


def _terrain_place(spec: TilesetSpec, corners: Corners) -> int:
    names = [terrain.name for terrain in spec.terrains]
    return names.index(corners[0]) if corners[0] in names else len(names)


def _frame_cells(
    order: Sequence[tuple[Corners, int]],
    art: Mapping[tuple[Corners, int], WangTilePart],
    slots: Slots,
    columns: int,
) -> dict[str, int]:
    """Cells of the second and later frames. They may move: no map refers to them."""
    wanted = [(_key(*key), slots.get(_key(*key)), frame) for key in order for frame in range(1, len(art[key].frames))]
    keys = {f"{base}@{frame}" for base, _, frame in wanted}
    known = {key: cell for key, cell in slots.table.items() if "@" in key and not key.startswith(":")}
    if set(known) == keys:
        return known
    for key in known:
        slots.drop(key)
    if not wanted:
        return {}
    top = min(cell for _, cell, _ in wanted) // columns
    step = -(-slots.end // columns) - top
    for base, cell, frame in wanted:
        slots.put(f"{base}@{frame}", cell + frame * step * columns)
    return {key: slots.table[key] for key in keys}


def _tiles(
    spec: TilesetSpec,
    order: Sequence[tuple[Corners, int]],
    art: Mapping[tuple[Corners, int], WangTilePart],
    slots: Slots,
    frames: Mapping[str, int],
    names: Sequence[str],
) -> Iterator[Tile]:
    solid = {terrain.name for terrain in spec.terrains if terrain.solid}
    timing = {terrain.name: terrain.frame_ms for terrain in spec.terrains if terrain.animated > 1}
    share = {terrain.name: terrain.probability for terrain in spec.terrains}
    width, height = spec.cell
    box = ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height)))
    for corners, variation in order:
        part = art[corners, variation]
        key = _key(corners, variation)
        whole = corners[0] if len(set(corners)) == 1 else None
        probability = share.get(whole, 1.0) if whole else 1.0
        milliseconds = next((timing[name] for name in corners if name in timing), part.frame_ms)
        cells = [slots.get(key), *(frames[f"{key}@{frame}"] for frame in range(1, len(part.frames)))]
        indices = [names.index(name) if name is not None else None for name in corners]
        yield Tile(
            cells[0],
            part.frames[0],
            corners=(indices[0], indices[1], indices[2], indices[3]),
            probability=probability * VARIATION_SHARE if variation else probability,
            animation=tuple(TileFrame(cell, milliseconds) for cell in cells) if len(cells) > 1 else (),
            collision=box if whole in solid else (),
        )
        for cell, pixels in zip(cells[1:], part.frames[1:], strict=True):
            yield Tile(cell, pixels, animation_frame=True)


def _terrain(spec: TilesetSpec, name: str, art: Mapping[tuple[Corners, int], WangTilePart], slots: Slots) -> Terrain:
    table = next((terrain for terrain in spec.terrains if terrain.name == name), None)
    full = art.get(((name, name, name, name), 0))
    if table is not None and table.color:
        color = (int(table.color[1:3], 16), int(table.color[3:5], 16), int(table.color[5:7], 16))
    elif full is not None:
        color = _mean(full)
    else:
        color = (128, 128, 128)
    tile = slots.table.get(_key((name, name, name, name)), -1)
    return Terrain(name, color, tile, solid=bool(table and table.solid))


def _mean(part: WangTilePart) -> tuple[int, int, int]:
    pixels = part.frames[0].reshape(-1, 4)
    opaque = pixels[pixels[:, 3] > 127]
    if not len(opaque):
        return (128, 128, 128)
    red, green, blue = (
        int(value) for value in (opaque[:, :3].astype(np.int64).sum(axis=0) * 2 + len(opaque)) // (2 * len(opaque))
    )
    return red, green, blue
