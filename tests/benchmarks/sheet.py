"""1,024 frames to a sheet: in a process of its own, and in one that runs already; a packer from PyPI beside it."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from exporters.model import Pixels
from exporters.sheet.png import encode_png
from tests.benchmarks.measure import Row, inside, process
from tests.benchmarks.peers import packer


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
import sys, zlib
from pathlib import Path
import numpy as np
from PIL import Image
frames = [np.asarray(Image.open(path)) for path in sorted(Path(sys.argv[-2]).iterdir())]
Path(sys.argv[-1]).write_bytes(zlib.compress(np.concatenate(frames).tobytes(), 6))
"""
AGAIN = """
import sys
from pathlib import Path
from exporters.sheet.__main__ import pack_folder
def work():
    pack_folder(Path(sys.argv[-2]), Path(sys.argv[-1]))
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
    yield from _fill(folder, runs)
    warm = inside(AGAIN, [str(source), str(folder / "warm")], folder, runs)
    alone = inside(f"def work():\n{textwrap.indent(WRITE, '    ')}", [str(source), str(folder / "raw")], folder, runs)
    yield Row("sheet of 1,024 frames, warm", warm, 150, alone, "the same inside a process that runs already")


FILL = {64: 84, 256: 89, 1024: 92}


def _fill(folder: Path, runs: int) -> Iterator[Row]:
    """How much of a sheet is taken by the frames on it, each counted once, for three numbers of frames."""
    for count, bar in FILL.items():
        source, target = folder / f"frames{count}", folder / f"sheet{count}"
        source.mkdir()
        for number, picture in enumerate(frames(count)):
            (source / f"{number:04d}.png").write_bytes(encode_png(picture))
        spent = process([sys.executable, "-m", "exporters.sheet", str(source), str(target)], folder, runs)
        page = json.loads(target.with_suffix(".json").read_text(encoding="utf-8"))
        places = {tuple(frame["frame"].values()) for frame in page["frames"].values()}
        width, height = page["meta"]["size"]["w"], page["meta"]["size"]["h"]
        full = 100 * sum(place[2] * place[3] for place in places) / (width * height)
        longer = max(width, height) / min(width, height)
        note = f"{full:.1f} % full (bar {bar}), sides 1:{longer:.2f} (bar 1:2)"
        yield Row(f"sheet of {count:,} frames, how full", spent, note=note)
