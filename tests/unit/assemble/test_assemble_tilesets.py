"""Terrain sets put together: lasting ids, shared base tiles, holes, weights, shapes and properties."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.assemble.parts import Part, WangTilePart
from bridge.assemble.slots import SlotTable
from bridge.assemble.tilesets import Corners, assemble_tileset, corners_of
from bridge.spec.model import TilesetSpec
from exporters.model.asset import Pixels, Tile, TilesetAsset
from exporters.model.layouts import complete_pairs, coverage, terrain_chain
from exporters.model.wang import solve

SIDE = 8
CHAIN = ("water", "sand", "grass")


def spec(*terrains: str | dict[str, Any], **fields: Any) -> TilesetSpec:
    tables = [{"name": terrain} if isinstance(terrain, str) else terrain for terrain in terrains]
    facts = {"kind": "tileset", "provider": "procedural", "tile_size": SIDE, "terrains": tables, **fields}
    return TilesetSpec.model_validate(facts)


def picture(number: int, alpha: int = 255) -> Pixels:
    pixels = np.full((SIDE, SIDE, 4), number % 251, dtype=np.uint8)
    pixels[..., 3] = alpha
    return pixels


def pair(lower: str | None, upper: str, *, first: int = 0, without: Iterable[int] = ()) -> list[Part]:
    """The corner tiles of a pair, each with a colour of its own."""
    masks = [mask for mask in range(0 if lower else 1, 16) if mask not in without]
    return [WangTilePart(corners_of(mask, lower, upper), (picture(first + mask),)) for mask in masks]


def parts(*terrains: str) -> list[Part]:
    """A chain; every picture differs but those of shared full tiles, which are the first set's."""
    found: dict[Corners, Part] = {}
    for number, (lower, upper) in enumerate(pairwise(terrains)):
        for part in pair(lower, upper, first=20 * number):
            assert isinstance(part, WangTilePart)
            found.setdefault(part.corners, part)
    return list(found.values())


def named(asset: TilesetAsset) -> dict[Corners, Tile]:
    """Tiles by the names of their corners."""
    names: list[str | None] = [*(terrain.name for terrain in asset.terrains), None]
    found: dict[Corners, Tile] = {}
    for tile in asset.tiles:
        if tile.corners is not None:
            one, two, three, four = (names[-1 if corner is None else corner] for corner in tile.corners)
            found.setdefault((one, two, three, four), tile)
    return found


def test_a_chain_has_sixteen_tiles_and_fifteen_for_each_further_terrain() -> None:
    asset, notes = assemble_tileset("land", spec(*CHAIN), parts(*CHAIN), SlotTable())
    assert [tile.id for tile in asset.tiles] == list(range(31))
    assert notes == []
    assert asset.pairs == ((0, 1), (1, 2))
    assert terrain_chain(asset) == [0, 1, 2]


@given(st.lists(st.permutations(["water", "sand", "grass", "snow"]).map(lambda all_of: all_of[:3]), max_size=5))
def test_ids_and_numbers_of_terrains_outlive_every_order_of_terrains(orders: list[list[str]]) -> None:
    slots = SlotTable()
    known: dict[Corners, int] = {}
    numbers: dict[str, int] = {}
    for order in orders:
        asset, _ = assemble_tileset("land", spec(*order), parts(*order), slots)
        for corners, tile in named(asset).items():
            assert known.setdefault(corners, tile.id) == tile.id
        for place, terrain in enumerate(asset.terrains):
            assert numbers.setdefault(terrain.name, place) == place
        assert [asset.terrains[place].name for place in terrain_chain(asset)] == order
        assert not any(coverage(asset).values())
    assert len(set(known.values())) == len(known)


def test_a_terrain_in_the_middle_is_painted_through_it() -> None:
    slots = SlotTable()
    assemble_tileset("land", spec("water", "grass"), parts("water", "grass"), slots)
    asset, notes = assemble_tileset("land", spec(*CHAIN), parts(*CHAIN), slots)
    assert [terrain.name for terrain in asset.terrains] == ["water", "grass", "sand"]
    assert [asset.terrains[place].name for place in terrain_chain(asset)] == list(CHAIN)
    assert [terrain.tile for terrain in asset.terrains] == [0, 15, named(asset)["sand", "sand", "sand", "sand"].id]
    (note,) = notes
    assert note.startswith("grass and water: 14 tiles are no longer made; maps that use them have holes there")


def test_a_base_tile_that_two_sets_draw_differently_is_told_and_the_first_is_kept() -> None:
    changed = picture(15)
    changed[0, :3, 0] += 1
    later = pair("sand", "grass", first=40)
    later[0] = dataclasses.replace(later[0], frames=(changed,))  # type: ignore[arg-type]
    asset, notes = assemble_tileset("land", spec(*CHAIN), [*pair("water", "sand"), *later], SlotTable())
    (note,) = notes
    assert note.startswith("the tile of sand differs between two sets (3 of 64 pixels); the first is kept")
    assert np.array_equal(named(asset)["sand", "sand", "sand", "sand"].pixels, picture(15))


