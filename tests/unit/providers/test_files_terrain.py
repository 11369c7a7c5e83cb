"""Terrain sheets in every layout: rebuilt from one known set of corner tiles, the same corners come back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from bridge.assemble.parts import WangTilePart
from bridge.assemble.tilesets import corners_of
from bridge.core.errors import UserError
from exporters.model import layouts
from exporters.model.asset import Pixels
from tests.unit.providers.files_project import OwnArt, encoded, painted

SIDE = 8
HALF = SIDE // 2
PAIR = '[[terrains]]\nname = "water"\n[[terrains]]\nname = "grass"\n'
CORNERS = {(0, 0): 8, (1, 0): 4, (0, 1): 2, (1, 1): 1}


@pytest.fixture
def art(tmp_path: Path) -> OwnArt:
    return OwnArt(tmp_path)


def quarter(right: int, below: int, beside: bool, above: bool, diagonal: bool) -> Pixels:
    """The quarter of a cell of the upper terrain, different for each place and each set of like neighbours."""
    state = 4 * beside + 2 * above + (diagonal and beside and above)
    return painted(HALF, HALF, 1 + 8 * (2 * below + right) + state)


def lower_tile() -> Pixels:
    return painted(SIDE, SIDE, 99)


def known(mask: int, lower: Pixels) -> Pixels:
    """The corner tile of a mask, put together from the quarters of the cells at its corners."""
    tile = lower.copy()
    there = {place: bool(mask & bit) for place, bit in CORNERS.items()}
    for (x, y), upper in there.items():
        if upper:
            piece = quarter(1 - x, 1 - y, there[1 - x, y], there[x, 1 - y], there[1 - x, 1 - y])
            tile[y * HALF : (y + 1) * HALF, x * HALF : (x + 1) * HALF] = piece
    return tile


def sheet_of(table: list[list[Pixels]]) -> Pixels:
    return np.concatenate([np.concatenate(row, axis=1) for row in table])


def nothing() -> Pixels:
    return np.zeros((SIDE, SIDE, 4), dtype=np.uint8)


def blob_cell(mask: int) -> Pixels:
    """A cell of a blob set: north 1, then clockwise."""
    cell = nothing()
    for right, below in product((0, 1), (0, 1)):
        beside, above = bool(mask & (4 if right else 64)), bool(mask & (16 if below else 1))
        diagonal = bool(mask & {(1, 0): 2, (1, 1): 8, (0, 1): 32, (0, 0): 128}[right, below])
        piece = quarter(right, below, beside, above, diagonal)
        cell[below * HALF : (below + 1) * HALF, right * HALF : (right + 1) * HALF] = piece
    return cell


def autotile_block() -> Pixels:
    """An RPG Maker block: an island of 2 × 2 tiles, inner corners at the upper right, a thumbnail at the upper left."""
    block = np.zeros((6 * HALF, 4 * HALF, 4), dtype=np.uint8)
    for column, row in product(range(4), range(4)):
        right, below = column % 2, row % 2
        beside, above = column in (1, 2), row in (1, 2)
        piece = quarter(right, below, beside, above, diagonal=True)
        block[(row + 2) * HALF : (row + 3) * HALF, column * HALF : (column + 1) * HALF] = piece
    for right, below in product((0, 1), (0, 1)):
        piece = quarter(right, below, beside=True, above=True, diagonal=False)
        block[below * HALF : (below + 1) * HALF, (right + 2) * HALF : (right + 3) * HALF] = piece
    return block


def lower_block() -> Pixels:
    """The lower terrain's block: an island whose middle is its full tile."""
    block = np.full((6 * HALF, 4 * HALF, 4), 77, dtype=np.uint8)
    tile = lower_tile()
    middle = np.concatenate([tile[HALF:], tile[:HALF]])
    block[3 * HALF : 5 * HALF, HALF : 3 * HALF] = np.concatenate([middle[:, HALF:], middle[:, :HALF]], axis=1)
    return block


def table_sheet(table: tuple[tuple[int, ...], ...]) -> Pixels:
    return sheet_of([[known(mask, lower_tile()) for mask in row] for row in table])


def blob_sheet(table: tuple[tuple[int, ...], ...], spare: Pixels) -> Pixels:
    return sheet_of([[spare if mask < 0 else blob_cell(mask) for mask in row] for row in table])


