"""Others that find the grid of fake pixels, and one that takes backgrounds away, each in an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import printed
from tests.benchmarks.peers import DRIVERS, Missing, python_with

_LIMIT_SECONDS = 600.0
_GRIDS = (
    "perfect-pixel==0.1.4 pillow==11.3.0",
    "pixel-snapper==0.1.0 pillow==11.3.0",
    "proper-pixel-art==2.0.0",
    "unfake==1.0.7",
    "spritegrid==0.2.0",
)
_MATTE = "unfake==1.0.7"
NOT_HERE = "rembg 2.0.86: needs weights of a network that no package has, and gives soft alpha"


@dataclass(frozen=True, slots=True)
class Size:
    """What one picture was reduced to: width and height (0 for nothing), and the milliseconds of processor time."""

    width: int
    height: int
    spent: float


def grid_finders(folder: Path) -> Iterator[tuple[str, dict[str, Size] | str]]:
    """What others make of a folder of PNGs, by file name; for one that cannot be had, why."""
    for requirement in _GRIDS:
        package, version = requirement.split()[0].split("==")
        yield f"{package} {version}", _found(requirement, package, folder)


def _found(requirement: str, package: str, folder: Path) -> dict[str, Size] | str:
    try:
        words = [str(python_with(requirement)), str(DRIVERS / "use_grids.py"), package, str(folder)]
        rows = printed(words, folder, _LIMIT_SECONDS)
    except (Missing, RuntimeError) as error:
        return str(error)
    return {name: Size(width, height, spent) for name, width, height, spent in rows}


def without_grounds(folder: Path, out: Path) -> tuple[str, list[float] | str]:
    """Writes a folder of PNGs without their backgrounds to another, as unfake does it: its name and milliseconds."""
    name = _MATTE.replace("==", " ")
    try:
        words = [str(python_with(_MATTE)), str(DRIVERS / "use_unfake_matte.py"), str(folder), str(out)]
        return name, [float(spent) for spent in printed(words, folder, _LIMIT_SECONDS)]
    except (Missing, RuntimeError) as error:
        return name, str(error)
