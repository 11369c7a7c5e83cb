"""A plan without changes is answered from memory: exactly as a real one, and only while nothing changed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.cache import plan_cache
from bridge.cache.file_index import FileIndex
from bridge.cache.project_memory import ProjectMemory
from bridge.plan.planner import Planner
from tests.pipeline.conftest import SPRITE, Workspace

ROCK = "art/rock.asset.toml"
PNG = "export/art/rock.png"


def age(path: Path) -> None:
    """Makes a file look ten seconds old: old enough to be trusted without reading it again."""
    told = path.stat().st_mtime_ns - 10_000_000_000
    os.utime(path, ns=(told, told))


def edit(project: Workspace, before: str = "mossy", after: str = "icy", path: str = ROCK) -> None:
    project.replace(path, before, after)
    age(project.root / path)


def states(project: Workspace) -> dict[str, str]:
    return {asset["id"]: asset["state"] for asset in project.run("status", "--json").json["assets"]}


@pytest.fixture
def from_memory(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, nothing can be planned anew."""

    def forbid() -> None:
        def read(_planner: Planner) -> None:
            raise AssertionError("a real plan was made")

        monkeypatch.setattr(Planner, "read", read)

    return forbid


@pytest.mark.parametrize("words", [("plan",), ("plan", "--json"), ("plan", "-v"), ("plan", "--detailed-exitcode")])
def test_memory_says_what_the_real_plan_said(
    built_plain: Workspace, from_memory: Callable[[], None], words: tuple[str, ...]
) -> None:
    (built_plain.root / ".assetbridge/state.db").unlink()
    real = built_plain.run(*words)
    from_memory()
    assert built_plain.run(*words) == real


def test_the_first_build_is_remembered(built_plain: Workspace, from_memory: Callable[[], None]) -> None:
    from_memory()
    assert "nothing to do" in built_plain.run("plan").out


@pytest.mark.parametrize("words", [("plan",), ("plan", "--json")])
def test_memory_shows_edited_files_and_orphans_too(
    built_plain: Workspace, from_memory: Callable[[], None], words: tuple[str, ...]
) -> None:
    built_plain.write(PNG, b"mine now")
    (built_plain.root / "art/pebble.asset.toml").unlink()
    real = built_plain.run(*words)
    assert "art/pebble" in real.out
    assert f"{PNG} was edited by hand" in real.out
    from_memory()
    assert built_plain.run(*words) == real


@pytest.mark.parametrize("first", ["plan", "check", "status", "doctor"])
def test_a_change_stays_a_change_whoever_saw_it_first(built_plain: Workspace, first: str) -> None:
    edit(built_plain)
    for _ in range(2):
        built_plain.run(first, expect=None)
        assert states(built_plain) == {"art/rock": "stale", "art/pebble": "ready"}
        assert built_plain.plan()["art/rock"]["action"] == "update"
    built_plain.run("build")
    assert states(built_plain) == {"art/rock": "ready", "art/pebble": "ready"}
    assert built_plain.plan()["art/rock"]["action"] == "none"


def test_a_change_taken_back_is_no_change(built_plain: Workspace) -> None:
    edit(built_plain)
    assert states(built_plain)["art/rock"] == "stale"
    edit(built_plain, "icy", "mossy")
    assert states(built_plain)["art/rock"] == "ready"
    assert built_plain.plan()["art/rock"]["action"] == "none"


@pytest.mark.parametrize("first", ["plan", "check", "status"])
def test_a_changed_project_file_makes_every_asset_stale(built_plain: Workspace, first: str) -> None:
    edit(built_plain, "[defaults]", "[defaults.process]\ncolors = 4\n[defaults]", "assetbridge.toml")
    built_plain.run(first, expect=None)
    assert set(states(built_plain).values()) == {"stale"}
    assert built_plain.plan()["art/rock"]["action"] == "export"
    built_plain.run("build")
    assert set(states(built_plain).values()) == {"ready"}


@pytest.mark.parametrize("first", ["check", "status"])
@pytest.mark.parametrize(
    ("change", "action"),
    [
        (lambda root: (root / PNG).unlink(), "export"),
        (lambda root: (root / "art/new.asset.toml").write_text(SPRITE, encoding="utf-8"), "create"),
        (lambda root: (root / ROCK).rename(root / "art/stone.asset.toml"), "rename"),
        (lambda root: (root / ROCK).unlink(), "orphan"),
    ],
)
def test_files_that_come_and_go_are_noticed(
    built_plain: Workspace, first: str, change: Callable[[Path], object], action: str
) -> None:
    assert "nothing to do" in built_plain.run("plan").out
    change(built_plain.root)
    built_plain.run(first, expect=None)
    assert action in {asset["action"] for asset in built_plain.plan().values()}


def test_a_changed_source_is_noticed_after_a_check(plain: Workspace) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    plain.run("build")
    plain.write("art/own.png", (plain.root / PNG).read_bytes())
    plain.write("art/copy.asset.toml", 'kind = "sprite"\nprovider = "files"\nsource = "./own.png"\nsize = [16, 16]\n')
    plain.run("build")
    assert plain.plan()["art/copy"]["action"] == "none"
    plain.write("art/rock.asset.toml", SPRITE.replace("boulder", "crystal"))
    plain.run("build")
    plain.write("art/own.png", (plain.root / PNG).read_bytes())
    age(plain.root / "art/own.png")
    plain.run("check", expect=1)
    assert plain.plan()["art/copy"]["action"] == "update"


