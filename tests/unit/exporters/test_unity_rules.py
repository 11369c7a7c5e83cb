"""RuleTiles, run by the rules that the package documents, against our own corner solver on random boards."""

from __future__ import annotations

import dataclasses
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from exporters import samples
from exporters.model.asset import Terrain, Tile, TilesetAsset
from exporters.model.wang import solve
from exporters.unity.tiles import UnityTerrainPair, rule_tile, terrain_pairs
from exporters.unity.yaml import write_objects
from tests.unit.exporters.unity_files import load_objects

THIS, NOT_THIS = 1, 2
Board = npt.NDArray[np.bool_]


def fields_of(asset: TilesetAsset, pair: UnityTerrainPair) -> dict[str, Any]:
    sprites = {tile.id: f"{{fileID: {tile.id + 1}}}" for tile in asset.tiles}
    (made,) = load_objects(write_objects([rule_tile("rule", asset, pair, sprites)]))
    return made.fields


def evaluate(fields: dict[str, Any], board: Board, x: int, y: int) -> list[str]:
    """The sprites of a painted cell, y upwards: the first rule all of whose neighbours fit, else the default."""
    for rule in fields["m_TilingRules"]:
        text = rule["m_Neighbors"]
        wanted = struct.unpack(f"<{len(text) // 8}i", bytes.fromhex(text))
        places = [(x + int(one["x"]), y + int(one["y"])) for one in rule["m_NeighborPositions"]]
        assert len(wanted) == len(places)
        if all(
            (want == THIS) == painted(board, *place)
            for want, place in zip(wanted, places, strict=True)
            if want in (THIS, NOT_THIS)
        ):
            return [one["fileID"] for one in rule["m_Sprites"]]
    return [fields["m_DefaultSprite"]["fileID"]]


def painted(board: Board, x: int, y: int) -> bool:
    return 0 <= y < board.shape[0] and 0 <= x < board.shape[1] and bool(board[y, x])


def vertices_of(board: Board, pair: UnityTerrainPair) -> npt.NDArray[np.uint8]:
    """Rows from the top: a vertex is the upper terrain when all four cells round it are painted."""
    wide = np.pad(board[::-1], 1)
    full = wide[:-1, :-1] & wide[:-1, 1:] & wide[1:, :-1] & wide[1:, 1:]
    assert pair.lower is not None
    return np.where(full, pair.upper, pair.lower).astype(np.uint8)


@given(arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.booleans() | st.just(True)))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("upper", [1, 2])
def test_every_painted_cell_shows_what_our_solver_picks(upper: int, board: Board) -> None:
    asset = samples.tileset(terrains=3)
    pair = UnityTerrainPair(upper - 1, upper)
    fields = fields_of(asset, pair)
    cells = solve(asset, vertices_of(board, pair))
    height = board.shape[0]
    for y, x in zip(*np.nonzero(board), strict=True):
        assert evaluate(fields, board, x, y) == [str(cells[height - 1 - y, x])]


@given(arrays(np.bool_, (5, 6), elements=st.booleans() | st.just(True)))
@settings(max_examples=20, deadline=None)
def test_isometric_rules_follow_the_turned_axes(board: Board) -> None:
    """Row r and column c of a map are Unity's cell (-1 - r, -1 - c)."""
    asset = samples.tileset(isometric=True)
    fields = fields_of(asset, UnityTerrainPair(0, 1))
    rows = board[::-1]
    cells = solve(asset, vertices_of(board, UnityTerrainPair(0, 1)))
    unity = rows.T[::-1, ::-1]
    for row, column in zip(*np.nonzero(rows), strict=True):
        x, y = rows.shape[0] - 1 - row, rows.shape[1] - 1 - column
        assert evaluate(fields, unity, x, y) == [str(cells[row, column])]


def test_all_neighbourhoods_pick_the_right_tile_and_all_tiles_occur() -> None:
    asset = samples.tileset()
    fields = fields_of(asset, UnityTerrainPair(0, 1))
    assert len(fields["m_TilingRules"]) == 15
    assert len({rule["m_Id"] for rule in fields["m_TilingRules"]}) == 15
    shown = set()
    for bits in range(256):
        board = np.ones((3, 3), dtype=np.bool_)
        board.flat[[0, 1, 2, 3, 5, 6, 7, 8]] = [bits >> k & 1 for k in range(8)]
        (sprite,) = evaluate(fields, board, 1, 1)
        assert sprite == str(solve(asset, vertices_of(board, UnityTerrainPair(0, 1)))[1, 1])
        shown.add(sprite)
    assert len(shown) == 16


def test_rules_stand_for_every_pair_that_has_its_tiles() -> None:
    assert terrain_pairs(samples.tileset(terrains=4)) == [
        UnityTerrainPair(0, 1),
        UnityTerrainPair(1, 2),
        UnityTerrainPair(2, 3),
    ]
    assert terrain_pairs(samples.blocks()) == []


def test_an_overlay_shows_nothing_where_no_corner_is_set() -> None:
    corners = [tuple(0 if mask & bit else None for bit in (8, 4, 2, 1)) for mask in range(1, 16)]
    tiles = tuple(Tile(k, samples.picture(8, 8, k), one) for k, one in enumerate(corners))  # type: ignore[arg-type]
    asset = TilesetAsset("art/moss", (8, 8), 4, tiles, (Terrain("moss", (0, 99, 0), 14),))
    assert terrain_pairs(asset) == [UnityTerrainPair(None, 0)]
    fields = fields_of(asset, UnityTerrainPair(None, 0))
    assert fields["m_DefaultSprite"]["fileID"] == "0"
    alone = np.ones((1, 1), dtype=np.bool_)
    assert evaluate(fields, alone, 0, 0) == ["0"]
    assert evaluate(fields, np.ones((3, 3), dtype=np.bool_), 1, 1) == ["15"]


def test_variations_are_drawn_by_their_probability() -> None:
    ground = samples.tileset()
    extra = tuple(Tile(20 + k, samples.picture(16, 16, k), (1, 1, 1, 1), probability=0.25) for k in range(2))
    fields = fields_of(dataclasses.replace(ground, tiles=ground.tiles + extra), UnityTerrainPair(0, 1))
    full = fields["m_TilingRules"][0]
    assert full["m_Output"] == "1"
    assert [one["fileID"] for one in full["m_Sprites"]] == ["16"] * 4 + ["21", "22"]


def test_an_animated_terrain_moves_in_its_rule() -> None:
    asset = samples.tileset(animated=3)
    fields = fields_of(asset, UnityTerrainPair(0, 1))
    still = fields["m_TilingRules"][-1]
    assert (still["m_Output"], still["m_MinAnimationSpeed"], still["m_Neighbors"]) == ("2", "5", "")
    assert [one["fileID"] for one in still["m_Sprites"]] == ["1", "17", "33"]
