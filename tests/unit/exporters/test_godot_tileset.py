from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

import pytest

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions
from exporters.godot.exporter import GodotExporter
from exporters.godot.tile_source import AtlasCell, AtlasSource, read_source
from exporters.godot.tres import parse_tres
from exporters.model.asset import Polygon, Tile, TileFrame, TilesetAsset

EXPORTER = GodotExporter()
PATH = "art/ground.tres"


def exported(asset: TilesetAsset, present: Mapping[str, bytes] | None = None, extrude: int = 0) -> str:
    read = dict(present or {}).get
    context = ExportContext(asset.id, "art/generated", "0123abcd:x", ExportOptions(extrude=extrude), read=read)
    return EXPORTER.export(asset, context)[-1].data.decode()


def edited(text: str, *changes: tuple[str, str]) -> dict[str, bytes]:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {PATH: text.encode()}


def test_corner_bits_and_centres() -> None:
    lines = exported(samples.tileset()).splitlines()
    start = lines.index("1:0/0 = 0")
    assert lines[start : start + 7] == [
        "1:0/0 = 0",
        "1:0/0/terrain_set = 0",
        "1:0/0/terrain = 0",
        "1:0/0/terrains_peering_bit/bottom_right_corner = 1",
        "1:0/0/terrains_peering_bit/bottom_left_corner = 0",
        "1:0/0/terrains_peering_bit/top_left_corner = 0",
        "1:0/0/terrains_peering_bit/top_right_corner = 0",
    ]
    assert 'terrain_set_0/terrain_1/name = "sand"' in lines
    assert lines.index("terrain_set_0/mode = 1") < lines.index('sources/0 = SubResource("TileSetAtlasSource_tiles")')


def test_each_full_tile_has_a_brush_for_every_lower_neighbour() -> None:
    text = exported(samples.tileset(terrains=4))
    found = re.findall(r"(\d+:\d+)/([1-9]\d*)/terrain = (\d+)", text)
    full = samples.tileset(terrains=4).terrains
    places = [f"{terrain.tile % 8}:{terrain.tile // 8}" for terrain in full]
    assert sorted(found) == sorted((places[upper], "1", str(upper - 1)) for upper in (1, 2, 3))
    assert text.count("next_alternative_id = 2") == 3


def test_isometric_sets_have_diamond_corners() -> None:
    text = exported(samples.tileset("art/ground", isometric=True, size=(32, 16)))
    for line in ("tile_shape = 1", "tile_layout = 5", "tile_size = Vector2i(32, 16)"):
        assert line in text
    assert "1:0/0/terrains_peering_bit/bottom_corner = 1" in text
    assert "2:0/0/terrains_peering_bit/left_corner = 1" in text
    assert "4:0/0/terrains_peering_bit/right_corner = 1" in text
    assert "0:1/0/terrains_peering_bit/top_corner = 1" in text


def test_an_overlay_leaves_empty_corners_out() -> None:
    tiles = (Tile(0, samples.picture(16, 16, 1), (None, 0, None, 0)), Tile(1, samples.picture(16, 16, 2), (0, 0, 0, 0)))
    base = samples.tileset()
    overlay = dataclasses.replace(
        base, tiles=tiles, terrains=(dataclasses.replace(base.terrains[0], tile=1, solid=False),)
    )
    text = exported(overlay)
    assert "0:0/0/terrain = 0" in text
    assert text.count("0:0/0/terrains_peering_bit") == 2
    assert "0:0/1" not in text


def test_animation_in_a_column_and_in_a_row() -> None:
    assert (
        "0:0/animation_columns = 1\n0:0/animation_separation = Vector2i(0, 1)\n0:0/animation_speed = 5.0\n"
        in exported(samples.tileset(animated=3))
    )
    tiles = [Tile(0, samples.picture(16, 16, 0), animation=(TileFrame(0, 100), TileFrame(1, 150), TileFrame(2, 100)))]
    tiles += [Tile(cell, samples.picture(16, 16, cell), animation_frame=True) for cell in (1, 2)]
    text = exported(TilesetAsset("art/ground", (16, 16), 4, tuple(tiles)))
    assert "animation_columns" not in text
    assert "0:0/animation_speed = 20.0" in text
    assert re.findall(r"frame_(\d)/duration = ([\d.]+)", text) == [("0", "2.0"), ("1", "3.0"), ("2", "2.0")]
    assert "1:0/" not in text


@pytest.mark.parametrize("cells", [(0, 1, 3), (1, 2), (0, 5), (0, 2, 1), (0, 4), (3, 0)])
def test_other_animations_are_refused_with_a_way_out(cells: tuple[int, ...]) -> None:
    tiles = [Tile(0, samples.picture(16, 16, 0), animation=tuple(TileFrame(cell, 100) for cell in cells))]
    tiles += [Tile(cell, samples.picture(16, 16, cell), animation_frame=cell != 4) for cell in range(1, 8)]
    with pytest.raises(ExportError, match="animation of tile 0") as caught:
        exported(TilesetAsset("art/ground", (16, 16), 4, tuple(tiles)))
    assert "equal distances" in caught.value.hint


