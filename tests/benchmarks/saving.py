"""A frame is saved → another sheet: 256 frames that somebody draws, in the daemon and beside AssetPack's watch."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from exporters.model.png import encode_png
from tests.benchmarks.frames import frame_folder, frames
from tests.benchmarks.measure import Measured, Peer, Row, environment
from tests.benchmarks.observer import WHAT, told
from tests.benchmarks.packers import FRAMES
from tests.benchmarks.peers import DRIVERS, Missing, node_modules, node_program
from tests.benchmarks.projects import SETTLING, built, daemon, processor_seconds, resident, until, until_written

COUNT, SAVES, PEER_SAVES, WARM_UP = 256, 30, 5, 3
# Between two saves, seconds: whoever waits for quiet has it.
_PAUSE = 1.0
_PROJECT = """\
[project]
name = "b"
id = "7e57beef"
[targets.{target}]
{root}output = "export"
"""
_SPEC = """\
kind = "animation"
provider = "files"
size = [64, 64]
[files]
pattern = "drawings/{frame}.png"
"""
_ASSETPACK = "AssetPack 1.7.0, watch"


def saving(folder: Path, *, peers: bool = True) -> Iterator[Row]:
    """For the plain sheet with JSON, and for Godot's files; measured until the PNG stands."""
    theirs = (_assetpack(folder / "assetpack"),) if peers else ()
    for target in ("json", "godot"):
        made = _project(folder / target, target)
        built(made)
        with daemon(made) as pid:
            used = processor_seconds(pid)
            times = _saves(made / "drawings", made / "export/hero.png", SAVES)
            cpu = 1000 * (processor_seconds(pid) - used) / (WARM_UP + SAVES)
            peak = resident(pid)
        saved = made / "drawings/0000.png"
        floor = told(saved, [saved.parent], partial(_save, saved), SAVES)
        yield Row(
            f"save a frame → sheet, {target}, {COUNT} frames",
            Measured(tuple(times), peak, cpu),
            150,
            floor,
            WHAT,
            theirs if target == "json" else (),
            point=8,
        )


def _project(folder: Path, target: str) -> Path:
    frame_folder(folder / "drawings", COUNT)
    root = 'root = "."\n' if target == "godot" else ""
    (folder / "assetbridge.toml").write_text(_PROJECT.format(target=target, root=root), encoding="utf-8")
    (folder / "hero.asset.toml").write_text(_SPEC, encoding="utf-8")
    return folder


def _saves(drawings: Path, sheet: Path, count: int) -> list[float]:
    """Milliseconds from each save of the first frame until another sheet stands."""
    saved = drawings / "0000.png"
    times = []
    for number in range(WARM_UP + count):
        time.sleep(_PAUSE)
        times.append(until_written(sheet, partial(_save, saved, number)))
    return times[WARM_UP:]


def _save(path: Path, number: int) -> None:
    path.write_bytes(_pictures()[number % 2])


@cache
def _pictures() -> list[bytes]:
    """Two that no other frame has: a copy of one would leave the sheet as it is."""
    return [encode_png(picture) for picture in frames(COUNT + 2)[COUNT:]]


def _assetpack(folder: Path) -> Peer:
    drawings, out = frame_folder(folder / FRAMES, COUNT), folder / "peer" / "out"
    out.mkdir(parents=True)
    try:
        words = [node_program(), str(DRIVERS / "use_assetpack.mjs"), str(node_modules("@assetpack/core@1.7.0"))]
        with _running([*words, str(drawings), str(out), "watch"], folder):
            sheet = out / "sheet.png"
            until(sheet.exists)
            time.sleep(SETTLING)
            times = _saves(drawings, sheet, PEER_SAVES)
    except (Missing, RuntimeError, OSError) as error:
        return Peer(_ASSETPACK, None, str(error))
    return Peer(_ASSETPACK, Measured(tuple(times)).median)


@contextmanager
def _running(words: list[str], folder: Path) -> Iterator[None]:
    child = subprocess.Popen(words, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        child.terminate()
        child.wait()
