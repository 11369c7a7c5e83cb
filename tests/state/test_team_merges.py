"""Three people who add, edit and rename bought assets, and merge each other's work in any order, over real git.

One of them has the merge driver; the others settle what git leaves by building. Nobody edits anything by hand, nothing
is bought twice, and every uid stays.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from bridge.cli import main
from bridge.store import lockfile
from tests.emulator import KEY, OBSERVED, Emulator, PixelLab

PROJECT = """\
[project]
name = "team"
id = "7e57"
specs = ["art/**/*.asset.toml"]
[targets.godot]
root = "."
output = "generated"
[targets.json]
output = "export"
[providers.pixellab]
base_url = "{url}"
"""
SPEC = """\
kind = "sprite"
provider = "pixellab"
description = "thing {name}"
size = [32, 32]
"""
PEOPLE = ("ada", "bob", "eve")
MOST_ASSETS = 10


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIXELLAB_API_KEY", KEY)
    monkeypatch.setattr("bridge.core.credentials.credentials_path", lambda: tmp_path / "user" / "credentials.json")
    monkeypatch.setattr("bridge.core.credentials._from_keyring", lambda _name: "")


def git(folder: Path, *words: str, fails: bool | None = False) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert fails is None or (done.returncode != 0) == fails, (words, done.stdout, done.stderr)
    return done.stdout if fails is not None else str(done.returncode)


def run(folder: Path, *words: str, expect: int = 0) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main([*words, "--project", str(folder)])
    assert code == expect, said.getvalue()
    return said.getvalue()


class Team(RuleBasedStateMachine):
    """names: what an asset, by its first name, is called now. uids: of every asset, by its first name."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.emulator: Emulator[Any] = Emulator(PixelLab(OBSERVED, sync_seconds=0.0)).__enter__()
        self.count = dict.fromkeys(PEOPLE, 0)
        self.edits = 0
        self.names: dict[str, str] = {}
        self.uids: dict[str, set[str]] = {}
        first = self.root / PEOPLE[0]
        first.mkdir()
        git(first, "init", "-q", "-b", "main")
        (first / "project.godot").write_text("config_version=5\n", encoding="utf-8")
        run(first, "init")
        (first / "assetbridge.toml").write_text(PROJECT.format(url=self.emulator.url), encoding="utf-8")
        self._set_up(first)
        self._commit(first)
        for person in PEOPLE[1:]:
            git(self.root, "clone", "-q", str(first), person)
            self._set_up(self.root / person)
        git(first, "config", "--remove-section", "merge.assetbridge")
        run(self.root / "bob", "init", "--git")

    def _set_up(self, clone: Path) -> None:
        for name, value in (("user.email", f"{clone.name}@example.org"), ("user.name", clone.name)):
            git(clone, "config", name, value)

    def _commit(self, clone: Path) -> None:
        git(clone, "add", "-A")
        git(clone, "commit", "-q", "--allow-empty", "-m", "work")

    @property
    def charged(self) -> float:
        return self.emulator.ledger.total("generations")

    def _own(self, person: str) -> list[str]:
        return [name for name in self.names if name.startswith(person)]

    # what people do

    @rule(person=st.sampled_from(PEOPLE))
    def add(self, person: str) -> None:
        if self.count[person] == MOST_ASSETS:
            return
        clone, name = self.root / person, f"{person}_{self.count[person]}"
        self.count[person] += 1
        (clone / "art").mkdir(exist_ok=True)
        (clone / f"art/{name}.asset.toml").write_text(SPEC.format(name=name), encoding="utf-8")
        run(clone, "build", "--yes")
        self.names[name] = name
        self.uids[name] = uids_of(clone, name)
        assert self.uids[name]
        self._commit(clone)

    @precondition(lambda self: self.names)
    @rule(person=st.sampled_from(PEOPLE), pick=st.integers(0, 99), rename=st.booleans())
    def change(self, person: str, pick: int, *, rename: bool) -> None:
        own = self._own(person)
        if not own:
            return
        clone, first = self.root / person, own[pick % len(own)]
        spec = clone / f"art/{self.names[first]}.asset.toml"
        self.edits += 1
        if rename:
            self.names[first] = f"{first}_called_{self.edits}"
            git(clone, "mv", spec.relative_to(clone).as_posix(), f"art/{self.names[first]}.asset.toml")
        else:
            text = SPEC.format(name=first) + f"[export.godot]\npivot = [0.5, {self.edits % 9 / 10}]\n"
            spec.write_text(text, encoding="utf-8")
        run(clone, "build")
        self._commit(clone)

    @rule(person=st.sampled_from(PEOPLE), other=st.sampled_from(PEOPLE))
    def merge(self, person: str, other: str) -> None:
        if person == other:
            return
        clone = self.root / person
        git(clone, "fetch", "-q", str(self.root / other), "main")
        before = self.charged
        conflicts = git(clone, "merge", "-q", "--no-edit", "FETCH_HEAD", fails=None) != "0"
        assert not (conflicts and person == "bob"), git(clone, "status", "--porcelain")
        run(clone, "build")
        assert self.charged == before
        self._commit(clone)
        run(clone, "check")
        assert git(clone, "status", "--porcelain") == ""

    def teardown(self) -> None:
        try:
            self._meet()
        finally:
            self.emulator.__exit__(None, None, None)
            shutil.rmtree(self.root)

    def _meet(self) -> None:
        """Everybody merges everybody, twice round: all have everything then."""
        for person, other in (("bob", "ada"), ("bob", "eve"), ("ada", "bob"), ("eve", "bob")):
            self.merge(person, other)
        assert self.charged == len(self.names)
        locks = [lockfile.read(self.root / person).assets for person in PEOPLE]
        assert locks[0] == locks[1] == locks[2]
        assert set(locks[0]) == {f"art/{name}" for name in self.names.values()}
        for first, name in self.names.items():
            assert locks[0][f"art/{name}"].identity == f"art/{first}"
            assert uids_of(self.root / "eve", name) == self.uids[first]
        assert not list(self.root.rglob("*.orig"))


def uids_of(clone: Path, name: str) -> set[str]:
    """The uids that Godot knows an asset's files by."""
    files = [path for path in (clone / "generated").rglob(f"{name}.*") if path.is_file()]
    found = (re.findall(rb'uid="(uid://\w+)"', path.read_bytes()) for path in files)
    return {uid.decode() for uids in found for uid in uids}


def play(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Team,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )


def test_three_people_merge_without_a_manual_step() -> None:
    play(1, 7)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_three_people_with_ten_assets_each_merge_without_a_manual_step() -> None:
    play(4, 60)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_thirty_assets_in_a_random_order() -> None:
    """All thirty are there at the end, whatever the machine above has drawn."""
    team = Team()
    try:
        for number in range(MOST_ASSETS):
            for at, person in enumerate(PEOPLE):
                team.add(person)
                if (number + at) % 2:
                    team.merge(person, PEOPLE[(at + number) % 3])
        assert len(team.names) == 3 * MOST_ASSETS
    finally:
        team.teardown()