def test_tall_blocks_stand_on_their_diamond() -> None:
    text = exported(samples.blocks())
    assert "0:0/0/texture_origin = Vector2i(0, 12)" in text
    assert 'custom_data_layer_0/name = "name"' in text
    assert '1:0/0/custom_data_0 = "stone"' in text
    assert "1:0/0/custom_data_1 = true" in text


def test_extruded_sheets_have_margin_and_separation() -> None:
    text = exported(samples.tileset(), extrude=1)
    assert "margins = Vector2i(1, 1)\nseparation = Vector2i(2, 2)" in text


def test_collision_is_centred_on_the_cell() -> None:
    text = exported(samples.tileset())
    assert "0:0/0/physics_layer_0/polygon_0/points = PackedVector2Array(-8, -8, 8, -8, 8, 8, -8, 8)" in text
    assert "physics_layer_0/collision_layer = 1" in text


USER_EDITS = (
    ("3:0/0/terrain = 0", "3:0/0/z_index = 4\n3:0/0/terrain = 0"),
    ("4:0/0 = 0", '4:0/0 = 0\n4:0/1 = 1\n4:0/1/flip_h = true\n4:0/0/custom_data_0 = "slow"'),
    ("terrain_set_0/mode", "physics_layer_1/collision_layer = 4\nterrain_set_0/mode"),
    ("sources/0", 'custom_data_layer_0/name = "cost"\ncustom_data_layer_0/type = 4\nsources/0'),
    ("\n[resource]", '\n[sub_resource type="TileSetAtlasSource" id="Own_1"]\n0:0/0 = 0\n\n[resource]'),
    ("metadata/", 'sources/1 = SubResource("Own_1")\nmetadata/'),
    ("physics_layer_0/collision_layer = 1", "physics_layer_0/collision_layer = 8"),
)


def test_what_a_user_adds_stays_and_is_no_drift() -> None:
    first = exported(samples.tileset())
    present = edited(first, *USER_EDITS)
    assert EXPORTER.owned_hash(PATH, present[PATH]) == EXPORTER.owned_hash(PATH, first.encode())
    text = exported(samples.tileset(terrains=3, animated=2), present)
    for line in (
        "3:0/0/z_index = 4",
        "4:0/1/flip_h = true",
        "4:0/next_alternative_id = 2",
        '4:0/0/custom_data_0 = "slow"',
        "physics_layer_1/collision_layer = 4",
        "physics_layer_0/collision_layer = 8",
        'custom_data_layer_0/name = "cost"',
        'sources/1 = SubResource("Own_1")',
        '[sub_resource type="TileSetAtlasSource" id="Own_1"]',
        'terrain_set_0/terrain_2/name = "grass"',
    ):
        assert line in text, line
    assert exported(samples.tileset(terrains=3, animated=2), {PATH: text.encode()}) == text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1:0/0/terrain = 0", "1:0/0/terrain = 1"),
        ("bottom_right_corner = 1", "bottom_right_corner = 0"),
        ('name = "sand"', 'name = "mud"'),
        ("ground.png", "other.png"),
        ("7:1/1/terrain = 0", "7:1/1/terrain = 1"),
    ],
)
def test_edits_of_ours_are_drift(old: str, new: str) -> None:
    first = exported(samples.tileset())
    changed = edited(first, (old, new))[PATH]
    assert EXPORTER.owned_hash(PATH, changed) != EXPORTER.owned_hash(PATH, first.encode())


def turned(tile: Tile) -> tuple[int | None, int | None, int | None, int | None] | None:
    """The corners of a tile with terrains 0 and 1 exchanged."""
    if tile.corners is None:
        return None
    a, b, c, d = (None if corner is None else 1 - corner for corner in tile.corners)
    return a, b, c, d


def test_our_brush_keeps_clear_of_the_users_alternatives() -> None:
    first = exported(samples.tileset(terrains=2))
    present = edited(first, ("0:0/0 = 0", "0:0/0 = 0\n0:0/1 = 1\n0:0/1/flip_v = true"))
    base = samples.tileset(terrains=2)
    # Turned round, tile 0 is the full tile of the upper terrain, which needs the brush.
    swapped = dataclasses.replace(
        base,
        tiles=tuple(dataclasses.replace(tile, corners=turned(tile)) for tile in base.tiles),
        terrains=tuple(dataclasses.replace(terrain, tile=15 - terrain.tile) for terrain in base.terrains),
    )
    text = exported(swapped, present)
    assert "0:0/1/flip_v = true" in text
    assert "0:0/2/terrain = 0" in text
    assert "0:0/next_alternative_id = 3" in text
    assert "7:1/1" not in text


POLYGON = "0:0/0/physics_layer_0/polygon_0/points = PackedVector2Array(-8, -8, 8, -8, 8, 8, -8, 8)"
OTHER = "0:0/0/physics_layer_0/polygon_0/points = PackedVector2Array(-4, -4, 4, -4, 4, 4)"


