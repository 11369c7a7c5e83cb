"""Whatever a stranger calls things stays a name in the files that we write: no key, no line, no element comes of it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters import samples
from exporters.base import ExportContext, ExportError, OutputFile
from exporters.godot import values
from exporters.godot.tres import parse_tres
from exporters.model.asset import (
    Asset,
)
from exporters.registry import load_exporter
from exporters.texts import HIDDEN, json_text
from exporters.tiled import xml
from exporters.unity.yaml import read_scalar, write_text
from tests.hostile.hostile_assets import ASSETS, IN_NO_PATH, INJECTION, PIECES, rename

# What every format can hold; what one cannot is refused, which is another test.
NAMES = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, range(32))) + "\ufffe\uffff")),
)
PLACEHOLDER = "XQZX"
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
ENGINES = ("godot", "tiled", "unity", "json")


def export(engine: str, asset: Asset) -> list[OutputFile]:
    return load_exporter(engine).export(asset, ExportContext(asset.id, "generated", "identity-1"))


def shape_of(file: OutputFile) -> Any:
    """What a file is made of, as another parser than ours sees it: keys, elements and kinds, without the texts."""
    if file.path.endswith((".tsx", ".tmx")):
        # A value of several lines is no attribute but the text of its element.
        nodes = ET.fromstring(file.data).iter()
        return [(node.tag, [] if node.tag == "property" else sorted(node.attrib)) for node in nodes]
    if file.path.endswith((".tres", ".tscn")):
        document = parse_tres(file.data, file.path)
        return [
            (section.kind, sorted(section.attributes), sorted(key for key in section.properties if "meta" not in key))
            for section in document.sections
        ]
    if file.path.endswith(".json"):
        return _kinds(json.loads(file.data))
    if file.path.endswith((".png", ".wav", ".import")):
        return None
    # Objects stand in the order of ids that are made of names.
    return sorted(f"{class_id} {_kinds(fields)}" for (class_id, _), fields in yaml_documents(file.data.decode()))


def yaml_documents(text: str) -> list[Any]:
    """The documents of a Unity file by PyYAML, each with class id and anchor."""
    heads = re.findall(r"(?m)^--- !u!(\d+) &(-?\d+)$", text)
    plain = re.sub(r"(?m)^--- !u!\d+ &-?\d+$", "---", re.sub(r"(?m)\A(%.*\n)+", "", text))
    documents = list(yaml.load_all(plain, Loader=LOADER))
    return list(zip(heads or [("", "")], documents, strict=True))


def _kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(map(str, (_kinds(entry) for entry in value.values())))
    return [_kinds(entry) for entry in value] if isinstance(value, list | tuple) else type(value).__name__


def texts_of(file: OutputFile) -> Iterator[str]:
    """Every text that a file says, read by another parser than ours where there is one."""
    if file.path.endswith((".tsx", ".tmx")):
        for node in ET.fromstring(file.data).iter():
            yield from node.attrib.values()
            yield node.text or ""
    elif file.path.endswith((".tres", ".tscn")):
        for match in re.finditer(r'"(?:[^"\\]|\\.)*"', file.data.decode(), re.DOTALL):
            yield values.unquote(match[0])
    elif file.path.endswith(".json"):
        yield from _strings(json.loads(file.data))
    elif not file.path.endswith((".png", ".wav", ".import")):
        for _, document in yaml_documents(file.data.decode()):
            yield from _strings(document)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield str(key)
            yield from _strings(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _strings(entry)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=8, deadline=None)
@given(name=NAMES)
def test_hostile_names_change_no_structure(engine: str, name: str) -> None:
    check_structure(engine, name)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [INJECTION, "".join(PIECES)], ids=["injection", "pieces"])
def test_injections_stay_names(engine: str, name: str) -> None:
    check_structure(engine, name)


@cache
def export_plain(engine: str, asset_id: str) -> list[OutputFile]:
    asset = next(asset for asset, _ in ASSETS if asset.id == asset_id)
    return export(engine, rename(asset, lambda old: f"n{PLACEHOLDER}{old}"))


def check_structure(engine: str, name: str) -> None:
    exporter = load_exporter(engine)
    for asset, kind in ASSETS:
        if not exporter.supports(type(asset), kind):
            continue
        plain = export_plain(engine, asset.id)
        hostile = export(engine, rename(asset, lambda old: f"n{name}{old}"))
        assert len(plain) == len(hostile)
        for before, after in zip(plain, hostile, strict=True):
            assert shape_of(before) == shape_of(after), after.path
            check_texts(before, after, name)
            if after.path.endswith((".json", ".anim", ".asset", ".prefab", ".meta", ".controller")):
                assert set(HIDDEN.findall(after.data.decode())) <= {"\n"}, after.path


def check_texts(before: OutputFile, after: OutputFile, name: str) -> None:
    """Every text with the name in it comes back as it was, but for what an engine's own names cannot have."""
    # A state of a controller is called by the words of a name.
    if after.path.endswith((".controller", ".overrideController")):
        return
    expected = {text for text in texts_of(before) if PLACEHOLDER in text and not text.startswith("AtlasTexture_")}
    read = set(texts_of(after))
    in_path = IN_NO_PATH.sub("", name)
    expected = {
        text.replace(PLACEHOLDER, in_path if text.replace(PLACEHOLDER, in_path) in read else name) for text in expected
    }
    if after.path.endswith(".tscn"):
        # Names of nodes, and paths of them.
        read |= expected & {text for text in expected if _node_name(text) in map(_node_name, read)}
    assert expected <= read, expected - read


