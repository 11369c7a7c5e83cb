"""What comes from a team's store is bounded and checked, and what it cannot give is said once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core import limits
from bridge.core.errors import NeedsDecision, UserError, WorkFailed
from bridge.core.remote_address import parse_remote
from bridge.providers.api import ResultFile, StepResult
from bridge.store import results
from bridge.store.blobs import BlobStore
from bridge.store.receipts import Receipt, encode_receipt
from bridge.store.shared.bucket import RemoteRefusedError
from bridge.store.shared.probe import probe_store, read_store_id
from bridge.store.shared.shared_store import SharedStore, blob_name

FINGERPRINT = f"f1:{'ab' * 20}"


def store_of(nas: Path, project: Path) -> SharedStore:
    address = parse_remote(f"file://{nas}")
    assert address is not None
    project.mkdir(exist_ok=True)
    return SharedStore(address, BlobStore(project, "store"), lambda: None)


@pytest.fixture
def nas(tmp_path: Path) -> Path:
    (tmp_path / "nas").mkdir()
    return tmp_path / "nas"


@pytest.fixture
def one(nas: Path, tmp_path: Path) -> Iterator[SharedStore]:
    store = store_of(nas, tmp_path / "one")
    yield store
    store.close()


@pytest.fixture
def two(nas: Path, tmp_path: Path) -> Iterator[SharedStore]:
    store = store_of(nas, tmp_path / "two")
    yield store
    store.close()


def bought(store: SharedStore) -> Receipt:
    """A result of two files in a project's store, with its receipt."""
    files = (ResultFile("a.png", "image/png", b"picture"), ResultFile("b.png", "image/png", b"other"))
    sha256 = results.save(store.local, StepResult(files, {"made": True}))
    receipt = Receipt(FINGERPRINT, sha256, "shop", "make", "art/rock", "image/1", "2026-03-01T12:00:00Z")
    store.local.receipts.write(receipt)
    return receipt


def test_what_one_puts_there_another_gets(one: SharedStore, two: SharedStore) -> None:
    receipt = bought(one)
    assert one.push_result(receipt)
    assert not one.push_result(receipt)
    assert two.fetch_results([FINGERPRINT]) == {FINGERPRINT}
    assert results.load(two.local, receipt.result).files[0].data == b"picture"
    assert two.local.receipts.find(FINGERPRINT) == receipt
    assert one.list_receipts() == {FINGERPRINT}
    assert len(one.list_blobs()) == 3


