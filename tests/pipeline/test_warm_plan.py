"""A plan kept warm is the plan made anew, whatever is done to the project in between."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.build.asset_loader import part_hash_of
from bridge.build.builder import Builder
from bridge.config.project_config import read_config
from bridge.core.errors import BridgeError
from bridge.operations.plan import make_plan
from bridge.plan.incremental import IncrementalPlanner
from bridge.project import Project
from bridge.store import lockfile
from tests.pipeline.conftest import PLAIN_PROJECT, SPRITE, Workspace

USER = 'kind = "sprite"\nprovider = "files"\nsource = "{source}"\nsize = [8, 8]\n'
PALETTE = '[process]\npalette = "art/colours.hex"\n'
NAMES = ("a", "b", "c", "deep/d")
SOURCES = ("asset:art/a", "asset:art/b", "asset:art/gone")


def _specs() -> st.SearchStrategy[str]:
    words = st.sampled_from(("mossy boulder", "red gem", "oak tree"))
    drawn = st.tuples(words, st.sampled_from(("", PALETTE, "# nothing\n"))).map(
        lambda one: SPRITE.replace("mossy boulder", one[0]) + one[1]
    )
    used = st.sampled_from(SOURCES).map(lambda source: USER.format(source=source))
    return drawn | used | st.just("kind = 1\n")


def _save() -> st.SearchStrategy[tuple[str, ...]]:
    return st.tuples(st.just("save"), st.sampled_from(NAMES), _specs())


ACTS = st.one_of(
    _save(),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("palette"), st.sampled_from(("ff0000\n00ff00\n", "0000ff\nffffff\n", ""))),
    st.tuples(st.just("edit output"), st.sampled_from(NAMES)),
    st.tuples(st.just("lose output"), st.sampled_from(NAMES)),
    st.tuples(st.just("lose store")),
    st.tuples(st.just("settings"), st.sampled_from(("", "[export]\npadding = 2\n"))),
    st.tuples(st.just("build")),
    st.tuples(st.just("build elsewhere")),
)


class _Played:
    """A project, what is kept warm of it, and what the acts do to it; each names the files that it changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "art").mkdir(parents=True)
        (root / "assetbridge.toml").write_text(PLAIN_PROJECT)
        (root / "art" / "colours.hex").write_text("ff0000\n00ff00\n")
        self._spec("a").write_text(SPRITE)
        self._spec("b").write_text(USER.format(source="asset:art/a"))
        self.warm = IncrementalPlanner(Project(read_config(root)), part_hash_of)
        self.warm.look()

    def close(self) -> None:
        self.warm.project.close()

    def _spec(self, name: str) -> Path:
        return self.root / "art" / f"{name}.asset.toml"

    def act(self, what: str, *words: str) -> set[str] | None:
        acts: dict[str, Callable[..., set[str] | None]] = {
            "save": self._saved,
            "delete": self._deleted,
            "rename": self._renamed,
            "palette": self._palette,
            "edit output": lambda name: self._output(name, lambda path: path.write_bytes(b"by hand")),
            "lose output": lambda name: self._output(name, Path.unlink),
            "lose store": self._lost,
            "settings": self._settings,
            "build": lambda: None,
            "build elsewhere": self._elsewhere,
        }
        return acts[what](*words)

    def _saved(self, name: str, text: str) -> set[str]:
        self._spec(name).parent.mkdir(exist_ok=True)
        self._spec(name).write_text(text)
        return {f"art/{name}.asset.toml"}

    def _deleted(self, name: str) -> set[str]:
        self._spec(name).unlink(missing_ok=True)
        return {f"art/{name}.asset.toml"}

    def _renamed(self, name: str, other: str) -> set[str]:
        if self._spec(name).exists():
            self._spec(other).parent.mkdir(exist_ok=True)
            self._spec(name).replace(self._spec(other))
        return {f"art/{name}.asset.toml", f"art/{other}.asset.toml"}

    def _palette(self, text: str) -> set[str]:
        (self.root / "art" / "colours.hex").write_text(text)
        return {"art/colours.hex"}

    def _output(self, name: str, act: Callable[[Path], object]) -> None:
        path = self.root / "export" / "art" / f"{name}.json"
        if path.exists():
            act(path)

    def _lost(self) -> None:
        shutil.rmtree(self.root / ".assetbridge" / "store", ignore_errors=True)

    def _settings(self, text: str) -> None:
        (self.root / "assetbridge.toml").write_text(PLAIN_PROJECT + text.replace("[export]", "[defaults.export]"))
        self.close()
        self.warm = IncrementalPlanner(Project(read_config(self.root)), part_hash_of)

    def _elsewhere(self) -> None:
        with Project(read_config(self.root)) as project, project.owned():
            Builder(project, *make_plan(project)).build()

    def build(self) -> None:
        """What a daemon does when something follows."""
        warm = self.warm
        with warm.project.owned():
            builder = Builder(warm.project, warm.planner, warm.plan)
            builder.build([asset.id for asset in warm.plan.assets if asset.action not in ("none", "orphan")])
            warm.note_built(builder.touched)
            warm.project.memory.files.flush()

    def same_as_cold(self) -> None:
        with Project(read_config(self.root)) as project:
            _, cold = make_plan(project)
        assert json.dumps(self.warm.plan.as_dict()) == json.dumps(cold.as_dict())


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(ACTS, st.booleans()), min_size=1, max_size=8))
def test_a_warm_plan_is_the_plan_made_anew(tmp_path: Path, acts: list[tuple[tuple[str, ...], bool]]) -> None:
    _play(tmp_path, acts)