def tilesetter_sheet() -> Pixels:
    blank = [nothing()] * 4
    return np.concatenate([table_sheet(layouts.TILESETTER_WANG), sheet_of([[lower_tile(), *blank]])])


SHEETS: dict[str, Callable[[], Pixels]] = {
    "corner16": lambda: sheet_of([[known(row * 8 + column, lower_tile()) for column in range(8)] for row in range(2)]),
    "pixellab": lambda: table_sheet(layouts.PIXELLAB),
    "dual_grid": lambda: table_sheet(layouts.DUAL_GRID),
    "tilesetter_wang": tilesetter_sheet,
    "blob47": lambda: blob_sheet(layouts.BLOB_GODOT, lower_tile()),
    "blob47 of tilesetter": lambda: blob_sheet(layouts.BLOB_TILESETTER, lower_tile()),
    "rpgmaker_a2": lambda: np.concatenate([lower_block(), autotile_block()], axis=1),
}


@pytest.mark.parametrize("name", SHEETS)
def test_every_layout_gives_the_same_sixteen_corner_tiles(art: OwnArt, name: str) -> None:
    art.write("art/land.png", SHEETS[name]())
    layout = name.split(maxsplit=1)[0]
    parts = art.parts(f'kind = "tileset"\ntile_size = 8\nsource = "./land.png"\n{PAIR}[files]\nlayout = "{layout}"\n')
    found = {part.corners: part.frames[0] for part in parts}
    assert len(parts) == len(found) == 16
    for mask in range(16):
        assert np.array_equal(found[corners_of(mask, "water", "grass")], known(mask, lower_tile())), mask


@pytest.mark.parametrize("name", ["pixellab", "dual_grid", "blob47", "rpgmaker_a2"])
def test_a_single_terrain_stands_over_nothing(art: OwnArt, name: str) -> None:
    sheets: dict[str, Callable[[], Pixels]] = {
        "pixellab": lambda: sheet_of([[known(mask, nothing()) for mask in row] for row in layouts.PIXELLAB]),
        "dual_grid": lambda: sheet_of([[known(mask, nothing()) for mask in row] for row in layouts.DUAL_GRID]),
        "blob47": lambda: blob_sheet(layouts.BLOB_GODOT, nothing()),
        "rpgmaker_a2": autotile_block,
    }
    art.write("land.png", sheets[name]())
    parts = art.parts(
        'kind = "tileset"\ntile_size = 8\n[[terrains]]\nname = "grass"\n'
        f'[files]\nsheet = "land.png"\nlayout = "{name}"\n'
    )
    found = {part.corners: part.frames[0] for part in parts}
    assert set(found) == {corners_of(mask, None, "grass") for mask in range(1, 16)}
    for mask in range(1, 16):
        assert np.array_equal(found[corners_of(mask, None, "grass")], known(mask, nothing()))


def test_a_chain_takes_a_sheet_for_each_pair(art: OwnArt) -> None:
    for pair in ("water_sand", "sand_grass"):
        art.write(f"art/{pair}.png", SHEETS["corner16"]())
    asset = art.asset(
        'kind = "tileset"\ntile_size = 8\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n'
        '[[terrains]]\nname = "grass"\n[files]\nsheet = "art/{lower}_{upper}.png"\n'
    )
    assert len(asset.tiles) == 31
    assert [terrain.name for terrain in asset.terrains] == ["water", "sand", "grass"]


def test_numbered_sheets_and_clips_animate_only_the_tiles_that_move(art: OwnArt) -> None:
    first = SHEETS["corner16"]()
    second = first.copy()
    second[:SIDE, :SIDE] = painted(SIDE, SIDE, 123)
    spec = 'kind = "tileset"\ntile_size = 8\n' + PAIR.replace('"water"\n', '"water"\nanimated = 2\nframe_ms = 300\n')
    art.write("land_1.png", first)
    art.write("land_2.png", second)
    art.write("land.webp", encoded([first, second], "WEBP", lossless=True, duration=300))
    for path in ("land_{frame}.png", "land.webp"):
        asset = art.asset(spec + f'[files]\nsheet = "{path}"\n')
        moving = [tile for tile in asset.tiles if tile.animation]
        assert [tile.corners for tile in moving] == [(0, 0, 0, 0)]
        assert [frame.duration_ms for frame in moving[0].animation] == [300, 300]


