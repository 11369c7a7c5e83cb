"""The disk fails, the process dies, the user presses Ctrl-C: at every single operation of a build, in turn.

After each of these every output is old or new and never torn, no referring file is newer than its data, and the next
build gives exactly what a build without trouble gives. The normal tier takes every eleventh place, the full tier all.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.core.folder_entry import TEMP_SUFFIX
from tests.pipeline import faulty_disk
from tests.pipeline.conftest import PLAIN_PROJECT, SPRITE, Answer, Workspace
from tests.pipeline.faulty_disk import FaultyDisk

SAMPLE = 11
FULL = [pytest.param("some", id="some"), pytest.param("all", id="all", marks=pytest.mark.full)]
EXITS = {1, 2, 3, 4}


@dataclass(frozen=True)
class Scenario:
    """A project before a build, what the build is to give, and what stood there before."""

    template: Path
    before: dict[str, bytes]
    after: dict[str, bytes]

    def copy(self, root: Path, run: Callable[..., Answer]) -> Workspace:
        """A fresh copy of the project."""
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.template, root)
        return Workspace(root, run)


def _prepare(workspace: Workspace) -> None:
    workspace.write("assetbridge.toml", PLAIN_PROJECT)
    workspace.write("game/project.godot", "config_version=5\n")
    for name in ("rock", "stone", "pebble"):
        workspace.write(f"art/{name}.asset.toml", SPRITE.replace("mossy", f"mossy {name}"))


def _edit(workspace: Workspace) -> None:
    """One asset is drawn anew, one moves, one leaves an engine: writes, renames and removals."""
    workspace.replace("art/rock.asset.toml", "mossy", "grey")
    (workspace.root / "art/hill").mkdir()
    (workspace.root / "art/stone.asset.toml").rename(workspace.root / "art/hill/cliff.asset.toml")
    workspace.write("art/pebble.asset.toml", SPRITE.replace("mossy", "mossy pebble") + '[export]\ntargets = ["json"]\n')


def _snapshot(workspace: Workspace) -> dict[str, bytes]:
    lock = workspace.root / "assetbridge.lock"
    return workspace.files() | ({"assetbridge.lock": lock.read_bytes()} if lock.exists() else {})


@pytest.fixture(scope="module", params=["first", pytest.param("again", marks=pytest.mark.full)])
def scenario(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    folder = tmp_path_factory.mktemp("faults")

    def run(*words: str) -> Answer:
        return Answer(main(words), "", "")

    template = Workspace(folder / "template", run)
    _prepare(template)
    if request.param == "again":
        template.run("build")
        _edit(template)
    done = Workspace(folder / "done", run)
    shutil.copytree(template.root, done.root)
    done.run("build")
    return Scenario(template.root, _snapshot(template), _snapshot(done))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    def call(*words: str) -> Answer:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


def _points(tier: str) -> Iterator[int]:
    """Numbers of operations, without end: the caller stops at the first build that never gets so far."""
    return itertools.count(1, SAMPLE if tier == "some" else 1)


def _untroubled(scenario: Scenario, workspace: Workspace, answer: Answer, at: int) -> None:
    assert answer.code == 0, answer
    assert at > 30, "the build has hardly touched the disk"
    assert _snapshot(workspace) == scenario.after


def _whole(scenario: Scenario, workspace: Workspace, place: str) -> None:
    """Every file is what it was or what it is to be, and what refers to a picture is not newer than the picture."""
    now = _snapshot(workspace)
    for path, data in now.items():
        if path == "assetbridge.lock" or path.endswith(TEMP_SUFFIX):
            continue
        assert data in (scenario.before.get(path), scenario.after.get(path)), f"{path} is torn at {place}"
    for path, data in now.items():
        picture = path.rpartition(".")[0] + ".png"
        if path.endswith((".tres", ".json")) and data == scenario.after.get(path) != scenario.before.get(path):
            assert now.get(picture) == scenario.after[picture], f"{path} is newer than {picture} at {place}"


def _recovers(scenario: Scenario, workspace: Workspace, place: str) -> None:
    """Nothing passes for edited by hand, and one more build gives what a build without trouble gives."""
    plan = workspace.run("plan", "--json").json
    assert not [asset for asset in plan["assets"] if asset.get("drifted")], f"drift after {place}"
    built = workspace.run("build", "--json")
    assert {asset["state"] for asset in built.json["assets"]} == {"ready"}, place
    assert _snapshot(workspace) == scenario.after, place
    assert not list(workspace.root.rglob(f"*{TEMP_SUFFIX}")), place
    assert workspace.run("check", expect=None).code == 0, place


@pytest.mark.parametrize("tier", FULL)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO], ids=errno.errorcode.get)
def test_an_error_of_the_disk_at_any_operation(
    scenario: Scenario, tmp_path: Path, run: Callable[..., Answer], number: int, tier: str
) -> None:
    reads = number in (errno.EACCES, errno.EIO)
    root = tmp_path / "project"
    for at in _points(tier):
        workspace = scenario.copy(root, run)
        with faulty_disk.on(FaultyDisk(root, at, faulty_disk.error(number), reads=reads)) as disk:
            answer = workspace.run("build", expect=None)
        if not disk.struck:
            _untroubled(scenario, workspace, answer, at)
            break
        place = f"{errno.errorcode[number]} at {at}: {disk.log[at - 1]}"
        assert answer.code in EXITS | {0}, f"{place}: {answer}"
        assert answer.code == 0 or answer.err.startswith("error: "), f"{place}: {answer}"
        _whole(scenario, workspace, place)
        _recovers(scenario, workspace, place)


@pytest.mark.parametrize("tier", FULL)
def test_a_disk_that_stays_full(scenario: Scenario, tmp_path: Path, run: Callable[..., Answer], tier: str) -> None:
    root = tmp_path / "project"
    for at in _points(tier):
        workspace = scenario.copy(root, run)
        with faulty_disk.on(FaultyDisk(root, at, faulty_disk.error(errno.ENOSPC), lasting=True)) as disk:
            answer = workspace.run("build", expect=None)
        if not disk.struck:
            _untroubled(scenario, workspace, answer, at)
            break
        place = f"full from {at}: {disk.log[at - 1]}"
        assert answer.code in EXITS | {0}, f"{place}: {answer}"
        _whole(scenario, workspace, place)
        _recovers(scenario, workspace, place)


@pytest.mark.parametrize("tier", FULL)
def test_ctrl_c_at_any_operation(scenario: Scenario, tmp_path: Path, run: Callable[..., Answer], tier: str) -> None:
    root = tmp_path / "project"
    for at in _points(tier):
        workspace = scenario.copy(root, run)
        with faulty_disk.on(FaultyDisk(root, at, faulty_disk.interrupt)) as disk:
            answer = workspace.run("build", expect=None)
        if not disk.struck:
            _untroubled(scenario, workspace, answer, at)
            break
        place = f"Ctrl-C at {at}: {disk.log[at - 1]}"
        assert answer.code == 130, f"{place}: {answer}"
        assert "Stopped" in answer.err, place
        assert "again" in answer.err, place
        _whole(scenario, workspace, place)
        _recovers(scenario, workspace, place)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize("tier", FULL)
def test_death_at_any_operation(scenario: Scenario, tmp_path: Path, run: Callable[..., Answer], tier: str) -> None:
    root = tmp_path / "project"
    for at in _points(tier):
        workspace = scenario.copy(root, run)
        place = f"death at {at}"
        code = _dies(FaultyDisk(root, at, faulty_disk.death))
        if code != 9:
            _untroubled(scenario, workspace, Answer(code, "", ""), at)
            break
        _whole(scenario, workspace, place)
        _recovers(scenario, workspace, place)


def _dies(disk: FaultyDisk) -> int:
    """Builds in a forked child that ends at the chosen operation; returns the child's exit code."""
    with warnings.catch_warnings():
        # numpy's own threads make Python warn of a fork; the child uses none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 70
        try:
            with faulty_disk.on(disk):
                code = main(["build", "--project", str(disk.root)])
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(
    "message", ["database or disk is full", "disk I/O error", "attempt to write a readonly database"]
)
def test_the_state_cannot_be_saved_at_any_statement(
    scenario: Scenario, tmp_path: Path, run: Callable[..., Answer], message: str
) -> None:
    root = tmp_path / "project"
    workspace = scenario.copy(root, run)
    with faulty_disk.database(0) as counted:
        workspace.run("build")
    total = counted.count
    assert total > 5
    for at in range(1, total + 1):
        workspace = scenario.copy(root, run)
        with faulty_disk.database(at, message):
            answer = workspace.run("build", expect=None)
        place = f"{message} at {at} of {total}"
        assert answer.code in EXITS | {0}, f"{place}: {answer}"
        _whole(scenario, workspace, place)
        _recovers(scenario, workspace, place)


