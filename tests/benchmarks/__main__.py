"""`python -m tests.benchmarks [CASE…] [--runs N] [--no-peers]`: one table, the peers beside it, and the twelve bars.

Speed is measured here and never in a test: a machine that is busy must not make a test fail.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.cases import CASES, How
from tests.benchmarks.measure import Row
from tests.benchmarks.table import bars_text, peers_text, table


def main() -> int:
    """Runs the chosen benchmarks; the exit code is 0 unless one of them breaks."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help=f"which of {', '.join(CASES)}; default: all")
    parser.add_argument("--runs", type=int, default=7, help="runs of each command after the first (default 7)")
    parser.add_argument("--assets", type=int, default=10_000, help="size of the largest project (default 10000)")
    parser.add_argument("--no-peers", action="store_true", help="only what is ours and the floors; installs nothing")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.cases or CASES:
        print(f"measuring {name} …", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="assetbridge-bench-") as folder:
            rows += CASES[name](Path(folder), How(options.runs, options.assets, not options.no_peers))
    print("\n\n".join(_parts(rows)))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    return 0


def _parts(rows: Sequence[Row]) -> list[str]:
    beside = peers_text(rows)
    parts = [table(rows)]
    if beside:
        parts.append(
            f"Peers (* = cut pixels off frames, or a strip of more than 1:2: does not count as the best)\n\n{beside}"
        )
    return [*parts, f"The twelve bars\n\n{bars_text(rows)}"]


if __name__ == "__main__":
    sys.exit(main())
