"""Peers to measure beside, installed on demand into environments of their own.

Each does the same work with the same settings, in its quickest form. Packers that lose pixels, need a paid program
beside them or cannot be installed from the package index are left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator
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


# Each prints a JSON list: width, height and milliseconds of every picture; 0 × 0 where nothing was found.
_GRIDS = {
    "perfect-pixel==0.1.4 pillow==11.3.0": """
import contextlib, io, json, pathlib, sys, time
import numpy
from PIL import Image
from perfect_pixel import get_perfect_pixel
found = []
for path in sorted(pathlib.Path(sys.argv[1]).glob('*.png')):
    picture = numpy.asarray(Image.open(path).convert('RGB'))
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            width, height, _ = get_perfect_pixel(picture)
        except Exception:
            width = height = None
    found.append([width or 0, height or 0, (time.perf_counter() - began) * 1000])
print(json.dumps([[int(width), int(height), spent] for width, height, spent in found]))
""",
    "pixel-snapper==0.1.0 pillow==11.3.0": """
import io, json, pathlib, sys, time
from PIL import Image
from pixel_snapper import PixelSnapperConfig, process_image
found = []
for path in sorted(pathlib.Path(sys.argv[1]).glob('*.png')):
    data = path.read_bytes()
    began = time.perf_counter()
    try:
        size = Image.open(io.BytesIO(process_image(data, PixelSnapperConfig(k_colors=16)))).size
    except Exception:
        size = (0, 0)
    found.append([*size, (time.perf_counter() - began) * 1000])
print(json.dumps(found))
""",
}


def installed(requirement: str) -> Path | None:
    """The interpreter of an environment that has some packages; None where they cannot be installed."""
    name = requirement.replace("=", "-").replace(" ", "_")
    folder = Path(platformdirs.user_cache_dir("assetbridge")) / "peers" / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (folder / "ready").exists():
        try:
            venv.create(folder, with_pip=True, clear=True)
            words = [str(python), "-m", "pip", "install", "--quiet", *requirement.split()]
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


def grid_finders(folder: Path) -> Iterator[tuple[str, list[tuple[int, int, float]] | None]]:
    """What others make of a folder of PNGs: sizes found and milliseconds of each, None where one cannot be had."""
    for requirement, script in _GRIDS.items():
        name = requirement.split()[0].replace("==", " ")
        python = installed(requirement)
        if python is None:
            yield name, None
            continue
        done = subprocess.run([str(python), "-c", script, str(folder)], capture_output=True, text=True, check=False)
        rows = json.loads(done.stdout) if done.returncode == 0 else None
        yield name, None if rows is None else [(int(row[0]), int(row[1]), float(row[2])) for row in rows]
