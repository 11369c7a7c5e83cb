"""Unity's YAML: what we write is what others read, and what editors wrote comes back byte for byte."""

from __future__ import annotations

import dataclasses

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from exporters import samples
from exporters.unity.ids import RESERVED, anchor_for, free_sprite, guid_for, internal_id, is_ours, sprite_id
from exporters.unity.yaml import flow, read_scalar, read_tree, write_number, write_text, write_tree
from tests.unit.exporters.unity_files import CORPUS, load_meta, load_objects
from tests.unit.exporters.unity_project import context, written

METAS = sorted(path.name for path in CORPUS.glob("*.meta"))


@pytest.mark.parametrize("name", METAS)
def test_files_of_editors_come_back_byte_for_byte(name: str) -> None:
    data = (CORPUS / name).read_bytes()
    assert write_tree(read_tree(data)).encode() == data
    assert write_tree(read_tree(data.replace(b"\n", b"\r\n"))).encode() == data


def test_lines_that_old_editors_broke_are_joined() -> None:
    broken = b"a:\n  - {fileID: 1, guid: 00,\n    type: 3}\nb: a long\n  text\nc: \n- - 1\n  - 2\n"
    assert read_tree(broken) == {"a": ["{fileID: 1, guid: 00, type: 3}"], "b": "a long text", "c": [["1", "2"]]}


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1))
def test_every_name_is_read_as_it_was_written(name: str) -> None:
    for lines, expected in (
        (write_tree({"field": write_text(name)}), {"field": name}),
        (write_tree({write_text(name): "text"}), {name: "text"}),
    ):
        assert lines.isascii()
        assert yaml.load(lines, yaml.SafeLoader) == expected
    assert read_scalar(str(read_tree(write_tree({"field": write_text(name)}).encode())["field"])) == name


@pytest.mark.parametrize(
    "name", ["001", "1e3", "yes", "Null", "~", "a: b", "#x", "'", '"', "- x", "ä", "x ", "0x1F", "-5"]
)
def test_names_that_look_like_something_else_are_quoted(name: str) -> None:
    assert write_text(name).startswith('"')
    assert read_scalar(write_text(name)) == name
    assert read_scalar("'it''s'") == "it's"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1 / 12, "0.083333336"),
        (11 / 60, "0.18333334"),
        (2.0, "2"),
        (-1, "-1"),
        (0.5, "0.5"),
        (-0.0, "0"),
        (1e6, "1000000"),
    ],
)
def test_numbers_are_as_short_as_a_32_bit_float_allows(value: float, shown: str) -> None:
    assert write_number(value) == shown
    assert flow(x=value) == f"{{x: {shown}}}"


def test_ids_depend_on_the_asset_and_the_part_alone() -> None:
    made = {guid_for(asset, role) for asset in ("a", "b") for role in ("texture", "controller")}
    assert len(made) == 4
    assert 0 < anchor_for("a", "x") < 2**63
    assert is_ours("a", sprite_id("a", "walk/0"))
    assert not is_ours("b", sprite_id("a", "walk/0"))


def test_a_taken_number_is_not_given_twice() -> None:
    first = free_sprite("a", "walk/0", set())
    second = free_sprite("a", "walk/0", {first[1]})
    assert first != second
    assert all(internal_id(sprite) == given and given not in RESERVED for sprite, given in (first, second))


@pytest.mark.parametrize("stem", ["art/2048", "art/héros", "art/yes", "art/1e3"])
def test_assets_of_any_name_are_written_and_read(stem: str) -> None:
    name = stem.rsplit("/", 1)[1]
    disk = written({}, dataclasses.replace(samples.character(), id=stem), context(stem))
    again = written(dict(disk), dataclasses.replace(samples.character(), id=stem), context(stem))
    assert again == disk
    sheet = load_meta(disk[f"{stem}.png.meta"])["TextureImporter"]["spriteSheet"]
    assert sheet["sprites"][0]["name"] == f"{name}_idle_south_east_0"
    assert set(sheet["nameFileIdTable"]) == {one["name"] for one in sheet["sprites"]}
    (clip,) = load_objects(disk[f"{stem}/{name}_walk_south_east.anim"])
    assert clip.fields["m_Name"] == f"{name}_walk_south_east"
