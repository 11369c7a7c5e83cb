"""Kind tileset: Wang tiles of all pairs → one sheet with lasting tile ids.

Ids never move: the first pair's masks 0 … 15, then masks 1 … 15 of each further pair, then extra pairs, variations,
and the frames of animations. mask = NW·8 + NE·4 + SW·2 + SE·1 with a bit for the upper terrain. Frames of a tile
stand in its own column, each the same number of rows below the one before: so the tile itself animates in every
engine, and maps painted before it was animated begin to move.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from bridge.assemble.collision import trace_outline
from bridge.assemble.parts import Part, WangTilePart
from bridge.assemble.slots import SlotTable
from bridge.core.errors import WorkFailed
from exporters.model.asset import Pixels, Terrain, Tile, TileFrame, TilesetAsset
from exporters.model.layouts import coverage, pair_name

if TYPE_CHECKING:
    from bridge.spec.model import TilesetSpec

Corners: TypeAlias = tuple[str | None, str | None, str | None, str | None]
VARIATION_SHARE = 0.25
UNKNOWN = (128, 128, 128)


def terrain_pairs(spec: TilesetSpec) -> list[tuple[str | None, str]]:
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


def assemble_tileset(
    asset_id: str, spec: TilesetSpec, parts: Sequence[Part], slots: SlotTable
) -> tuple[TilesetAsset, list[str]]:
    """The tileset and notes for the user (shared base tiles that were delivered differently)."""
    art, notes = _collect_pictures(parts)
    columns = slots.fix_columns(spec.columns)
    order = list(_slot_order(spec, art))
    if not order:
        raise WorkFailed("assemble_failed", f"{asset_id}: no tiles were delivered", hint="Build it again.")
    for corners, variation in order:
        slots.get(_slot_key(corners, variation))
    frames = _frame_cells(order, art, slots, columns)
    for pair in terrain_pairs(spec):
        for name in pair:
            if name is not None:
                slots.number_of("terrain", name)
    # Some sets have a terrain of their own between two: `water_sand_edge`.
    for corners, _ in order:
        for name in corners:
            if name is not None:
                slots.number_of("terrain", name)
    names = slots.names_of("terrain")
    tiles = _make_tiles(spec, order, art, slots, frames, names)
    met = tuple(
        (None if lower is None else names.index(lower), names.index(upper)) for lower, upper in terrain_pairs(spec)
    )
    asset = TilesetAsset(
        asset_id,
        spec.cell,
        columns,
        tuple(sorted(tiles, key=lambda tile: tile.id)),
        tuple(_make_terrain(spec, name, art, slots) for name in names),
        pairs=met,
    )
    return asset, [*notes, *_note_holes(asset), *_note_unmade(order, slots)]


def _note_holes(asset: TilesetAsset) -> list[str]:
    """A note for each pair of terrains that the terrain brush cannot paint everywhere."""
    return [
        f"{pair_name(asset, pair)}: no corner tiles with the masks {', '.join(map(str, missing))} were delivered"
        for pair, missing in coverage(asset).items()
        if missing
    ]


def _note_unmade(order: Sequence[tuple[Corners, int]], slots: SlotTable) -> list[str]:
    """A note for each group of terrains of which maps may hold tiles that are no longer made."""
    kept = {_slot_key(*key) for key in order}
    lost = Counter(
        tuple(sorted(set(key.partition("~")[0].split(",")) - {"-"}))
        for key in slots.table
        if key not in kept and not key.startswith(":") and "@" not in key
    )
    return [
        f"{' and '.join(names)}: {count} {'tile is' if count == 1 else 'tiles are'} no longer made; maps that use"
        " them have holes there, which close when the spec asks for them again"
        for names, count in sorted(lost.items())
    ]


def _slot_key(corners: Corners, variation: int = 0, frame: int = 0) -> str:
    text = ",".join(corner or "-" for corner in corners)
    return text + (f"~{variation}" if variation else "") + (f"@{frame}" if frame else "")


def _collect_pictures(parts: Sequence[Part]) -> tuple[dict[tuple[Corners, int], WangTilePart], list[str]]:
    """The first picture of everything that was delivered, and a note for each tile of which two sets had two."""
    art: dict[tuple[Corners, int], WangTilePart] = {}
    notes = []
    for part in parts:
        if not isinstance(part, WangTilePart):
            continue
        first = art.setdefault((part.corners, part.variation), part)
        one, other = first.frames[0], part.frames[0]
        if not np.array_equal(one, other):
            terrains = " and ".join(dict.fromkeys(name or "nothing" for name in part.corners))
            difference = _describe_difference(one, other)
            notes.append(
                f"the tile of {terrains} differs between two sets ({difference}); the first is kept:"
                " `assetbridge check --art` finds seams"
            )
    return art, notes


def _describe_difference(one: Pixels, other: Pixels) -> str:
    if one.shape != other.shape:
        return "in size"
    return f"{int((one != other).any(axis=2).sum())} of {one.shape[0] * one.shape[1]} pixels"


def _slot_order(spec: TilesetSpec, art: Mapping[tuple[Corners, int], WangTilePart]) -> Iterator[tuple[Corners, int]]:
    seen: set[tuple[Corners, int]] = set()
    for lower, upper in terrain_pairs(spec):
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
    slots: SlotTable,
    columns: int,
) -> dict[str, int]:
    """Cells of the second and later frames. They may move: no map refers to them."""
    wanted = [
        (_slot_key(*key), slots.get(_slot_key(*key)), frame)
        for key in order
        for frame in range(1, len(art[key].frames))
    ]
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


def _make_tiles(
    spec: TilesetSpec,
    order: Sequence[tuple[Corners, int]],
    art: Mapping[tuple[Corners, int], WangTilePart],
    slots: SlotTable,
    frames: Mapping[str, int],
    names: Sequence[str],
) -> Iterator[Tile]:
    solid = {terrain.name for terrain in spec.terrains if terrain.solid}
    timing = {terrain.name: terrain.frame_ms for terrain in spec.terrains if terrain.animated > 1}
    share = {terrain.name: terrain.probability for terrain in spec.terrains}
    properties = {terrain.name: tuple(sorted(terrain.properties.items())) for terrain in spec.terrains}
    for corners, variation in order:
        part = art[corners, variation]
        key = _slot_key(corners, variation)
        whole = corners[0] if len(set(corners)) == 1 else None
        # A further tile with the same mixed corners differs in what lies between them: it would leave seams.
        rarity = 1.0 if not variation else VARIATION_SHARE if whole else 0.0
        milliseconds = next((timing[name] for name in corners if name in timing), part.frame_ms)
        cells = [slots.get(key), *(frames[f"{key}@{frame}"] for frame in range(1, len(part.frames)))]
        indices = [names.index(name) if name is not None else None for name in corners]
        yield Tile(
            cells[0],
            part.frames[0],
            corners=(indices[0], indices[1], indices[2], indices[3]),
            probability=share.get(whole, 1.0) * rarity if whole else rarity,
            animation=tuple(TileFrame(cell, milliseconds) for cell in cells) if len(cells) > 1 else (),
            collision=trace_outline(part.frames[0]) if _is_solid(corners, solid) else (),
            properties=properties.get(whole, ()) if whole else (),
        )
        for cell, pixels in zip(cells[1:], part.frames[1:], strict=True):
            yield Tile(cell, pixels, animation_frame=True)


def _is_solid(corners: Corners, solid: Collection[str]) -> bool:
    """Whether nothing but solid terrain shows: other ground beside it can be walked on."""
    return all(name is None or name in solid for name in corners)


def _make_terrain(
    spec: TilesetSpec, name: str, art: Mapping[tuple[Corners, int], WangTilePart], slots: SlotTable
) -> Terrain:
    table = next((terrain for terrain in spec.terrains if terrain.name == name), None)
    corners = (name, name, name, name)
    full = art.get((corners, 0))
    # A band between two terrains has no full tile; a tile with it shows what it looks like.
    shown = full or next((part for key, part in art.items() if name in key[0]), None)
    if table is not None and table.color:
        color = (int(table.color[1:3], 16), int(table.color[3:5], 16), int(table.color[5:7], 16))
    else:
        color = _mean_color(shown) if shown is not None else UNKNOWN
    tile = slots.get(_slot_key(corners)) if full is not None else -1
    return Terrain(name, color, tile, solid=bool(table and table.solid))


def _mean_color(part: WangTilePart) -> tuple[int, int, int]:
    pixels = part.frames[0].reshape(-1, 4)
    opaque = pixels[pixels[:, 3] > 127]
    if not len(opaque):
        return UNKNOWN
    red, green, blue = (
        int(value) for value in (opaque[:, :3].astype(np.int64).sum(axis=0) * 2 + len(opaque)) // (2 * len(opaque))
    )
    return red, green, blue