def test_whoever_waits_long_is_told_how_far_it_is(
    two: SharedStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [f"f1:{number:040x}" for number in range(3)]
    two.fetch_results(wanted)
    assert caplog.text == ""
    monkeypatch.setattr("bridge.core.waits.TRANSFER_TOLD_S", -1.0)
    monkeypatch.setattr("bridge.core.waits.REMOTE_MEMORY_S", -1.0)
    two.fetch_results(wanted)
    assert "3 of 3 results looked for in the team's store" in caplog.text


def test_what_is_not_there_is_not_asked_for_again_at_once(
    one: SharedStore, two: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert two.fetch_results([FINGERPRINT]) == frozenset()
    one.push_result(bought(one))
    assert two.fetch_results([FINGERPRINT]) == frozenset()
    monkeypatch.setattr("bridge.core.waits.REMOTE_MEMORY_S", 0.0)
    assert two.fetch_results([FINGERPRINT]) == {FINGERPRINT}


@pytest.mark.parametrize("damage", [b"", b"picturf", b"picture and more"])
def test_a_file_is_what_its_name_says_or_not_there(
    one: SharedStore, two: SharedStore, nas: Path, damage: bytes
) -> None:
    receipt = bought(one)
    one.push_result(receipt)
    name = next(name for name in one.list_blobs() if (nas / blob_name(name)).read_bytes() == b"picture")
    (nas / blob_name(name)).write_bytes(damage)
    assert two.fetch_results([FINGERPRINT]) == {FINGERPRINT}
    assert not results.complete(two.local, receipt.result)
    assert not two.local.has(name)
    assert any("not what its name says" in note for note in two.notes)


def test_what_is_too_large_is_not_read(one: SharedStore, two: SharedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    one.push_result(bought(one))
    monkeypatch.setattr(limits, "SHARED_BLOB_BYTES", 6)
    assert two.fetch_results([FINGERPRINT]) == frozenset()
    with pytest.raises(WorkFailed, match="has more than"):
        two.fetch_result(FINGERPRINT)


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_a_receipt_that_cannot_be_read_is_told(two: SharedStore, nas: Path, data: bytes) -> None:
    (nas / "receipts").mkdir()
    (nas / "receipts" / FINGERPRINT.replace(":", "-")).write_bytes(data)
    with pytest.raises(WorkFailed) as caught:
        two.fetch_result(FINGERPRINT)
    assert caught.value.code == "remote_damaged"
    assert two.fetch_results([FINGERPRINT]) == frozenset()


def test_a_receipt_of_something_else_is_not_believed(one: SharedStore, two: SharedStore, nas: Path) -> None:
    receipt = bought(one)
    (nas / "receipts").mkdir()
    (nas / "receipts" / f"f1-{'cd' * 20}").write_bytes(encode_receipt(receipt))
    with pytest.raises(WorkFailed, match="it is that of"):
        two.fetch_result(f"f1:{'cd' * 20}")


def test_a_folder_that_is_not_there_is_no_empty_store(tmp_path: Path) -> None:
    store = store_of(tmp_path / "unplugged", tmp_path / "project")
    assert store.fetch_results([FINGERPRINT]) == frozenset()
    assert store.fetch_results([f"f1:{'cd' * 20}"]) == frozenset()
    assert len(store.notes) == 1
    with pytest.raises(WorkFailed) as caught:
        store.require_reachable()
    assert caught.value.code == "remote_offline"
    assert not (tmp_path / "unplugged").exists()
    store.close()


def test_without_trust_nothing_is_opened(tmp_path: Path) -> None:
    def refuse() -> None:
        raise NeedsDecision("not_trusted", "this project is not trusted")

    address = parse_remote(f"file://{tmp_path}")
    assert address is not None
    store = SharedStore(address, BlobStore(tmp_path / "project", "store"), refuse)
    with pytest.raises(NeedsDecision):
        store.bucket.create("name", b"data")
    assert store.fetch_results([FINGERPRINT]) == frozenset()
    store.close()


def test_a_store_is_tried_and_keeps_its_id(one: SharedStore, two: SharedStore, nas: Path) -> None:
    assert read_store_id(one) == ""
    store_id = probe_store(one)
    assert probe_store(two) == store_id == read_store_id(two)
    assert [path.name for path in nas.rglob("*") if path.is_file()] == ["store.json"]
    (nas / "store.json").write_text('{"version": 2, "id": "x"}')
    with pytest.raises(UserError) as caught:
        read_store_id(one)
    assert caught.value.code == "remote_unusable"


def test_a_server_with_two_winners_is_refused(one: SharedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def overwrite(name: str, data: bytes) -> bool:
        one.bucket.put(name, data)
        return True

    monkeypatch.setattr(one.bucket, "create", overwrite)
    with pytest.raises(UserError) as caught:
        probe_store(one)
    assert caught.value.code == "remote_unsafe"


def test_a_server_that_two_winners_at_once_get_past_is_refused(
    one: SharedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks before it writes: one after the other it is right."""
    create = one.bucket.create

    def look_and_write(name: str, data: bytes) -> bool:
        if name.endswith("-b"):
            one.bucket.put(name, data)
            return True
        return create(name, data)

    monkeypatch.setattr(one.bucket, "create", look_and_write)
    with pytest.raises(UserError, match="at once"):
        probe_store(one)


def test_keys_that_may_only_read_are_told_apart(one: SharedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_name: str, _data: bytes) -> bool:
        raise RemoteRefusedError("remote_refused", "no")

    monkeypatch.setattr(one.bucket, "create", refuse)
    with pytest.raises(NeedsDecision) as caught:
        probe_store(one)
    assert caught.value.code == "remote_read_only"
