"""Two hundred paid orders at an emulated provider's own limits: how close the makespan comes to what they allow."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measure import Measured, Row, environment
from tests.emulator import KEY

ORDERS, AT_ONCE, SECONDS = 200, 8, 1.0
PROJECT = """\
[project]
name = "b"
id = "7e57beef"
[targets.json]
output = "export"
[providers.pixellab]
base_url = "{url}"
max_concurrent = {most}
"""
TILE = """\
kind = "isometric_tiles"
provider = "pixellab"
tile_size = [32, 32]
[[tiles]]
name = "block"
description = "block number {number}"
"""


def buying(folder: Path, runs: int) -> Iterator[Row]:
    """One run: the limits of the emulator make it long enough."""
    del runs
    ledger = folder / "ledger.jsonl"
    words = [sys.executable, "-m", "tests.emulator", "--state", str(ledger)]
    words += ["--job-seconds", str(SECONDS), "--max-jobs", str(AT_ONCE), "--variant", "observed"]
    emulator = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert emulator.stdout is not None
        url = emulator.stdout.readline().strip()
        made = folder / "game"
        made.mkdir()
        (made / "assetbridge.toml").write_text(PROJECT.format(url=url, most=AT_ONCE), encoding="utf-8")
        for number in range(ORDERS):
            (made / f"tile{number:03d}.asset.toml").write_text(TILE.format(number=number), encoding="utf-8")
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "bridge", "build", "--yes"],
            cwd=made,
            check=True,
            stdout=subprocess.DEVNULL,
            env={**environment(), "PIXELLAB_API_KEY": KEY},
        )
        spent = (time.perf_counter() - began) * 1000
    finally:
        emulator.terminate()
        emulator.wait()
    rows = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    refused = sum(row["status"] == 429 for row in rows)
    charges = sum(row["amount"] > 0 for row in rows)
    floor = ORDERS / AT_ONCE * SECONDS * 1000
    yield Row(
        f"{ORDERS} orders, {AT_ONCE} at once, {SECONDS:g} s each",
        Measured((spent,), 0),
        floor * 1.1,
        Measured((floor,), 0),
        "the emulator's own limits: no client can be quicker",
        note=f"{refused} answers 429, {charges} charges, {spent / floor - 1:.1%} above the floor",
    )
