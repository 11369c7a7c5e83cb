"""What is answered from a seal or from memory is what a plan without any memory says, whatever was done before.

Whoever looks at the files here does so ten seconds later: they are old enough to be sealed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.cache import plan_cache
from bridge.cache.project_memory import ProjectMemory
from bridge.config.project_config import read_config
from bridge.operations.plan import make_plan, remember_plan
from bridge.project import Project
from exporters.model.png import encode_png
from tests.pipeline.conftest import PLAIN_PROJECT, Workspace

GEM = 'kind = "sprite"\ndescription = "red gem"\nsize = [8, 8]\n'
# As long as the other: only its time or its place tells them apart.
OAK = GEM.replace("red gem", "oak log")
COINS = (
    'kind = "animation"\nprovider = "files"\nname = "spin"\n[files]\npattern = "drawn/{animation}/spin_{frame}.png"\n'
)
SPECS = ("art/a.asset.toml", "art/deep/a.asset.toml", "art/other/a.asset.toml", "art/coins.asset.toml")
DRAWN = ("drawn/spin/spin_1.png", "drawn/spin/spin_2.png", "drawn/turn/spin_1.png", "../shared/spin_1.png")
PLACES = ("art/deep", "art/other", "drawn/spin", "drawn/turn", "../shared", "art", "../shared/a.asset.toml")
OUTPUTS = ("export/art/a.json", "export/art/deep/a.png", "export/art/coins.png", "assetbridge.lock")
SETTINGS = (PLAIN_PROJECT, PLAIN_PROJECT.replace('output = "export"', 'output = "expert"'))
ANY = st.sampled_from((*SPECS, *DRAWN, *PLACES, *OUTPUTS))
ACTS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(SPECS), st.sampled_from((GEM, OAK, COINS, "kind = 1\n"))),
    st.tuples(st.just("draw"), st.sampled_from(DRAWN), st.sampled_from(("1", "2"))),
    st.tuples(st.just("set"), st.sampled_from(SETTINGS)),
    st.tuples(st.just("spoil"), st.sampled_from(OUTPUTS)),
    st.tuples(st.just("remove"), ANY),
    st.tuples(st.just("touch"), ANY),
    st.tuples(st.just("swap"), ANY, ANY),
    st.tuples(st.just("link"), ANY, ANY),
    st.tuples(st.just("folder"), ANY),
    st.tuples(st.just("build")),
)


class _Walk:
    """A project and what the acts do to it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.root = workspace.root

    def begin(self) -> None:
        for folder in (self.root, self.root / "../shared"):
            shutil.rmtree(folder.resolve(), ignore_errors=True)
        self.set(PLAIN_PROJECT)
        for path in SPECS[:3]:
            self.write(path, GEM)
        self.write(SPECS[3], COINS)
        for path in DRAWN:
            self.draw(path, "1")
        self.build()

    def _at(self, path: str) -> Path:
        full = self.root / path
        if not full.parent.is_dir():
            if full.parent.is_symlink() or full.parent.exists():
                full.parent.unlink()
            full.parent.mkdir(parents=True)
        return full

    def write(self, path: str, text: str) -> None:
        full = self._at(path)
        if not full.is_dir():
            full.resolve().parent.mkdir(parents=True, exist_ok=True)
            full.write_text(text, encoding="utf-8")

    def draw(self, path: str, shade: str) -> None:
        full = self._at(path)
        if not full.is_dir():
            full.resolve().parent.mkdir(parents=True, exist_ok=True)
            full.write_bytes(encode_png(np.full((4, 4, 4), 100 + int(shade), dtype=np.uint8)))

    def set(self, text: str) -> None:
        self.write("assetbridge.toml", text)

    def spoil(self, path: str) -> None:
        full = self.root / path
        if full.is_file() and full.suffix != ".lock":
            full.write_bytes(full.read_bytes()[::-1])

    def remove(self, path: str) -> None:
        full = self.root / path
        if full.is_symlink() or full.is_file():
            full.unlink()
        elif full.is_dir():
            shutil.rmtree(full)

    def touch(self, path: str) -> None:
        full = self.root / path
        if full.exists():
            os.utime(full, (1, 1))

    def swap(self, path: str, other: str) -> None:
        one, two = self.root / path, self.root / other
        if path.startswith(other) or other.startswith(path) or not (one.exists() and two.exists()):
            return
        aside = self.root.with_name("aside")
        one.rename(aside)
        two.rename(one)
        aside.rename(two)

    def link(self, path: str, target: str) -> None:
        if path.startswith(target) or target.startswith(path) or target.endswith("art"):
            return
        self.remove(path)
        self._at(path).symlink_to((self.root / target).absolute())

    def folder(self, path: str) -> None:
        self.remove(path)
        self._at(path).mkdir()

    def build(self) -> None:
        self._workspace.run("build", expect=None)

    def remembered(self) -> Any:
        """What `plan` says; twice, for the second is from a seal."""
        first = self._said()
        assert self._said() == first
        return first

    def found(self) -> Any:
        """What `plan` says that remembers no file and no plan. What was drawn earlier is still known."""
        memory = self.root / ".assetbridge"
        kept = self.root.with_name("kept")
        kept.mkdir()
        parts = list(memory.glob("state.db*"))
        for part in parts:
            shutil.copy2(part, kept)
        with contextlib.closing(sqlite3.connect(memory / "state.db")) as database, database:
            database.execute("DELETE FROM file")
            database.execute("DELETE FROM meta")
        said = self._said()
        for part in memory.glob("state.db*"):
            part.unlink()
        for part in parts:
            (kept / part.name).rename(part)
        kept.rmdir()
        return said

    def _said(self) -> Any:
        answer = self._workspace.run("plan", "--json", expect=None)
        if answer.code:
            return answer.code
        document = answer.json
        return document if all(asset["action"] == "none" for asset in document["assets"]) else _actions(document)


