"""The fuzzer's inputs do no harm: a slice of them here, a hundred thousand in the full tier."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.fuzz.mutate import mutate
from tests.hostile.fuzz.seeds import SAMPLES, picture

SUBJECTS = 27
FULL = 100_000


def feed(first: int, count: int) -> subprocess.Popen[str]:
    """A process that feeds each subject `count` inputs."""
    command = [sys.executable, "-m", "tests.hostile.fuzz", f"{first}-{first + count}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def assert_harmless(running: subprocess.Popen[str], patience_s: float) -> None:
    """Waits for a process; what did harm is shown with the command that feeds it again."""
    told, _ = running.communicate(timeout=patience_s)
    assert running.returncode == 0, told
    assert told.startswith("0 findings"), told


def test_a_slice_of_all_inputs_does_no_harm() -> None:
    """Some thousand inputs, with a bound on memory and time each."""
    assert_harmless(feed(0, 46), 280)


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_inputs_do_no_harm() -> None:
    each = -(-FULL // SUBJECTS)
    processes = max(1, min(os.cpu_count() or 1, 8))
    size = -(-each // processes)
    running = [feed(46 + number * size, size) for number in range(processes)]
    try:
        for one in running:
            assert_harmless(one, 7000)
    finally:
        for one in running:
            one.kill()
            one.wait()


def test_a_number_is_the_same_input_everywhere() -> None:
    made = [mutate(picture(), random.Random(7), [picture()]) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] != picture()


def test_a_reader_that_raises_or_takes_too_long_is_found(tmp_path: Path) -> None:
    """The net itself, in a process of its own: it bounds the memory of the process that it runs in."""
    script = """
import sys, time
from pathlib import Path
from tests.hostile.fuzz import run, subjects
def slow(data):
    while True:
        time.process_time()
def broken(data):
    raise ZeroDivisionError("x")
print(*subjects.make_subjects(Path(sys.argv[1]) / "all"))
kept = []
def large(data):
    kept.append(bytearray(600_000_000))
made = {"slow": slow, "broken": broken, "large": large}
subjects.make_subjects = lambda folder: {name: subjects.Plain([b"x"], read) for name, read in made.items()}
for name in made:
    for finding in run.run_inputs(Path(sys.argv[1]), [name], range(1), longest_s=0.1 if name == "slow" else 2.0):
        print(finding.subject, finding.number, finding.harm)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    listed, *told = done.stdout.splitlines()
    assert len(listed.split()) == SUBJECTS
    assert {f"answers_{name}" for name in SAMPLES} < set(listed.split())
    assert told[0] == "slow 0 hang", done.stderr
    assert told[1].startswith("broken 0 ZeroDivisionError: x")
    assert told[2].startswith("large 0 took ")
    assert " MB" in told[2]