def test_a_palette_keeps_places_and_seams(art: OwnArt) -> None:
    art.write("land.png", SHEETS["corner16"]())
    spec = f'kind = "tileset"\ntile_size = 8\n{PAIR}[files]\nsheet = "land.png"\n'
    plain = art.asset(spec)
    coloured = art.asset(spec + '[process]\npalette = ["#000000", "#ffffff", "#3060c0"]\n')
    assert [tile.id for tile in coloured.tiles] == [tile.id for tile in plain.tiles]
    seen = {tuple(colour) for tile in coloured.tiles for colour in tile.pixels.reshape(-1, 4)[:, :3].tolist()}
    assert seen <= {(0, 0, 0), (255, 255, 255), (48, 96, 192)}


REFUSED = {
    "one sheet for two pairs": (PAIR + '[[terrains]]\nname = "rock"\n[files]\nsheet = "land.png"\n', "spec_invalid"),
    "no sheet of a pair": (
        PAIR + '[[terrains]]\nname = "rock"\n[files]\nsheet = "{lower}_{upper}.png"\n',
        "source_missing",
    ),
    "variations": (PAIR.replace('"grass"\n', '"grass"\nvariations = 2\n') + '[files]\nsheet = "land.png"\n',
                   "spec_not_applicable"),
    "a step that would open seams": (PAIR + '[files]\nsheet = "land.png"\n[process]\nmatte = "auto"\n',
                                     "spec_not_applicable"),
    "a form of sprites": (PAIR + '[files]\nclip = "land.png"\n', "spec_not_applicable"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_specs_that_name_no_sheet_for_a_pair_are_refused(art: OwnArt, case: str) -> None:
    art.write("land.png", SHEETS["corner16"]())
    text, code = REFUSED[case]
    with pytest.raises(UserError) as raised:
        art.compiled(f'kind = "tileset"\ntile_size = 8\n{text}')
    assert raised.value.code == code
    assert raised.value.hint


MISFITS: dict[str, tuple[Callable[[], Pixels], str]] = {
    "corner16": (lambda: painted(3 * SIDE, SIDE, 1), "16 cells, the sheet 3 × 1"),
    "pixellab": (lambda: painted(8 * SIDE, 2 * SIDE, 1), "4 × 4 cells, the sheet 8 × 2"),
    "blob47": (lambda: painted(8 * SIDE, 6 * SIDE, 1), "12 × 4 or 11 × 5"),
    "rpgmaker_a2": (autotile_block, "4 × 3 cells for these terrains, the sheet 2 × 3"),
    "tilesetter_wang": (lambda: table_sheet(layouts.TILESETTER_WANG), "full tile of the lower terrain"),
    "dual_grid": (lambda: painted(4 * SIDE + 1, 4 * SIDE, 1), "no whole number of 8 × 8"),
}


@pytest.mark.parametrize("layout", MISFITS)
def test_sheets_that_do_not_fit_their_layout_are_named(art: OwnArt, layout: str) -> None:
    draw, words = MISFITS[layout]
    art.write("art/land.png", draw())
    with pytest.raises(UserError) as raised:
        art.parts(f'kind = "tileset"\ntile_size = 8\nsource = "art/land.png"\n{PAIR}[files]\nlayout = "{layout}"\n')
    assert raised.value.code == "source_broken"
    assert words in raised.value.message
    assert "art/land.png" in raised.value.message


def test_a_blob_sheet_without_the_lower_tile_says_where_it_belongs(art: OwnArt) -> None:
    art.write("land.png", blob_sheet(layouts.BLOB_GODOT, nothing()))
    with pytest.raises(UserError, match="lower one's full tile is missing"):
        art.parts(f'kind = "tileset"\ntile_size = 8\nsource = "land.png"\n{PAIR}[files]\nlayout = "blob47"\n')


def test_parts_are_wang_tiles_with_names_of_terrains(art: OwnArt) -> None:
    art.write("land.png", SHEETS["corner16"]())
    parts = art.parts(f'kind = "tileset"\ntile_size = 8\nsource = "land.png"\n{PAIR}')
    assert all(isinstance(part, WangTilePart) for part in parts)
    assert parts[1].corners == ("water", "water", "water", "grass")
