"""The team's store with ten thousand files: putting all of it there, bringing it, and asking for what is new."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bridge.core.remote_address import parse_remote
from bridge.providers.api import ResultFile, StepResult
from bridge.store import results
from bridge.store.blobs import BlobStore
from bridge.store.receipts import Receipt, ReceiptCost
from bridge.store.shared.shared_store import SharedStore
from tests.benchmarks.measure import Measured, Row
from tests.s3_programs import CEPH_PROGRAMS, ceph_gateway, missing_programs

# As a picture of 64 by 64 pixels has.
_FILE_BYTES = 4_000
_NEW = 100


def shared(folder: Path, blobs: int) -> Iterator[Row]:
    """A folder, and Ceph's gateway where it is installed. Half of the blobs are pictures, half their manifests."""
    local, receipts = _make_results(folder / "one", blobs // 2)
    copied = _timed(lambda: shutil.copytree(folder / "one", folder / "copy"))
    (folder / "nas").mkdir()
    yield from _measure(f"file://{folder}/nas", "a folder", folder / "of folder", (local, receipts), copied)
    if missing_programs(CEPH_PROGRAMS):
        return
    (folder / "ceph").mkdir()
    with ExitStack() as stack:
        server = stack.enter_context(ceph_gateway(folder / "ceph"))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in server.env.items():
            patch.setenv(name, value)
        yield from _measure("s3://team/game", "Ceph's gateway", folder / "of gateway", (local, receipts), copied)


def _measure(
    remote: str, where: str, folder: Path, bought: tuple[BlobStore, list[Receipt]], copied: Measured
) -> Iterator[Row]:
    local, receipts = bought
    address = parse_remote(remote)
    assert address is not None
    name = f"{2 * len(receipts):,} blobs, {where}"
    folder.mkdir()
    with ExitStack() as stack:
        one = SharedStore(address, local, lambda: None)
        two = SharedStore(address, BlobStore(folder, "store"), lambda: None)
        for store in (one, two):
            stack.callback(store.close)

        def push() -> None:
            tasks = [one.callers.submit(one.push_result, receipt) for receipt in receipts]
            assert all(task.result() for task in tasks)

        wanted = [receipt.fingerprint for receipt in receipts]
        new = [f"f1:{number:040x}" for number in range(10**9, 10**9 + _NEW)]
        yield Row(f"{name}: put all there", _timed(push), None, copied, "copying the files", subject="shared")
        asked = _timed(lambda: two.fetch_results(new))
        yield Row(f"{name}: ask for {_NEW} that are not there", asked, subject="shared")
        brought = _timed(lambda: _require_all(two, wanted))
        yield Row(f"{name}: bring all", brought, None, copied, "copying the files", subject="shared")
        yield Row(f"{name}: list all", _timed(one.list_blobs), subject="shared")


def _require_all(store: SharedStore, wanted: list[str]) -> None:
    assert store.fetch_results(wanted) == set(wanted)


def _make_results(folder: Path, count: int) -> tuple[BlobStore, list[Receipt]]:
    folder.mkdir()
    store, receipts = BlobStore(folder, "store"), []
    cost = ReceiptCost("coins", None)
    for number in range(count):
        data = number.to_bytes(8, "big") * (_FILE_BYTES // 8)
        result = results.save(store, StepResult((ResultFile("a.png", "image/png", data),), {}))
        names = (f"f1:{number:040x}", result, "shop", "make", f"art/thing_{number}", "image/1")
        receipts.append(Receipt(*names, "2026-03-01T12:00:00Z", cost=cost))
        store.receipts.write(receipts[-1])
    return store, receipts


def _timed(work: Callable[[], object]) -> Measured:
    began = time.perf_counter()
    work()
    return Measured((1000 * (time.perf_counter() - began),))
