"""Reading and writing a lock of ten thousand assets, and how many lines of it one changed asset changes."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge.store import lockfile
from bridge.store.lock_entry import LockedAsset, LockedStep, LockedTarget
from bridge.store.lockfile import Lock
from tests.benchmarks.measure import Measured, Row

LINES_BAR = 3.0


def lock(folder: Path, runs: int, assets: int) -> Iterator[Row]:
    """The floor is JSON alone, by the standard library."""
    big = Lock({f"art/folder_{number % 40}/thing_{number}": locked_asset(number) for number in range(assets)})
    text = lockfile.dumps(big)
    data = json.loads(text)
    name = f"lock of {assets:,} assets"
    yield Row(
        f"{name}: read",
        _timed(lambda: lockfile.loads(text), runs),
        None,
        _timed(lambda: json.loads(text), runs),
        "json.loads",
        subject="lock",
    )
    yield Row(
        f"{name}: write it anew",
        _timed(lambda: lockfile.dumps(Lock(big.assets)), runs),
        None,
        _timed(lambda: json.dumps(data, sort_keys=True, ensure_ascii=False), runs),
        "json.dumps",
        subject="lock",
    )

    def change_one() -> None:
        asset_id = next(iter(big.assets))
        big.put(asset_id, big.assets[asset_id].copy())
        lockfile.write(folder, big)

    yield Row(f"{name}: save one changed asset", _timed(change_one, runs), subject="lock")
    big.put("art/new", locked_asset(assets))
    before, after = text.splitlines(), lockfile.dumps(big).splitlines()
    changed = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:1] in "+-"][2:]
    lines = Measured((float(len(changed)),))
    yield Row(f"{name}: one asset added", lines, LINES_BAR, unit="lines of the diff", subject="lock")


def locked_asset(number: int) -> LockedAsset:
    """A character of four clips for two engines."""
    steps = {
        f"clip/{name}": LockedStep(f"f1:{number:040x}", "procedural", "character.clip", f"{number:064x}", number)
        for name in ("idle", "walk", "attack", "jump")
    }
    files = {f"thing_{number}.{suffix}": f"{number:064x}" for suffix in ("png", "tres", "json", "png.import")}
    targets = {name: LockedTarget(f"o1:{number:040x}", "art", dict(files)) for name in ("godot", "json")}
    return LockedAsset("character", f"art/thing_{number}", number, f"{number:040x}", steps, targets=targets)


def _timed(work: Callable[[], object], runs: int) -> Measured:
    times = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return Measured(tuple(times[1:]))