def _node_name(text: str) -> str:
    return re.sub(r'[.:@/"%\s]', "_", text)


@pytest.mark.parametrize(
    ("engine", "name"), [("tiled", "\x1b"), ("tiled", "\ufffe"), ("godot", "\x00"), ("unity", "\ud800")]
)
def test_what_a_format_cannot_hold_is_refused(engine: str, name: str) -> None:
    asset = rename(samples.tile_map(), lambda old: f"n{name}{old}")
    with pytest.raises(ExportError, match=r"which no file of \w+ can hold") as error:
        export(engine, asset)
    assert error.value.hint


@pytest.mark.parametrize("name", ["/../../../../evil", "\\..\\evil", "x\ny", "C:", "//x"])
def test_names_lead_out_of_no_folder(name: str) -> None:
    clip = dataclasses.replace(samples.character().animations[0], name=f"n{name}")
    with pytest.raises(ExportError, match="cannot be the path of a file"):
        export("unity", dataclasses.replace(samples.character(), animations=(clip,)))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_json_without_numbers_is_refused(number: float) -> None:
    asset = dataclasses.replace(samples.tile_map(), properties=(("weight", number),))
    with pytest.raises(ExportError, match="infinite"):
        export("json", asset)


@given(st.text(st.characters()))
def test_json_texts_are_visible_and_the_same(text: str) -> None:
    assert json.loads(json_text(text)) == text
    assert not HIDDEN.search(json_text(text))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_godot_strings_are_one_line_and_the_same(text: str) -> None:
    assert values.unquote(values.write_string(text)) == text
    assert not re.search("[\0-\x1f\x7f]", values.write_string(text))


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_unity_texts_are_one_scalar_for_us_and_for_another_parser(text: str) -> None:
    line = f"m_Name: {write_text(text)}\nm_Other: 1\n"
    assert yaml.load(line, Loader=LOADER) == {"m_Name": text, "m_Other": "1"}
    assert read_scalar(write_text(text)) == text


def test_layer_data_of_a_file_that_was_changed_is_text() -> None:
    node = xml.Node("map", children=[xml.Node("data", {"encoding": "csv"}, text="1,2</data><script/>")])
    assert [child.tag for child in ET.fromstring(xml.write_document(node)).iter()] == ["map", "data"]
