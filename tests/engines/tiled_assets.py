"""Assets by chance from a seed, as wild as the model allows, and their files for Tiled."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from exporters import samples
from exporters.base import ExportContext, ExportOptions
from exporters.model.asset import (
    FLIP_D,
    FLIP_H,
    FLIP_V,
    Animation,
    Asset,
    Frame,
    ImageLayer,
    Item,
    ItemsAsset,
    MapObject,
    ObjectLayer,
    SpriteAsset,
    Terrain,
    Tile,
    TileFrame,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)
from exporters.model.wang import Corners
from exporters.tiled.exporter import TiledExporter

Value = str | int | float | bool
Vertices: TypeAlias = npt.NDArray[np.uint8]
Wish: TypeAlias = tuple[Asset, Mapping[str, Any]]
FLIPS = tuple(h | v | d for h, v, d in product((0, FLIP_H), (0, FLIP_V), (0, FLIP_D)))
TEXTS = ("", "plain", "a & b <c> \"d\" 'e'", "tab\there", "two\nlines", "Grüße 草 🌿", " spaces  ")
NAMES = ("Zeta", "alpha", "ähre", "_1", "𝒳", "Ω", "depth", "Depth")  # Tiled sorts them by UTF-16
NUMBERS = (0.0, -0.0, 1.5, -2.25, 1 / 3, 1234.56789, 1e-5, 2.5e6, 0.1 + 0.2, 1e16, 123456.789)
SIDES = ((8, 8), (16, 16), (12, 20))
ENCODINGS = ("csv", "base64", "zlib")
SHAPES = ("rectangle", "ellipse", "point", "polygon", "polyline")


def write(folder: Path, asset: Asset, **options: Any) -> list[Path]:
    """Exports an asset into a folder, over what is there; its files in writing order.

    Options as in the table `[export]`.
    """

    def read(path: str) -> bytes | None:
        return (folder / path).read_bytes() if (folder / path).exists() else None

    context = ExportContext(asset.id, "", f"0123abcd:{asset.id}", ExportOptions(**options), read=read)
    paths = []
    for file in TiledExporter().export(asset, context):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        paths.append(path)
    return paths


def properties(chance: random.Random) -> tuple[tuple[str, Value], ...]:
    """Up to four properties of every type."""
    values: tuple[Value, ...] = (
        chance.choice(TEXTS),
        chance.randrange(-(10**6), 10**6),
        chance.choice(NUMBERS),
        chance.random() < 0.5,
    )
    names = chance.sample(NAMES, 4)
    return tuple((name, value) for name, value in zip(names, values, strict=True) if chance.random() < 0.5)


def chain(terrains: int) -> list[Corners]:
    """Corners of a whole chain: all combinations of neighbours, each once; one terrain alone borders on nothing."""
    grounds: list[tuple[int | None, int]] = [(upper - 1, upper) for upper in range(1, terrains)] or [(None, 0)]
    shapes = [
        (north_west, north_east, south_west, south_east)
        for ground in grounds
        for north_west, north_east, south_west, south_east in product(ground, repeat=4)
    ]
    return [corners for corners in dict.fromkeys(shapes) if any(corner is not None for corner in corners)]


def tileset(
    name: str, chance: random.Random, terrains: int, *, isometric: bool = False, animated: bool = True
) -> TilesetAsset:
    """A whole chain of terrains with variations, weights, names, collision and, where asked for, animations."""
    size = (32, 16) if isometric else chance.choice(SIDES)
    shapes = chain(terrains)
    for corners in chance.sample(shapes, 3):
        shapes.append(corners)  # a variation
    tiles, free = [], len(shapes)
    for number, corners in enumerate(shapes):
        frames = chance.randrange(2, 4) if animated and chance.random() < 0.2 else 0
        cells = [number, *range(free, free + frames - 1)] if frames else []
        free += max(frames - 1, 0)
        solid = chance.random() < 0.3
        polygons = tuple(polygon(chance, size) for _ in range(1 + number % 3)) if solid else ()
        tiles.append(
            Tile(
                number,
                samples.picture(*size, number),
                corners,
                name=chance.choice((None, "bridge", "<odd> & name")),
                probability=chance.choice((1.0, 1.0, 0.25, 1 / 3, 2.5, 0.0)),
                animation=tuple(TileFrame(cell, chance.choice((60, 100, 333))) for cell in cells),
                collision=polygons[0] if polygons else (),
                properties=properties(chance),
                further_collision=polygons[1:],
            )
        )
        tiles += [Tile(cell, samples.picture(*size, cell), animation_frame=True) for cell in cells[1:]]
    full = {tile.corners[0]: tile.id for tile in reversed(tiles) if tile.corners and len(set(tile.corners)) == 1}
    colors = [
        Terrain(samples.NAMES[k], samples.COLORS[k], full[k], probability=chance.choice((1.0, 0.5, 2.0)))
        for k in range(terrains)
    ]
    orientation = "isometric" if isometric else "orthogonal"
    return TilesetAsset(name, size, chance.choice((4, 7, 8)), tuple(tiles), tuple(colors), orientation)


def polygon(chance: random.Random, size: tuple[int, int]) -> tuple[tuple[float, float], ...]:
    """A triangle with whole and broken coordinates."""
    return tuple((chance.choice((0, -0.0, size[0], 1 / 3)), chance.uniform(0, size[1])) for _ in range(3))


def vertices(chance: random.Random, terrains: int, width: int, height: int) -> Vertices:
    """Terrains of a map's vertices such that every cell has corners of two neighbours in the chain at most."""
    share = 1 / terrains**2  # of peaks, from which slopes go down to terrain 0
    peaks = [chance.randrange(terrains) if chance.random() < share else 0 for _ in range((width + 1) * (height + 1))]
    found = np.array(peaks, dtype=np.int64).reshape(height + 1, width + 1)
    while True:
        corners = np.stack([found[:-1, :-1], found[:-1, 1:], found[1:, :-1], found[1:, 1:]])
        least = corners.max(axis=0) - 1
        raised = found.copy()
        for y, x in product((0, 1), repeat=2):
            part = raised[y : y + height, x : x + width]
            np.maximum(part, least, out=part)
        if np.array_equal(raised, found):
            return found.astype(np.uint8)
        found = raised


