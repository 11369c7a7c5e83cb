"""Claims: who is about to order what, as numbered records that are created and never changed.

`claims/<fingerprint>/000001.json`, `000002.json`, … are the life of one order. Whoever writes the next record has read
all before it, for only one can create a number: that is the whole of the locking, and it needs no clock. A record says

- `claimed`: this machine is going to order it, or goes on with what a dead one has begun;
- `sending`: the next thing is the first byte of the order; from here on it may have been charged;
- `taken`: the provider has it, and these are its ids;
- `parked`: its owner does not work on it now, and anybody may go on with it;
- `ended`: it came to nothing, or was never sent; the next one may claim it.

An owner who was taken for dead writes `sending` under a number that is gone, and so never sends.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bridge.core import limits
from bridge.core.errors import WorkFailed
from bridge.core.json_text import parse_json
from bridge.store.receipts import receipt_name

if TYPE_CHECKING:
    from bridge.store.shared.bucket import Bucket

FOLDER = "claims"
VERSION = 1


class ClaimKind(StrEnum):
    """What a record says."""

    CLAIMED = "claimed"
    SENDING = "sending"
    TAKEN = "taken"
    PARKED = "parked"
    ENDED = "ended"


class ClaimStage(StrEnum):
    """How far an order is, by its records. FREE: nobody has claimed it, or what was claimed has ended."""

    FREE = "free"
    CLAIMED = "claimed"
    SENDING = "sending"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """One record. owner: of the claim, an id of a project on a machine. by: a person, for other people.

    key: of the order, its idempotency key. account: fingerprint of the provider's key. body: sha256 of the request.
    ids: the provider's. ending: how it ended. lease_s: how long it holds without a sign of life.
    """

    kind: ClaimKind
    owner: str
    key: str
    at: float
    lease_s: float
    by: str = ""
    provider: str = ""
    account: str = ""
    asset: str = ""
    step: str = ""
    unit: str = ""
    amount: str = ""
    body: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    ending: str = ""
    nonce: str = ""

    def encode(self) -> bytes:
        """The bytes of the record."""
        data: dict[str, Any] = {"version": VERSION, "kind": str(self.kind), "at": self.at, "lease_s": self.lease_s}
        data |= {name: value for name in _TEXTS if (value := getattr(self, name))}
        if self.ids:
            data["ids"] = dict(self.ids)
        return f"{json.dumps(data, sort_keys=True)}\n".encode()


# A claim that holds longer is damaged: nobody may wait for it.
_MOST_LEASE_S = 86_400.0
_TEXTS = (*("owner", "key", "by", "provider", "account", "asset", "step", "unit", "amount", "body", "ending", "nonce"),)


def decode_claim(data: bytes) -> ClaimRecord:
    """The record behind its bytes.

    Raises:
        ValueError: it is none.
    """
    value = parse_json(data.decode("utf-8"), limits.SHARED_RECORD_BYTES)
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise ValueError("another version wrote it, or it is damaged")
    texts = {name: value.get(name, "") for name in _TEXTS}
    at, lease_s = value.get("at"), value.get("lease_s")
    ids = value.get("ids", {})
    if (
        not all(isinstance(text, str) for text in texts.values())
        or type(at) not in (int, float)
        or type(lease_s) not in (int, float)
        or not isinstance(ids, dict)
        or not all(isinstance(text, str) for text in ids.values())
        or not texts["owner"]
        or not texts["key"]
    ):
        raise ValueError("it is not what assetbridge writes")
    moment, length_s = float(str(at)), float(str(lease_s))
    if not math.isfinite(moment) or not 0 <= length_s <= _MOST_LEASE_S:
        raise ValueError("its time is no time")
    return ClaimRecord(ClaimKind(str(value.get("kind"))), at=moment, lease_s=length_s, ids=ids, **texts)


@dataclass(frozen=True, slots=True)
class ClaimState:
    """What the records of an order come to.

    number: of the last one, 0 for none. changed: when it was written, by the server's clock. owner: who is at work on
    it; empty for nobody. first: the claim that has not ended; sent: its `sending`; ended: the last one that has.
    keys: of all orders that were ever claimed, and whether they may have been sent.
    """

    fingerprint: str
    number: int = 0
    changed: float = 0.0
    stage: ClaimStage = ClaimStage.FREE
    first: ClaimRecord | None = None
    owner: str = ""
    last: ClaimRecord | None = None
    sent: ClaimRecord | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    ended: ClaimRecord | None = None
    keys: Mapping[str, bool] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the order that is under way."""
        return self.first.key if self.first is not None else ""

    @property
    def lease_s(self) -> float:
        """How long its owner may be silent: as it said, within reason."""
        return min(max(self.last.lease_s if self.last else 0.0, 1.0), 3600.0)

    def add(self, record: ClaimRecord, changed: float) -> ClaimState:
        """The state with one more record."""
        state = replace(self, number=self.number + 1, changed=changed, last=record)
        if record.kind is ClaimKind.ENDED:
            return ClaimState(self.fingerprint, state.number, changed, last=record, ended=record, keys=self.keys)
        if record.kind is ClaimKind.CLAIMED:
            state = replace(state, keys={record.key: False, **self.keys})
            is_first = self.first is None or self.stage is ClaimStage.CLAIMED
            stage = ClaimStage.CLAIMED if is_first else self.stage
            return replace(state, stage=stage, owner=record.owner, first=record if is_first else self.first)
        if record.kind is ClaimKind.PARKED:
            return replace(state, owner="")
        if record.kind is ClaimKind.SENDING:
            state = replace(state, keys={**self.keys, record.key: True})
            return replace(state, stage=ClaimStage.SENDING, sent=record, account=record.account)
        ids = {**self.ids, **record.ids}
        return replace(state, stage=ClaimStage.TAKEN, ids=ids, account=record.account or self.account)


