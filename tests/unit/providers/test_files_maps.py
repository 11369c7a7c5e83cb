"""Own Tiled maps: layers, flips, chunks, objects, tilesets inside and outside the map."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.core.errors import UserError
from exporters.model.asset import FLIP_D, FLIP_H, FLIP_V, ImageLayer, ObjectLayer, TileLayer
from tests.unit.providers.files_project import OwnArt, painted

SPEC = 'kind = "map"\nsource = "maps/town.tmx"\n'
HEAD = (
    '<map version="1.10" tiledversion="1.12.1" orientation="orthogonal" renderorder="right-down" width="3" height="2" '
    'tilewidth="8" tileheight="8" infinite="{infinite}" nextlayerid="9" nextobjectid="9">'
)
EXTERNAL = '<tileset firstgid="1" source="../tiles/land.tsx"/>'
LAND = """<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.10" name="Land Tiles" tilewidth="8" tileheight="8" spacing="2" margin="1" tilecount="6" columns="3">
 <image source="land.png" width="30" height="20"/>
 <tile id="1" probability="0.25">
  <properties><property name="damage" type="int" value="3"/><property name="kind" value="bog"/></properties>
  <objectgroup id="2"><object id="1" x="1" y="2"><polygon points="0,0 4,0 4,4"/></object></objectgroup>
 </tile>
 <tile id="3">
  <objectgroup draworder="index" id="2"><object id="1" x="0" y="4" width="8" height="4"/></objectgroup>
  <animation><frame tileid="3" duration="120"/><frame tileid="5" duration="80"/></animation>
 </tile>
 <wangsets>
  <wangset name="ground" type="corner" tile="-1">
   <wangcolor name="Water" color="#204080" tile="0" probability="1"/>
   <wangcolor name="Sand" color="#e0c080" tile="4" probability="0.5"/>
   <wangtile tileid="0" wangid="0,1,0,1,0,1,0,1"/>
   <wangtile tileid="2" wangid="0,1,0,2,0,0,0,1"/>
  </wangset>
 </wangsets>