def test_a_clone_that_is_current_says_so(built_plain: Workspace) -> None:
    (built_plain.root / ".assetbridge/state.db").unlink()
    assert set(states(built_plain).values()) == {"new"}
    assert "nothing to do" in built_plain.run("plan").out
    assert set(states(built_plain).values()) == {"ready"}


def test_an_edit_during_a_build_is_still_to_be_built(built_plain: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(built_plain)
    read = Planner.read

    def read_then_edited(planner: Planner) -> None:
        read(planner)
        edit(built_plain, "icy", "sandy")

    with monkeypatch.context() as patch:
        patch.setattr(Planner, "read", read_then_edited)
        assert "nothing of it was ordered or written" in built_plain.run("build", expect=1).err
    assert states(built_plain)["art/rock"] == "stale"
    assert built_plain.plan()["art/rock"]["action"] == "update"


@contextmanager
def _later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    now_ns = time.time_ns
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: now_ns() + 10_000_000_000)
        yield


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ten seconds later: whatever is looked at has stood still for a while."""
    with _later(monkeypatch):
        yield


@pytest.fixture
def sealed(built_plain: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A project whose plan was sealed: everything had stood still for a while when it was looked at."""
    with _later(monkeypatch):
        built_plain.run("plan")
    return built_plain


@pytest.fixture
def from_seal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, what is remembered of the files cannot be read."""

    def forbid() -> None:
        def list_rows(_index: FileIndex, *_roles: str) -> None:
            raise AssertionError("rows were read")

        monkeypatch.setattr(FileIndex, "list_rows", list_rows)

    return forbid


@pytest.mark.skipif(os.name != "posix", reason="folders are trusted on POSIX systems only")
@pytest.mark.parametrize("words", [("plan",), ("plan", "--json"), ("plan", "-v"), ("plan", "--detailed-exitcode")])
def test_a_sealed_plan_says_what_the_real_plan_said(
    sealed: Workspace, from_seal: Callable[[], None], words: tuple[str, ...]
) -> None:
    before = sealed.run(*words)
    from_seal()
    assert sealed.run(*words) == before


def test_nothing_is_sealed_that_is_too_young(built_plain: Workspace) -> None:
    built_plain.run("plan")
    state = ProjectMemory(built_plain.root)
    assert not state.facts.read_seal()
    state.close()


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (lambda root: (root / PNG).unlink(), "export"),
        (lambda root: (root / "art/new.asset.toml").write_text(SPRITE, encoding="utf-8"), "create"),
        (lambda root: _new_folder(root / "art/deep/er"), "create"),
        (lambda root: (root / ROCK).rename(root / "art/stone.asset.toml"), "rename"),
        (lambda root: (root / "art").rename(root / "arts"), "orphan"),
        (lambda root: (root / ROCK).unlink(), "orphan"),
        (lambda root: (root / "assetbridge.lock").unlink(), "create"),
        (lambda root: _same_size(root / ROCK, b"mossy", b"muddy"), "update"),
        (lambda root: _same_size(root / "assetbridge.toml", b"export", b"expert"), "export"),
    ],
)
def test_whatever_breaks_the_seal_is_noticed(sealed: Workspace, change: Callable[[Path], object], action: str) -> None:
    change(sealed.root)
    assert action in {asset["action"] for asset in sealed.plan().values()}


def test_an_output_edited_behind_a_seal_is_noticed(sealed: Workspace) -> None:
    _same_size(sealed.root / PNG, b"PNG", b"GNP")
    assert f"{PNG} was edited by hand" in sealed.run("plan").out


@pytest.mark.usefixtures("later")
def test_an_edited_file_of_the_same_size_is_still_edited_after_a_build_that_keeps_it(built_plain: Workspace) -> None:
    _same_size(built_plain.root / PNG, b"PNG", b"GNP")
    built_plain.write(ROCK, SPRITE + '[export]\npivot = "center"\n')
    built_plain.run("build", expect=None)
    assert f"{PNG} was edited by hand" in built_plain.run("plan").out


def test_a_file_that_was_only_touched_is_no_change(sealed: Workspace, from_memory: Callable[[], None]) -> None:
    (sealed.root / ROCK).touch()
    (sealed.root / "art/notes.txt").write_text("to do", encoding="utf-8")
    from_memory()
    assert "nothing to do" in sealed.run("plan").out


def test_a_seal_is_not_taken_for_that_of_another_plan(sealed: Workspace) -> None:
    state = ProjectMemory(sealed.root)
    facts = json.loads(state.facts.get("plan") or "")
    state.facts.put("plan", json.dumps({**facts, "assets": 3}))
    state.close()
    state = ProjectMemory(sealed.root)
    assert plan_cache.load_sealed(state) is None
    state.close()


def _new_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "new.asset.toml").write_text(SPRITE, encoding="utf-8")


def _same_size(path: Path, before: bytes, after: bytes) -> None:
    """Another content of the same size, and the old time with it."""
    told, data = path.stat().st_mtime_ns, path.read_bytes()
    assert before in data
    path.write_bytes(data.replace(before, after))
    os.utime(path, ns=(told, told))
