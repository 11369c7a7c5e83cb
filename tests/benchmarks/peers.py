"""Peers to measure beside, installed on demand into environments of their own, each of a fixed version.

Python packages go into a virtual environment, those of npm into a folder with `node_modules`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs

DRIVERS = Path(__file__).resolve().parent / "drivers"
_INSTALL_SECONDS = 300
# What was tried in vain in this run, and why: a network that hangs is waited for once.
_FAILED: dict[str, str] = {}


class Missing(Exception):
    """A peer cannot be had on this machine; the text says why."""


def python_with(requirement: str, oldest: tuple[int, int] = (3, 11)) -> Path:
    """The interpreter of an environment that has some packages (`name==version`, apart by spaces).

    Raises:
        Missing: they cannot be installed, or no Python is new enough.
    """
    folder = _cached(requirement)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (folder / "ready").exists():
        base = _newer_python(oldest)
        _run([base, "-m", "venv", "--clear", str(folder)], requirement)
        _run([str(python), "-m", "pip", "install", "--quiet", *requirement.split()], requirement)
        (folder / "ready").touch()
    return python


def node_program() -> str:
    """The path of Node.js.

    Raises:
        Missing: there is none.
    """
    program = shutil.which("node")
    if program is None:
        raise Missing("needs Node.js, which is not installed here")
    return program


def node_modules(requirement: str) -> Path:
    """A folder whose `node_modules` has a package (`name@version`) of npm.

    Raises:
        Missing: it cannot be installed.
    """
    folder = _cached(requirement)
    if not (folder / "ready").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Missing("needs npm, which is not installed here")
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        _run([npm, "install", *quiet, "--prefix", str(folder), requirement], requirement)
        (folder / "ready").touch()
    return folder


def _cached(requirement: str) -> Path:
    name = requirement.replace("=", "-").replace(" ", "_").replace("/", "-")
    return Path(platformdirs.user_cache_dir("assetbridge")) / "peers" / name


def _run(words: list[str], requirement: str) -> None:
    if requirement in _FAILED:
        raise Missing(_FAILED[requirement])
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        _FAILED[requirement] = f"was not installed within {_INSTALL_SECONDS} s"
    except (subprocess.SubprocessError, OSError):
        _FAILED[requirement] = "cannot be installed here"
    if requirement in _FAILED:
        raise Missing(_FAILED[requirement])


def _newer_python(oldest: tuple[int, int]) -> str:
    """This interpreter if it is new enough, else the first that answers: on the path, then pyenv's."""
    if sys.version_info >= oldest:
        return sys.executable
    names = [f"python3.{minor}" for minor in range(oldest[1], oldest[1] + 6)]
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    programs = [found for name in names if (found := shutil.which(name))]
    programs += [str(path) for name in names for path in sorted(kept.glob(f"*/bin/{name}"))]
    for program in programs:
        # pyenv's shims stand on the path for versions that are not chosen, and fail.
        if subprocess.run([program, "-c", ""], capture_output=True).returncode == 0:
            return program
    raise Missing(f"needs Python {oldest[0]}.{oldest[1]} or newer, and none was found")
