"""Every program that assetbridge starts: found outside of the project, and started away from it.

A project's files may come from a stranger, and much is looked for in the folder in which a program starts: by Windows
the program itself (`CreateProcess`), by an empty or relative entry of PATH anything, by Python its modules
(`python -c`, `python -m`). So a program is always an absolute path, and its working folder is none of the project's.

Python gets `-P` and not `-I`, which would hide what was installed with `pip install --user`; variables that make it
load something relative to the working folder are taken out instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bridge.core.module_path import keep_absolute

Program = subprocess.Popen[bytes]
"""A program that was started and not waited for."""
Ended = subprocess.CompletedProcess[bytes]
"""A program that has ended, with its code and output."""

_WINDOWS = os.name == "nt"
_FOLDERS_OF_PYTHON = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX")
# They are for a person at a prompt: a file that is run first, and a prompt at the end.
_OF_PROMPTS = ("PYTHONSTARTUP", "PYTHONINSPECT")
_SAFE_PATH = "PYTHONSAFEPATH"
# The environment is the process's, not a thread's.
_environment_lock = threading.Lock()


def neutral_folder() -> Path:
    """A folder that is always there and no project: the root of the drive that has Python."""
    return Path(Path(sys.prefix).anchor or os.sep)


def find_program(name: str, outside: Path) -> str | None:
    """The absolute path of a program by its name on PATH, or by its absolute path; None when there is none.

    What lies in the folder `outside` (really, through links) does not count, nor do entries of PATH that are empty or
    relative. On Windows a name without a suffix is looked for with those of PATHEXT.
    """
    if os.path.isabs(name):  # noqa: PTH117
        folders = [""]
    elif os.path.basename(name) != name or not name:  # noqa: PTH119
        return None
    else:
        folders = [folder for folder in _search_path() if os.path.isabs(folder)]  # noqa: PTH117
    root = Path(outside).resolve()
    for folder in folders:
        for suffix in _suffixes(name):
            path = Path(folder, name + suffix)
            if path.is_file() and os.access(path, os.X_OK) and not _lies_in(root, path):
                return str(path)
    return None


def python_command(*words: str) -> list[str]:
    """The words that start this very Python with a module or a script, as isolated as this process is, or more."""
    if sys.flags.isolated:
        return [sys.executable, "-I", *words]
    switches = ["-P"]
    switches += ["-E"] if sys.flags.ignore_environment else []
    switches += ["-s"] if sys.flags.no_user_site else []
    return [sys.executable, *switches, *words]


def run_program(
    words: Sequence[str],
    *,
    timeout: float,
    data: bytes = b"",
    folder: Path | None = None,
    hidden: frozenset[str] = frozenset(),
) -> Ended:
    """Runs a program to its end. words: its absolute path and arguments, given to it without a shell.

    data: its standard input. timeout: seconds. folder: its working folder, by default `neutral_folder`. hidden: names
    of environment variables that it does not get.

    Raises:
        TimeoutError: it did not end in time and was killed.
        OSError, ValueError: it cannot be started.
    """
    try:
        return subprocess.run(
            _absolute(words),
            cwd=folder or neutral_folder(),
            env={name: value for name, value in child_environment().items() if name not in hidden},
            input=data,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"did not end within {timeout:g} seconds") from None


def start_program(words: Sequence[str], output: Any) -> Program:
    """Starts a program that goes on when this one ends, its output into an open file. words: as in `run_program`.

    Raises:
        OSError, ValueError: it cannot be started.
    """
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return subprocess.Popen(
        _absolute(words),
        cwd=neutral_folder(),
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        **options,
    )


def child_environment() -> dict[str, str]:
    """The environment of a program: this process's own, without what would load Python code from a working folder."""
    with _environment_lock:
        environment = dict(os.environ)
    for name, value in _changes_for_python(environment).items():
        if value is None:
            del environment[name]
        else:
            environment[name] = value
    return environment


@contextmanager
def isolated_children() -> Iterator[bool]:
    """Python processes that a library starts in the block look for no module in the working folder.

    The library chooses their words; it hands on `-P` where this process has it, and the environment. Gives False where
    neither helps, because this process ignores the environment: then start none.
    """
    if sys.flags.ignore_environment and not sys.flags.safe_path:
        yield False
        return
    with _environment_lock:
        changes: dict[str, str | None] = {**_changes_for_python(os.environ), _SAFE_PATH: "1"}
        before = {name: os.environ.get(name) for name in changes}
        try:
            _set_variables(changes)
            yield True
        finally:
            _set_variables(before)


def _search_path() -> list[str]:
    return os.environ.get("PATH", os.defpath).split(os.pathsep)


def _suffixes(name: str) -> list[str]:
    if not _WINDOWS or os.path.splitext(name)[1]:  # noqa: PTH122
        return [""]
    return [suffix for suffix in os.environ.get("PATHEXT", ".COM;.EXE").split(";") if suffix]


def _lies_in(root: Path, path: Path) -> bool:
    """Whether a file lies in a folder, itself or what it links to."""
    return any(root == folder or root in folder.parents for folder in (path.parent.resolve(), path.resolve()))


def _absolute(words: Sequence[str]) -> list[str]:
    """The words, refused when the system would have to look for the program.

    Raises:
        ValueError: it is not an absolute path.
    """
    if not words or not os.path.isabs(words[0]):  # noqa: PTH117
        raise ValueError("the path of the program is not known")
    return list(words)


def _changes_for_python(environment: Mapping[str, str]) -> dict[str, str | None]:
    """What has to change in an environment: new values, None for what has to go."""
    changes: dict[str, str | None] = {name: None for name in _OF_PROMPTS if name in environment}
    for name in _FOLDERS_OF_PYTHON:
        if name in environment:
            changes[name] = keep_absolute(environment[name]) or None
    return changes


def _set_variables(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
