"""Tilesets that a user has edited in Tiled: regeneration keeps what they added and puts right what is ours."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.pipeline.conftest import TILES, Workspace

TSX = "maps/art/land.tsx"
PNG = "maps/art/land.png"
SPEC = "art/land.asset.toml"
TARGET = '[project]\nname = "test"\nid = "7e57"\nspecs = ["art/**/*.asset.toml"]\n[defaults]\nprovider = "procedural"\n'
EDITS = (
    (
        " <image",
        ' <properties>\n  <property name="biome" value="coast"/>\n </properties>\n <image',
    ),
    (
        ' <tile id="31"',
        (
            ' <tile id="20" type="Shore">\n  <properties>\n'
            '   <property name="footstep" value="wet"/>\n  </properties>\n'
            '  <objectgroup draworder="index" id="2">\n'
            '   <object id="1" name="door" x="1" y="2" width="3" height="4"/>\n'
            '  </objectgroup>\n </tile>\n <tile id="31"'
        ),
    ),
    (
        " </wangsets>",
        (
            '  <wangset name="roads" type="edge" tile="-1">\n'
            '   <wangcolor name="gravel" color="#ff0000" tile="-1" probability="1"/>\n'
            '   <wangtile tileid="20" wangid="1,0,1,0,0,0,0,0"/>\n  </wangset>\n </wangsets>'
        ),
    ),
)


@pytest.fixture
def land(workspace: Workspace) -> Workspace:
    """A built project with one tileset, for Tiled alone."""
    workspace.write("assetbridge.toml", TARGET + '[targets.tiled]\noutput = "maps"\n')
    workspace.write(SPEC, TILES)
    workspace.run("build")
    return workspace


@pytest.fixture
def by_hand(land: Workspace) -> Workspace:
    """The same after a user has edited the tileset in Tiled."""
    for before, after in EDITS:
        assert (land.root / TSX).read_text().count(before) == 1
        land.replace(TSX, before, after)
    return land


def attributes(root: ET.Element, path: str) -> dict[str, str]:
    found = root.find(path)
    assert found is not None, path
    return found.attrib


def kept(path: Path) -> ET.Element:
    """The tileset of a file, which has to have all that the user added, once."""
    root = ET.parse(path).getroot()
    assert attributes(root, "properties/property[@name='biome']") == {"name": "biome", "value": "coast"}
    assert attributes(root, "tile[@id='20']")["type"] == "Shore"
    assert attributes(root, "tile[@id='20']/properties/property") == {"name": "footstep", "value": "wet"}
    door = {"id": "1", "name": "door", "x": "1", "y": "2", "width": "3", "height": "4"}
    assert attributes(root, "tile[@id='20']/objectgroup/object") == door
    assert attributes(root, "wangsets/wangset[@name='roads']/wangtile") == {
        "tileid": "20",
        "wangid": "1,0,1,0,0,0,0,0",
    }
    assert len(root.findall("wangsets/wangset")) == 2
    assert len(root.findall(".//object[@name='door']")) == 1
    return root


def without_edits(data: bytes) -> bytes:
    """The file as it would be if the user had added nothing."""
    for before, after in EDITS:
        assert data.count(after.encode()) == 1
        data = data.replace(after.encode(), before.encode())
    return data


def test_an_edit_by_hand_is_no_drift_and_is_not_touched(by_hand: Workspace) -> None:
    before = (by_hand.root / TSX).read_bytes()
    by_hand.run("check")
    assert by_hand.plan()["art/land"]["action"] == "none"
    by_hand.run("build")
    assert (by_hand.root / TSX).read_bytes() == before


def test_a_reroll_gives_new_pictures_and_keeps_the_edits(by_hand: Workspace) -> None:
    text, picture = (by_hand.root / TSX).read_bytes(), (by_hand.root / PNG).read_bytes()
    by_hand.run("reroll", "art/land")
    by_hand.run("build")
    assert (by_hand.root / PNG).read_bytes() != picture
    kept(by_hand.root / TSX)
    colours = re.compile(rb' color="#[0-9a-f]{6}"')  # of the new pictures
    assert colours.sub(b"", (by_hand.root / TSX).read_bytes()) == colours.sub(b"", text)
    by_hand.run("check")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_another_margin_and_another_terrain_are_merged(by_hand: Workspace, tmp_path: Path, newline: str) -> None:
    text = (by_hand.root / TSX).read_text()
    by_hand.write(TSX, text.replace("\n", newline))
    spec = TILES + '[[terrains]]\nname = "rock"\nsolid = true\n[export]\nextrude = 1\n'
    by_hand.write(SPEC, spec)
    by_hand.run("build")
    root = kept(by_hand.root / TSX)
    assert (root.attrib["margin"], root.attrib["spacing"]) == ("1", "2")
    colours = [colour.attrib["name"] for colour in root.findall("wangsets/wangset[@name='land']/wangcolor")]
    assert colours == ["water", "sand", "grass", "rock"]
    assert root.find(".//object[@name='assetbridge']") is not None
    again = Workspace(tmp_path / "again", by_hand.run_words)
    again.write("assetbridge.toml", (by_hand.root / "assetbridge.toml").read_bytes())
    again.write(SPEC, TILES)
    again.run("build")
    again.write(SPEC, spec)
    again.run("build")
    assert without_edits((by_hand.root / TSX).read_bytes()) == (again.root / TSX).read_bytes()
    by_hand.run("check")
    assert by_hand.plan()["art/land"]["action"] == "none"


def test_what_is_ours_comes_back(by_hand: Workspace) -> None:
    before = (by_hand.root / TSX).read_bytes()
    for old, new in (
        ('type="corner"', 'type="mixed"'),
        ('name="sand" color', 'name="mud" color'),
        (' columns="', ' columns="1'),
    ):
        by_hand.replace(TSX, old, new)
    by_hand.run("check", expect=1)
    assert by_hand.plan()["art/land"]["action"] == "export"
    by_hand.run("build")
    assert (by_hand.root / TSX).read_bytes() == before
    by_hand.run("check")


def test_a_moved_spec_takes_the_edits_along(by_hand: Workspace) -> None:
    by_hand.write("art/world/coast.asset.toml", (by_hand.root / SPEC).read_bytes())
    (by_hand.root / SPEC).unlink()
    by_hand.run("build")
    assert not (by_hand.root / TSX).exists()
    root = kept(by_hand.root / "maps/art/world/coast.tsx")
    assert root.attrib["name"] == "coast"
    assert [entry.attrib["name"] for entry in root.iter("wangset")] == ["coast", "roads"]
    by_hand.run("check")


@pytest.mark.parametrize(
    ("good", "bad"),
    [('<tile id="20"', '<tile id="seven"'), ("</tileset>", ""), ('<object id="1" name="door"', '<object id="?" ')],
)
def test_a_damaged_file_is_kept_until_it_is_forced(by_hand: Workspace, good: str, bad: str) -> None:
    by_hand.replace(TSX, good, bad)
    damaged = (by_hand.root / TSX).read_bytes()
    by_hand.write(SPEC, TILES + "[export]\nextrude = 2\n")
    answer = by_hand.run("build", expect=None)
    assert answer.code != 0
    assert "land.tsx" in answer.out + answer.err
    assert "--force" in answer.out + answer.err
    assert (by_hand.root / TSX).read_bytes() == damaged
    by_hand.run("build", "--force")
    root = ET.parse(by_hand.root / TSX).getroot()
    assert root.attrib["margin"] == "2"
    assert root.find(".//object[@name='door']") is None
    by_hand.run("check")
