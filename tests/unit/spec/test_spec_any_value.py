"""Whatever value stands at whatever key, a person can read what is wrong with it, at its place."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.core.errors import BridgeError
from bridge.spec.edit import new_spec
from bridge.spec.model import KINDS
from bridge.spec.schema import json_schema
from tests.unit.spec.spec_project import SpecProject, flat

DEFINITIONS = json_schema()["definitions"]
WORDS = sorted(set(re.findall(r"[a-z_]+", str(DEFINITIONS))))
SCALARS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-2, 10),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.just(dt.time(7, 32)),
    st.sampled_from(["", "south", "down", "auto", "#1a2b3c", "asset:a", "x" * 3000, "two\nlines", "https://a"]),
)
# Words of the schema as keys: random ones would hardly ever meet a field.
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)),
    max_leaves=8,
)
OTHERS: tuple[Any, ...] = (-1, "?", [{}])
JARGON = ("input should", "literal", "pydantic", "Spec", "Table", "[key]", "None", "constrained", "validator", "Extra")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SpecProject:
    return SpecProject(tmp_path_factory.mktemp("project"))


def check(project: SpecProject, data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)
    try:
        project.load(text)
    except BridgeError as caught:
        errors = flat(caught)
        places = [(error.where, error.message) for error in errors]
        assert len(set(places)) == len(places), "said twice"
        for error in errors:
            assert error.where is not None
            assert error.where.line is not None
            assert error.where.line <= text.count("\n") + 1
            assert "\n" not in error.message
            assert len(error.message) < 500
            # What follows is the file's own value, which may be any words.
            words = error.message.partition(", not ")[0]
            assert not [word for word in JARGON if word in words], error.message


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_any_values_of_a_kind(project: SpecProject, data: st.DataObject, kind: str) -> None:
    keys = sorted(set(DEFINITIONS[f"kind_{kind}"]["properties"]) - {"kind"})
    changed = data.draw(st.dictionaries(st.sampled_from(keys), VALUES, min_size=1, max_size=4))
    check(project, {**tomllib.loads(new_spec(kind, "a")), **changed})


def test_every_key_of_every_table_with_a_value_of_each_type(project: SpecProject) -> None:
    for kind in KINDS:
        spec = tomllib.loads(new_spec(kind, "a"))
        for key, node in DEFINITIONS[f"kind_{kind}"]["properties"].items():
            inner = re.findall(r"#/definitions/(\w+)", str(node))
            names = [name for table in inner for name in DEFINITIONS[table].get("properties", {})]
            for value in OTHERS:
                check(project, {**spec, key: value})
                for name in names:
                    check(project, {**spec, key: {name: value}})
                    check(project, {**spec, key: [{name: value}]})
                    check(project, {**spec, key: {"walk": {name: value}}})
