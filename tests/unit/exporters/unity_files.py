"""Reading Unity's files in tests with a YAML library of others, so that our own writer does not judge itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
CORPUS = Path(__file__).parent / "unity_corpus"
# Maps whose keys are names and not fields.
OPEN_MAPS = ("nameFileIdTable", "m_StateMachineTransitions")


@dataclass(frozen=True)
class Document:
    """An object of a file; every scalar is a text."""

    class_id: int
    anchor: int
    type: str
    fields: dict[str, Any]


def load_meta(data: bytes) -> dict[str, Any]:
    """A `.meta` file."""
    tree = yaml.load(data.decode(), LOADER)
    assert isinstance(tree, dict)
    return tree


def load_objects(data: bytes) -> list[Document]:
    """The objects of a file, in its order."""
    head, *parts = re.split(r"(?m)^--- !u!", data.decode())
    assert head == "%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n"
    found = []
    for part in parts:
        first, _, body = part.partition("\n")
        class_id, anchor = first.split(" &")
        ((kind, fields),) = yaml.load(body, LOADER).items()
        found.append(Document(int(class_id), int(anchor), kind, fields))
    return found


def key_paths(value: object, prefix: str = "") -> list[str]:
    """The fields of an object in their order, `.m_Childs[].m_Motion.fileID`; each path once."""
    return list(dict.fromkeys(_paths(value, prefix)))


def _paths(value: object, prefix: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{prefix}.{key}"
            if key not in OPEN_MAPS:
                yield from _paths(inner, f"{prefix}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{prefix}[]")


def profile(name: str) -> tuple[list[str], set[str]]:
    """What was measured on many files of one generation: fields of all of them in order, and of some of them."""
    table: Mapping[str, Any] = json.loads((CORPUS / "keys.json").read_text())[name]
    return table["required"], set(table["optional"])


def corpus_object(name: str, kind: str) -> list[str]:
    """The fields of the first object of a type in a file of the corpus."""
    for one in load_objects((CORPUS / name).read_bytes()):
        if one.type == kind:
            return key_paths(one.fields)
    raise AssertionError(f"no {kind} in {name}")


def references(value: object) -> Iterator[tuple[int, str | None, int]]:
    """Every reference under a value: file id, guid (None in the same file), type."""
    if isinstance(value, dict):
        if "fileID" in value:
            yield int(value["fileID"]), value.get("guid"), int(value.get("type", 0))
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
