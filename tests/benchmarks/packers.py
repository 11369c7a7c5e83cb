"""Packers to measure beside: the same frames and settings (no rotation, trimmed, 1 pixel of padding, 4,096 at most)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import Command
from tests.benchmarks.peers import DRIVERS, Missing, node_modules, node_program, python_with

_LIMIT = 120.0
# Where frames stand: AssetPack makes a sheet of a folder with this tag, and looks through the one around it.
FRAMES = "frames/sheet{tps}"


@dataclass(frozen=True, slots=True)
class Packer:
    """A program that makes a sheet: its package, the driver that calls it, and what it needs besides.

    oldest: the least Python it runs on. slow: measured only once.
    """

    name: str
    package: str
    driver: str
    words: tuple[str, ...] = ()
    oldest: tuple[int, int] = (3, 11)
    slow: bool = False

    def command(self, frames: Path, out: Path, runs: int) -> Command:
        """The command that packs a folder into another; its environment is made first.

        Raises:
            Missing: it cannot be had here.
        """
        driver = DRIVERS / self.driver
        if driver.suffix == ".py":
            words = [str(python_with(self.package, self.oldest)), str(driver)]
        else:
            words = [node_program(), str(driver), str(node_modules(self.package))]
        return Command([*words, str(frames), str(out), *self.words], 1 if self.slow else max(1, runs // 2), _LIMIT)


PACKERS = (
    Packer("PyTexturePacker 1.2.1, maxrects", "PyTexturePacker==1.2.1", "use_pytexturepacker.py", ("maxrects",)),
    Packer("PyTexturePacker 1.2.1, guillotine", "PyTexturePacker==1.2.1", "use_pytexturepacker.py", ("guillotine",)),
    Packer("sprak 2.1.0 (Aseprite left out)", "sprak==2.1.0", "use_sprak.py", oldest=(3, 12)),
    Packer(
        "godot-universal-spritepacker 1.4.0", "godot-universal-spritepacker==1.4.0", "use_universal_spritepacker.py"
    ),
    Packer("free-tex-packer 0.3.9, MaxRectsBin", "free-tex-packer-core@0.3.9", "use_freetex.cjs", ("MaxRectsBin",)),
    Packer(
        "free-tex-packer 0.3.9, Optimal", "free-tex-packer-core@0.3.9", "use_freetex.cjs", ("OptimalPacker",), slow=True
    ),
    Packer("spritesmith 3.5.1", "spritesmith@3.5.1", "use_spritesmith.cjs"),
    Packer("AssetPack 1.7.0, cache off", "@assetpack/core@1.7.0", "use_assetpack.mjs", ("pack",), slow=True),
)
# What no registry can give: name and reason.
ABSENT = (("spritesheet-js 1.2.8", "a dependency is hosted on git, outside the registries; needs ImageMagick"),)


def commands(frames: Path, folder: Path, runs: int) -> tuple[dict[str, Command], dict[str, str]]:
    """A command for each packer that can be had, writing to its `out_folder`; for the others the reason."""
    found, missing = {}, dict(ABSENT)
    for number, packer in enumerate(PACKERS):
        out = out_folder(folder, number)
        out.mkdir(parents=True)
        try:
            found[packer.name] = packer.command(frames, out, runs)
        except Missing as error:
            missing[packer.name] = str(error)
    return found, missing


def out_folder(folder: Path, number: int) -> Path:
    """Where the packer of that number in PACKERS writes; two levels, for some leave a cache beside."""
    return folder / f"peer{number}" / "out"