def test_a_state_file_that_may_not_grow_is_a_full_disk(built_plain: Workspace) -> None:
    real = sqlite3.connect

    def small(*words: object, **options: object) -> sqlite3.Connection:
        database = real(*words, **options)  # type: ignore[call-overload]
        database.execute("PRAGMA max_page_count = 1")
        return database  # type: ignore[no-any-return]

    built_plain.replace("art/rock.asset.toml", "mossy", "grey " * 300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        answer = built_plain.run("build", "--json", expect=1)
    assert "disk_full" in answer.out
    built_plain.run("build")
    built_plain.run("check")


def test_ctrl_c_is_told_to_scripts_too(plain: Workspace) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    with faulty_disk.on(FaultyDisk(plain.root, 12, faulty_disk.interrupt)):
        answer = plain.run("build", "--json", expect=130)
    assert answer.json["error"]["code"] == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_killed_build_leaves_nothing_even_when_its_wish_is_taken_back(built_plain: Workspace) -> None:
    before = built_plain.files()
    for at in range(1, 60, 2):
        built_plain.replace("art/rock.asset.toml", "mossy", "grey")
        code = _dies(FaultyDisk(built_plain.root, at, faulty_disk.death))
        built_plain.replace("art/rock.asset.toml", "grey", "mossy")
        built_plain.run("build")
        built_plain.run("check")
        assert built_plain.files() == before, f"death at {at}"
        if code == 0:
            break
    else:
        pytest.fail("the build is never done")


def test_two_builds_at_once(built_plain: Workspace) -> None:
    from bridge.project import Project

    with Project.open(built_plain.root) as project, project.owned():
        answer = built_plain.run("build", "--json", expect=2)
        assert answer.json["error"]["code"] == "project_locked"
        assert f"process {os.getpid()}" in answer.json["error"]["message"]
        assert built_plain.run("plan").code == 0
    built_plain.run("build")
