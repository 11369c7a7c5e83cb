"""A paid order outlives its project's folder being renamed while a daemon waits for it, and work that is owed."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.daemon.process import control
from bridge.store import lockfile
from tests.emulator import OBSERVED, Emulator, PixelLab
from tests.emulator.clock import ManualClock
from tests.paid.conftest import Make, Paid
from tests.pipeline.daemon_client import Client, ended

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a folder that is in use cannot be moved there")

BLOCK = 'kind = "isometric_tiles"\ntile_size = [32, 32]\n[[tiles]]\nname = "grass"\ndescription = "grass block"\n'
BUDGET = '[budget]\npixellab = { unit = "generations", per_day = 50 }\n'
JOB_SECONDS = 600.0
LEAVE_SECONDS = 20


@pytest.fixture
def clock() -> ManualClock:
    """The provider's: its job is finished when the test says so."""
    return ManualClock()


@pytest.fixture
def shop(clock: ManualClock) -> Iterator[Emulator[PixelLab]]:
    with Emulator(PixelLab(OBSERVED, job_seconds=JOB_SECONDS), clock=clock) as running:
        yield running


@pytest.fixture
def project(make: Make, shop: Emulator[PixelLab], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paid]:
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    paid = make(shop, BUDGET)
    paid.spec("art/blocks", BLOCK)
    yield paid
    for folder in (paid.root, paid.root.with_name("moved")):
        if folder.is_dir():
            with contextlib.suppress(ChildProcessError):
                control.stop_daemon(folder)


def order(project: Paid) -> tuple[Client, str]:
    """A daemon that waits for the one order, and where its events have got to."""
    client = Client(project.root, control.start_daemon(project.root)[0])
    queued = client.post("/v1/build", {"all": True})
    seen = client.until(queued["cursor"], lambda event: event["type"] == "job" and event["state"] == "submitted")
    assert seen
    return client, queued["cursor"]


def at(project: Paid, root: Path) -> Paid:
    """The same project in another folder."""
    moved = Paid(root, project.run_words)
    moved.emulator = project.emulator
    return moved


def assert_bought_once(project: Paid) -> None:
    """One order, charged once, its result in the engines' files; and nothing more to buy."""
    rows = project.emulator.ledger.rows
    assert [row.amount for row in rows if row.route == "POST /create-isometric-tile"] == [1]
    assert project.charged == 1
    assert [job["state"] for job in project.jobs()] == ["exported"]
    assert (project.root / "export/art/blocks.png").is_file()
    row = project.run("spend", "--json").json["rows"][0]
    assert (row["orders"], row["charged"]) == (1, "1")
    project.run("build")
    assert project.charged == 1
    assert not (project.root / ".assetbridge" / "crash.log").exists()


@pytest.mark.parametrize("who", ["build", pytest.param("daemon", marks=pytest.mark.full)])
def test_an_order_is_collected_where_the_project_was_moved_to(project: Paid, clock: ManualClock, who: str) -> None:
    client, _ = order(project)
    moved = at(project, project.root.with_name("moved"))
    project.root.rename(moved.root)
    assert ended(client.runtime.pid, LEAVE_SECONDS)
    assert not project.root.exists()
    clock.advance(JOB_SECONDS)
    if who == "build":
        moved.run("build")
    else:
        again = Client(moved.root, control.start_daemon(moved.root)[0])
        again.until_done(again.post("/v1/build", {"all": True}))
    assert_bought_once(moved)


def test_an_order_is_collected_by_a_daemon_whose_folder_was_away_for_a_moment(
    project: Paid, clock: ManualClock
) -> None:
    client, cursor = order(project)
    away = project.root.with_name("moved")
    project.root.rename(away)
    clock.advance(JOB_SECONDS)
    away.rename(project.root)
    if ended(client.runtime.pid, 3.0):
        client = Client(project.root, control.start_daemon(project.root)[0])
        cursor = client.post("/v1/build", {"all": True})["cursor"]
    client.until(cursor, lambda event: event["type"] == "done")
    project.run("build")
    assert_bought_once(project)


@pytest.mark.full
def test_a_result_that_came_while_nobody_was_there_is_collected_back_at_home(project: Paid, clock: ManualClock) -> None:
    client, _ = order(project)
    away = project.root.with_name("moved")
    project.root.rename(away)
    assert ended(client.runtime.pid, LEAVE_SECONDS)
    clock.advance(JOB_SECONDS)
    away.rename(project.root)
    project.run("build")
    assert_bought_once(project)


@pytest.mark.parametrize("moves", [False, True], ids=["stays", "moves"])
def test_what_is_owed_is_collected_once_its_cause_is_gone(project: Paid, clock: ManualClock, moves: bool) -> None:
    """The lock has markers when the result comes: the build fails as a whole, and is tried again when they are gone."""
    client, cursor = order(project)
    markers = "<<<<<<< ours\n=======\n>>>>>>> theirs\n"
    lock = project.root / lockfile.FILE_NAME
    before = lock.read_bytes() if lock.exists() else None
    project.write(lockfile.FILE_NAME, markers)
    clock.advance(JOB_SECONDS)
    client.until(cursor, lambda event: event["type"] == "owed" and event["error"] is not None)
    home = project
    if moves:
        home = at(project, project.root.with_name("moved"))
        project.root.rename(home.root)
        assert ended(client.runtime.pid, LEAVE_SECONDS)
    assert home.charged == 1
    if before is None:
        (home.root / lockfile.FILE_NAME).unlink()
    else:
        home.write(lockfile.FILE_NAME, before)
    if moves:
        client = Client(home.root, control.start_daemon(home.root)[0])
        client.until_done(client.post("/v1/build", {"all": True}))
    else:
        client.until(cursor, lambda event: event["type"] == "owed" and event["error"] is None)
    assert_bought_once(home)
