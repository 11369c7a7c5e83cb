"""Programs are found outside of the project by absolute paths, and run away from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.core import programs
from bridge.core.module_path import OWN_FOLDER, leave_working_folder
from bridge.core.programs import child_environment, find_program, isolated_children, python_command, run_program

SHOW = "import os, sys; print(repr(os.getcwd())); print(repr(sys.path)); print(sys.stdin.read())"


def make_program(folder: Path, name: str = "tool") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


# finding


def test_a_name_is_looked_for_on_the_path(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = make_program(tmp_path / "bin")
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "none"), str(tmp_path / "bin")]))
    assert find_program("tool", project) == str(wanted)
    assert find_program(str(wanted), project) == str(wanted)
    assert find_program("another", project) is None


@pytest.mark.parametrize("entry", ["", ".", "bin", "{project}", "{project}/bin", "{link}", "{outer}/../project/bin"])
def test_the_project_is_no_place_for_programs(
    entry: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_program(project)
    make_program(project / "bin")
    (tmp_path / "link").symlink_to(project / "bin")
    (tmp_path / "outer").mkdir()
    names = {"project": project, "link": tmp_path / "link", "outer": tmp_path / "outer"}
    monkeypatch.setenv("PATH", entry.format(**names))
    assert find_program("tool", project) is None


@pytest.mark.parametrize("name", ["", "./tool", "bin/tool", "../project/tool", "{project}/tool"])
def test_nor_is_one_named_there(name: str, project: Path) -> None:
    make_program(project)
    make_program(project / "bin")
    assert find_program(name.format(project=project), project) is None


def test_a_link_into_the_project_is_no_program(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tool").symlink_to(make_program(project))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_program("tool", project) is None


def test_windows_adds_its_suffixes(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_WINDOWS", True)
    monkeypatch.setenv("PATHEXT", ".EXE;.CMD")
    wanted = make_program(tmp_path / "bin", "tool.CMD")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_program("tool", project) == str(wanted)
    assert find_program("tool.CMD", project) == str(wanted)


# starting


def test_python_runs_away_from_the_project(project: Path) -> None:
    done = run_program(python_command("-c", SHOW), timeout=60, data=b"said")
    folder, path, said = done.stdout.decode().split("\n")[:3]
    assert (folder, said) == (repr(os.sep), "said")
    assert "''" not in path
    assert repr(str(project)) not in path


@pytest.mark.parametrize("words", [[], ["python"], ["./python"], ["bin/python"]])
def test_a_program_without_its_whole_path_is_not_started(words: list[str]) -> None:
    with pytest.raises(ValueError, match="not known"):
        run_program(words, timeout=10)


def test_one_that_does_not_end_is_ended() -> None:
    with pytest.raises(TimeoutError):
        run_program(python_command("-c", "import time; time.sleep(60)"), timeout=0.3)


def test_what_is_hidden_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "secret")
    code = "import os; print('SOME_KEY' in os.environ)"
    assert run_program(python_command("-c", code), timeout=60).stdout.split() == [b"True"]
    hidden = frozenset({"SOME_KEY"})
    assert run_program(python_command("-c", code), timeout=60, hidden=hidden).stdout.split() == [b"False"]


@pytest.mark.usefixtures("project")
def test_relative_folders_of_python_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "inside")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "lib", "/usr/own", ".", os.path.relpath(OWN_FOLDER)]))
    environment = child_environment()
    assert environment["PYTHONPATH"] == os.pathsep.join(["/usr/own", OWN_FOLDER])
    assert not {"PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX", "PYTHONSTARTUP"} & set(environment)


def test_a_library_installed_for_the_user_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pip install --user`: the very thing that `-I` would hide."""
    code = "import site; print(site.getusersitepackages())"
    # A virtual environment has no such folder; the Python below it has.
    base = os.path.realpath(sys.executable)
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path))
    monkeypatch.setattr(sys, "executable", base)
    folder = Path(run_program(python_command("-c", code), timeout=60).stdout.decode().strip())
    folder.mkdir(parents=True)
    (folder / "installed_for_the_user.py").write_text("", encoding="utf-8")
    found = run_program(python_command("-c", "import installed_for_the_user"), timeout=60)
    assert found.returncode == 0, found.stderr


@pytest.mark.usefixtures("project")
def test_what_libraries_start_inherits_the_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    monkeypatch.setenv("PYTHONPATH", "lib")
    with isolated_children() as are_isolated:
        assert are_isolated
        assert (os.environ["PYTHONSAFEPATH"], os.environ.get("PYTHONPATH")) == ("1", None)
    assert "PYTHONSAFEPATH" not in os.environ
    assert os.environ["PYTHONPATH"] == "lib"
    assert "PYTHONSAFEPATH" not in child_environment()


@pytest.mark.usefixtures("project")
def test_without_the_environment_there_is_no_isolation() -> None:
    code = (
        f"import sys; sys.path.append({OWN_FOLDER!r}); from bridge.core.programs import isolated_children\n"
        "with isolated_children() as are_isolated: print(are_isolated)"
    )
    for switch, expected in (("-E", "False"), ("-EP", "True"), ("-I", "True")):
        done = subprocess.run([sys.executable, switch, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == [expected]


# modules


def test_the_working_folder_is_left(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["lib", "/usr/own"]))
    inside = [str(project), "", ".", "lib", str(project / "lib")]
    monkeypatch.setattr(sys, "path", [*inside, "/usr/own", OWN_FOLDER])
    leave_working_folder()
    assert sys.path == ["/usr/own", OWN_FOLDER]


def test_a_checkout_that_is_the_working_folder_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(OWN_FOLDER)
    monkeypatch.setattr(sys, "path", [OWN_FOLDER, "/usr/own"])
    leave_working_folder()
    assert sys.path == [OWN_FOLDER, "/usr/own"]


def test_a_working_folder_that_is_gone_stops_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project.rmdir()
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delenv("PYTHONPATH", raising=False)
    leave_working_folder()
    assert OWN_FOLDER in sys.path
