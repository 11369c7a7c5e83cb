"""Corner Wang tiles: every cell gets a tile with the corners of its vertices, always the same one."""

from __future__ import annotations

import dataclasses
from collections import Counter
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from exporters import samples
from exporters.model.asset import Tile, TilesetAsset
from exporters.model.wang import Corners, cell_hash, solve, wang_table

Vertices = npt.NDArray[np.uint8]
THREE = samples.tileset(terrains=3, animated=3)
FULL: Corners = (0, 0, 0, 0)
EXPECTED = [[1, 3, 3, 2, 3, 3, 1, 2], [2, 1, 2, 3, 2, 3, 2, 3], [1, 2, 3, 2, 1, 2, 3, 1], [1, 1, 1, 2, 3, 1, 1, 2]]


def weighted(*probabilities: float) -> TilesetAsset:
    """One terrain with a full tile of each probability."""
    pixels = samples.picture(4, 4, 1)
    tiles = tuple(Tile(number, pixels, FULL, probability=value) for number, value in enumerate(probabilities))
    return TilesetAsset("art/full", (4, 4), 4, tiles)


def chosen(tileset: TilesetAsset, side: int = 64, seed: int = 0) -> Counter[int]:
    """How often each tile is taken on a map of one terrain."""
    return Counter((solve(tileset, np.zeros((side + 1, side + 1), np.uint8), seed).ravel() - 1).tolist())


def corners_at(vertices: Vertices, x: int, y: int) -> Corners:
    west_east = [int(vertices[y + down, x + right]) for down, right in product((0, 1), repeat=2)]
    return (west_east[0], west_east[1], west_east[2], west_east[3])


any_vertices = arrays(
    np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9), elements=st.integers(0, 3)
)


@given(vertices=any_vertices, seed=st.integers(-(2**70), 2**70))
def test_every_cell_has_the_corners_of_its_vertices_or_is_empty(vertices: Vertices, seed: int) -> None:
    cells = solve(THREE, vertices, seed)
    assert cells.shape == (vertices.shape[0] - 1, vertices.shape[1] - 1)
    corners = {tile.id: tile.corners for tile in THREE.tiles if not tile.animation_frame}
    known = set(corners.values())
    for (y, x), value in np.ndenumerate(cells):
        wanted = corners_at(vertices, x, y)
        if value:
            assert corners[int(value) - 1] == wanted
        else:
            assert wanted not in known


@given(vertices=any_vertices, seed=st.integers(0, 2**32), data=st.data())
def test_a_changed_vertex_changes_its_four_cells_alone(vertices: Vertices, seed: int, data: st.DataObject) -> None:
    y, x = (data.draw(st.integers(0, side - 1)) for side in vertices.shape)
    changed = vertices.copy()
    changed[y, x] = (changed[y, x] + 1) % 3
    differing = np.argwhere(solve(THREE, vertices, seed) != solve(THREE, changed, seed))
    assert all(row in (y - 1, y) and column in (x - 1, x) for row, column in differing.tolist())


@given(
    probabilities=st.lists(st.sampled_from((0.0, 1.0, 0.25, 1 / 3, 1e-6, 1000.0)), min_size=1, max_size=9),
    seed=st.integers(0, 2**32),
)
def test_probability_0_is_never_taken_beside_another(probabilities: list[float], seed: int) -> None:
    taken = chosen(weighted(*probabilities), 16, seed)
    if any(probabilities):
        assert all(probabilities[tile] > 0 for tile in taken)
    else:
        assert set(taken) == {0}


def test_probability_0_is_not_taken_where_shares_do_not_add_up() -> None:
    # Three thirds of 65536, rounded, leave one number over: some cells of this map meet it.
    assert set(chosen(weighted(1.0, 1.0, 1.0, 0.0), 512)) == {0, 1, 2}


@pytest.mark.parametrize("probabilities", [(1.0, 0.25), (0.5, 0.5, 2.0), (3.0, 1.0)])
def test_tiles_are_taken_as_often_as_they_weigh(probabilities: tuple[float, ...]) -> None:
    taken = chosen(weighted(*probabilities), 128)
    for tile, probability in enumerate(probabilities):
        assert taken[tile] / 128**2 == pytest.approx(probability / sum(probabilities), abs=0.02)


def test_a_seed_gives_the_same_map_on_every_machine() -> None:
    cells = solve(weighted(1.0, 1.0, 1.0), np.zeros((5, 9), np.uint8), 7)
    assert cells.dtype == np.uint32
    assert cells.tolist() == EXPECTED
    assert solve(weighted(1.0, 1.0, 1.0), np.zeros((5, 9), np.uint8), 8).tolist() != EXPECTED


def test_neighbours_share_no_pattern() -> None:
    columns = np.arange(64, dtype=np.uint64)
    for row in range(8):
        numbers = cell_hash(columns, np.full(64, row, np.uint64), 0).astype(int).tolist()
        assert len(set(numbers)) > 60
        assert len({after - before for before, after in pairwise(numbers)}) > 55
        assert all(0 <= number < 65536 for number in numbers)


def test_frames_of_animations_and_tiles_without_corners_are_not_in_the_table() -> None:
    plain = Tile(90, samples.picture(16, 16, 1))
    table = wang_table(dataclasses.replace(THREE, tiles=(plain, *reversed(THREE.tiles))))
    assert table[FULL] == [(0, 1.0)]
    assert sorted(tile for choices in table.values() for tile, _ in choices) == list(range(31))


def test_empty_corners_are_no_terrain() -> None:
    half = Tile(0, samples.picture(4, 4, 1), (None, 0, 0, 0))
    tileset = TilesetAsset("art/half", (4, 4), 4, (half,))
    assert wang_table(tileset) == {(None, 0, 0, 0): [(0, 1.0)]}
    assert not solve(tileset, np.zeros((3, 3), np.uint8)).any()


def test_a_map_without_cells() -> None:
    assert solve(THREE, np.zeros((1, 4), np.uint8)).shape == (0, 3)
