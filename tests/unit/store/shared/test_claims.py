"""Claims as records: what they come to, who is first, and what is no record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.core.errors import WorkFailed
from bridge.core.remote_address import parse_remote
from bridge.store.shared.bucket import Bucket
from bridge.store.shared.claims import ClaimKind, ClaimLog, ClaimRecord, ClaimStage, ClaimState, decode_claim

FINGERPRINT = f"f1:{'ab' * 20}"


def record(kind: ClaimKind, owner: str = "one", key: str = "key-1", **more: object) -> ClaimRecord:
    return replace(ClaimRecord(kind, owner, key, 1.0, 300.0), **more)  # type: ignore[arg-type]


def state_of(*records: ClaimRecord) -> ClaimState:
    state = ClaimState(FINGERPRINT)
    for one in records:
        state = state.add(one, 1.0)
    return state


@pytest.fixture
def log(tmp_path: Path) -> ClaimLog:
    address = parse_remote(f"file://{tmp_path}")
    assert address is not None
    return ClaimLog(Bucket(address, lambda: None))


CLAIMED, SENDING = record(ClaimKind.CLAIMED), record(ClaimKind.SENDING, body="abc")
TAKEN, ENDED = record(ClaimKind.TAKEN, ids={"job": "r1"}), record(ClaimKind.ENDED, ending="failed")
OTHER = record(ClaimKind.CLAIMED, "two", "key-2")


def test_the_life_of_an_order() -> None:
    assert state_of().stage is ClaimStage.FREE
    assert (state_of(CLAIMED).stage, state_of(CLAIMED).owner, state_of(CLAIMED).key) == ("claimed", "one", "key-1")
    assert state_of(CLAIMED, SENDING).stage is ClaimStage.SENDING
    assert dict(state_of(CLAIMED, SENDING, TAKEN).ids) == {"job": "r1"}
    ended = state_of(CLAIMED, SENDING, TAKEN, ENDED)
    assert (ended.stage, ended.owner, ended.number) == (ClaimStage.FREE, "", 4)
    assert ended.ended == ENDED
    assert dict(ended.keys) == {"key-1": True}


def test_what_was_never_sent_is_claimed_anew_and_what_may_have_been_keeps_its_key() -> None:
    assert (state_of(CLAIMED, OTHER).key, state_of(CLAIMED, OTHER).stage) == ("key-2", ClaimStage.CLAIMED)
    assert dict(state_of(CLAIMED, OTHER).keys) == {"key-1": False, "key-2": False}
    over = record(ClaimKind.CLAIMED, "two")
    taken_over = state_of(CLAIMED, SENDING, over)
    assert (taken_over.owner, taken_over.key, taken_over.stage) == ("two", "key-1", ClaimStage.SENDING)
    assert taken_over.sent == SENDING


def test_what_is_parked_belongs_to_nobody() -> None:
    parked = state_of(CLAIMED, SENDING, record(ClaimKind.PARKED))
    assert (parked.owner, parked.stage, parked.key) == ("", ClaimStage.SENDING, "key-1")


def test_a_lease_is_believed_within_reason() -> None:
    assert state_of(replace(CLAIMED, lease_s=1e9)).lease_s == 3600
    assert state_of(replace(CLAIMED, lease_s=-5.0)).lease_s == 1


def test_of_many_who_write_the_next_record_one_does(log: ClaimLog) -> None:
    empty = log.read(FINGERPRINT)
    rivals = [record(ClaimKind.CLAIMED, f"owner-{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = [state for state in pool.map(lambda one: log.append(empty, one, 1.0), rivals) if state is not None]
    assert len(won) == 1
    assert log.read(FINGERPRINT).owner == won[0].owner
    # Who has not read it cannot write.
    assert log.append(empty, rivals[0], 1.0) is None
    assert log.append(won[0], SENDING, 1.0) is not None
    assert log.read(FINGERPRINT, empty).stage is ClaimStage.SENDING
    assert log.list_fingerprints() == {FINGERPRINT}


def test_a_record_whose_answer_was_lost_is_known_again(log: ClaimLog, monkeypatch: pytest.MonkeyPatch) -> None:
    create = Bucket.create

    def lose_answer(bucket: Bucket, name: str, data: bytes) -> bool:
        create(bucket, name, data)
        return create(bucket, name, data)

    monkeypatch.setattr(Bucket, "create", lose_answer)
    state = log.append(log.read(FINGERPRINT), CLAIMED, 1.0)
    assert state is not None
    assert state.owner == "one"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"version": 2}',
        b'{"version": 1, "kind": "stolen", "owner": "a", "key": "b", "at": 1, "lease_s": 1}',
        b'{"version": 1, "kind": "claimed", "owner": 1, "key": "b", "at": 1, "lease_s": 1}',
        b'{"version": 1, "kind": "claimed", "owner": "a", "key": "b", "at": true, "lease_s": 1}',
        b'{"version": 1, "kind": "claimed", "owner": "a", "key": "b", "at": 1, "lease_s": 1, "ids": {"a": 1}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_record_is_no_claim(log: ClaimLog, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_claim(data)
    folder = tmp_path / "claims" / FINGERPRINT.replace(":", "-")
    folder.mkdir(parents=True)
    (folder / "000001.json").write_bytes(data)
    with pytest.raises(WorkFailed) as caught:
        log.read(FINGERPRINT)
    assert caught.value.code == "remote_damaged"


def test_a_record_is_what_was_written() -> None:
    full = record(ClaimKind.TAKEN, ids={"job": "r1"}, by="Ann", unit="coins", amount="3", account="abc", nonce="n")
    assert decode_claim(full.encode()) == full
