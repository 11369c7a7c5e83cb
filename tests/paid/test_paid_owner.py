"""One process owns a project: ten started at once leave exactly one, and nothing is bought twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bridge.orders.journal import Journal
from tests.emulator import OBSERVED, Emulator, PixelLab, faults
from tests.paid.conftest import GUARD, ICONS, KNIGHT, Make


def test_ten_started_at_once_leave_exactly_one(make: Make) -> None:
    # Longer than it takes to start the ten, and than the others wait: nobody comes late.
    with Emulator(PixelLab(OBSERVED, job_seconds=12.0, sync_seconds=1.0)) as emulator:
        paid = make(emulator)
        paid.spec("art/knight", KNIGHT.partition("[animations")[0])
        paid.spec("art/guard", GUARD)
        words = [sys.executable, "-m", "bridge", "build", "--yes", "--json", "--project", str(paid.root)]
        children = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(10)]
        answers = [child.communicate(timeout=60) for child in children]
        codes = sorted(child.returncode for child in children)
        assert codes == [0, *[2] * 9]
        locked = [json.loads(out) for (out, _), child in zip(answers, children, strict=True) if child.returncode]
        assert {document["error"]["code"] for document in locked} == {"project_locked"}
        assert max(emulator.ledger.charges_by_body().values()) == 1


def test_limits_are_kept_before_the_provider_has_to_say_so(make: Make) -> None:
    with Emulator(PixelLab(OBSERVED, job_seconds=0.1, max_jobs=3)) as emulator:
        paid = make(emulator)
        paid.write(
            "assetbridge.toml",
            (paid.root / "assetbridge.toml").read_text().replace("base_url", "max_concurrent = 3\nbase_url"),
        )
        paid.spec("art/knight", KNIGHT)
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
    with Emulator(PixelLab()) as emulator:
        emulator.faults.on("POST /create-image-pixflux", faults.reset_after_reading(), nth=0)
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
    with Emulator(PixelLab()) as emulator:
        emulator.faults.on("POST /create-image-pixflux", faults.reset_after_reading(), nth=0)
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
