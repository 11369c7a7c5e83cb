"""Tileset files of Tiled: what is ours is put right, what users and Tiled added stays."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions, OutputFile
from exporters.model.asset import Asset, Terrain, Tile, TilesetAsset
from exporters.tiled.content import project_points, unproject_points
from exporters.tiled.exporter import TiledExporter

EXPORTER = TiledExporter()
PATH = "art/ground.tsx"
Edit = tuple[str, str]


def export(
    asset: Asset, present: Mapping[str, bytes] | None = None, stem: str = "art/ground", *, extrude: int = 0
) -> list[OutputFile]:
    read = dict(present or {}).get
    context = ExportContext(
        stem, "maps", "0123abcd:x", ExportOptions(extrude=extrude), read=read, previous_stem="art/ground"
    )
    return EXPORTER.export(asset, context)


def exported(
    asset: Asset, present: Mapping[str, bytes] | None = None, stem: str = "art/ground", *, extrude: int = 0
) -> str:
    files = export(asset, present, stem, extrude=extrude)
    return next(file.data.decode() for file in files if file.path == f"{stem}.tsx")


def edited(text: str, *edits: Edit) -> dict[str, bytes]:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {PATH: text.encode()}


def owned(text: str) -> str:
    return EXPORTER.owned_hash(PATH, text.encode())


TWO = samples.tileset()
THREE = samples.tileset(terrains=3, animated=3)
NAMED = dataclasses.replace(TWO, tiles=(dataclasses.replace(TWO.tiles[0], name="sea", probability=0.5), *TWO.tiles[1:]))
BEFORE = exported(NAMED)

USERS: dict[str, Edit] = {
    "class": ('name="ground" tilewidth', 'name="ground" class="Terrain" tilewidth'),
    "fill mode": ('columns="8"', 'columns="8" fillmode="preserve-aspect-fit"'),
    "render size": ('columns="8"', 'columns="8" tilerendersize="grid"'),
    "background": ('columns="8"', 'columns="8" backgroundcolor="#102030"'),
    "editor settings": (
        " <image",
        ' <editorsettings>\n  <export target="x.json" format="json"/>\n </editorsettings>\n <image',
    ),
    "offset": (" <image", ' <tileoffset x="0" y="-4"/>\n <image'),
    "transformations": (
        " <image",
        ' <transformations hflip="1" vflip="1" rotate="0" preferuntransformed="0"/>\n <image',
    ),
    "property": (
        " <image",
        ' <properties>\n  <property name="biome" value="&quot;sea&quot;"/>\n </properties>\n <image',
    ),
    "type of a tile": ('<tile id="0" ', '<tile id="0" type="Water" '),
    "property beside ours": (
        '   <property name="name" value="sea"/>',
        '   <property name="depth" type="int" value="3"/>\n   <property name="name" value="sea"/>',
    ),
    "property of two lines": (
        '   <property name="name" value="sea"/>',
        '   <property name="name" value="sea"/>\n   <property name="note">one\n two &amp; three</property>',
    ),
    "property of a class": (
        '   <property name="name" value="sea"/>',
        (
            '   <property name="loot" type="class" propertytype="Loot">\n    <properties>\n'
            '     <property name="gold" type="int" value="3"/>\n    </properties>\n   </property>\n'
            '   <property name="name" value="sea"/>'
        ),
    ),
    "shape beside ours": ("   </object>\n", '   </object>\n   <object id="2" name="door" x="1.5" y="2" width="3"/>\n'),
    "tile that has nothing of ours": (
        " <wangsets>",
        (
            ' <tile id="5" type="Shore">\n  <objectgroup draworder="index" id="3">\n'
            '   <object id="7" x="0" y="0" width="16" height="8"/>\n  </objectgroup>\n </tile>\n <wangsets>'
        ),
    ),
    "further Wang set": (
        " </wangsets>",
        (
            '  <wangset name="roads" class="Road" type="edge" tile="-1">\n'
            '   <wangcolor name="gravel" color="#ff0000" tile="-1" probability="0.5"/>\n'
            '   <wangtile tileid="5" wangid="1,0,1,0,0,0,0,0"/>\n  </wangset>\n </wangsets>'
        ),
    ),
    "class of our Wang set": ('<wangset name="ground" type', '<wangset name="ground" class="Coast" type'),
    "properties of our Wang set": (
        "  </wangset>",
        '   <properties>\n    <property name="layer" type="int" value="2"/>\n   </properties>\n  </wangset>',
    ),
    "class and properties of a colour": (
        '<wangcolor name="sand" color="#c4a060" tile="15" probability="1"/>',
        (
            '<wangcolor name="sand" class="Dry" color="#c4a060" tile="15" probability="1">\n    <properties>\n'
            '     <property name="speed" type="float" value="0.5"/>\n    </properties>\n   </wangcolor>'
        ),
    ),
}
OURS: dict[str, Edit] = {
    "name": ('name="ground" tilewidth', 'name="land" tilewidth'),
    "tile size": ('tilewidth="16"', 'tilewidth="8"'),
    "columns": ('columns="8"', 'columns="4"'),
    "margin": ('tileheight="16"', 'tileheight="16" margin="1"'),
    "alignment": ('columns="8"', 'columns="8" objectalignment="center"'),
    "picture": ('source="ground.png"', 'source="other.png"'),
    "grid": (" <image", ' <grid orientation="isometric" width="16" height="8"/>\n <image'),
    "weight": ('probability="0.5"', 'probability="0.75"'),
    "no weight": (' probability="0.5"', ""),
    "our property": ('value="sea"', 'value="lake"'),
    "our shape": ("16,0 16,16", "16,0 8,8"),
    "animation": (
        " <wangsets>",
        ' <tile id="5">\n  <animation>\n   <frame tileid="5" duration="9"/>\n  </animation>\n </tile>\n <wangsets>',
    ),
    "name of a colour": ('wangcolor name="water"', 'wangcolor name="sea"'),
    "weight of a colour": ('tile="15" probability="1"', 'tile="15" probability="2"'),
    "corners": ('tileid="1" wangid="0,1,0,2,0,1,0,1"', 'tileid="1" wangid="0,1,0,1,0,1,0,1"'),
    "type of our Wang set": ('type="corner"', 'type="mixed"'),
    "our Wang set": (BEFORE[BEFORE.index(" <wangsets>") : BEFORE.index("</tileset>")], ""),
}


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in USERS.items()])
def test_what_users_add_is_kept_and_is_no_drift(edit: Edit) -> None:
    present = edited(BEFORE, edit)
    assert owned(present[PATH].decode()) == owned(BEFORE)
    assert exported(NAMED, present).encode() == present[PATH]


def test_everything_that_users_add_is_kept_at_once() -> None:
    present = edited(BEFORE, *USERS.values())
    assert owned(present[PATH].decode()) == owned(BEFORE)
    assert exported(NAMED, present).encode() == present[PATH]


def test_what_users_add_is_kept_while_the_tileset_grows() -> None:
    present = edited(BEFORE, *USERS.values())
    merged = exported(THREE, present, extrude=1)
    before, after = (ET.fromstring(text) for text in (present[PATH], merged))
    assert {key: after.get(key) for key in ("class", "backgroundcolor", "tilerendersize", "fillmode")} == {
        "class": "Terrain",
        "backgroundcolor": "#102030",
        "tilerendersize": "grid",
        "fillmode": "preserve-aspect-fit",
    }
    kept = [".//editorsettings", ".//tileoffset", ".//transformations", "./properties", "./tile[@id='5']"]
    kept += [".//object[@name='door']", ".//wangset[@name='roads']", ".//wangset[@name='ground']/properties"]
    kept += [f".//property[@name='{name}']" for name in ("depth", "loot", "note")]
    for path in kept:
        old, new = before.find(path), after.find(path)
        assert old is not None
        assert new is not None, path
        assert ET.tostring(old).strip() == ET.tostring(new).strip()
    assert [(colour.get("name"), colour.get("class")) for colour in after.iter("wangcolor")] == [
        ("water", None),
        ("sand", "Dry"),
        ("grass", None),
        ("gravel", None),
    ]
    assert after.find(".//tile[@id='0']//property[@name='name']") is None  # ours, and gone from the spec
    assert owned(merged) == owned(exported(THREE, extrude=1))
    assert exported(THREE, {PATH: merged.encode()}, extrude=1) == merged


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in OURS.items()])
def test_what_is_ours_is_put_right_and_is_drift(edit: Edit) -> None:
    present = edited(BEFORE, edit)
    assert owned(present[PATH].decode()) != owned(BEFORE)
    assert exported(NAMED, present) == BEFORE


def test_our_shape_takes_a_free_number() -> None:
    plain = exported(dataclasses.replace(TWO, tiles=tuple(dataclasses.replace(t, collision=()) for t in TWO.tiles)))
    users = (
        ' <tile id="0">\n  <objectgroup draworder="index" id="2">\n   <object id="1" x="0" y="0" width="4"/>\n'
        '   <object id="3" x="8" y="8" width="4" height="4"/>\n  </objectgroup>\n </tile>\n <wangsets>'
    )
    root = ET.fromstring(exported(TWO, edited(plain, (" <wangsets>", users))))
    found = {entry.attrib["id"]: entry.get("name") for entry in root.iter("object")}
    assert found == {"1": None, "2": "assetbridge", "3": None}


def test_several_shapes_of_ours_take_free_numbers() -> None:
    corner, strip = ((0.0, 0.0), (4.0, 0.0), (0.0, 4.0)), ((0.0, 8.0), (16.0, 8.0), (16.0, 9.0))
    first = dataclasses.replace(TWO.tiles[0], further_collision=(corner, strip))
    several = exported(dataclasses.replace(TWO, tiles=(first, *TWO.tiles[1:])))
    objects = next(ET.fromstring(several).iter("objectgroup"))
    assert [(one.attrib["id"], one.get("name")) for one in objects] == [(k, "assetbridge") for k in "123"]
    assert objects[1][0].attrib["points"] == "0,0 4,0 0,4"
    assert exported(TWO, {PATH: several.encode()}) == exported(TWO)


def test_a_tile_of_ours_that_is_gone_leaves_what_users_added_to_it() -> None:
    present = edited(BEFORE, USERS["type of a tile"], USERS["property beside ours"], USERS["shape beside ours"])
    root = ET.fromstring(exported(dataclasses.replace(TWO, tiles=TWO.tiles[1:]), present))
    tile = root.find("tile[@id='0']")
    assert tile is not None
    assert tile.attrib == {"id": "0", "type": "Water"}
    assert [entry.get("name") for entry in tile.iter("property")] == ["depth"]
    assert [entry.get("name") for entry in tile.iter("object")] == ["door"]


def test_a_renamed_asset_keeps_what_users_added() -> None:
    root = ET.fromstring(exported(NAMED, edited(BEFORE, *USERS.values()), "art/people/land"))
    assert root.attrib["name"] == "land"
    assert root.attrib["class"] == "Terrain"
    image = root.find("image")
    assert image is not None
    assert image.attrib["source"] == "land.png"
    assert [(entry.get("name"), entry.get("class")) for entry in root.iter("wangset")] == [
        ("land", "Coast"),
        ("roads", "Road"),
    ]
    assert root.find("tile[@id='5']/objectgroup/object") is not None
    assert [entry.get("class") for entry in root.iter("wangcolor")] == [None, "Dry", None]


def test_a_file_at_the_new_place_counts_more_than_the_old_one() -> None:
    moved = exported(NAMED, stem="art/land").replace('name="land" tilewidth', 'name="land" class="New" tilewidth')
    present = edited(BEFORE, USERS["class"]) | {"art/land.tsx": moved.encode()}
    assert exported(NAMED, present, "art/land") == moved


def test_a_tileset_that_lost_its_terrains_keeps_the_wang_sets_of_users() -> None:
    present = edited(BEFORE, USERS["further Wang set"])
    root = ET.fromstring(exported(dataclasses.replace(TWO, terrains=()), present))
    assert [entry.get("name") for entry in root.iter("wangset")] == ["roads"]


def test_newlines_versions_and_order_are_no_drift() -> None:
    other = BEFORE.replace("1.12.1", "1.13").replace("\n", "\r\n").replace("  ", "\t")
    assert owned(other) == owned(BEFORE)
    swapped = BEFORE.replace('tilewidth="16" tileheight="16"', 'tileheight="16" tilewidth="16"')
    assert swapped != BEFORE
    assert owned(swapped) == owned(BEFORE)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('<tile id="0" ', '<tile id="none" '),
        ('<tile id="0" ', "<tile "),
        ('<tile id="0" ', '<tile id="-1" '),
        ('<object id="1"', '<object id="1.5"'),
        ('<property name="name" value="sea"/>', '<property value="sea"/>'),
        ("</tileset>", ""),
        ('<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="none"?>'),
        ('name="ground" tilewidth', 'name="ground" name="land" tilewidth'),
    ],
)
def test_a_damaged_file_is_refused_with_a_way_out(good: str, bad: str) -> None:
    present = edited(BEFORE, (good, bad))
    with pytest.raises(ExportError) as caught:
        exported(NAMED, present)
    assert caught.value.message.startswith(PATH)
    assert "--force" in caught.value.hint


def terrains(count: int) -> TilesetAsset:
    """A tileset with so many terrains and one tile with the corners of the last."""
    last = count - 1
    colours = tuple(Terrain(f"t{number}", (number % 256, 0, 0), 0) for number in range(count))
    return TilesetAsset("art/ground", (4, 4), 1, (Tile(0, samples.picture(4, 4, 1), (last,) * 4),), colours)


def test_a_wang_set_holds_254_colours() -> None:
    assert 'wangid="0,254,0,254,0,254,0,254"' in exported(terrains(254))
    with pytest.raises(ExportError, match="255 terrains") as caught:
        exported(terrains(255))
    assert "split the tileset" in caught.value.hint


def test_corners_without_a_terrain_are_refused() -> None:
    broken = dataclasses.replace(terrains(2), terrains=terrains(1).terrains)
    with pytest.raises(ExportError, match="Tile 0 has a corner without a terrain"):
        exported(broken)


@pytest.mark.parametrize(
    ("tiles", "screen", "points"),
    [
        # Tiled's isometric grid begins at the top of the diamond: x down right, y down left, both in grid heights.
        (
            samples.tileset(isometric=True, size=(32, 16)),
            ((16.0, 0.0), (32.0, 8.0), (16.0, 16.0), (0.0, 8.0)),
            "0,0 16,0 16,16 0,16",
        ),
        (
            dataclasses.replace(samples.blocks(), id="art/ground"),  # 24 pixels stand out above the diamond
            ((16.0, 24.0), (32.0, 32.0), (16.0, 40.0), (8.0, 36.0)),
            "0,0 16,0 16,16 8,16",
        ),
        (samples.tileset(), ((1.25, 0.0), (16.0, 1 / 3), (0.0, 16.0)), "1.25,0 16,0.333333 0,16"),
    ],
    ids=["diamond", "block", "square"],
)
def test_shapes_are_in_the_grid_of_the_tileset(
    tiles: TilesetAsset, screen: tuple[tuple[float, float], ...], points: str
) -> None:
    first = dataclasses.replace(tiles.tiles[0], collision=screen)
    root = ET.fromstring(exported(dataclasses.replace(tiles, tiles=(first, *tiles.tiles[1:]))))
    polygon = root.find("tile[@id='0']/objectgroup/object/polygon")
    assert polygon is not None
    assert polygon.attrib["points"] == points


@given(st.tuples(st.integers(-64, 64), st.integers(-64, 64)), st.sampled_from([(32, 32), (64, 40)]))
def test_shapes_come_back_from_the_grid(point: tuple[int, int], size: tuple[int, int]) -> None:
    ((x, y),) = unproject_points(project_points((point,), size, (32, 16)), size, (32, 16))
    assert (round(x, 9), round(y, 9)) == point