def _actions(document: Any) -> Any:
    """Without what only memory knows: the specs as they were, and what was drawn of them."""
    return sorted((asset["id"], asset["action"].replace("update", "export")) for asset in document["assets"])


@pytest.fixture
def walk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> _Walk:
    now_ns: Callable[[], int] = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() + 10_000_000_000)
    return _Walk(workspace)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, min_size=1, max_size=6))
def test_memory_never_says_what_a_plan_would_not(walk: _Walk, acts: list[tuple[str, ...]]) -> None:
    _walk_along(walk, acts)


@pytest.mark.full
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, min_size=1, max_size=6))
def test_memory_never_says_it_on_many_walks(walk: _Walk, acts: list[tuple[str, ...]]) -> None:
    _walk_along(walk, acts)


def _walk_along(walk: _Walk, acts: list[tuple[str, ...]]) -> None:
    walk.begin()
    walk.remembered()
    for act, *words in acts:
        # What cannot be done, as through links in a circle, is left undone.
        with contextlib.suppress(OSError, RuntimeError):
            getattr(walk, act)(*words)
        assert walk.remembered() == walk.found(), act


UNITY = '[targets.unity]\nroot = "unity"\noutput = "Assets/made"\n'
VERSION = "unity/ProjectSettings/ProjectVersion.txt"


@pytest.fixture
def begun(walk: _Walk) -> _Walk:
    walk.begin()
    return walk


def _seals(walk: _Walk) -> None:
    """Makes a plan without changes and seals it."""
    walk.build()
    walk.remembered()
    state = ProjectMemory(walk.root)
    assert state.facts.get("plan")
    state.close()


def test_what_comes_where_a_link_led_nowhere(begun: _Walk) -> None:
    begun.link("art/lost.asset.toml", "../shared/lost.asset.toml")
    _seals(begun)
    begun.write("../shared/lost.asset.toml", GEM)
    assert begun.remembered() == begun.found()


@pytest.mark.parametrize("lost", ["drawn/spin/spin_3.png", "drawn/turn"])
def test_a_drawing_that_comes_where_a_link_led_nowhere(begun: _Walk, lost: str) -> None:
    begun.link(lost, "../shared/later")
    _seals(begun)
    if lost.endswith(".png"):
        begun.draw("../shared/later", "2")
    else:
        begun.draw("../shared/later/spin_1.png", "2")
    assert begun.remembered() == begun.found()


