"""A paid result that came damaged, on the command line: what is said, how it is fetched again, what it never costs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bridge.daemon.process import control
from bridge.store import lockfile
from tests.emulator import payloads
from tests.emulator.faults import Fault
from tests.paid.conftest import BLOCKS, GUARD, Paid

TILE = 'kind = "isometric_tiles"\ntile_size = [32, 32]\n[[tiles]]\nname = "grass"\n'
CUT = Fault("cut", change=lambda answer: payloads.with_pictures(answer, lambda data: data[: len(data) // 2]))


def damaged(paid: Paid) -> Paid:
    """A project whose one tile came damaged, however often it was fetched; from now on nothing is wrong."""
    paid.spec("art/block", TILE)
    paid.emulator.faults.on("GET /isometric-tiles/*", CUT)
    paid.built("--yes", expect=3)
    paid.emulator.faults.clear()
    return paid


def test_what_came_damaged_is_fetched_again_for_nothing(paid: Paid) -> None:
    damaged(paid)
    [job] = paid.jobs()
    assert (job["state"], job["error"]["code"]) == ("damaged", "result_damaged")
    charged = paid.charged
    listed = paid.run("jobs").out
    assert "is damaged" in listed
    assert "jobs refetch 1" in listed
    plan = paid.run("plan", expect=0).out
    assert "came damaged and is paid for (job 1): `assetbridge jobs refetch 1`" in plan
    assert "costs nothing" in plan
    # Nothing is ordered by itself, whatever is approved.
    assert paid.built("--yes", expect=3)["art/block"]["error"]["code"] == "result_damaged"
    assert paid.charged == charged
    assert "next: assetbridge build art/block" in paid.run("jobs", "refetch", "1").out
    assert paid.built()["art/block"]["state"] == "ready"
    assert paid.charged == charged
    assert [entry["charged"] for entry in paid.run("spend", "--json").json["rows"]] == [f"{charged:g}"]


def test_what_is_kept_is_replaced_and_shown(paid: Paid) -> None:
    """As an earlier version kept it: believed when it came, found damaged whenever it is used."""
    paid.spec("art/block", TILE)
    paid.built("--yes")
    before = lockfile.read(paid.root).assets["art/block"].steps["tile/grass"].result
    other = Fault("other", change=lambda answer: payloads.with_pictures(answer, lambda _: payloads.bomb_png(32)))
    paid.emulator.faults.on("GET /isometric-tiles/*", other)
    charged = paid.charged
    paid.run("jobs", "refetch", "1", expect=0)
    after = lockfile.read(paid.root).assets["art/block"].steps["tile/grass"].result
    assert after != before
    assert paid.built()["art/block"]["changed"]
    assert paid.charged == charged


def test_a_failed_attempt_changes_nothing(paid: Paid) -> None:
    paid.spec("art/block", TILE)
    paid.built("--yes")
    before = (paid.root / "assetbridge.lock").read_bytes()
    paid.emulator.faults.on("GET /isometric-tiles/*", CUT)
    answer = paid.run("jobs", "refetch", "1", expect=3)
    assert "does not deliver tile/grass whole" in answer.err
    assert (paid.root / "assetbridge.lock").read_bytes() == before
    assert paid.built()["art/block"]["state"] == "ready"


def test_only_a_result_that_is_there_is_fetched_again(paid: Paid) -> None:
    assert "no job 7" in paid.run("jobs", "refetch", "7", expect=2).err
    paid.spec("art/guard", GUARD)
    paid.emulator.faults.on("POST /create-image-pixflux", dataclasses.replace(CUT), nth=0)
    paid.built("--yes", expect=3)
    answer = paid.run("jobs", "refetch", "1", expect=2)
    assert "came with the answer to its order" in answer.err
    assert "resubmit 1" in answer.err
    assert paid.run("jobs", "resubmit", "1", expect=4).err
    paid.run("jobs", "resubmit", "1", "--yes", expect=0)
    assert [job["state"] for job in paid.jobs()] == ["cancelled", "exported"]
    assert paid.charged == 2


def test_the_daemon_fetches_again(paid: Paid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    damaged(paid)
    charged = paid.charged
    control.start_daemon(paid.root)
    try:
        paid.run("jobs", "refetch", "1", expect=0)
        assert paid.built()["art/block"]["state"] == "ready"
    finally:
        control.stop_daemon(paid.root)
    assert paid.charged == charged


def test_of_several_only_the_damaged_one_stops(paid: Paid) -> None:
    paid.spec("art/blocks", BLOCKS)
    paid.emulator.faults.on("GET /isometric-tiles/*", CUT, nth=0, count=1)
    assert paid.built("--yes")["art/blocks"]["state"] == "ready"
    assert paid.charged == 2
