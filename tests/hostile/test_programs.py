"""The project can name no program: what starts one is one module, and nothing of a project's says which."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bridge.core import launchers
from bridge.core.errors import UserError
from bridge.core.user_files import read_user_file
from bridge.daemon import runtime
from bridge.daemon.process import control
from bridge.orders.upload import upload_picture
from tests.hostile.outside import Outside
from tests.hostile.planted_programs import careless_path, set_program
from tests.hostile.stranger import run_bridge

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG"
# Where a program may be started, or a module be loaded by a name that is worked out, and why there.
STARTERS = {
    "bridge/core/programs.py": "the one place for programs: absolute paths, away from the project",
    "bridge/core/flush.py": "asks the C library to wait for the disk",
    "bridge/build/draw_pool.py": "Python's own pool of processes, started in `isolated_children`",
}
LOADERS = {
    "bridge/cli/group.py": "commands, by a table in the same file",
    "bridge/providers/files/__init__.py": "its own modules, by a table in the same file",
    "bridge/providers/lazy.py": "modules of a provider's own package, by its tables",
    "bridge/providers/procedural/__init__.py": "its own modules, by a table in the same file",
    "bridge/providers/registry.py": "built-in providers by a table, others as their installed packages declare them",
    "exporters/registry.py": "built-in targets by a table, others as their installed packages declare them",
    "bridge/media/audio.py": "looks whether an extra is installed",
    "bridge/operations/doctor.py": "looks whether an extra is installed",
    "bridge/operations/demo.py": "reads data files of this package",
    "bridge/core/module_path.py": "takes the working folder off the path of modules",
}
STARTING = {
    "subprocess",
    "multiprocessing",
    "pty",
    "webbrowser",
    "ctypes",
    "runpy",
    "pickle",
    "marshal",
    "shelve",
}
LOADING = {"importlib", "pkgutil", "zipimport"}
OS_CALLS = ("system", "popen", "exec", "spawn", "posix_spawn", "startfile", "fork")
ATTRIBUTES = {"ProcessPoolExecutor", "create_subprocess_exec", "create_subprocess_shell", "which"}
BUILTINS = {"exec", "eval", "__import__"}


@cache
def uses_of(path: Path) -> list[tuple[str, str]]:
    """What a module uses to start programs ("start") or to load modules by name ("load"): kind and name."""
    return list(_walk_uses(path))


def _walk_uses(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(alias.name for alias in node.names if alias.name in ATTRIBUTES)]
        for name in names:
            if name.partition(".")[0] in STARTING or name in ATTRIBUTES:
                yield "start", name
            elif name.partition(".")[0] in LOADING:
                yield "load", name
        if isinstance(node, ast.Attribute):
            of = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in ATTRIBUTES or (of == "os" and node.attr.startswith(OS_CALLS)):
                yield "start", node.attr
            elif (of, node.attr) == ("sys", "path"):
                yield "load", "sys.path"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILTINS:
            yield "start", node.func.id


def users(kind: str) -> set[str]:
    """The modules that use something of a kind."""
    modules = [path for package in ("bridge", "exporters") for path in sorted((ROOT / package).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix() for path in modules if any(found == kind for found, _ in uses_of(path))}


def test_programs_are_started_in_one_place() -> None:
    assert users("start") == set(STARTERS)


def test_modules_are_loaded_by_name_only_where_it_is_said_why() -> None:
    assert users("load") == set(LOADERS)


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess",
        "from multiprocessing import Pool",
        "from concurrent.futures import ProcessPoolExecutor",
        "import os\nos.execv('a', [])",
        "import os\nos.spawnl(0, 'a')",
        "import shutil\nshutil.which('a')",
        "from shutil import which",
        "import asyncio\nasyncio.create_subprocess_exec('a')",
        "eval('1')",
    ],
)
def test_the_search_sees_them(tmp_path: Path, code: str) -> None:
    (tmp_path / "module.py").write_text(code, encoding="utf-8")
    assert [kind for kind, _ in uses_of(tmp_path / "module.py")] == ["start"]


# launchers


def test_a_launcher_in_the_project_is_neither_read_nor_written(
    stranger: Path, user_home: Path, outside: Outside
) -> None:
    (stranger / ".assetbridge").mkdir()
    named = stranger / ".assetbridge/launcher.json"
    named.symlink_to(user_home / ".bashrc")
    outside.renew()
    assert run_bridge(stranger, "build").returncode == 0
    assert named.is_symlink()
    written = json.loads(read_user_file(launchers.FILE) or b"{}")
    assert written == {"default": [sys.executable, "-P", "-m", "bridge"], "projects": {}}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_launcher_that_others_could_have_written_is_replaced(stranger: Path, user_home: Path, tmp_path: Path) -> None:
    evil = set_program(tmp_path / "evil", tmp_path / "ran")
    path = user_home / ".config/assetbridge" / launchers.FILE
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"default": [str(evil)], "projects": {}}), encoding="utf-8")
    path.chmod(0o666)
    run_bridge(stranger, "check")
    assert json.loads(read_user_file(launchers.FILE) or b"{}")["default"][0] == sys.executable
    assert not (tmp_path / "ran").exists()


# the command for uploads, as far as it may run at all


@pytest.mark.parametrize(
    "command", ["rclone {file}", "./rclone {file}", "bin/rclone", "{root}/bin/rclone {file}", "../clone/rclone"]
)
def test_an_upload_runs_no_program_of_the_project(
    command: str, stranger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stranger / "bin").mkdir()
    for folder in (stranger, stranger / "bin"):
        set_program(folder / "rclone", tmp_path / "ran")
    monkeypatch.setenv("PATH", careless_path(stranger))
    monkeypatch.chdir(stranger)
    with pytest.raises(UserError, match="no program") as caught:
        upload_picture(PNG, command.replace("{root}", str(stranger)), stranger, hidden=frozenset())
    assert caught.value.code == "upload_failed"
    assert "PATH" in caught.value.hint
    assert not (tmp_path / "ran").exists()


# copies


def test_a_copied_project_never_reaches_the_daemon_of_the_original(stranger: Path, tmp_path: Path) -> None:
    found, _ = control.start_daemon(stranger)
    try:
        copy = tmp_path / "copy"
        shutil.copytree(stranger, copy, ignore=shutil.ignore_patterns("*.lock"))
        (tmp_path / "link").symlink_to(stranger)
        assert runtime.read_record(copy) == found
        assert runtime.find_running(copy) is None
        assert control.stop_daemon(copy) is None
        serves = {
            folder: runtime.request_json(found, "GET", f"/v1/health?root={folder}")[1]["serves"]
            for folder in (stranger, tmp_path / "link", stranger / "art/..", copy, tmp_path / "gone", "clone", "%00")
        }
        assert list(serves.values()) == [True, True, True, False, False, False, False]
        assert runtime.request_json(found, "GET", "/v1/health")[1]["serves"] is None
    finally:
        control.stop_daemon(stranger)
