"""Layouts of terrain tiles: each table is what it says, and what we write is read back by `files`."""

from __future__ import annotations

from itertools import product
from typing import get_args

import numpy as np
import pytest

from bridge.providers.files.grid import FileSheetGrid
from bridge.providers.files.layouts import corner_tiles as read
from bridge.spec.files_table import FilesTable
from exporters.base import ExportContext, ExportError, ExportOptions
from exporters.generic.exporter import JsonExporter
from exporters.generic.target import LAYOUT_NAMES
from exporters.model.asset import Pixels, Terrain, Tile, TilesetAsset
from exporters.model.layouts import (
    BLOB_GODOT,
    BLOB_TILESETTER,
    CORNER16,
    DUAL_GRID,
    LAYOUTS,
    PIXELLAB,
    SPARE,
    TILESETTER_WANG,
    complete_pairs,
    corner_tiles,
    sheet_of,
)
from tests.unit.exporters.layout_boards import PIXELS, corner_set

WHOLE = ("corner16", "pixellab", "dual_grid", "tilesetter_wang")
COMPOSED = ("blob47", "blob47_tilesetter", "rpgmaker_a2")


def edges(mask: int) -> dict[str, tuple[bool, bool]]:
    """The corners on each side of a corner tile."""
    nw, ne, sw, se = (bool(mask & bit) for bit in (8, 4, 2, 1))
    return {"north": (nw, ne), "south": (sw, se), "west": (nw, sw), "east": (ne, se)}


@pytest.mark.parametrize("table", [CORNER16, PIXELLAB, DUAL_GRID], ids=["corner16", "pixellab", "dual_grid"])
def test_tables_of_corner_tiles_have_every_mask_once(table: tuple[tuple[int, ...], ...]) -> None:
    assert sorted(mask for row in table for mask in row) == list(range(16))


@pytest.mark.parametrize("table", [PIXELLAB, DUAL_GRID], ids=["pixellab", "dual_grid"])
def test_the_torus_layouts_meet_on_every_side(table: tuple[tuple[int, ...], ...]) -> None:
    for row, column in product(range(4), range(4)):
        here = edges(table[row][column])
        assert here["east"] == edges(table[row][(column + 1) % 4])["west"]
        assert here["south"] == edges(table[(row + 1) % 4][column])["north"]


def test_tilesetters_wang_sheet_has_all_masks_but_the_empty_one() -> None:
    assert sorted(mask for row in TILESETTER_WANG for mask in row) == list(range(1, 16))


@pytest.mark.parametrize("table", [BLOB_GODOT, BLOB_TILESETTER], ids=["godot", "tilesetter"])
def test_blob_tables_have_the_47_masks_in_which_corners_have_both_sides(table: tuple[tuple[int, ...], ...]) -> None:
    def valid(mask: int) -> bool:
        corners = {2: (1, 4), 8: (4, 16), 32: (16, 64), 128: (64, 1)}
        return all(not mask & corner or all(mask & side for side in sides) for corner, sides in corners.items())

    assert sorted(mask for row in table for mask in row if mask != SPARE) == [m for m in range(256) if valid(m)]


@pytest.mark.parametrize("layout", WHOLE)
def test_layouts_of_whole_tiles_are_read_back_pixel_for_pixel(layout: str) -> None:
    tiles = corner_tiles(corner_set(), 0, 1)
    found = read(sheet_of(layout, tiles), layout, FileSheetGrid(16, 16), "sheet.png", over_nothing=False)
    assert set(found) == set(range(16))
    for mask in range(16):
        assert np.array_equal(found[mask], tiles[mask]), mask


def quarters_of_the_upper_terrain(mask: int) -> list[tuple[int, int]]:
    """The quarters (right, below) that a composed layout keeps: those at corners of the upper terrain, unless only the
    far corner has it too, which blob cells do not see.
    """
    corner = {(0, 0): mask & 8, (1, 0): mask & 4, (0, 1): mask & 2, (1, 1): mask & 1}
    kept = []
    for (x, y), there in corner.items():
        sides = bool(corner[1 - x, y]) + bool(corner[x, 1 - y])
        if there and (sides == 2 or not corner[1 - x, 1 - y]):
            kept.append((x, y))
    return kept


@pytest.mark.parametrize("layout", COMPOSED)
@pytest.mark.parametrize("over_nothing", [False, True], ids=["on sand", "on nothing"])
def test_composed_layouts_keep_every_quarter_of_the_upper_terrain(layout: str, over_nothing: bool) -> None:
    tileset = corner_set(over_nothing=over_nothing)
    tiles = corner_tiles(tileset, None if over_nothing else 0, 0 if over_nothing else 1)
    reader = "blob47" if layout.startswith("blob47") else layout
    found = read(sheet_of(layout, tiles), reader, FileSheetGrid(16, 16), "sheet.png", over_nothing=over_nothing)
    checked = 0
    for mask in range(1, 16):
        for x, y in quarters_of_the_upper_terrain(mask):
            part = (slice(8 * y, 8 * y + 8), slice(8 * x, 8 * x + 8))
            assert np.array_equal(found[mask][part], tiles[mask][part]), (mask, x, y)
            checked += 1
    assert checked == 20
    if not over_nothing:
        assert np.array_equal(found[0], tiles[0])


