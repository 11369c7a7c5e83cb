"""`assetbridge demo` makes the same project everywhere, with one asset at least of every kind that needs no network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.providers import registry
from tests.engines.demo_project import Demo, build_demo

# What differs from the machine of `DEMO_ENVIRONMENT`.
THERE = {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "COLUMNS": "40"}


@pytest.fixture(scope="module")
def first(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return demo.copy(tmp_path_factory.mktemp("here") / "demo")


def test_every_offline_kind_and_provider_is_there(first: Demo) -> None:
    lock = json.loads((first.root / "assetbridge.lock").read_text(encoding="utf-8"))
    built = lock["assets"].values()
    assert {asset["kind"] for asset in built} >= registry.get("procedural").kinds
    offline = {name for name in registry.KNOWN if registry.get(name).offline}
    assert {step["provider"] for asset in built for step in asset["steps"].values()} == offline


def test_two_folders_and_environments_give_the_same_bytes(first: Demo, tmp_path: Path) -> None:
    other = build_demo(tmp_path / "a folder with spaces" / "Größe" / "demo", THERE)
    mine, theirs = first.files(), other.files()
    assert sorted(mine) == sorted(theirs)
    assert [path for path in mine if mine[path] != theirs[path]] == []
    assert {path.split("/")[0] for path in mine} >= {"art", "game", "maps", "export", ".assetbridge"}
    assert not [path for path, data in theirs.items() if str(other.root).encode() in data]


def test_nothing_is_left_to_do(first: Demo) -> None:
    shown = json.loads(first.assetbridge("status", "--json").stdout)["assets"]
    assert {asset["state"] for asset in shown} == {"ready"}
    first.plan_is_empty()
    before = first.files()
    built = json.loads(first.assetbridge("build", "--json").stdout)["assets"]
    assert {asset["state"] for asset in built} == {"ready"}
    assert not [path for asset in built for path in asset["changed"]]
    assert first.files() == before


def test_the_demo_again_in_its_folder_changes_nothing(first: Demo) -> None:
    before = first.files()
    first.assetbridge("demo", ".")
    assert first.files() == before