class ClaimLog:
    """The claims of a shared store. Every call may be made from any thread."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def read(self, fingerprint: str, known: ClaimState | None = None) -> ClaimState:
        """The state of an order. known: as it was read before; only what came since is read.

        Raises:
            WorkFailed: `remote_damaged`: a record cannot be read; else as `Bucket.list`.
            UserError: as `Bucket.list`.
        """
        state = known or ClaimState(fingerprint)
        folder = _folder(fingerprint)
        behind = _record_name(fingerprint, state.number) if state.number else ""
        times = {entry.name: entry.modified for entry in self._bucket.list(folder, behind)}
        while (name := _record_name(fingerprint, state.number + 1)) in times:
            record = self._read_record(name)
            if record is None:
                break
            state = state.add(record, times[name])
        return state

    def append(self, state: ClaimState, record: ClaimRecord, now: float) -> ClaimState | None:
        """The state with a record of ours behind all that was read; None where somebody else was faster.

        Raises:
            WorkFailed, UserError: as `Bucket.create`; it may have been written all the same.
        """
        record = replace(record, nonce=uuid.uuid4().hex)
        name = _record_name(state.fingerprint, state.number + 1)
        if not self._bucket.create(name, record.encode()):
            # An answer that got lost on the way: the record may be ours.
            there = self._read_record(name)
            if there is None or there.nonce != record.nonce:
                return None
        return state.add(record, now)

    def list_fingerprints(self) -> set[str]:
        """Whatever was ever claimed and not put away since."""
        names = (entry.name for entry in self._bucket.list(FOLDER))
        return {name.split("/")[1].replace("-", ":", 1) for name in names if name.count("/") == 2}

    def _read_record(self, name: str) -> ClaimRecord | None:
        data = self._bucket.get(name, limits.SHARED_RECORD_BYTES)
        if data is None:
            return None
        try:
            return decode_claim(data)
        except (ValueError, RecursionError) as error:
            raise WorkFailed(
                "remote_damaged",
                f"{name} in {self._bucket.address} cannot be read: {error}",
                hint="Nothing is ordered for it. Upgrade assetbridge, or look at that file in the bucket.",
            ) from error


def claim_names(fingerprint: str, state: ClaimState) -> Iterable[str]:
    """The names of all records of an order."""
    return [_record_name(fingerprint, number) for number in range(1, state.number + 1)]


def _folder(fingerprint: str) -> str:
    return f"{FOLDER}/{receipt_name(fingerprint)}"


def _record_name(fingerprint: str, number: int) -> str:
    return f"{_folder(fingerprint)}/{number:06d}.json"
