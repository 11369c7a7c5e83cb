"""Peers to measure beside, installed on demand into environments of their own.

Each does the same work with the same settings, in its quickest form. Packers that lose pixels, need a paid program
beside them or cannot be installed from the package index are left out.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import platformdirs

from tests.benchmarks.measure import Measured, process

_PACK = """
import sys
from PyTexturePacker import Packer
from PyTexturePacker.GuillotinePacker import GuillotinePacker
Packer.create(
    GuillotinePacker, max_width=2048, max_height=2048, enable_rotated=False, atlas_format='json',
    trim_mode=1, border_padding=0, shape_padding=1,
).pack(sys.argv[1], sys.argv[2])
"""


def installed(requirement: str) -> Path | None:
    """The interpreter of an environment that has a package; None where it cannot be installed."""
    folder = Path(platformdirs.user_cache_dir("assetbridge")) / "peers" / requirement.replace("=", "-")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (folder / "ready").exists():
        try:
            venv.create(folder, with_pip=True, clear=True)
            words = [str(python), "-m", "pip", "install", "--quiet", requirement]
            subprocess.run(words, check=True, capture_output=True, timeout=300)
        except (subprocess.SubprocessError, OSError):
            return None
        (folder / "ready").touch()
    return python


def packer(source: Path, folder: Path, runs: int) -> tuple[Measured | None, str]:
    """PyTexturePacker on the same frames, in a process of its own."""
    python = installed("PyTexturePacker==1.2.1")
    if python is None:
        return None, "PyTexturePacker 1.2.1 cannot be installed here"
    try:
        words = [str(python), "-c", _PACK, str(source), str(folder / "peer%d")]
        return process(
            words, folder, max(1, runs // 2)
        ), "PyTexturePacker 1.2.1, trimming and padding as ours, with the quicker of its packers"
    except RuntimeError as error:
        return None, f"PyTexturePacker 1.2.1 does not run here: {str(error)[-120:]}"


def ninja(made: Path, runs: int) -> tuple[Measured | None, str]:
    """Ninja over a built project's specs and outputs, with nothing to do: the quickest builder there is."""
    python = installed("ninja==1.11.1.4")
    if python is None:
        return None, "ninja 1.11.1 cannot be installed here"
    # A generator rule is current without an entry in ninja's log, so nothing has to be made first.
    lines = ["rule make", "  command = false", "  generator = 1"]
    for spec in sorted(made.glob("art/**/*.asset.toml")):
        name = spec.relative_to(made).as_posix().removesuffix(".asset.toml")
        lines.append(f"build export/{name}.png export/{name}.json: make {name}.asset.toml")
    listed = made / "build.ninja"
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        program = python.with_name("ninja.exe" if sys.platform == "win32" else "ninja")
        return process([str(program)], made, runs), "ninja 1.11.1 over the same specs and outputs"
    except RuntimeError as error:
        return None, f"ninja 1.11.1 does not run here: {str(error)[-120:]}"
    finally:
        for left in (listed, made / ".ninja_log", made / ".ninja_deps"):
            left.unlink(missing_ok=True)
