"""`python -m tests.emulator`: an emulated PixelLab as a process of its own, until it is interrupted.

Prints its base URL as the first line. `--state FILE` is the ledger, one JSON object a line.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.emulator import OBSERVED, Emulator, PixelLab, Rule, Script, Variant, faults
from tests.emulator.faults import Fault

PLAIN = (
    faults.reset_before_reading,
    faults.close_before_reading,
    faults.never_reads,
    faults.reset_after_reading,
    faults.close_after_reading,
    faults.half_close,
    faults.drops_keep_alive,
    faults.hang,
    faults.half_status_line,
    faults.head_only,
    faults.half_body,
    faults.slow_drip,
    faults.wrong_length,
    faults.gzip_bomb,
    faults.too_many_requests,
    faults.html_page,
    faults.wrong_content_type,
    faults.not_json,
    faults.without_ids,
    faults.truncated_picture,
    faults.bomb_picture,
    faults.zip_slip,
    faults.zip_bomb,
    faults.redirect,
    faults.evil_urls,
    faults.job_failed,
    faults.job_stuck,
    faults.result_expired,
    faults.status_lag,
    faults.unknown_status_word,
    faults.status_backwards,
)
FAULTS: dict[str, Callable[[], Fault]] = {
    **{make.__name__.replace("_", "-"): make for make in PLAIN},
    "500-before": partial(faults.server_error, charged=False),
    "500-after": partial(faults.server_error, charged=True),
    "429-wait": partial(faults.too_many_requests, "seconds"),
}


def rule(text: str) -> Rule:
    """NAME, NAME@ROUTE or NAME@ROUTE#NTH, as "reset-after-reading@POST /create-*#0"; raises ArgumentTypeError."""
    name, _, rest = text.partition("@")
    route, _, nth = rest.partition("#")
    if name not in FAULTS:
        raise argparse.ArgumentTypeError(f"faults are {', '.join(FAULTS)}")
    if nth and not nth.isdecimal():
        raise argparse.ArgumentTypeError(f"{nth!r} is no number of a match")
    return Rule(FAULTS[name](), route, int(nth) if nth else None)


def main() -> None:
    """Runs until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--variant", choices=("published", "observed"), default="published")
    parser.add_argument("--unit", choices=("generations", "usd"), default="generations")
    parser.add_argument("--credits", type=float, default=1000.0)
    parser.add_argument("--job-seconds", type=float, default=0.05)
    parser.add_argument("--max-jobs", type=int)
    parser.add_argument("--per-minute", type=int)
    parser.add_argument("--fault", type=rule, action="append", default=[])
    options = parser.parse_args()
    personality = PixelLab(
        OBSERVED if options.variant == "observed" else Variant(),
        unit=options.unit,
        credits=options.credits,
        job_seconds=options.job_seconds,
        max_jobs=options.max_jobs,
        per_minute=options.per_minute,
        seed=options.seed,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    script = Script(options.fault, options.seed)
    with Emulator(personality, faults=script, state=options.state, port=options.port) as emulator:
        print(emulator.url, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
