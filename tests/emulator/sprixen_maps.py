"""Maps of the emulated Sprixen: what edits in words put on them, how their tiles look, and their export for Tiled.

The documentation says of none of this what it looks like; `Style` switches between the forms that it could have.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from tests.emulator import pictures
from tests.emulator.pictures import Pixels, digit
from tests.emulator.terrain_pictures import ground

TILE = (130, 230)
DIAMOND = (130, 66)
DEPTH = 16
FLAT = 32
TILES = ("Grass", "Water", "Stone", "Sand", "Tree")
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "Grass": (96, 160, 72),
    "Water": (64, 120, 200),
    "Stone": (136, 136, 148),
    "Sand": (222, 196, 128),
    "Tree": (44, 112, 64),
}
TREE = TILES.index("Tree") + 1
_WORDS = {"Water": ("river", "water", "lake", "sea"), "Stone": ("path", "road", "stone"), "Sand": ("beach", "sand")}


@dataclass(slots=True)
class GameMap:
    """A map: terrain and decorations are numbers of tiles (0 is none), row by row. due: edits that are on their way
    (when, words, fate, id). failed: id of the edit that failed last.
    """

    id: str
    name: str
    projection: str
    width: int
    height: int
    updated: float
    packs: list[str] = field(default_factory=list)
    terrain: list[list[int]] = field(default_factory=list)
    decorations: list[list[int]] = field(default_factory=list)
    due: list[tuple[float, str, str, str]] = field(default_factory=list)
    failed: str = ""

    def __post_init__(self) -> None:
        self.terrain = [[0] * self.width for _ in range(self.height)]
        self.decorations = [[0] * self.width for _ in range(self.height)]

    def settle(self, now: float) -> None:
        """Carries out the edits whose time has come."""
        for edit in [edit for edit in self.due if edit[0] <= now and edit[2] != "stuck"]:
            self.due.remove(edit)
            self.updated = edit[0]
            if edit[2] == "failed":
                self.failed = edit[3]
            else:
                self._edit(edit[1].lower())

    def _edit(self, prompt: str) -> None:
        if not any(map(any, self.terrain)):
            self.terrain = [[1] * self.width for _ in range(self.height)]
        for tile, words in _WORDS.items():
            if any(word in prompt for word in words):
                self._band(TILES.index(tile) + 1, prompt, upright=tile == "Water")
        # Whatever else is said, something is there afterwards that was not there before.
        for row in range(self.height):
            for column in range(self.width):
                if digit(prompt, row, column) % 9 == 0 and self.terrain[row][column] == 1:
                    self.decorations[row][column] = TREE

    def _band(self, tile: int, prompt: str, *, upright: bool) -> None:
        long, across = (self.height, self.width) if upright else (self.width, self.height)
        place = across // 2
        for step in range(long):
            place = max(1, min(across - 2, place + digit(prompt, tile, step) % 3 - 1))
            for beside in (place - 1, place):
                row, column = (step, beside) if upright else (beside, step)
                self.terrain[row][column] = tile
                self.decorations[row][column] = 0


def tile_picture(name: str, *, flat: bool) -> bytes:
    """A tile as PNG: a block of 130 × 230 on the diamond at its foot, or a square of 32 pixels."""
    return pictures.png(_square(name) if flat else _block(name))


def _square(name: str) -> Pixels:
    colour = np.array((*COLOURS[name], 255), np.uint8)
    if name == "Tree":
        area = np.zeros((FLAT, FLAT, 4), np.uint8)
        _blob(area, FLAT // 2, FLAT // 2 - 2, 11, colour)
        return area
    area = ground(name, FLAT)
    specks = area[..., 0].astype(np.int64) - int(area[..., 0].min())
    area[...] = colour
    area[specks > 0, :3] = (colour[:3].astype(np.int64) * 15 // 16).astype(np.uint8)
    return area


def _blob(area: Pixels, x: int, y: int, radius: int, colour: Pixels) -> None:
    rows, columns = np.mgrid[: area.shape[0], : area.shape[1]]
    inside = (columns - x) ** 2 + (rows - y) ** 2 <= radius * radius
    light = (columns - x + radius // 3) ** 2 + (rows - y + radius // 3) ** 2 <= (radius * 2 // 3) ** 2
    area[inside] = colour
    area[inside & light, :3] = np.minimum(255, colour[:3].astype(np.int64) + 28).astype(np.uint8)


def _block(name: str) -> Pixels:
    width, height = TILE
    area = np.zeros((height, width, 4), np.uint8)
    colour = np.array((*COLOURS[name], 255), np.uint8)
    middle = height - DEPTH - DIAMOND[1] // 2
    if name == "Tree":
        trunk = area[middle - 30 : middle + 6, width // 2 - 5 : width // 2 + 5]
        trunk[...] = (104, 72, 48, 255)
        for x, up, radius in ((65, 44, 26), (50, 62, 20), (80, 64, 20), (65, 82, 18)):
            _blob(area, x, middle - up, radius, colour)
        return area
    rows, columns = np.mgrid[:height, :width]
    across = abs(2 * columns + 1 - width) * DIAMOND[1]
    for drop in range(DEPTH, -1, -1):
        inside = across + abs(2 * (rows - middle - drop) + 1) * width <= width * DIAMOND[1]
        dark = np.where(columns < width // 2, 11, 9)[..., None] if drop else 16
        area[inside] = 255
        area[inside, :3] = (colour[:3].astype(np.int64) * dark // 16 * np.ones((height, width, 1), np.int64))[inside]
    speck = inside & ((columns * 7 + rows * 13 + columns * rows) % 37 == 0)
    area[speck, :3] = np.minimum(255, colour[:3].astype(np.int64) + 20).astype(np.uint8)
    return area


def tmx(game_map: GameMap, source_of: Callable[[str], str], *, tileset: str = "") -> bytes:
    """The map as Tiled writes it. tileset: file of the tiles; without one they stand in the map."""
    flat = game_map.projection != "isometric"
    size = (FLAT, FLAT) if flat else DIAMOND
    layers = "".join(
        f' <layer id="{number}" name="{name}" width="{game_map.width}" height="{game_map.height}">\n'
        f'  <data encoding="csv">\n{_csv(cells)}\n  </data>\n </layer>\n'
        for number, (name, cells) in enumerate(
            (("Terrain", game_map.terrain), ("Decorations", game_map.decorations)), 1
        )
    )
    tiles = f' <tileset firstgid="1" source="{tileset}"/>\n' if tileset else tsx(flat, source_of, embedded=True)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<map version="1.10" orientation="{"orthogonal" if flat else "isometric"}" renderorder="right-down" '
        f'width="{game_map.width}" height="{game_map.height}" tilewidth="{size[0]}" tileheight="{size[1]}" '
        'infinite="0">\n'
        f"{tiles}{layers}</map>\n"
    ).encode()


def _csv(cells: list[list[int]]) -> str:
    return ",\n".join(",".join(map(str, row)) for row in cells)


def tsx(flat: bool, source_of: Callable[[str], str], *, embedded: bool = False) -> str:
    """The tiles as a tileset of single pictures."""
    width, height = (FLAT, FLAT) if flat else TILE
    tiles = "".join(
        f'  <tile id="{number}">\n   <image width="{width}" height="{height}" source="{source_of(name)}"/>\n  </tile>\n'
        for number, name in enumerate(TILES)
    )
    first = ' firstgid="1"' if embedded else ""
    return (
        f' <tileset{first} name="Fantasy Terrain" tilewidth="{width}" tileheight="{height}" tilecount="{len(TILES)}" '
        f'columns="0">\n{tiles} </tileset>\n'
    )


def archive(game_map: GameMap) -> bytes:
    """Map, tileset and pictures in folders of one ZIP file."""
    flat = game_map.projection != "isometric"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as files:
        files.writestr("maps/map.tmx", tmx(game_map, str, tileset="../tiles/terrain.tsx"))
        files.writestr("tiles/terrain.tsx", tsx(flat, _picture_name))
        for name in TILES:
            files.writestr(f"tiles/{_picture_name(name)}", tile_picture(name, flat=flat))
    return target.getvalue()


def _picture_name(name: str) -> str:
    return f"{name.lower()}.png"


def source_of(address: Callable[[str, Callable[[], bytes]], str], form: str, *, flat: bool) -> Callable[[str], str]:
    """How the export names pictures: by address, or by bare name as the packs have them."""

    def source(name: str) -> str:
        folder = "flat" if flat else "builtin"
        found = address(f"{folder}/{_picture_name(name)}", partial(tile_picture, name, flat=flat))
        return _picture_name(name) if form == "names" else found

    return source


def document(game_map: GameMap, *, nested: bool, stamp: Callable[[float], str]) -> dict[str, Any]:
    """What GET /maps/:id shows."""
    shown: dict[str, Any] = {"terrain": game_map.terrain, "decorations": game_map.decorations, "entities": []}
    return {
        "id": game_map.id,
        "name": game_map.name,
        "projectionType": game_map.projection,
        "gridWidth": game_map.width,
        "gridHeight": game_map.height,
        "tilePackIds": game_map.packs,
        "updatedAt": stamp(game_map.updated),
        **({"layers": shown} if nested else shown),
        **({"aiEdit": {"id": game_map.failed, "status": "failed"}} if game_map.failed else {}),
    }
