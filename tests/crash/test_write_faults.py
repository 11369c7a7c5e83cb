"""The N-th write fails, for every N: the journal, the store, both; then the disk heals and the program starts again."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.core.errors import BridgeError
from bridge.core.folder_entry import FolderEntry, stage_file
from bridge.core.root_folder import RootFolder
from bridge.orders.budget import Approval, Budget
from bridge.orders.journal import Journal
from bridge.orders.runner import recovery
from bridge.orders.runner.runner import Runner
from bridge.orders.tables.database import JournalDatabase
from bridge.providers.paid import RateLimits
from bridge.store.blobs import BlobStore
from tests.unit.orders.shop import FakeClock, FakeLine, FakeProvider, Shop, access, wish

FAULTS = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)
WORDS = {
    errno.ENOSPC: "database or disk is full",
    errno.EROFS: "attempt to write a readonly database",
    errno.EACCES: "unable to open database file",
    errno.EIO: "disk I/O error",
}


class Writes:
    """Counts writes and lets those from the N-th on fail, `lasting` of them."""

    def __init__(self, number: int, fault: int, lasting: int) -> None:
        self.left, self.fault, self.lasting = number, fault, lasting
        self.failed = False

    def due(self) -> bool:
        self.left -= 1
        due = self.left <= 0 and self.lasting > 0
        if due:
            self.lasting -= 1
            self.failed = True
        return due


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, writes: Writes) -> Iterator[None]:
    real_stage, real_writing = stage_file, JournalDatabase.begin_write

    def stage(entry: FolderEntry, data: bytes, *, durable: bool = False, private: bool = False) -> str:
        # The start of a database is counted by its own writes.
        if not private and writes.due():
            raise OSError(writes.fault, os.strerror(writes.fault))
        return real_stage(entry, data, durable=durable, private=private)

    @contextmanager
    def writing(self: JournalDatabase) -> Iterator[sqlite3.Connection]:
        with real_writing(self) as database:
            yield database
            if writes.due():
                raise sqlite3.OperationalError(WORDS[writes.fault])

    with monkeypatch.context() as patch:
        patch.setattr("bridge.core.root_folder.stage_file", stage)
        patch.setattr(JournalDatabase, "begin_write", writing)
        yield


def life(root: Path, shop: Shop, clock: FakeClock) -> list[BaseException | object]:
    provider = FakeProvider(limits=RateLimits(poll=1, poll_first=1, patience=60))
    journal = Journal(root, clock=clock)
    store = BlobStore(root / ".assetbridge" / "store")

    async def buy() -> list[BaseException | object]:
        recovery.recover_jobs(journal, store)
        async with Runner(
            journal,
            store,
            clock,
            lambda _name: access(provider),
            connect=lambda _access, pace, _clock: FakeLine(shop, pace),
        ) as runner:
            known = journal.jobs.list_results()
            wanted = [one for name in ("art/a", "art/b") if (one := wish(name)).fingerprint not in known]
            approval = Approval({"shop": Budget("coins")})
            return list(
                await asyncio.gather(
                    *(runner.buy(one, approval, lambda: ({}, {})) for one in wanted), return_exceptions=True
                )
            )

    try:
        return asyncio.run(buy())
    finally:
        journal.close()


@pytest.mark.parametrize("fault", FAULTS, ids=errno.errorcode.__getitem__)
@pytest.mark.parametrize("lasting", [1, 1000])
@pytest.mark.parametrize("script", [["ok", "delivered"], ["delivered", "lost"]], ids="-".join)
def test_every_write_may_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int, lasting: int, script: list[str]
) -> None:
    number = 0
    while True:
        number += 1
        root = tmp_path / str(number)
        root.mkdir()
        monkeypatch.setattr(recovery, "_rescue_folders", _places(root / "elsewhere"))
        shop, clock = Shop(script=list(script)), FakeClock()
        writes = Writes(number, fault, lasting)
        with failing(monkeypatch, writes):
            try:
                outcomes = life(root, shop, clock)
            except BridgeError:
                outcomes = []
        assert all(not isinstance(one, BaseException) or isinstance(one, BridgeError) for one in outcomes), outcomes
        for _ in range(2):
            life(root, shop, clock)
        _promises(root, shop)
        if not writes.failed:
            break
    assert number > 8


def _places(elsewhere: Path) -> Callable[..., list[RootFolder]]:
    return lambda folder, **_options: [RootFolder(folder).below("rescue"), RootFolder(elsewhere)]


def _promises(root: Path, shop: Shop) -> None:
    assert max(Counter(shop.charges).values(), default=0) <= 1
    journal = Journal(root)
    store = BlobStore(root / ".assetbridge" / "store")
    for name in ("art/a", "art/b"):
        charged = any(f'"{name}"' in body for body in shop.charges)
        states = {str(job.state) for job in journal.jobs.list_all() if job.asset == name}
        if charged:
            assert states & {"stored", "uncertain"}, (name, states)
    for sha256 in journal.jobs.list_results().values():
        assert store.get(sha256)
    journal.close()
