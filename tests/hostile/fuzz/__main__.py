"""`python -m tests.hostile.fuzz [SUBJECT …] [FIRST[-LAST]]`: feeds these inputs and prints what did harm."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.hostile.fuzz.run import run_inputs


def main(words: list[str]) -> int:
    """Runs; returns 1 where an input did harm."""
    names = [word for word in words if not word[0].isdigit()]
    numbers = [word for word in words if word[0].isdigit()] or ["0-100"]
    first, _, last = numbers[0].partition("-")
    found, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for finding in run_inputs(Path(folder), names, range(int(first), int(last or int(first) + 1))):
            found += 1
            print(finding, flush=True)
    print(f"{found} findings in {time.monotonic() - began:.0f} s")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
