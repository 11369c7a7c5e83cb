from __future__ import annotations

import numpy as np
import pytest

from exporters import samples
from exporters.base import ExportError
from exporters.packing.grid import SheetGrid, grid_sheet, items_sheet, tileset_grid, tileset_sheet


@pytest.mark.parametrize("extrude", [0, 1, 2])
def test_every_tile_is_in_its_cell(extrude: int) -> None:
    asset = samples.tileset(terrains=3, animated=3)
    grid = tileset_grid(asset, extrude)
    sheet = tileset_sheet(asset, extrude=extrude)
    assert (sheet.shape[1], sheet.shape[0]) == grid.size
    for tile in asset.tiles:
        x, y = grid.origin(tile.id)
        assert (sheet[y : y + 16, x : x + 16] == tile.pixels).all()


def test_extruded_cells_have_their_own_border_around_them() -> None:
    picture = samples.picture(4, 4, 1)
    sheet = grid_sheet(SheetGrid((4, 4), 2, 1, extrude=1), [(0, picture), (1, picture[::-1])])
    assert sheet.shape == (6, 12, 4)
    assert (sheet[0:6, 0:6] == np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")).all()


def test_a_removed_item_leaves_its_cell_empty() -> None:
    sheet = items_sheet(samples.items())
    assert not sheet[16:32, 0:16].any()
    assert sheet[16:32, 16:32].any()


@pytest.mark.parametrize(
    ("cells", "message"),
    [([(0, 5)], "5x5"), ([(0, 4), (0, 4)], "used twice"), ([(2, 4)], "outside"), ([(-1, 4)], "outside")],
)
def test_pictures_that_do_not_fit_are_refused(cells: list[tuple[int, int]], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        grid_sheet(SheetGrid((4, 4), 2, 1), [(slot, samples.picture(side, side, 1)) for slot, side in cells])


def test_too_large_a_grid_is_refused_with_a_way_out() -> None:
    with pytest.raises(ExportError, match="max_sheet = 64") as caught:
        tileset_sheet(samples.tileset(), max_side=64)
    assert "max_sheet" in caught.value.hint
