"""Planning only looks, and of a build one module alone writes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bridge.build.builder import Builder
from bridge.config.project_config import read_config
from bridge.core.errors import WorkFailed
from bridge.operations.plan import make_plan
from bridge.project import Project
from bridge.providers.procedural import ProceduralProvider
from bridge.store import lockfile
from tests.pipeline.conftest import PLAIN_PROJECT, SPRITE

BRIDGE = Path(__file__).parents[2] / "bridge"
USER = 'kind = "sprite"\nprovider = "files"\nsource = "asset:art/a"\nsize = [8, 8]\n'
WRITES = frozenset({"lock.put", "lock.remove", "pending.put", "pending.clear", "lockfile.write"})
WRITERS = {"build/committer.py", "project.py", "operations/clean.py", "operations/refetch_job.py"}
"""The committer; who takes over what a killed build had finished; `clean`; and who has fetched a result again."""


def _project(root: Path) -> Project:
    (root / "art").mkdir()
    (root / "assetbridge.toml").write_text(PLAIN_PROJECT, encoding="utf-8")
    (root / "art" / "a.asset.toml").write_text(SPRITE, encoding="utf-8")
    return Project(read_config(root))


def test_what_a_plan_finds_out_is_not_in_the_lock_before_something_is_built(tmp_path: Path) -> None:
    with _project(tmp_path) as project, project.owned():
        Builder(project, *make_plan(project)).build()
        before = lockfile.dumps(project.lock)
        (tmp_path / "art" / "b.asset.toml").write_text(USER, encoding="utf-8")
        planner, plan = make_plan(project)
        state = planner.evaluation.states["art/a"]
        assert state.parts.hashes, "the user's fingerprint needs the picture's hash"
        assert not project.lock.assets["art/a"].parts.hashes
        assert lockfile.dumps(lockfile.Lock(project.lock.assets)) == before
        Builder(project, planner, plan).build(["art/b"])
    assert lockfile.read(tmp_path).assets["art/a"].parts == state.parts


def test_a_build_that_fails_leaves_the_entry_in_the_lock_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise WorkFailed("provider_failed", "no")

    with _project(tmp_path) as project, project.owned():
        Builder(project, *make_plan(project)).build()
        before = lockfile.dumps(lockfile.Lock(project.lock.assets))
        (tmp_path / "art" / "a.asset.toml").write_text(SPRITE.replace("mossy boulder", "red gem"), encoding="utf-8")
        planner, plan = make_plan(project)
        monkeypatch.setattr(ProceduralProvider, "run", refuse)
        (result,) = Builder(project, planner, plan).build()
        assert result.state == "failed"
        assert lockfile.dumps(lockfile.Lock(project.lock.assets)) == before
        assert lockfile.dumps(lockfile.read(tmp_path)) == before


def test_one_module_writes_what_a_build_has_made() -> None:
    writers = set()
    for path in BRIDGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ".".join(ast.unparse(node.func).split(".")[-2:])
                if called in WRITES:
                    writers.add(path.relative_to(BRIDGE).as_posix())
    assert writers == WRITERS
