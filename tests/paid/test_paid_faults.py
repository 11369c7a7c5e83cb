"""The whole project bought while every twentieth request fails and the program is stopped again and again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest

from bridge.orders.journal import Journal
from tests.emulator import OBSERVED, Emulator, PixelLab, Rule, Script, faults
from tests.paid.conftest import EVERYTHING, Make, Paid

MISHAPS = (
    faults.reset_before_reading(),
    faults.reset_after_reading(),
    faults.close_after_reading(),
    faults.half_body(),
    faults.half_status_line(),
    faults.too_many_requests(),
    faults.too_many_requests("seconds", 1),
    faults.server_error(charged=False),
    faults.server_error(503, charged=True),
    faults.html_page(charged=True),
    faults.truncated_picture(),
    faults.unknown_status_word(),
    faults.status_lag(),
)


def stopped_runs(paid: Paid, seed: int, stops: int = 5) -> None:
    """Starts the program, and stops it after a moment: by Ctrl-C, SIGTERM, or a kill."""
    dice = random.Random(seed)
    for _ in range(stops):
        child = subprocess.Popen(
            [sys.executable, "-m", "bridge", "build", "--yes", "--project", str(paid.root)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "XDG_STATE_HOME": str(paid.root.parent / "state")},
        )
        try:
            _, text = child.communicate(timeout=0.6 + dice.random() * 1.2)
        except subprocess.TimeoutExpired:
            child.send_signal(dice.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL]))
            _, text = child.communicate(timeout=60)
        assert b"Traceback" not in text, text.decode()


def settle(paid: Paid) -> Counter[str]:
    """Builds until everything is ready; uncertain orders are given up, as a person might: their bodies, counted."""
    given_up: Counter[str] = Counter()
    for _ in range(25):
        assets = paid.built("--yes", expect=None)
        for job in paid.jobs():
            if job["state"] == "uncertain":
                given_up[body_of(paid, job["id"])] += 1
                paid.run("jobs", "abandon", str(job["id"]))
            elif job["state"] == "damaged":
                paid.run("jobs", "abandon", str(job["id"]))
        if {asset["state"] for asset in assets.values()} == {"ready"}:
            return given_up
        time.sleep(0.05)
    raise AssertionError({asset["id"]: asset["error"] for asset in assets.values() if asset["error"]})


def is_lost(job: dict[str, Any]) -> bool:
    """Whether a job came to nothing: it may be bought once more."""
    damaged = job["error"] is not None and job["error"]["code"] == "result_damaged"
    return job["state"] in ("failed", "expired") or damaged


def body_of(paid: Paid, number: int) -> str:
    from tests.emulator.ledger import digest

    journal = Journal(paid.root)
    body = journal.jobs.get(number).body
    journal.close()
    return digest(body)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full), pytest.param(3, marks=pytest.mark.full)])
def test_a_project_is_bought_through_faults_and_stops(make: Make, seed: int) -> None:
    script = Script([Rule(fault, chance=0.05 / len(MISHAPS)) for fault in MISHAPS], seed)
    with Emulator(PixelLab(OBSERVED, job_seconds=0.3, max_jobs=8), faults=script, seed=seed) as emulator:
        paid = make(emulator)
        for asset_id, text in EVERYTHING.items():
            paid.spec(asset_id, text)
        stopped_runs(paid, seed)
        given_up = settle(paid)
        for body, count in emulator.ledger.charges_by_body().items():
            failed = sum(is_lost(job) for job in paid.jobs())
            assert count <= 1 + given_up[body] + failed, body
        assert "\nnothing to do" in paid.run("plan", "--detailed-exitcode").out
        sheet = json.loads((paid.root / "export/art/knight.json").read_text(encoding="utf-8"))
        tags = {tag["name"] for tag in sheet["meta"]["frameTags"]}
        assert {f"walk_{name}" for name in ("south", "north_west", "west")} <= tags
        spent = paid.run("spend", "--json").json["rows"][0]
        most = float(spent["charged"]) + float(spent["possible"])
        assert float(spent["charged"]) <= emulator.ledger.total("generations") <= most + 0.001


HARMLESS = {
    "refused": faults.status(400, "bad"),
    "not found": faults.status(404, "not here"),
    "html": faults.html_page(200),
    "not json": faults.not_json(),
    "no ids": faults.without_ids(),
    "bomb": faults.bomb_picture(),
    "gzip bomb": faults.gzip_bomb(),
    "cut picture": faults.truncated_picture(),
    "evil urls": faults.evil_urls(),
    "own host": faults.evil_urls("http://169.254.169.254/latest/"),
    "redirect": faults.redirect(),
    "zip slip": faults.zip_slip(),
    "zip bomb": faults.zip_bomb(),
    "failed job": faults.job_failed(),
    "expired": faults.result_expired(),
    "strange word": faults.unknown_status_word(),
    "backwards": faults.status_backwards(),
    "wrong type": faults.wrong_content_type(),
    "wrong length": faults.wrong_length(),
    "close": faults.close_after_reading(),
    "drip": faults.slow_drip(0.001),
}


ROUTES = ("POST /create-*", "GET /*")
# Each answer in turn to an order and to a question; the other half in the full tier.
ANSWERS = [
    pytest.param(name, route, marks=() if (place + turn) % 2 == 0 else pytest.mark.full)
    for place, name in enumerate(sorted(HARMLESS))
    for turn, route in enumerate(ROUTES)
]


@pytest.mark.parametrize(("name", "route"), ANSWERS)
def test_any_answer_is_survived(make: Make, name: str, route: str) -> None:
    with Emulator(PixelLab(OBSERVED)) as emulator:
        emulator.faults.on(route, HARMLESS[name], nth=0, count=3)
        paid = make(emulator)
        # Clips are most of the work, and archives are what is fetched of them.
        most = "[animations.idle]" if "zip" in name else "[animations.walk]"
        paid.spec("art/knight", EVERYTHING["art/knight"].partition(most)[0])
        paid.spec("art/guard", EVERYTHING["art/guard"])
        assets = paid.built("--yes", expect=None)
        for asset in assets.values():
            if asset["error"] is not None:
                assert asset["error"]["code"] != "internal", asset["error"]
                assert asset["error"]["hint"] or asset["error"]["message"]
        emulator.faults.clear()
        given_up = settle(paid)
        failed = sum(is_lost(job) for job in paid.jobs())
        for body, count in emulator.ledger.charges_by_body().items():
            assert count <= 1 + given_up[body] + failed
