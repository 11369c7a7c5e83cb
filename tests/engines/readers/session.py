"""One headless page in which all readers do all jobs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engines.engine import Missing, home_variables
from tests.engines.readers import browser, packages

PAGE = Path(__file__).parent / "page"
DRIVER = Path(__file__).parent / "drive.mjs"
_SECONDS = 100


@dataclass(frozen=True, slots=True)
class ReaderTools:
    """What a session needs on this machine."""

    node: Path
    browser: browser.Browser
    libraries: Path

    def __str__(self) -> str:
        return f"{self.browser}, {len(packages.PACKAGES)} libraries of npm ({self.libraries}), node ({self.node})"


def tools() -> ReaderTools | Missing:
    """Node, the browser and the libraries, fetched when they are not here."""
    node, chromium, libraries = packages.node(), browser.browser(), packages.libraries()
    if isinstance(node, Missing):
        return node
    if isinstance(chromium, Missing):
        return chromium
    if isinstance(libraries, Missing):
        return libraries
    return ReaderTools(node, chromium, libraries)


def drawn_in_aseprite(found: ReaderTools) -> Path:
    """A file that Aseprite itself saved, which comes with ase-parser."""
    library = next(package for package in packages.PACKAGES if package.name == "ase-parser")
    return found.libraries / library.folder / "indexed.aseprite"


def parse_ase_files(found: ReaderTools, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What ase-parser finds in .aseprite files.

    Raises:
        AssertionError: it cannot read one; the text is what it said.
    """
    library = next(package for package in packages.PACKAGES if package.name == "ase-parser")
    script = Path(__file__).with_name("ase_parser.mjs")
    command = [str(found.node), str(script), str(found.libraries / library.folder), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr[-4000:]
    files: list[dict[str, Any]] = json.loads(done.stdout)
    return files


def run_jobs(found: ReaderTools, jobs: Sequence[dict[str, Any]], work: Path) -> list[dict[str, Any]]:
    """The results of jobs, in their order; `work` is what the page sees at /work/.

    Raises:
        AssertionError: the page did not come to an end; the text is what was said.
    """
    libraries = {package.name: package for package in packages.PACKAGES}
    plan = {
        "folders": {"page": str(PAGE), "lib": str(found.libraries), "work": str(work)},
        "playwright": str(found.libraries / libraries["playwright-core"].folder),
        "program": str(found.browser.program),
        "options": list(found.browser.options),
        "seconds": _SECONDS,
        "jobs": list(jobs),
    }
    path = work / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    home = work / "home"
    home.mkdir()
    done = subprocess.run(
        [str(found.node), str(DRIVER), str(path)],
        capture_output=True,
        text=True,
        timeout=_SECONDS + 30,
        cwd=work,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **home_variables(home)},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    answer = json.loads(done.stdout)
    results: list[dict[str, Any]] = answer["results"]
    assert len(results) == len(jobs), answer["said"]
    return results
