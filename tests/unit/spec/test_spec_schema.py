"""The JSON Schema for editors says what the models say."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

import bridge
from bridge.spec.edit import new_spec
from bridge.spec.model import KINDS
from bridge.spec.schema import json_schema
from tests.unit.spec.spec_project import SpecProject

SCHEMA = json_schema()
VALIDATOR = Draft7Validator(SCHEMA)
DEMO = Path(bridge.__file__).parent / "operations" / "demo_project"
SPRITE = 'kind = "sprite"\ndescription = "x"\n'
KNIGHT = 'kind = "character"\ndescription = "x"\n'
GROUND = 'kind = "tileset"\n[[terrains]]\nname = "a"\n'


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def test_the_schema_is_valid_for_the_draft_that_editors_know() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_only_what_draft_7_knows_is_said_and_every_reference_leads_somewhere() -> None:
    for node in nodes(SCHEMA):
        assert not {"$defs", "prefixItems", "const", "unevaluatedProperties"} & set(node)
        assert {"type": "null"} not in node.get("anyOf", [])
        if isinstance(node.get("$ref"), str):
            assert set(node) == {"$ref"}
            assert node["$ref"].removeprefix("#/definitions/") in SCHEMA["definitions"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_key_of_a_kind_is_there_and_says_what_it_is(kind: str) -> None:
    properties = SCHEMA["definitions"][f"kind_{kind}"]["properties"]
    fields = {field.alias or name for name, field in KINDS[kind].model_fields.items()}
    assert set(properties) == fields - KINDS[kind].not_applicable
    assert all(node.get("description") for node in properties.values())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_new_spec_is_accepted(kind: str) -> None:
    assert list(VALIDATOR.iter_errors(tomllib.loads(new_spec(kind, "art/x")))) == []


@pytest.mark.parametrize("path", sorted(DEMO.glob("**/*.asset.toml")), ids=lambda path: path.name)
def test_the_specs_of_the_demo_are_accepted(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))) == []


def test_the_demo_has_specs() -> None:
    assert len(list(DEMO.glob("**/*.asset.toml"))) >= 10


@pytest.mark.parametrize(
    "text",
    [
        SPRITE + "size = [8, 2048]\n[process]\ncanvas = 'trim'\ngrid = 2\n[export]\npivot = [0, 0.5]",
        KNIGHT + "directions = ['east', 'west']\nmirror = { west = 'east' }\nproportions = 'heroic'",
        KNIGHT + "[animations.a]\nloop = true\n[animations.a.mirror]",
        KNIGHT + "directions = 8\nproportions = { head_size = 1.5 }\n[animations.a]\nloop = 'pingpong'",
        "transition_size = 1\n" + GROUND + "probability = 2",
        "tile_size = [16, 16]\ntransition_size = 0.5\n" + GROUND,
        'kind = "edit"\nsource = "a"\ndescription = "x"\nmask = [0, 0, 1, 1]',
        'kind = "sprite"\nprovider = "files"\n[files]\njson = "a.json"',
    ],
)
def test_valid_specs_are_valid_in_both(tmp_path: Path, text: str) -> None:
    assert SpecProject(tmp_path).problems(text) == []
    assert list(VALIDATOR.iter_errors(tomllib.loads(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        'kind = "sprit"',
        SPRITE + "sise = [8, 8]",
        SPRITE + "size = [0, 8]",
        SPRITE + "size = [8, 100000]",
        SPRITE + "size = [8]",
        SPRITE + "size = 8",
        SPRITE + "seed = 'x'",
        SPRITE + "seed = 1.5",
        SPRITE + "view = 'top'",
        SPRITE + "transparent = 1",
        SPRITE + "direction = 'southeast'",
        SPRITE + "fps = 3",
        SPRITE + "source_url = 'http://x'",
        SPRITE + "[process]\nmatte = 'red'",
        SPRITE + "[process]\ncanvas = 'big'",
        SPRITE + "[process]\npallete = 'x'",
        SPRITE + "[export]\ntargets = ['goddot']",
        SPRITE + "[export.godot]\npixels_per_unit = 1",
        KNIGHT + "directions = 3",
        KNIGHT + "directions = ['left']",
        KNIGHT + "mirror = { left = 'east' }",
        KNIGHT + "mirror = { west = 'right' }",
        KNIGHT + "[animations.Walk]",
        KNIGHT + "[animations.a]\nfps = 0",
        KNIGHT + "[animations.a]\nloop = 'x'",
        "transition_size = 0.3\n" + GROUND,
        "tile_size = 4\n" + GROUND,
        'kind = "tileset"\nterrains = []',
        'kind = "items"',
        'kind = "items"\n[[items]]\nname = "A"',
        'kind = "edit"\nsource = "a"\ndescription = "x"',
        'kind = "music"\npreset = "x"\nview = "side"',
        'kind = "map"\ntileset = "asset:x"\nvariants = 2',
    ],
)
def test_mistakes_are_mistakes_in_both(tmp_path: Path, text: str) -> None:
    assert SpecProject(tmp_path).problems(text) != []
    assert not VALIDATOR.is_valid(tomllib.loads(text))
