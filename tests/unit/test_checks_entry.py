"""The entry that `make` and continuous integration call: when it installs, what it runs, which exit code it gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import run


class Calls:
    """Stands in for `run.call`: remembers commands and answers with the exit code set for a program."""

    def __init__(self, **codes: int) -> None:
        self.codes = codes
        self.commands: list[tuple[str, ...]] = []

    def __call__(self, *command: str) -> int:
        self.commands.append(command)
        words = {Path(word).name for word in command}
        return next((code for name, code in self.codes.items() if name in words), 0)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a virtual environment's Python that works."""
    folder = tmp_path / ".venv"
    folder.mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", folder)
    monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(run, "STAMP", folder / "stamp")
    return tmp_path


@pytest.fixture
def no_prefetch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines are not looked for: this stands in for `python -m tests.engines.fetch`."""
    popen = subprocess.Popen
    show = [sys.executable, "-c", "print('engines')"]
    monkeypatch.setattr("subprocess.Popen", lambda _command, **options: popen(show, **options))


@pytest.fixture
def room_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "MEMORY", tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=10**10))


def test_installs_once_and_again_when_the_project_changes(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setattr(run, "call", calls)
    run.prepare()
    run.prepare()
    assert [command[1:4] for command in calls.commands] == [("-m", "pip", "install")]
    (environment / "pyproject.toml").write_text("[project]\nname = 'other'\n", encoding="utf-8")
    run.prepare()
    assert len(calls.commands) == 2


def test_failed_installation_is_tried_again(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "call", Calls(pip=1))
    with pytest.raises(run.SetupError, match="pip could not install"):
        run.prepare()
    assert not (environment / ".venv/stamp").exists()


def test_broken_environment_is_made_anew(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []
    monkeypatch.setattr(run, "PYTHON", environment / ".venv/bin/python")
    monkeypatch.setattr(run, "call", Calls())
    monkeypatch.setattr(run, "usable", lambda _python: False)
    (environment / ".venv/leftover").touch()

    def make(command: list[str]) -> subprocess.CompletedProcess[str]:
        made.append(command)
        run.VENV.mkdir()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("subprocess.run", make)
    run.prepare()
    assert made == [[sys.executable, "-m", "venv", str(environment / ".venv")]]
    assert not (environment / ".venv/leftover").exists()


def test_python_without_venv_module_is_explained(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PYTHON", environment / "nothing")
    monkeypatch.setattr("subprocess.run", lambda command, **_options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(run.SetupError, match="python3-venv"):
        run.prepare()


@pytest.mark.usefixtures("environment")
def test_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.version_info", (3, 9, 2))
    assert run.main(["test"]) == 2
    assert "Python 3.11 or newer is needed" in capsys.readouterr().err


def test_usable_means_it_runs_has_pip_and_is_this_version(tmp_path: Path) -> None:
    assert run.usable(Path(sys.executable))
    assert not run.usable(tmp_path / "python")


@pytest.mark.usefixtures("no_prefetch")
@pytest.mark.parametrize(
    ("codes", "expected"),
    [({}, 0), ({"pytest": 1}, 1), ({"mypy": 1}, 1), ({"ruff": 1, "pytest": 5}, 5)],
)
def test_exit_code_is_the_tests_or_else_lint(
    monkeypatch: pytest.MonkeyPatch, codes: dict[str, int], expected: int
) -> None:
    calls = Calls(**codes)
    monkeypatch.setattr(run, "call", calls)
    assert run.run_task("test", ["-k", "name"]) == expected
    assert "pytest" in calls.commands[-1]
    assert calls.commands[-1][-4:] == ("-m", "not full", "-k", "name")


@pytest.mark.usefixtures("no_prefetch", "room_in_memory")
def test_full_tier_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setattr(run, "call", calls)
    run.run_task("test-full", [])
    assert calls.commands[-1] == (*run.PYTEST, "--basetemp", calls.commands[-1][-1])


@pytest.mark.parametrize("free", [0, 10**10])
def test_the_folders_of_tests_are_in_memory_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int
) -> None:
    monkeypatch.setattr(run, "MEMORY", tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=free))
    with run.memory_folder() as options:
        assert bool(options) == bool(free)
        assert not options or Path(options[1]).parent.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_lint_goes_on_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls(ruff=1)
    monkeypatch.setattr(run, "call", calls)
    assert run.run_task("lint", []) == 1
    assert [Path(command[0]).name for command in calls.commands] == ["ruff", "ruff", "mypy", "lint-imports"]


@pytest.mark.parametrize(("task", "module"), [("bench", "tests.benchmarks"), ("demo", "bridge"), ("package", "build")])
def test_other_tasks_run_one_module(monkeypatch: pytest.MonkeyPatch, task: str, module: str) -> None:
    calls = Calls(**{module: 3})
    monkeypatch.setattr(run, "call", calls)
    assert run.run_task(task, []) == 3
    assert calls.commands[-1][1:3] == ("-m", module)


def test_every_make_target_is_a_task() -> None:
    makefile = (Path(__file__).resolve().parents[2] / "Makefile").read_text(encoding="utf-8")
    (targets,) = [line for line in makefile.splitlines() if line.endswith("package:")]
    assert set(targets.rstrip(":").split()) == set(run.TASKS)
