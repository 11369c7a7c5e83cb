from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.base import ExportError
from exporters.godot import values
from exporters.godot.tres import parse_tres
from exporters.godot.uid import node_id_for, uid_for, uid_text

SCENE = """\
[gd_scene load_steps=3 format=3 uid="uid://abc"]

[ext_resource type="Texture2D" uid="uid://b" path="res://a \\"b\\".png" id="1_x"]
[ext_resource type="Script" path="res://s.gd" id="2_x"]

[sub_resource type="Curve2D" id="Curve2D_1"]
_data = {
"points": PackedVector2Array(0, 0, 0, 0),
"text": "a ] } ) \\" ; \\\\"
}

[node name="A" type="Node2D" groups=["x", "y"]]
script = ExtResource("2_x")
text = "two
lines"

[node name="B" type="Sprite2D" parent="." instance=ExtResource("1_x")]

[connection signal="a" from="." to="B" method="m"]
[connection signal="b" from="." to="B" method="m"]
"""


def test_reading_and_writing_changes_nothing_but_load_steps() -> None:
    document = parse_tres(SCENE.encode(), "a.tscn")
    assert document.to_text() == SCENE.replace("load_steps=3 ", "")
    assert document.uid == "uid://abc"
    script = document.find_referred('ExtResource("2_x")')
    assert script is not None
    assert script.attributes["path"] == '"res://s.gd"'
    assert document.of_kind("node")[0].properties["text"] == '"two\nlines"'


def test_windows_newlines_and_comments_are_dropped() -> None:
    text = SCENE.replace("\n\n", "\n\n; a comment\n", 1).replace("\n", "\r\n")
    assert parse_tres(text.encode(), "a.tscn").to_text() == parse_tres(SCENE.encode(), "a.tscn").to_text()


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "text = 1",
        "[node]",
        "[gd_scene format=3",
        "[gd_scene format]",
        '[gd_resource uid="uid://a]',
        "[gd_resource]\n[resource]\na = [1, 2",
        "[gd_resource]\n[resource]\na = 1)",
        "[gd_resource]\n[resource]\nno property",
        "[gd_resource]\n[ext_resource id=7]",
        "[gd_resource]\n<<<<<<< HEAD\nx\n",
    ],
)
def test_broken_text_is_an_error_with_a_way_out(broken: str) -> None:
    with pytest.raises(ExportError, match=r"art/a\.tres cannot be read") as caught:
        parse_tres(broken.encode(), "art/a.tres")
    assert "--force" in caught.value.hint


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        parse_tres(b"\xff\xfe", "a.tres")


# No string of Godot holds a NUL.
TEXTS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
VALUES = st.recursive(
    st.sampled_from(["1", "-2.5", "true", 'ExtResource("1_a")', "Vector2(1, 2)", "Array[int]([1])", '&"n"'])
    | st.text(TEXTS, max_size=8).map(values.write_string),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(TEXTS, max_size=3).map(values.write_string), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_values_survive_writing_and_reading(value: values.Value) -> None:
    assert values.read_value(values.write_value(value)) == value


@given(st.text(TEXTS, max_size=30))
def test_strings_survive(text: str) -> None:
    assert values.unquote(values.write_string(text)) == text
    assert values.unquote(values.string_name(text)) == text


@pytest.mark.parametrize("text", ["", "[1", "{1}", '{"a": }', "1, 2", "[,]", '"a', "]"])
def test_broken_values(text: str) -> None:
    with pytest.raises(values.SyntaxFault):
        values.read_value(text)


@given(st.integers(0, 255))
def test_colours_are_exact_in_32_bits(channel: int) -> None:
    import numpy as np

    text = values.write_color(channel, 0, 255)
    found = re.fullmatch(r"Color\(([\d.]+), 0, 1, 1\)", text)
    assert found
    assert np.float32(found[1]) == np.float32(channel / 255)


def test_numbers_as_godot_writes_them() -> None:
    assert values.write_color(0x34, 196, 96) == "Color(0.20392157, 0.76862746, 0.3764706, 1)"
    assert values.write_real(10) == "10.0"
    assert [values.write_real32(number) for number in (0.1, 5, 100 / 3)] == ["0.1", "5.0", "33.333332"]
    assert values.vector2(-0.0, 1.5) == "Vector2(0, 1.5)"
    assert [values.write_variant(v) for v in (True, 3, 0.5, 'a"b')] == ["true", "3", "0.5", '"a\\"b"']


@pytest.mark.parametrize(("number", "text"), [(0, "uid://a"), (34, "uid://ba"), (2**63 - 1, "uid://d4n4ub6itg400")])
def test_uids_in_base_34(number: int, text: str) -> None:
    assert uid_text(number) == text


def test_uids_follow_identity_and_role_alone() -> None:
    uids = {uid_for(who, role) for who in ("a", "b") for role in ("texture", "tileset")}
    assert len(uids) == 4
    assert uid_for("a", "texture") == uid_for("a", "texture")
    assert 0 < node_id_for("a", "root") < 2**31
