"""Builders to measure beside: each looks over the same specs and outputs and finds nothing to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.measure import Command
from tests.benchmarks.peers import DRIVERS, Missing, node_modules, node_program, python_with

_LIMIT = 300.0
_MAKEFILE = """\
SPECS := $(wildcard art/*/*.asset.toml)
all: $(SPECS:%.asset.toml=export/%.json)
export/%.json: %.asset.toml
\tfalse
"""
_DODO = """\
import pathlib
DOIT_CONFIG = {{"backend": "sqlite3", "dep_file": {kept!r}, "check_file_uptodate": "timestamp", "reporter": "zero"}}
def task_make():
    for spec in sorted(pathlib.Path("art").rglob("*.asset.toml")):
        name = spec.as_posix().removesuffix(".asset.toml")
        yield {{"name": name, "file_dep": [str(spec)], "targets": [f"export/{{name}}.json"], "actions": []}}
"""


def commands(made: Path, folder: Path, runs: int) -> tuple[dict[str, Command], dict[str, str]]:
    """A command for each builder that can be had, to be run in a built project; for the others the reason.

    What they need and remember is kept in another folder.
    """
    found, missing = {}, {}
    for name, (words, often) in _BUILDERS.items():
        own = folder / name.split()[0]
        own.mkdir(parents=True)
        try:
            found[name] = Command(words(made, own), runs if often else max(1, runs // 2), _LIMIT)
        except Missing as error:
            missing[name] = str(error)
    return found, missing


def _ninja(made: Path, own: Path) -> list[str]:
    program = python_with("ninja==1.11.1.4").with_name("ninja.exe" if sys.platform == "win32" else "ninja")
    # A generator rule is current without an entry in ninja's log, so nothing has to be made first.
    lines = [f"builddir = {own}", "rule make", "  command = false", "  generator = 1"]
    lines += [f"build export/{name}.png export/{name}.json: make {name}.asset.toml" for name in _names(made)]
    listed = own / "build.ninja"
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [str(program), "-f", str(listed)]


def _make(_made: Path, own: Path) -> list[str]:
    program = shutil.which("make")
    if program is None:
        raise Missing("make is not installed here")
    (own / "Makefile").write_text(_MAKEFILE, encoding="utf-8")
    # Without its built-in rules, of which it tries every one on every file.
    return [program, "-s", "-r", "-R", "-f", str(own / "Makefile")]


def _doit(_made: Path, own: Path) -> list[str]:
    python = python_with("doit==0.37.0")
    (own / "dodo.py").write_text(_DODO.format(kept=str(own / "doit.db")), encoding="utf-8")
    return [str(python), "-m", "doit", "-f", str(own / "dodo.py"), "-d", "."]


def _assetpack(made: Path, own: Path) -> list[str]:
    modules = str(node_modules("@assetpack/core@1.7.0"))
    return [node_program(), str(DRIVERS / "use_assetpack.mjs"), modules, str(made / "art"), str(own / "out"), "nothing"]


def _names(made: Path) -> Iterator[str]:
    for spec in sorted(made.glob("art/**/*.asset.toml")):
        yield spec.relative_to(made).as_posix().removesuffix(".asset.toml")


# What makes each one's words, and whether it is quick.
_BUILDERS: dict[str, tuple[Callable[[Path, Path], list[str]], bool]] = {
    "ninja 1.11.1": (_ninja, True),
    "make, one pattern rule": (_make, True),
    "doit 0.37.0": (_doit, False),
    "AssetPack 1.7.0, no pipes": (_assetpack, False),
}
