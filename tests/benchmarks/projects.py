"""Projects to measure on, daemons over them, and how a written file is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.measure import Measured, environment, process

PATIENCE = 120.0
# A watcher begins after the first look at everything, and looks once more.
SETTLING = 5.0
ASSETBRIDGE = (sys.executable, "-m", "bridge")
PROJECT = '[project]\nname = "b"\nid = "7e57beef"\n[targets.json]\noutput = "export"\n'


def project(folder: Path, specs: int) -> Path:
    """A project with so many small sprites, not built."""
    folder.mkdir()
    (folder / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    for number in range(specs):
        path = spec_path(folder, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'kind = "sprite"\ndescription = "red potion {number}"\nsize = [8, 8]\n', encoding="utf-8")
    return folder


def spec_path(folder: Path, number: int) -> Path:
    """The spec of a project's asset, a hundred to a folder."""
    return folder / "art" / f"{number // 100:03d}" / f"a{number:05d}.asset.toml"


def built(made: Path) -> Measured:
    """Builds a project and lets it come to rest; measured is the build."""
    measured = process([*ASSETBRIDGE, "build"], made, 1, warm=False)
    rest(made)
    return measured


def rest(made: Path) -> None:
    """Files younger than two seconds are hashed to be sure: what is measured next is the state that lasts."""
    time.sleep(2.1)
    words = [*ASSETBRIDGE, "plan"]
    subprocess.run(words, cwd=made, env=environment(), check=True, stdout=subprocess.DEVNULL)


@contextmanager
def daemon(made: Path, settled: Callable[[], bool] = lambda: True) -> Iterator[int]:
    """A daemon that has come to rest; its process number. settled: tells that its first round is over."""
    words = [*ASSETBRIDGE, "daemon"]
    subprocess.run([*words, "start"], cwd=made, env=environment(), check=True, stdout=subprocess.DEVNULL)
    try:
        pid = int(json.loads((made / ".assetbridge" / "daemon.json").read_text(encoding="utf-8"))["pid"])
        until(settled)
        time.sleep(SETTLING)
        yield pid
    finally:
        subprocess.run([*words, "stop"], cwd=made, env=environment(), check=True, stdout=subprocess.DEVNULL)


def until(done: Callable[[], bool], step: float = 0.05) -> None:
    """Waits, looking every so many seconds.

    Raises:
        RuntimeError: nothing happened within PATIENCE seconds.
    """
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing happened within {PATIENCE:.0f} s")
        time.sleep(step)


def identity(path: Path) -> tuple[int, int, int]:
    """Changes with every writing of a file; zeros while there is none."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0, 0
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def until_written(path: Path, save: Callable[[], object]) -> float:
    """Milliseconds from a save until another file stands at a path, and is not empty."""
    before = identity(path)
    save()
    began = time.perf_counter()
    until(lambda: identity(path) != before and identity(path)[2] > 0, 0.001)
    return (time.perf_counter() - began) * 1000


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far (proc(5), stat, fields 14 and 15); 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Memory of a process in MiB; 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024