def test_missing_corner_tiles_are_told() -> None:
    asset, notes = assemble_tileset("land", spec("water", "sand"), pair("water", "sand", without=(6, 9)), SlotTable())
    assert notes == ["water and sand: no corner tiles with the masks 6, 9 were delivered"]
    assert complete_pairs(asset) == []
    assert terrain_chain(asset) == []


def band_parts() -> list[Part]:
    """A set with a terrain of its own between two, some of whose tiles have the same corners."""
    edge = "water_sand_edge"
    slope: Corners = (edge, edge, "water", "water")
    twins = [WangTilePart(slope, (picture(100 + number),), variation=number) for number in range(2)]
    return [*pair("water", "sand"), *twins]


def test_a_band_between_two_terrains_is_a_colour_that_nothing_is_missing_of() -> None:
    asset, notes = assemble_tileset("land", spec("water", "sand", transition_size=1.0), band_parts(), SlotTable())
    assert [terrain.name for terrain in asset.terrains] == ["water", "sand", "water_sand_edge"]
    assert (asset.terrains[2].tile, asset.terrains[2].color) == (-1, (100, 100, 100))
    assert notes == []
    assert list(coverage(asset)) == [(0, 1)]
    assert terrain_chain(asset) == [0, 1]


def test_twins_of_a_slope_are_there_but_never_painted() -> None:
    asset, _ = assemble_tileset("land", spec("water", "sand", transition_size=1.0), band_parts(), SlotTable())
    first, second = (tile for tile in asset.tiles if tile.corners == (2, 2, 0, 0))
    assert (first.probability, second.probability) == (1.0, 0.0)
    vertices = np.array([[2] * 40, [0] * 40], dtype=np.uint8)
    assert set(solve(asset, vertices).ravel().tolist()) == {first.id + 1}


@pytest.mark.parametrize("weight", [0, 0.5, 4])
def test_weights_are_those_of_the_full_tile_and_a_quarter_for_a_variation(weight: float) -> None:
    full: Corners = ("sand", "sand", "sand", "sand")
    terrain = {"name": "sand", "probability": weight, "variations": 1}
    more = [*pair("water", "sand"), WangTilePart(full, (picture(77),), variation=1)]
    asset, _ = assemble_tileset("land", spec("water", terrain), more, SlotTable())
    weights = [tile.probability for tile in asset.tiles if tile.corners == (1, 1, 1, 1)]
    assert weights == [weight, weight / 4]
    assert {tile.probability for tile in asset.tiles if len(set(tile.corners or ())) == 2} == {1.0}


def test_solid_terrain_has_a_shape_where_nothing_else_shows() -> None:
    grounds: list[str | dict[str, Any]] = [{"name": "deep", "solid": True}, {"name": "water", "solid": True}, "sand"]
    tiles = named(assemble_tileset("land", spec(*grounds), parts("deep", "water", "sand"), SlotTable())[0])
    box = ((0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE))
    assert tiles["water", "water", "water", "water"].collision == box
    assert tiles["deep", "water", "deep", "deep"].collision == box
    assert tiles["water", "sand", "sand", "sand"].collision == ()
    assert tiles["sand", "sand", "sand", "sand"].collision == ()


def test_the_shape_of_a_see_through_tile_is_what_is_opaque() -> None:
    upper_half = picture(9)
    upper_half[4:, :, 3] = 0
    delivered = [
        WangTilePart(corners_of(12, None, "cliff"), (upper_half,)),
        *pair(None, "cliff", without=(12,)),
    ]
    tiles = named(assemble_tileset("land", spec({"name": "cliff", "solid": True}), delivered, SlotTable())[0])
    assert tiles["cliff", "cliff", None, None].collision == ((0, 0), (SIDE, 0), (SIDE, 4), (0, 4))


def test_properties_of_a_terrain_are_those_of_its_full_tiles() -> None:
    sand = {"name": "sand", "properties": {"speed": 0.5, "footstep": "soft", "dig": True}}
    tiles = named(assemble_tileset("land", spec("water", sand), parts("water", "sand"), SlotTable())[0])
    said = (("dig", True), ("footstep", "soft"), ("speed", 0.5))
    assert tiles["sand", "sand", "sand", "sand"].properties == said
    assert tiles["sand", "sand", "sand", "water"].properties == ()


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({"depth": 1}, {"depth": "deep"}, "another type"),
        ({"name": "pond"}, {}, "assetbridge itself"),
    ],
)
def test_properties_that_engines_cannot_hold_are_refused(
    first: dict[str, Any], second: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        spec({"name": "water", "properties": first}, {"name": "sand", "properties": second})