def without_collision() -> TilesetAsset:
    base = samples.tileset()
    return dataclasses.replace(base, tiles=tuple(dataclasses.replace(tile, collision=()) for tile in base.tiles))


def test_our_polygon_goes_when_the_tile_is_no_longer_solid() -> None:
    first = exported(samples.tileset())
    text = exported(without_collision(), {PATH: first.encode()})
    assert "polygon_0" not in text
    assert "assetbridge_collision" not in text


def test_a_polygon_that_the_user_changed_or_removed_stays_so() -> None:
    first = exported(samples.tileset())
    for asset in (samples.tileset(), without_collision()):
        assert OTHER in exported(asset, edited(first, (POLYGON, OTHER)))
    removed = exported(samples.tileset(), edited(first, (POLYGON + "\n", "")))
    assert POLYGON not in removed
    assert POLYGON not in exported(samples.tileset(), {PATH: removed.encode()})


def test_a_polygon_that_the_user_drew_first_stays() -> None:
    first = exported(without_collision())
    drawn = edited(first, ("0:0/0/terrains_peering_bit", OTHER + "\n0:0/0/terrains_peering_bit"))
    assert OTHER in exported(samples.tileset(), drawn)


def shaped(*further: Polygon) -> TilesetAsset:
    """The tileset whose first tile has these polygons beside its square."""
    base = samples.tileset()
    first = dataclasses.replace(base.tiles[0], further_collision=further)
    return dataclasses.replace(base, tiles=(first, *base.tiles[1:]))


def shapes(text: str) -> dict[int, str]:
    """Place → points of the polygons of the first tile."""
    found = re.findall(r"^0:0/0/physics_layer_0/polygon_(\d+)/points = (.*)$", text, re.MULTILINE)
    return {int(place): points for place, points in found}


CORNER: Polygon = ((0, 0), (4, 0), (0, 4))
OTHER_CORNER: Polygon = ((12, 16), (16, 16), (16, 12))
USERS = "PackedVector2Array(0, 0, 1, 0, 0, 1)"


def test_a_tile_has_all_its_polygons() -> None:
    text = exported(shaped(CORNER, OTHER_CORNER))
    assert list(shapes(text)) == [0, 1, 2]
    assert shapes(text)[1] == "PackedVector2Array(-8, -8, -4, -8, -8, -4)"
    assert exported(shaped(CORNER, OTHER_CORNER), {PATH: text.encode()}) == text
    less = exported(shaped(OTHER_CORNER), {PATH: text.encode()})
    assert shapes(less) == {0: shapes(text)[0], 1: shapes(text)[2]}
    assert exported(samples.tileset(), {PATH: less.encode()}) == exported(samples.tileset())


def test_polygons_of_the_user_come_after_ours_however_many_these_are() -> None:
    text = exported(samples.tileset())
    one = "0:0/0/physics_layer_0/polygon_"
    line = f"{one}0/points = {shapes(text)[0]}\n"
    users = f"{one}1/points = {USERS}\n{one}1/one_way = true\n"
    text = exported(shaped(CORNER), edited(text, (line, line + users)))
    assert shapes(text)[2] == USERS
    assert len(shapes(text)) == 3
    assert f"{one}2/one_way = true" in text
    assert f"{one}1/one_way" not in text
    text = exported(without_collision(), {PATH: text.encode()})
    assert shapes(text) == {0: USERS}
    assert f"{one}0/one_way = true" in text


def test_of_several_polygons_none_is_redrawn_once_the_user_changed_one() -> None:
    text = exported(shaped(CORNER))
    changed = text.replace(shapes(text)[1], USERS)
    assert shapes(exported(shaped(OTHER_CORNER), {PATH: changed.encode()})) == {0: shapes(text)[0], 1: USERS}


def test_cells_of_removed_tiles_go() -> None:
    base = samples.blocks()
    first = exported(base)
    less = dataclasses.replace(base, tiles=base.tiles[:2])
    assert "2:0/" not in exported(less, {"art/blocks.tres": first.encode()})


def test_a_source_reads_back_as_it_is_written() -> None:
    source = AtlasSource({"texture": 'ExtResource("1_a")'})
    source.cells[(3, 1)] = AtlasCell({"size_in_atlas": "Vector2i(2, 1)"}, {0: {"z_index": "1"}, 2: {"flip_h": "true"}})
    properties = source.properties()
    assert list(properties)[1:4] == ["3:1/size_in_atlas", "3:1/next_alternative_id", "3:1/0"]
    again = read_source(properties)
    assert again.properties() == properties


def test_our_own_text_has_the_sections_that_it_names() -> None:
    document = parse_tres(exported(samples.tileset()).encode(), PATH)
    resource = document.sections[-1]
    source = document.find_referred(resource.properties["sources/0"])
    assert source is not None
    assert document.find_referred(source.properties["texture"]) is not None