@pytest.mark.full
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(ACTS, st.booleans()), min_size=1, max_size=8))
def test_many_warm_plans_are_the_plans_made_anew(tmp_path: Path, acts: list[tuple[tuple[str, ...], bool]]) -> None:
    _play(tmp_path, acts)


def _play(tmp_path: Path, acts: list[tuple[tuple[str, ...], bool]]) -> None:
    shutil.rmtree(tmp_path / "played", ignore_errors=True)
    played = _Played(tmp_path / "played")
    try:
        for act, hinted in acts:
            paths = played.act(*act)
            played.warm.look(paths if hinted else None)
            played.same_as_cold()
            if act[0] == "build":
                played.build()
                played.warm.look(())
                played.same_as_cold()
            written = lockfile.read(played.root)
            assert lockfile.dumps(written).encode() == _locked(played.root)
    finally:
        played.close()


def _locked(root: Path) -> bytes:
    path = root / lockfile.FILE_NAME
    return path.read_bytes() if path.exists() else lockfile.dumps(lockfile.Lock()).encode()


def test_files_of_a_warm_build_are_those_of_a_clean_one(built_plain: Workspace) -> None:
    with Project(read_config(built_plain.root)) as project:
        warm = IncrementalPlanner(project, part_hash_of)
        warm.look()
        for number, size in enumerate(("[24, 24]", "[32, 32]")):
            before = ("[16, 16]", "[24, 24]")[number]
            built_plain.replace("art/rock.asset.toml", before, size)
            plan = warm.look({"art/rock.asset.toml"})
            assert warm.looked == {"art/rock"}
            with project.owned():
                builder = Builder(project, warm.planner, plan)
                builder.build(["art/rock"])
                warm.note_built(builder.touched)
    clean = built_plain.root.with_name("clean")
    shutil.copytree(built_plain.root, clean, ignore=shutil.ignore_patterns(".assetbridge", "export", "game", "*.lock"))
    with Project(read_config(clean)) as project, project.owned():
        Builder(project, *make_plan(project)).build()
    theirs = Workspace(clean, built_plain.run_words)
    assert {path: data for path, data in theirs.files().items() if path.startswith("export")} == {
        path: data for path, data in built_plain.files().items() if path.startswith("export")
    }


def test_a_lock_that_cannot_be_read_begins_anew_once_it_can(built_plain: Workspace) -> None:
    lock = built_plain.root / lockfile.FILE_NAME
    good = lock.read_bytes()
    with Project(read_config(built_plain.root)) as project:
        warm = IncrementalPlanner(project, part_hash_of)
        before = warm.look()
        lock.write_text("<<<<<<< ours\n")
        with pytest.raises(BridgeError, match="the last conflict has no end"):
            warm.look({"art/rock.asset.toml"})
        lock.write_bytes(good)
        assert warm.look({"art/rock.asset.toml"}).as_dict() == before.as_dict()