@pytest.mark.parametrize(("place", "target"), [(DRAWN[0], DRAWN[3]), ("drawn/spin", "../shared")])
def test_a_link_out_of_the_project_to_what_holds_the_same(begun: _Walk, place: str, target: str) -> None:
    begun.draw("../shared/spin_2.png", "1")
    _seals(begun)
    begun.link(place, target)
    assert begun.remembered() == begun.found()


def test_a_drawing_that_comes_into_a_folder_that_had_none(begun: _Walk) -> None:
    begun.folder("drawn/turn")
    _seals(begun)
    begun.draw("drawn/turn/spin_1.png", "2")
    assert begun.remembered() == begun.found()


def test_a_drawing_in_the_place_of_a_folder_of_its_name(begun: _Walk) -> None:
    begun.folder("drawn/spin/spin_3.png")
    _seals(begun)
    begun.remove("drawn/spin/spin_3.png")
    begun.draw("drawn/spin/spin_3.png", "2")
    assert begun.remembered() == begun.found()


def test_folders_that_change_places_with_files_of_one_size_and_time(begun: _Walk) -> None:
    begun.write("art/other/a.asset.toml", OAK)
    _seals(begun)
    later = time.time_ns() - 5_000_000_000
    for path in SPECS[1:3]:
        os.utime(begun.root / path, ns=(later, later))
    assert begun.remembered() == begun.found()
    begun.swap("art/deep", "art/other")
    assert begun.remembered() == begun.found()


def test_an_edit_whose_time_is_that_of_before_after_the_clock_was_set_back(begun: _Walk) -> None:
    _seals(begun)
    spec, later = begun.root / SPECS[0], time.time_ns() - 5_000_000_000
    os.utime(spec, ns=(later, later))
    begun.remembered()
    begun.write(SPECS[0], OAK)
    os.utime(spec, ns=(later, later))
    assert begun.remembered() == begun.found()


def test_a_lock_that_comes_into_a_project_without_one(begun: _Walk) -> None:
    lock = (begun.root / "assetbridge.lock").read_bytes()
    begun.remove("assetbridge.lock")
    begun.remove("art")
    shutil.rmtree(begun.root / ".assetbridge")
    begun.remembered()
    (begun.root / "assetbridge.lock").write_bytes(lock)
    assert begun.remembered() == begun.found()


def test_an_editor_that_comes_into_a_unity_project_without_one(begun: _Walk) -> None:
    begun.set(PLAIN_PROJECT + UNITY)
    (begun.root / VERSION).parent.mkdir(parents=True)
    _seals(begun)
    begun.write(VERSION, "m_EditorVersion: 6000.0.1f1\n")
    assert begun.remembered() == begun.found()


def test_a_folder_that_cannot_be_looked_at_seals_nothing(begun: _Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError("not allowed")

    monkeypatch.setattr(plan_cache, "look_at", refused)
    _seals(begun)
    state = ProjectMemory(begun.root)
    assert not state.facts.read_seal()
    state.close()


def test_a_change_that_another_process_saw_first_is_not_remembered_as_none(begun: _Walk) -> None:
    begun.remembered()
    with Project(read_config(begun.root)) as project:
        planner, plan = make_plan(project)
        begun.draw(DRAWN[0], "2")
        changed = begun.remembered()
        remember_plan(project, planner, plan)
    assert begun.remembered() == changed == begun.found()


def test_a_lock_that_came_during_a_plan_is_not_remembered_with_it(begun: _Walk) -> None:
    begun.remembered()
    with Project(read_config(begun.root)) as project:
        planner, plan = make_plan(project)
        lock = begun.root / "assetbridge.lock"
        text = lock.read_text(encoding="utf-8")
        lock.write_text(text.replace('"art/a"', '"art/gone"'), encoding="utf-8")
        remember_plan(project, planner, plan)
    assert begun.remembered() == begun.found()


def test_a_plan_of_another_package_is_not_remembered(begun: _Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be updated or uninstalled, and no file of the project tells."""
    from bridge.providers import registry

    monkeypatch.delitem(registry.KNOWN, "files")
    begun.build()
    begun.remembered()
    state = ProjectMemory(begun.root)
    assert not state.facts.get("plan")
    state.close()
