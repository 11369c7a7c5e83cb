"""A real engine's program, run so that it never meets the settings of the person who runs the tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Version = tuple[int, ...]

_DROPPED = ("XDG_", "QT_", "KDE_", "GODOT_", "LD_", "DBUS_", "WAYLAND_", "PYTHON")


@dataclass(frozen=True, slots=True)
class Missing:
    """An engine that cannot be had here, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} is missing: {self.reason}"


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that runs here.

    `command` is what starts it (a dynamic loader may come first), `settings` are variables that it needs.
    """

    name: str
    command: tuple[str, ...]
    version: Version = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} {'.'.join(map(str, self.version))} ({self.command[-1]})"

    def run(
        self,
        args: Sequence[str | os.PathLike[str]],
        cwd: Path,
        timeout: float = 120,
        *,
        home: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs the program to its end and returns its exit code and what it printed.

        HOME and every settings folder lie in `home`, by default a new folder that is deleted afterwards; pass one
        to install extensions first or to look at what was written. `timeout` is in seconds.

        Raises:
            subprocess.TimeoutExpired: it did not end in time; it and its children were killed.
        """
        if home is None:
            with tempfile.TemporaryDirectory(prefix="engine-home-", ignore_cleanup_errors=True) as folder:
                return self.run(args, cwd, timeout, home=Path(folder), settings=settings)
        command = [*self.command, *(os.fspath(argument) for argument in args)]
        with subprocess.Popen(
            command,
            cwd=cwd,
            env={**self.environment(home), **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except BaseException:
                _kill_group(process)
                raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def environment(self, home: Path) -> dict[str, str]:
        """The environment for a run whose home folder is `home`; the folders in it are made."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
        kept.pop("DISPLAY", None)
        return {**kept, "LC_ALL": "C.UTF-8", **home_variables(home), **self.settings}


def home_variables(home: Path) -> dict[str, str]:
    """The variables that move a user's folders to `home` on Linux, macOS and Windows; makes the folders."""
    folders = {
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local/share",
        "XDG_STATE_HOME": home / ".local/state",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_RUNTIME_DIR": home / ".run",
        "APPDATA": home / "AppData/Roaming",
        "LOCALAPPDATA": home / "AppData/Local",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    folders["XDG_RUNTIME_DIR"].chmod(0o700)  # Qt complains about any other mode
    return {"HOME": str(home), "USERPROFILE": str(home)} | {k: str(v) for k, v in folders.items()}


def version_in(text: str) -> Version:
    """The first dotted number in a program's answer: `Tiled 1.12.1` gives (1, 12, 1); () when there is none."""
    match = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def _kill_group(process: subprocess.Popen[str]) -> None:
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