def cells(
    chance: random.Random, tiles: TilesetAsset, size: tuple[int, int], full: float = 0.7
) -> npt.NDArray[np.uint32]:
    """Any tiles with any flips, some cells empty."""
    ids = [tile.id for tile in tiles.tiles]
    rows = [
        [chance.choice(ids) + 1 | chance.choice(FLIPS) if chance.random() < full else 0 for _ in range(size[0])]
        for _ in range(size[1])
    ]
    return np.array(rows, dtype=np.uint32)


def things(chance: random.Random, first: int, count: int) -> tuple[MapObject, ...]:
    """Objects of every shape, and pictures of tiles."""
    found = []
    for number in range(first, first + count):
        shape = chance.choice(SHAPES)
        gid = chance.choice((1, 5 | FLIP_H)) if shape == "rectangle" and chance.random() < 0.5 else None
        width = chance.choice((16.0, 7.125)) if gid else chance.choice((0.0, 16.0, 7.125))
        height = chance.choice((24.0, 1 / 3)) if gid else chance.choice((0.0, 24.0, 1 / 3))
        sized = shape in ("rectangle", "ellipse")
        points = tuple((chance.uniform(-20, 20), float(chance.randrange(40))) for _ in range(4))
        found.append(
            MapObject(
                number,
                chance.choice(TEXTS),
                chance.choice(("", "spawn", "a&b")),
                chance.choice(NUMBERS),
                chance.uniform(-50, 300),
                width if sized else 0.0,
                height if sized else 0.0,
                chance.choice((0.0, 90.0, -33.333333)),
                shape,
                points if shape.startswith("poly") else (),
                gid,
                properties(chance),
            )
        )
    return tuple(found)