</tileset>
"""

TURNED = '<object id="1" x="8" y="0" width="6" height="4" rotation="90"/>'


@pytest.fixture
def art(tmp_path: Path) -> OwnArt:
    project = OwnArt(tmp_path)
    sheet = np.zeros((20, 30, 4), dtype=np.uint8)
    for tile in range(6):
        top, left = 1 + tile // 3 * 10, 1 + tile % 3 * 10
        sheet[top : top + 8, left : left + 8] = painted(8, 8, tile)
    project.write("tiles/land.png", sheet)
    project.write("tiles/land.tsx", LAND)
    return project


def read(art: OwnArt, body: str, *, infinite: bool = False, head: str = HEAD) -> Any:
    art.write("maps/town.tmx", head.replace("{infinite}", str(int(infinite))) + body + "</map>")
    return art.asset(SPEC)


def layer(data: str, attributes: str = "", encoding: str = 'encoding="csv"', name: str = "ground") -> str:
    return f'<layer id="1" name="{name}" width="3" height="2" {attributes}><data {encoding}>{data}</data></layer>'


def packed(*gids: int) -> str:
    return base64.b64encode(zlib.compress(struct.pack(f"<{len(gids)}I", *gids))).decode()


GIDS = (1, 2, 3, 4 | FLIP_H, 5 | FLIP_V | FLIP_D, 0)
CSV = ",".join(str(gid) for gid in GIDS)
ENCODINGS = {
    "csv": (CSV, 'encoding="csv"'),
    "base64": (base64.b64encode(struct.pack("<6I", *GIDS)).decode(), 'encoding="base64"'),
    "zlib": (packed(*GIDS), 'encoding="base64" compression="zlib"'),
    "elements": ("".join(f'<tile gid="{gid}"/>' if gid else "<tile/>" for gid in GIDS), ""),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_cells_and_flips_are_read_in_every_encoding(art: OwnArt, encoding: str) -> None:
    asset = read(art, EXTERNAL + layer(ENCODINGS[encoding][0], encoding=ENCODINGS[encoding][1]))
    assert asset.size == (3, 2)
    assert asset.tile_size == (8, 8)
    assert asset.layers[0].cells.dtype == np.uint32
    assert asset.layers[0].cells.tolist() == [list(GIDS[:3]), list(GIDS[3:])]


def test_a_tileset_keeps_pictures_terrains_animation_and_properties(art: OwnArt) -> None:
    tileset = read(art, EXTERNAL + layer(CSV)).tilesets[0]
    assert (tileset.id, tileset.columns, tileset.tile_size) == ("land_tiles", 3, (8, 8))
    for tile in tileset.tiles:
        assert np.array_equal(tile.pixels, painted(8, 8, tile.id))
    assert [(terrain.name, terrain.color, terrain.tile) for terrain in tileset.terrains] == [
        ("water", (32, 64, 128), 0),
        ("sand", (224, 192, 128), 4),
    ]
    by_id = {tile.id: tile for tile in tileset.tiles}
    assert by_id[0].corners == (0, 0, 0, 0)
    assert by_id[2].corners == (0, 0, None, 1)
    assert by_id[1].properties == (("damage", 3), ("kind", "bog"))
    assert by_id[1].probability == 0.25
    assert by_id[1].collision == ((1, 2), (5, 2), (5, 6))
    assert by_id[3].collision == ((0, 4), (8, 4), (8, 8), (0, 8))
    assert [(frame.tile, frame.duration_ms) for frame in by_id[3].animation] == [(3, 120), (5, 80)]
    assert by_id[5].animation_frame
    assert not by_id[3].animation_frame


def test_a_map_watches_its_tilesets_and_pictures(art: OwnArt) -> None:
    read(art, EXTERNAL + layer(CSV))
    assert art.compiled(SPEC)[2] == {"maps/town.tmx", "tiles/land.tsx", "tiles/land.png"}
    before = art.fingerprints(SPEC)
    art.write("tiles/land.tsx", LAND.replace("bog", "mud"))
    assert art.fingerprints(SPEC) != before


def test_negative_chunks_of_an_infinite_map_move_to_the_origin_with_the_objects(art: OwnArt) -> None:
    chunks = (
        '<chunk x="-16" y="-16" width="16" height="16">' + ",".join(["0"] * 255 + ["2"]) + "</chunk>"
        '<chunk x="0" y="0" width="16" height="16">' + ",".join(["1", "3"] + ["0"] * 254) + "</chunk>"
    )
    point = '<objectgroup id="2" name="marks"><object id="4" name="here" x="0" y="0"><point/></object></objectgroup>'
    asset = read(art, EXTERNAL + layer(chunks) + point, infinite=True)
    assert asset.infinite
    assert asset.layers[0].cells.tolist() == [[2, 0, 0], [0, 1, 3]]
    marks = asset.layers[1]
    assert isinstance(marks, ObjectLayer)
    assert (marks.objects[0].x, marks.objects[0].y) == (8, 8)


@pytest.mark.parametrize("encoding", ["csv", "base64", "zlib"])
def test_an_infinite_map_may_have_layers_without_a_cell(art: OwnArt, encoding: str) -> None:
    chunk = '<chunk x="0" y="0" width="16" height="16">' + ",".join(["1", *["0"] * 255]) + "</chunk>"
    nothing = layer("", encoding=ENCODINGS[encoding][1], name="nothing yet")
    ground, empty = read(art, EXTERNAL + layer(chunk) + nothing, infinite=True).layers
    assert ground.cells.tolist() == [[1]]
    assert (empty.name, empty.cells.tolist()) == ("nothing yet", [[0]])


def test_shapes_of_tiles_may_be_turned_and_drawn_on_diamonds(art: OwnArt) -> None:
    turned = LAND.replace('<object id="1" x="0" y="4" width="8" height="4"/>', TURNED)
    art.write("tiles/land.tsx", turned)
    asset = read(art, EXTERNAL + layer(CSV)).tilesets[0]
    assert asset.tiles[3].collision == ((8, 0), (8, 6), (4, 6), (4, 0))
    grid = ' <grid orientation="isometric" width="8" height="4"/>\n <image source'
    art.write("tiles/land.tsx", turned.replace(" <image source", grid).replace("0,0 4,0 4,4", "-1,-2 3,-2 3,2"))
    asset = read(art, EXTERNAL + layer(CSV), head=HEAD.replace("orthogonal", "isometric")).tilesets[0]
    assert asset.tiles[1].collision == ((4, 4), (8, 6), (4, 8))


def test_objects_of_every_shape_with_their_properties(art: OwnArt) -> None:
    objects = """<objectgroup id="2" name="things" visible="0">
      <object id="1" name="door" type="Exit" x="8" y="4" width="8" rotation="90">
       <properties><property name="to" value="cave"/><property name="tint" type="color" value="#80ff0000"/></properties>
      </object>
      <object id="2" x="1" y="2" width="6" height="4"><ellipse/></object>
      <object id="3" x="3" y="3"><polyline points="0,0 8,8"/></object>
      <object id="4" x="3" y="3"><polygon points="0,0 8,0 8,8"/></object>
      <object id="5" gid="2147483650" x="0" y="8" width="8" height="8"/>
      <object id="6" x="0" y="0" width="8" height="8"><text>Hello</text></object>
    </objectgroup>"""
    things = read(art, EXTERNAL + layer(CSV) + objects).layers[1]
    assert not things.visible
    by_id = {one.id: one for one in things.objects}
    door = by_id[1]
    assert (door.name, door.kind, door.width, door.height, door.rotation) == ("door", "Exit", 8, 0, 90)
    assert door.properties == (("tint", "#80ff0000"), ("to", "cave"))
    shapes = ["rectangle", "ellipse", "polyline", "polygon", "rectangle", "rectangle"]
    assert [by_id[number].shape for number in range(1, 7)] == shapes
    assert by_id[3].points == ((0, 0), (8, 8))
    assert by_id[5].gid == 2 | FLIP_H
    assert by_id[6].properties == (("text", "Hello"),)


def test_groups_are_flattened_with_their_visibility_and_opacity(art: OwnArt) -> None:
    inner = layer(CSV, 'opacity="0.5"', name="floor")
    asset = read(art, f'{EXTERNAL}<group id="5" name="house" opacity="0.5" visible="0" offsetx="3">{inner}</group>')
    found = asset.layers[0]
    assert isinstance(found, TileLayer)
    assert (found.name, found.visible, found.opacity) == ("house/floor", False, 0.25)


EMBEDDED = (
    '<tileset firstgid="20" name="props" tilewidth="12" tileheight="16" tilecount="2" columns="0">'
    '<tile id="0"><image source="tree.png" width="8" height="16"/></tile>'
    '<tile id="4"><image source="rock.png" width="12" height="6"/></tile></tileset>'
)


def test_a_layer_over_two_tilesets_is_split_and_collections_become_cells(art: OwnArt) -> None:
    art.write("maps/tree.png", painted(8, 16, 1))
    art.write("maps/rock.png", painted(12, 6, 2))
    asset = read(art, EXTERNAL + EMBEDDED + layer("1,20,24,2,0,0"))
    assert [(one.name, one.tileset) for one in asset.layers] == [("ground land_tiles", 0), ("ground props", 1)]
    assert asset.layers[0].cells.tolist() == [[1, 0, 0], [2, 0, 0]]
    assert asset.layers[1].cells.tolist() == [[0, 1, 5], [0, 0, 0]]
    props = asset.tilesets[1]
    assert props.tile_size == (12, 16)
    assert np.array_equal(props.tiles[0].pixels[:, :8], painted(8, 16, 1))
    assert np.array_equal(props.tiles[1].pixels[10:, :12], painted(12, 6, 2))


def test_an_isometric_map_keeps_its_grid(art: OwnArt) -> None:
    head = HEAD.replace('orientation="orthogonal"', 'orientation="isometric"').replace(
        'tileheight="8"', 'tileheight="4"'
    )
    art.write("tiles/land.tsx", LAND.replace("<image", '<grid orientation="isometric" width="8" height="4"/><image'))
    asset = read(art, EXTERNAL + layer(CSV), head=head)
    assert asset.orientation == asset.tilesets[0].orientation == "isometric"
    assert asset.tilesets[0].grid_size == (8, 4)


def test_a_transparent_colour_is_cut_out(art: OwnArt) -> None:
    red, green, blue = painted(8, 8, 0)[7, 7, :3].tolist()
    art.write("tiles/land.tsx", LAND.replace("<image", f'<image trans="{red:02x}{green:02x}{blue:02x}"'))
    tiles = read(art, EXTERNAL + layer(CSV)).tilesets[0].tiles
    assert tiles[0].pixels[7, 7].tolist() == [0, 0, 0, 0]


def test_a_file_of_an_early_version_is_read(art: OwnArt) -> None:
    head = '<map version="1.0" orientation="orthogonal" width="3" height="2" tilewidth="8" tileheight="8">'
    assert read(art, EXTERNAL + layer(CSV), head=head).layers[0].cells.tolist() == [list(GIDS[:3]), list(GIDS[3:])]


BROKEN = {
    "xml": ("<layer>", "source_broken", "is damaged"),
    "entities": ('<!ENTITY a "b">', "source_broken", "XML entities"),
    "missing tileset": ('<tileset firstgid="1" source="none.tsx"/>', "source_missing", "no file maps/none.tsx"),
    "outside": ('<tileset firstgid="1" source="../../x.tsx"/>', "source_outside", "out of the project"),
    "absolute": ('<tileset firstgid="1" source="/x.tsx"/>', "source_outside", "not a path inside"),
    "json tileset": ('<tileset firstgid="1" source="x.tsj"/>', "source_broken", "JSON form"),
    "embedded picture": ('<tileset firstgid="1"><image format="png"/></tileset>', "source_broken", "embedded"),
    "data": (EXTERNAL + layer("1,2,x,4,5,6"), "source_broken", "no sound Tiled map"),
    "short data": (EXTERNAL + layer("1,2"), "source_broken", "ground has 2 of 6 cells"),
    "lost tile": (EXTERNAL + layer("1,2,9,4,5,6"), "source_broken", "ground shows tile 8"),
    "no tileset": (layer("1,2,9,4,5,6"), "source_broken", "maps/town.tmx"),
    "zstd": (
        EXTERNAL + layer("AAAA", encoding='encoding="base64" compression="zstd"'),
        "source_broken",
        "compressed by zstd",
    ),
    "attribute": ('<tileset firstgid="1" name="x"/>', "source_broken", "is missing"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_map_is_one_error_that_names_the_file(art: OwnArt, case: str) -> None:
    body, code, words = BROKEN[case]
    with pytest.raises(UserError) as raised:
        read(art, body)
    assert raised.value.code == code
    assert words in raised.value.message + raised.value.hint


def test_a_picture_too_small_for_its_tileset_is_named(art: OwnArt) -> None:
    art.write("tiles/land.png", painted(20, 20, 1))
    with pytest.raises(UserError, match=r"tiles/land\.png: its 20 × 20 pixels have no room for the 6 tiles"):
        read(art, EXTERNAL + layer(CSV))


def test_hexagonal_maps_are_refused(art: OwnArt) -> None:
    with pytest.raises(UserError, match="hexagonal map") as raised:
        read(art, EXTERNAL + layer(CSV), head=HEAD.replace('"orthogonal"', '"hexagonal"'))
    assert raised.value.code == "provider_limit"


def test_a_map_is_named_by_a_tmx_file(art: OwnArt) -> None:
    art.write("maps/town.png", painted(8, 8, 1))
    with pytest.raises(UserError, match=r"is not a \.tmx file"):
        art.compiled('kind = "map"\nsource = "maps/town.png"\n')


def test_tint_offset_and_parallax_of_groups_reach_their_layers(art: OwnArt) -> None:
    inner = layer(CSV, 'tintcolor="#80ff8040" offsetx="1.5" offsety="-2" parallaxx="0.5"', name="floor")
    things = '<objectgroup id="7" name="things" opacity="0.5" offsety="4" tintcolor="#102030"/>'
    group = '<group id="5" name="house" opacity="0.5" offsetx="3" parallaxx="0.5" parallaxy="2" tintcolor="#ff8000">'
    head = HEAD.replace(">", ' parallaxoriginx="8" parallaxoriginy="-4">')
    asset = read(art, f"{EXTERNAL}{group}{inner}{things}</group>", head=head)
    floor, objects = asset.layers
    assert (floor.tint, floor.offset, floor.parallax) == ((255, 64, 0, 128), (4.5, -2.0), (0.25, 2.0))
    assert (objects.tint, objects.offset, objects.parallax) == ((16, 16, 0, 255), (3.0, 4.0), (0.5, 2.0))
    assert objects.opacity == 0.25
    assert asset.parallax_origin == (8.0, -4.0)


SKY = (
    '<imagelayer id="3" name="sky" offsetx="5" opacity="0.5" repeatx="1">'
    '<image source="../tiles/sky.png" trans="{trans}" width="4" height="6"/></imagelayer>'
)


def test_image_layers_have_their_pictures_and_stand_in_order(art: OwnArt) -> None:
    picture = painted(4, 6, 3)
    art.write("tiles/sky.png", picture)
    red, green, blue = picture[0, 0, :3].tolist()
    nothing = '<imagelayer id="4" name="nothing yet"/>'
    asset = read(art, EXTERNAL + nothing + SKY.format(trans=f"{red:02x}{green:02x}{blue:02x}") + layer(CSV))
    sky, ground = asset.layers
    assert isinstance(sky, ImageLayer)
    assert isinstance(ground, TileLayer)
    assert (sky.name, sky.offset, sky.opacity, sky.repeat) == ("sky", (5.0, 0.0), 0.5, (True, False))
    cut = (picture[..., :3] == picture[0, 0, :3]).all(axis=2)
    assert not sky.pixels[cut].any()
    assert np.array_equal(sky.pixels[~cut], picture[~cut])
    assert "tiles/sky.png" in art.compiled(SPEC)[2]


@pytest.mark.parametrize(("orientation", "moved"), [("orthogonal", (21.0, 8.0)), ("isometric", (21.0, 20.0))])
def test_image_layers_move_with_the_cells_of_a_map_that_is_cut(
    art: OwnArt, orientation: str, moved: tuple[float, float]
) -> None:
    """The one cell in use is that of column -2 and row -1; a map of two rows has its cell 0, 0 eight pixels in."""
    art.write("tiles/sky.png", painted(4, 6, 3))
    chunk = '<chunk x="-2" y="-1" width="1" height="1">1</chunk>'
    body = EXTERNAL + SKY.replace(' trans="{trans}"', "") + layer(chunk)
    if orientation == "isometric":
        body = body.replace('offsetx="5"', 'offsetx="21" offsety="8"')
    asset = read(art, body, infinite=True, head=HEAD.replace("orthogonal", orientation))
    assert asset.layers[0].offset == moved


def test_a_tile_keeps_all_its_collision_shapes_and_what_cannot_be_kept_is_told(art: OwnArt) -> None:
    more = '<object id="2" x="0" y="0" width="2" height="2"/><object id="3" x="4" y="4"><polygon points="0,0 4,0 0,4"/>'
    round_ = '</object><object id="4" x="1" y="1" width="4" height="4"><ellipse/></object></objectgroup>'
    art.write("tiles/land.tsx", LAND.replace("</object></objectgroup>\n </tile>", f"</object>{more}{round_}\n </tile>"))
    tile = read(art, EXTERNAL + layer(CSV)).tilesets[0].tiles[1]
    assert tile.collision == ((1, 2), (5, 2), (5, 6))
    assert tile.further_collision == (((0, 0), (2, 0), (2, 2), (0, 2)), ((4, 4), (8, 4), (4, 8)))
    assert art.parts(SPEC)[0].notes == (
        "maps/town.tmx: tile 1 of Land Tiles: a collision shape that is no polygon or rectangle (Ellipse) is left out",
    )
