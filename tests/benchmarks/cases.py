"""What is measured: start-up, plans over many specs, the demo, a sheet of many frames."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from exporters.model import Pixels
from exporters.sheet.png import encode_png
from tests.benchmarks.buying import buying
from tests.benchmarks.measure import Measured, Row, process, python
from tests.benchmarks.peers import packer

ASSETBRIDGE = (sys.executable, "-m", "bridge")
PROJECT = '[project]\nname = "b"\nid = "7e57beef"\n[targets.json]\noutput = "export"\n'


def project(folder: Path, specs: int) -> Path:
    """A project with so many small sprites, not built."""
    folder.mkdir()
    (folder / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    for number in range(specs):
        path = folder / "art" / f"{number // 100:03d}" / f"a{number:05d}.asset.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'kind = "sprite"\ndescription = "red potion {number}"\nsize = [8, 8]\n', encoding="utf-8")
    return folder


def _built(folder: Path, specs: int) -> tuple[Path, float]:
    made = project(folder, specs)
    began = time.perf_counter()
    subprocess.run([*ASSETBRIDGE, "build"], cwd=made, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    # Files younger than two seconds are hashed to be sure: measured is the state that lasts.
    time.sleep(2.1)
    subprocess.run([*ASSETBRIDGE, "plan"], cwd=made, check=True, stdout=subprocess.DEVNULL)
    return made, seconds


def start_up(folder: Path, runs: int) -> Iterator[Row]:
    """`--version`, `--help`, and `status` on a hundred assets."""
    bare = python("pass", folder, runs)
    yield Row("--version", process([*ASSETBRIDGE, "--version"], folder, runs), 35, bare, "a bare interpreter")
    yield Row("--help", process([*ASSETBRIDGE, "--help"], folder, runs), None, bare)
    made, _ = _built(folder / "hundred", 100)
    needed = python("import sqlite3, tomllib, json, pathlib, hashlib, re", folder, runs)
    yield Row(
        "status, 100 assets",
        process([*ASSETBRIDGE, "status"], made, runs),
        60,
        needed,
        "an interpreter with sqlite3, tomllib, json, pathlib, hashlib, re",
    )
    yield Row("plan, 100 assets, nothing to do", process([*ASSETBRIDGE, "plan"], made, runs), None, needed)


LOOK = """
import os
todo = ['.']
while todo:
    with os.scandir(todo.pop()) as entries:
        for entry in entries:
            todo.append(entry.path) if entry.is_dir(follow_symlinks=False) else entry.stat()
"""


def many_specs(folder: Path, runs: int) -> Iterator[Row]:
    """Building 100, 1,000 and 10,000 assets; a plan with nothing to do over the largest."""
    sizes = (100, 1000, 10_000)
    seconds = []
    for size in sizes:
        made, spent = _built(folder / f"many{size}", size)
        seconds.append(spent)
        yield Row(f"build {size:,} sprites", Measured((spent * 1000,), 0), note=f"{spent / size * 1000:.1f} ms each")
    growth = math.log(seconds[-1] / seconds[-2]) / math.log(10)
    floor = python(LOOK, made, runs)
    yield Row(
        "plan, 10,000 assets, nothing to do",
        process([*ASSETBRIDGE, "plan"], made, runs),
        400,
        floor,
        "an interpreter that stats every file of the project once",
        note=f"building grows with the power {growth:.2f} of the number of assets",
    )
    one = made / "art" / "050" / "a05000.asset.toml"
    times = []
    for number in range(3):
        one.write_text(f"{one.read_text(encoding='utf-8')}# {number}\n", encoding="utf-8")
        began = time.perf_counter()
        subprocess.run([*ASSETBRIDGE, "plan"], cwd=made, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - began) * 1000)
    yield Row("plan, 10,000 assets, a comment changed", Measured(tuple(times), 0))


def demo(folder: Path, runs: int) -> Iterator[Row]:
    """The demo project, from an empty folder to built files."""
    times = []
    for number in range(runs + 1):
        began = time.perf_counter()
        words = [*ASSETBRIDGE, "demo", f"demo{number}"]
        subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - began) * 1000)
    floor = python("import numpy, PIL.Image, pydantic, click", folder, runs)
    yield Row("demo", Measured(tuple(times[1:]), 0), 5000, floor, "importing numpy, Pillow, pydantic and click")


def frames(count: int, side: int = 64) -> list[Pixels]:
    """Figures of different sizes with one-pixel features, a fifth of them duplicates; the same on every machine."""
    chance = np.random.Generator(np.random.PCG64(7))
    colours = chance.integers(40, 255, (24, 3))
    made: list[Pixels] = []
    for number in range(count):
        if number % 5 == 4:
            made.append(made[number - 4])
            continue
        picture = np.zeros((side, side, 4), np.uint8)
        width, height = chance.integers(18, 52), chance.integers(24, 60)
        left, top = (side - width) // 2, side - height - 2
        shade = (np.add.outer(np.arange(height), np.arange(width)) // 5 + number) % 24
        across, down = (np.arange(width) * 2 / width - 1) ** 2, (np.arange(height) * 2 / height - 1) ** 2
        round_ = np.add.outer(down, across) <= 1
        picture[top : top + height, left : left + width, :3] = np.where(round_[..., None], colours[shade], 0)
        picture[top : top + height, left : left + width, 3] = np.where(round_, 255, 0)
        spot = chance.integers(2, side - 2, 2)
        picture[spot[0], spot[1]] = (255, 255, 255, 255)
        made.append(picture)
    return made


WRITE = """
import sys, zlib, json
from pathlib import Path
import numpy as np
from PIL import Image
frames = [np.asarray(Image.open(path)) for path in sorted(Path(sys.argv[1]).iterdir())]
Path(sys.argv[2]).write_bytes(zlib.compress(np.concatenate(frames).tobytes(), 6))
"""


def sheet(folder: Path, runs: int) -> Iterator[Row]:
    """1,024 frames to a sheet and its JSON, each in a process of its own; a packer from the package index beside it."""
    source = folder / "frames"
    source.mkdir()
    for number, picture in enumerate(frames(1024)):
        (source / f"{number:04d}.png").write_bytes(encode_png(picture))
    words = [sys.executable, "-m", "exporters.sheet", str(source), str(folder / "sheet")]
    ours = process(words, folder, runs)
    floor = process([sys.executable, "-c", WRITE, str(source), str(folder / "raw")], folder, runs)
    page = json.loads((folder / "sheet.json").read_text(encoding="utf-8"))
    size, kilobytes = page["meta"]["size"], (folder / "sheet.png").stat().st_size / 1000
    peer, peer_is = packer(source, folder, runs)
    yield Row(
        "sheet of 1,024 frames, cold process",
        ours,
        300,
        floor,
        "reading the same files with Pillow and compressing their pixels once",
        peer,
        peer_is,
        f"{size['w']}×{size['h']}, {kilobytes:.0f} kB",
    )


CASES: dict[str, Callable[[Path, int], Iterator[Row]]] = {
    "start": start_up,
    "demo": demo,
    "sheet": sheet,
    "many": many_specs,
    "buying": buying,
}
