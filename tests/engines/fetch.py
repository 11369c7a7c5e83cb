"""Finds the real engines for the tests, or fetches them; `python -m tests.engines.fetch` does it beforehand.

The order is: the program that ASSETBRIDGE_GODOT, ASSETBRIDGE_TILED or ASSETBRIDGE_TMXRASTERIZER names; a new
enough one on PATH; an earlier fetch in the user's cache folder; a fetch from Debian's unstable suite (about
180 MB, 600 MB unpacked). A fetch is kept in a folder named after the versions it holds, appears there whole or
not at all, and is done by one process while others wait for it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from tests.engines import debian
from tests.engines.engine import Engine, Missing, Version, version_in

# Read once, at import: the tests move HOME to a temporary folder before they ask for an engine.
CACHE = user_cache_path("assetbridge", appauthor=False) / "engines"
PACKAGES = ("godot", "tiled")
_LAYOUT = "1"  # part of a fetched folder's name: raise it when what `debian.unpack` leaves behind changes

Unpack = Callable[[Sequence[str], Path], Path]


@dataclass(frozen=True, slots=True)
class Program:
    """What has to be known to find one engine program and to tell whether it is new enough."""

    name: str
    variable: str
    names: tuple[str, ...]
    oldest: Version
    settings: Mapping[str, str]


_OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
GODOT = Program("godot", "ASSETBRIDGE_GODOT", ("godot", "godot4"), (4, 3), {})
TILED = Program("tiled", "ASSETBRIDGE_TILED", ("tiled",), (1, 10), _OFFSCREEN)
# It counts its own versions (1.0 for years): it is as new as the Tiled it comes with.
RASTERIZER = Program("tmxrasterizer", "ASSETBRIDGE_TMXRASTERIZER", ("tmxrasterizer",), (), _OFFSCREEN)


@cache
def godot() -> Engine | Missing:
    """Godot 4.3 or newer, for headless runs."""
    return find(GODOT)


@cache
def tiled() -> Engine | Missing:
    """Tiled 1.10 or newer, drawing into memory instead of on a screen."""
    return find(TILED)


@cache
def tmxrasterizer() -> Engine | Missing:
    """The program that comes with Tiled and renders a map to a picture."""
    return find(RASTERIZER)


def find(program: Program, *, store: Path = CACHE, unpack: Unpack | None = None) -> Engine | Missing:
    """The program, from the first place of this module's order that has it.

    `store` is where fetched engines are kept; `unpack` fetches packages into a scratch folder and returns the
    root.
    """
    named = os.environ.get(program.variable)
    if named:
        # Absolute, because the program is run in other folders.
        path = Path(shutil.which(named) or named).absolute()
        checked = _checked(program, (str(path),), program.settings)
        if isinstance(checked, Missing):
            return Missing(program.name, f"{program.variable} is set, but {checked.reason}")
        return checked
    for name in program.names:
        on_path = shutil.which(name)
        if on_path is not None:
            checked = _checked(program, (on_path,), program.settings)
            if isinstance(checked, Engine):
                return checked
    root = _root(store, unpack or debian.unpack)
    if isinstance(root, Path):
        return _unpacked(program, root)
    reason = f"it is not on PATH, {program.variable} is not set, and it cannot be fetched: {root}"
    return Missing(program.name, reason)


@cache
def _root(store: Path, unpack: Unpack) -> Path | Exception:
    """The fetched root, or why there is none; cached, for without a network every attempt takes its time."""
    try:
        return fetched(store, unpack)
    except (debian.FetchError, OSError) as error:
        return error


def fetched(store: Path, unpack: Unpack) -> Path:
    """The root folder of the newest fetch in `store`; fetches first when there is none.

    Raises:
        debian.FetchError: nothing was there and nothing could be fetched.
        OSError: `store` cannot be written.
    """

    def make(work: Path) -> tuple[Path, str]:
        root = unpack(PACKAGES, work)
        versions = []
        for program in (GODOT, TILED):
            engine = _unpacked(program, root)
            if isinstance(engine, Missing):
                raise debian.FetchError(engine.reason)
            versions.append(f"{program.name}-{'.'.join(map(str, engine.version))}")
        return root, "_".join((f"v{_LAYOUT}", *versions))

    return kept(store, lambda: _newest(store), make)


def kept(store: Path, present: Callable[[], Path | None], make: Callable[[Path], tuple[Path, str]]) -> Path:
    """The folder that `present` finds in `store`, made first when it finds none; one process makes, others wait.

    `make` gets a scratch folder and returns a folder and the name under which it then appears whole in `store`.

    Raises:
        OSError: `store` cannot be written.
    """
    there = present()
    if there is not None:
        return there
    store.mkdir(parents=True, exist_ok=True)
    with FileLock(store / ".lock"):
        there = present()
        if there is not None:
            return there
        work = store / ".fetching"
        root, name = make(work)
        whole = store / name
        root.rename(whole)
        shutil.rmtree(work, ignore_errors=True)
        return whole


def kept_packages(
    whole: Path, packages: Sequence[str], prepare: Callable[[Path, Path], None], unpack: Unpack = debian.unpack
) -> Path:
    """The folder `whole` with Debian's packages in it, unpacked first when it is not there.

    `prepare` gets the unpacked root folder, and `whole`, its later name.

    Raises:
        debian.FetchError: they cannot be fetched, or `prepare` says so.
        OSError: the folder above `whole` cannot be written.
    """

    def present() -> Path | None:
        return whole if whole.is_dir() else None

    def make(work: Path) -> tuple[Path, str]:
        root = unpack(packages, work)
        prepare(root, whole)
        return root, whole.name

    return kept(whole.parent, present, make)


def _newest(store: Path) -> Path | None:
    whole = [path for path in store.glob(f"v{_LAYOUT}_*") if path.is_dir()]
    return max(whole, key=lambda path: version_in(path.name), default=None)


def _unpacked(program: Program, root: Path) -> Engine | Missing:
    try:
        folders = debian.library_folders(root)
    except debian.FetchError as error:
        return Missing(program.name, f"{error}: remove that folder to have it fetched again")
    command = (
        str(root / debian.LOADER),
        "--library-path",
        ":".join(map(str, folders)),
        str(root / "usr/bin" / program.names[0]),
    )
    # The name of Qt's folder changes with its major version.
    plugins = sorted(folders[0].glob("qt*/plugins"))
    settings = {
        **program.settings,
        "QT_PLUGIN_PATH": ":".join(map(str, plugins)),
        "FONTCONFIG_PATH": str(root / "etc/fonts"),
    }
    return _checked(program, command, settings)


def _checked(program: Program, command: tuple[str, ...], settings: Mapping[str, str]) -> Engine | Missing:
    probe = Engine(program.name, command, (), settings)
    try:
        # Godot would take a path among its arguments for a project: it is asked in a folder that has none.
        answer = probe.run(["--version"], cwd=Path(command[-1]).parent, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        return Missing(program.name, f"{command[-1]} does not run: {error}")
    version = version_in(answer.stdout)
    if not version:
        return Missing(program.name, f"{command[-1]} --version gave no version (exit code {answer.returncode})")
    if version < program.oldest:
        has, wanted = (".".join(map(str, numbers)) for numbers in (version, program.oldest))
        return Missing(program.name, f"{command[-1]} is version {has}, {wanted} or newer is needed")
    return Engine(program.name, command, version, settings)


def main() -> int:
    """Finds or fetches engines, screen in memory and readers of sheets, and prints a line each; 1 if one is missing."""
    # They fetch as this module does, and so are built on it.
    from tests.engines.display import tools
    from tests.engines.readers import session

    found = [godot(), tiled(), tmxrasterizer(), tools(), session.tools()]
    for one in found:
        print(one)
    return int(any(isinstance(one, Missing) for one in found))


if __name__ == "__main__":
    sys.exit(main())