@pytest.mark.parametrize("layout", ["blob47", "blob47_tilesetter"])
def test_a_board_of_blob_cells_shows_what_the_corner_tiles_show(layout: str) -> None:
    """Every cell of the upper terrain, inside of it, on a random board of cells."""
    tiles = corner_tiles(corner_set(), 0, 1)
    table = BLOB_GODOT if layout == "blob47" else BLOB_TILESETTER
    sheet = sheet_of(layout, tiles)
    cells = {
        mask: sheet[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
        for row, masks in enumerate(table)
        for column, mask in enumerate(masks)
    }
    board = np.random.Generator(np.random.PCG64(7)).random((12, 12)) < 0.6
    board[[0, -1]] = board[:, [0, -1]] = False
    dual = np.zeros((11 * 16, 11 * 16, 4), dtype=np.uint8)
    for row, column in product(range(11), range(11)):
        mask = (
            board[row, column] * 8
            + board[row, column + 1] * 4
            + board[row + 1, column] * 2
            + board[row + 1, column + 1]
        )
        dual[16 * row : 16 * row + 16, 16 * column : 16 * column + 16] = tiles[int(mask)]
    for row, column in product(range(1, 11), range(1, 11)):
        if board[row, column]:
            shown = dual[16 * row - 8 : 16 * row + 8, 16 * column - 8 : 16 * column + 8]
            cell = cells[blob_mask(board, row, column)]
            # A far corner alone is not seen by blob cells; corner tiles draw a bridge towards it.
            for right, below in product((0, 1), (0, 1)):
                y, x = row + (1 if below else -1), column + (1 if right else -1)
                if board[y, x] and not (board[row, x] and board[y, column]):
                    continue
                part = (slice(8 * below, 8 * below + 8), slice(8 * right, 8 * right + 8))
                assert np.array_equal(cell[part], shown[part]), (row, column, right, below)


def blob_mask(board: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], row: int, column: int) -> int:
    north, east = bool(board[row - 1, column]), bool(board[row, column + 1])
    south, west = bool(board[row + 1, column]), bool(board[row, column - 1])
    mask = north * 1 + east * 4 + south * 16 + west * 64
    mask += bool(north and east and board[row - 1, column + 1]) * 2
    mask += bool(south and east and board[row + 1, column + 1]) * 8
    mask += bool(south and west and board[row + 1, column - 1]) * 32
    mask += bool(north and west and board[row - 1, column - 1]) * 128
    return int(mask)


def test_sizes_of_the_sheets() -> None:
    tiles = corner_tiles(corner_set(), 0, 1)
    sizes = {layout: sheet_of(layout, tiles).shape[:2] for layout in LAYOUTS}
    assert sizes == {
        "corner16": (64, 64), "pixellab": (64, 64), "dual_grid": (64, 64), "tilesetter_wang": (64, 80),
        "blob47": (64, 192), "blob47_tilesetter": (80, 176), "rpgmaker_a2": (48, 64),
    }  # fmt: skip
    nothing = corner_tiles(corner_set(over_nothing=True), None, 0)
    assert sheet_of("tilesetter_wang", nothing).shape[:2] == (48, 80)
    assert sheet_of("rpgmaker_a2", nothing).shape[:2] == (48, 32)


def test_specs_offer_exactly_the_layouts_there_are() -> None:
    assert set(LAYOUT_NAMES) == set(LAYOUTS)
    readable = set(get_args(get_args(FilesTable.model_fields["layout"].annotation)[0]))
    assert readable == set(LAYOUTS) - {"blob47_tilesetter"}


def context(*layouts: str) -> ExportContext:
    return ExportContext("art/ground", "", "x:1", ExportOptions(engine={"layouts": list(layouts)}))


def test_the_json_target_writes_the_asked_sheets_before_the_document() -> None:
    files = JsonExporter().export(corner_set(), context("dual_grid", "blob47"))
    assert [file.path for file in files] == [
        "art/ground_dual_grid.png", "art/ground_blob47.png", "art/ground.png", "art/ground.json"
    ]  # fmt: skip


def test_each_complete_pair_of_a_chain_gets_its_own_sheet() -> None:
    chain = three_terrains()
    assert complete_pairs(chain) == [(0, 1), (1, 2)]
    files = JsonExporter().export(chain, context("dual_grid"))
    assert [file.path for file in files][:2] == ["art/ground_a_b_dual_grid.png", "art/ground_b_c_dual_grid.png"]


def three_terrains() -> TilesetAsset:
    def tile(number: int, mask: int, lower: int) -> Tile:
        corners = tuple(lower + bool(mask & bit) for bit in (8, 4, 2, 1))
        return Tile(number, np.full((16, 16, 4), number, dtype=np.uint8), corners)  # type: ignore[arg-type]

    tiles = [tile(mask, mask, 0) for mask in range(16)] + [tile(15 + mask, mask, 1) for mask in range(1, 16)]
    terrains = tuple(Terrain(name, (0, 0, 0), place) for name, place in (("a", 0), ("b", 15), ("c", 30)))
    return TilesetAsset("art/ground", (16, 16), 8, tuple(tiles), terrains)


def odd() -> TilesetAsset:
    tileset = corner_set()
    tiles = tuple(Tile(tile.id, tile.pixels[:15, :15], tile.corners) for tile in tileset.tiles)
    return TilesetAsset("art/ground", (15, 15), 4, tiles, tileset.terrains)


@pytest.mark.parametrize(
    ("asset", "words"),
    [(TilesetAsset("art/ground", (16, 16), 1, (Tile(0, PIXELS),)), "no pair"), (odd(), "even sides")],
    ids=["no terrains", "odd tiles"],
)
def test_what_cannot_be_laid_out_is_one_clear_error(asset: TilesetAsset, words: str) -> None:
    with pytest.raises(ExportError, match=words) as caught:
        JsonExporter().export(asset, context("blob47"))
    assert caught.value.hint


def test_an_odd_size_is_no_hindrance_for_whole_tiles() -> None:
    tiles: dict[int, Pixels] = corner_tiles(odd(), 0, 1)
    assert sheet_of("dual_grid", tiles).shape == (60, 60, 4)
