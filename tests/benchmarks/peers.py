"""Peers to measure beside, installed on demand into environments of their own."""

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
Packer.create(max_width=2048, max_height=2048, enable_rotated=False, atlas_format='json').pack(sys.argv[1], sys.argv[2])
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
        return process(words, folder, max(1, runs // 2)), "PyTexturePacker 1.2.1, the quickest that keeps every pixel"
    except RuntimeError as error:
        return None, f"PyTexturePacker 1.2.1 does not run here: {str(error)[-120:]}"
