"""One process owns a project: of several started at once one builds, and nothing is bought twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bridge.orders.journal import Journal
from tests.emulator import OBSERVED, Emulator, PixelLab, faults
from tests.paid.conftest import GUARD, ICONS, KNIGHT, Make

# Loaded once, and copied: all begin at the very same moment, when the pipe is closed.
STARTED_AT_ONCE = """\
import json, os, sys
from bridge.cli import main
import bridge.operations.build_project, bridge.orders.runner.runner

count, folder, words = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
gate, opened = os.pipe()
children = []
for number in range(count):
    child = os.fork()
    if child == 0:
        os.close(opened)
        os.dup2(os.open(f"{folder}/{number}", os.O_WRONLY | os.O_CREAT, 0o600), 1)
        os.read(gate, 1)
        code = main(words)
        sys.stdout.flush()
        os._exit(code)
    children.append(child)
os.close(opened)
print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are copied")
@pytest.mark.parametrize("count", [3, pytest.param(10, marks=pytest.mark.full)])
def test_of_several_started_at_once_exactly_one_builds(make: Make, tmp_path: Path, count: int) -> None:
    # The job ends when all others have given up: nobody comes late.
    with Emulator(PixelLab(OBSERVED, job_seconds=600.0)) as emulator:
        paid = make(emulator)
        paid.spec("art/knight", KNIGHT.partition("[animations")[0])
        paid.spec("art/guard", GUARD)
        said = tmp_path / "said"
        said.mkdir()
        words = ["build", "--yes", "--json", "--project", str(paid.root)]
        command = [sys.executable, "-c", STARTED_AT_ONCE, str(count), str(said), *words]
        starter = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 200
        while not emulator.personality.world.jobs or len(list(filter(None, _read_all(said)))) < count - 1:
            assert time.monotonic() < deadline
            assert starter.poll() is None
            time.sleep(0.02)
        while starter.poll() is None:
            assert time.monotonic() < deadline
            for job in list(emulator.personality.world.jobs.values()):
                job.seconds = 0.0
            time.sleep(0.02)
        codes = json.loads(starter.communicate()[0])
        assert sorted(codes) == [0, *[2] * (count - 1)]
        errors = [json.loads(text).get("error") for text in _read_all(said)]
        assert [error["code"] for error in errors if error] == ["project_locked"] * (count - 1)
        assert max(emulator.ledger.charges_by_body().values()) == 1


def _read_all(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.iterdir()]


def test_limits_are_kept_before_the_provider_has_to_say_so(make: Make) -> None:
    with Emulator(PixelLab(OBSERVED, job_seconds=0.1, max_jobs=3)) as emulator:
        paid = make(emulator)
        paid.write(
            "assetbridge.toml",
            (paid.root / "assetbridge.toml").read_text().replace("base_url", "max_concurrent = 3\nbase_url"),
        )
        paid.spec("art/knight", KNIGHT.partition("[animations.idle]")[0])
        paid.spec("art/icons", ICONS)
        paid.built("--yes")
        assert dict(emulator.personality.throttled) in ({}, {"rate": 0, "concurrency": 0})


def test_what_the_plan_does_not_include_is_said(make: Make) -> None:
    with Emulator(PixelLab()) as emulator:
        emulator.faults.on("POST /*", faults.status(403, "This feature needs a paid plan"))
        paid = make(emulator)
        paid.spec("art/guard", GUARD)
        error = paid.built("--yes", expect=3)["art/guard"]["error"]
        assert error["code"] == "plan_too_small"
        assert error["hint"]


def test_an_uncertain_order_is_decided_by_a_person(make: Make) -> None:
    with Emulator(PixelLab(OBSERVED)) as emulator:
        emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading(), nth=0)
        paid = make(emulator)
        paid.spec("art/guard", GUARD)
        assets = paid.built("--yes", expect=4)
        assert assets["art/guard"]["state"] == "uncertain"
        assert "jobs adopt 1" in assets["art/guard"]["error"]["hint"]
        assert paid.built("--yes", expect=4)["art/guard"]["state"] == "uncertain"
        assert paid.charged == 1
        assert paid.run("jobs", "resubmit", "1", expect=4).err.count("second time") == 1
        assert paid.charged == 1
        paid.run("jobs", "resubmit", "1", "--yes")
        assert paid.charged == 2
        assert paid.built()["art/guard"]["state"] == "ready"
        [row] = paid.run("spend", "--json").json["rows"]
        assert (row["charged"], row["possible"]) == ("1", "1")
        assert paid.run("jobs", "adopt", "1", "--provider-id", "x", expect=2).err.count("not uncertain") == 1


def test_ordering_again_answers_with_one_object(make: Make) -> None:
    with Emulator(PixelLab(OBSERVED)) as emulator:
        emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading(), nth=0)
        paid = make(emulator)
        paid.spec("art/guard", GUARD)
        paid.built("--yes", expect=4)
        assert paid.run("jobs", "resubmit", "1", "--json", expect=4).json["error"]["code"] == "needs_approval"
        answer = paid.run("jobs", "resubmit", "1", "--yes", "--json").json
        assert (answer["job"]["id"], answer["job"]["state"]) == (1, "cancelled")
        assert [(asset["id"], asset["state"]) for asset in answer["assets"]] == [("art/guard", "ready")]
        assert answer["spent"]


def test_a_job_left_at_the_provider_is_collected_by_any_later_build(make: Make) -> None:
    with Emulator(PixelLab(OBSERVED, job_seconds=30.0)) as emulator:
        paid = make(emulator)
        paid.spec("art/knight", KNIGHT.partition("[animations")[0])
        words = [sys.executable, "-m", "bridge", "build", "--yes", "--project", str(paid.root)]
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not emulator.ledger.charges:
            assert child.poll() is None
        while _states(paid.root) & {"planned", "approved", "submitting"}:
            assert child.poll() is None
        child.kill()
        child.wait()
        for job in emulator.personality.world.jobs.values():
            job.seconds = 0.0
        paid.built()
        assert len(emulator.ledger.charges) == 1


def _states(root: Path) -> set[str]:
    journal = Journal(root)
    found = {str(job.state) for job in journal.jobs.list_all()}
    journal.close()
    return found
