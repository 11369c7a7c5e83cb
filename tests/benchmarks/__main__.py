"""`python -m tests.benchmarks [CASE…] [--runs N] [--json FILE]`: one table, with bars, floors and peers.

Speed is measured here and never in a test: a machine that is busy must not make a test fail.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.cases import CASES
from tests.benchmarks.measure import Row, table


def main() -> int:
    """Runs the chosen benchmarks; the exit code is 0 unless one of them breaks."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help=f"which of {', '.join(CASES)}; default: all")
    parser.add_argument("--runs", type=int, default=7, help="runs of each command after the first (default 7)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.cases or CASES:
        print(f"measuring {name} …", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="assetbridge-bench-") as folder:
            rows += CASES[name](Path(folder), options.runs)
    print(table(rows))
    if options.json:
        facts = [
            {"name": row.name, "runs": row.measured.runs, "peak_mib": row.measured.peak, "bar": row.bar} for row in rows
        ]
        options.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