def tile_map(name: str, chance: random.Random, *, infinite: bool = False, isometric: bool = False) -> TileMapAsset:
    """A map over two tilesets with hidden, half transparent, tinted and moved layers, objects and pictures."""
    sets = tuple(tileset(f"{name}/{k}", chance, 2 + k, isometric=isometric) for k in range(2))
    size = (chance.randrange(1, 40), chance.randrange(1, 40)) if infinite else (chance.randrange(1, 9), 6)
    layers = (
        TileLayer("ground", cells(chance, sets[0], size)),
        ObjectLayer(chance.choice(TEXTS), things(chance, 1, 6), visible=chance.random() < 0.5),
        TileLayer("top", cells(chance, sets[1], size, 0.1), 1, opacity=chance.choice((1.0, 0.5, 1 / 3, 0.0))),
        TileLayer("", cells(chance, sets[0], size, 0.0), visible=False),
        ObjectLayer("none", ()),
        ImageLayer("sky", samples.picture(13, 9, 1), (True, False), offset=(4.5, -3.0), parallax=(0.25, 1.0)),
        TileLayer("night", cells(chance, sets[1], size, 0.2), 1, tint=(40, 60, 200, 128), offset=(0.0, 2.0)),
        ObjectLayer("far", (), opacity=0.25, tint=(255, 0, 9, 255), parallax=(1.0, -0.5)),
        ImageLayer("sun", samples.picture(5, 7, 2), visible=False, tint=(255, 255, 0, 255)),
    )
    orientation = "isometric" if isometric else "orthogonal"
    origin = chance.choice(((0.0, 0.0), (12.5, -4.0)))
    return TileMapAsset(name, size, sets[0].tile_size, sets, layers, orientation, infinite, properties(chance), origin)


def dressed(asset: TileMapAsset) -> TileMapAsset:
    """A map of tile layers with pictures behind and before them, its layers tinted, half transparent and moved.

    The first layer is moved by two pixels upwards and three to the right.
    """
    sun = samples.picture(23, 17, 4, box=(2, 0, 23, 15))
    below = ImageLayer("sky", samples.picture(60, 50, 1), offset=(5.0, -7.0), opacity=0.75)
    above = ImageLayer("sun", sun, offset=(30.0, 40.0), tint=(255, 255, 90, 200))
    first, second, *rest = asset.layers
    layers = (
        dataclasses.replace(first, tint=(40, 200, 255, 255), offset=(3.0, -2.0)),
        dataclasses.replace(second, tint=(255, 128, 0, 100), opacity=0.5),
    )
    return dataclasses.replace(asset, layers=(below, *layers, above, *rest))


def items(name: str, chance: random.Random) -> ItemsAsset:
    """Named pictures with gaps between them."""
    slots = sorted(chance.sample(range(20), chance.randrange(1, 9)))
    size = chance.choice(SIDES)
    pictures = tuple(Item(f"item & {slot}", slot, samples.picture(*size, slot)) for slot in slots)
    return ItemsAsset(name, size, chance.choice((1, 4, 5)), pictures)


def figure(name: str, chance: random.Random) -> SpriteAsset:
    """Clips of differing lengths and sizes."""
    clips = []
    for number in range(chance.randrange(1, 5)):
        size = chance.choice(SIDES)
        frames = tuple(
            Frame(samples.picture(*size, seed), chance.randrange(1, 900)) for seed in range(chance.randrange(1, 12))
        )
        clips.append(Animation(f"clip{number}", frames, chance.choice((None, "south_west"))))
    return SpriteAsset(name, "character", tuple(clips))


def wild_assets(seed: int) -> list[Wish]:
    """Thirty-odd assets of every type with the options they are exported with."""
    chance = random.Random(seed)
    found: list[Wish] = []
    for number, (terrains, isometric) in enumerate(product((1, 2, 3, 4), (False, True, False))):
        asset = tileset(f"tiles/set{number}", chance, terrains, isometric=isometric)
        found.append((asset, {"extrude": chance.choice((0, 0, 2))}))
    for number, (encoding, infinite) in enumerate(product(ENCODINGS, (False, True))):
        for isometric in (False, True):
            asset_id = f"maps/map{number}{'i' if isometric else ''}"
            town = tile_map(asset_id, chance, infinite=infinite, isometric=isometric)
            found.append((town, {"engine": {"encoding": encoding}}))
    for number in range(4):
        found.append((items(f"things/items{number}", chance), {"extrude": number % 2}))
        found.append((figure(f"people/figure{number}", chance), {"extrude": number % 2}))
    return found
