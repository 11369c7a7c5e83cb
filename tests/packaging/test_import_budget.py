"""Light commands answer at once because they load little: what each may import is stated here.

The measure is what was imported (`-X importtime`, Python's documentation on the command line), not time.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

HEAVY = {"PIL", "httpx", "numpy", "pydantic", "pytiled_parser", "rich", "soundfile", "tomlkit"}
PROJECT = '[project]\nname = "light"\nid = "6f1c2a9e"\n'


def bridge(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in `folder`; its import times are among its error output."""
    command = [sys.executable, "-X", "importtime", "-m", "bridge", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def imported(folder: Path, *arguments: str) -> set[str]:
    """The names of all top-level packages that a command imports in `folder`; it has to succeed."""
    return {name.partition(".")[0] for name in imported_modules(folder, *arguments)}


def imported_modules(folder: Path, *arguments: str) -> set[str]:
    """The names of all modules that a command imports in `folder`; it has to succeed."""
    done = bridge(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    names = re.findall(r"(?m)^import time:\s+\d+ \|\s+\d+ \|\s+([\w.]+)$", done.stderr)
    assert {"bridge", "sys"} & set(names), "the import times were not understood"
    return set(names)


def test_version_loads_no_library(tmp_path: Path) -> None:
    assert not imported(tmp_path, "--version") & (HEAVY | {"click", "filelock", "platformdirs", "sqlite3"})


def test_help_loads_only_click(tmp_path: Path) -> None:
    assert not imported(tmp_path, "--help") & (HEAVY | {"sqlite3"})


@pytest.fixture(scope="module")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one asset that has been built, so that `status` has something to look at."""
    folder = tmp_path_factory.mktemp("built-project")
    for arguments in (["init"], ["new", "sprite", "gem"], ["build"]):
        done = bridge(folder, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_status_of_an_empty_project_loads_neither_click_nor_models(tmp_path: Path) -> None:
    (tmp_path / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    assert not imported(tmp_path, "status") & (HEAVY | {"click"})


@pytest.mark.parametrize("arguments", [("status",), ("status", "--json")])
def test_status_of_a_built_project_loads_neither_click_nor_models(
    built_project: Path, arguments: tuple[str, ...]
) -> None:
    assert not imported(built_project, *arguments) & (HEAVY | {"click"})


@pytest.mark.parametrize("arguments", [("plan",), ("plan", "--json"), ("plan", "-v", "--detailed-exitcode")])
def test_a_plan_without_changes_loads_neither_click_nor_models(built_project: Path, arguments: tuple[str, ...]) -> None:
    assert not imported(built_project, *arguments) & (HEAVY | {"click", "exporters"})


def test_a_plan_without_changes_loads_no_dataclasses(built_project: Path) -> None:
    """They bring `inspect`, a tenth of the whole answer."""
    assert not imported(built_project, "plan") & {"dataclasses", "inspect"}


def test_a_changed_plan_that_costs_nothing_loads_no_orders(built_project: Path) -> None:
    spec = next(built_project.rglob("*.asset.toml"))
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text + "# changed\n", encoding="utf-8")
    try:
        loaded = imported_modules(built_project, "plan")
    finally:
        spec.write_text(text, encoding="utf-8")
    assert "bridge.plan.planner" in loaded
    assert not loaded & {"bridge.orders.budget", "bridge.orders.balances", "bridge.plan.pricing", "platformdirs"}


def test_library_use_of_an_exporter_loads_no_bridge() -> None:
    loaded = "any(m.split('.')[0] == 'bridge' for m in sys.modules)"
    probe = f"import sys, exporters.registry, exporters.model.asset; print({loaded})"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_store_of_a_team_costs_a_plan_without_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETBRIDGE_TRUST", "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for arguments in (["init"], ["new", "sprite", "gem"]):
        bridge(tmp_path, *arguments)
    config = tmp_path / "assetbridge.toml"
    config.write_text(f'{config.read_text(encoding="utf-8")}[store]\nremote = "s3://team/game"\n', encoding="utf-8")
    assert bridge(tmp_path, "build").returncode == 0
    for arguments in (["status"], ["plan"]):
        modules = imported_modules(tmp_path, *arguments)
        assert not {name for name in modules if name.startswith(("obstore", "bridge.store.shared", "boto"))}
