"""Receipts: one small file for every result that came from a provider, beside the blobs (`receipts/f1-…`).

A receipt says which result there is for a fingerprint, and what it cost whom. With it a result is known without the
lock, the journal and this machine's memory: whoever has the store buys nothing twice. It is written once, and anew only
when a person fetches the result again or says what it cost. It holds no key, no words of a spec and no path of a
machine.

It is a file of the project, so a stranger may have written it: it can keep something from being bought, and nothing
else. One that cannot be read keeps its step from being bought until a person has looked at it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bridge.core import limits
from bridge.core.conflict_markers import has_conflict_markers, split_conflict
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import Where, WorkFailed
from bridge.core.git_lfs import is_lfs_pointer
from bridge.core.json_text import parse_json
from bridge.core.paths import STORE_FOLDER
from bridge.core.root_folder import RootFolder
from bridge.store.lock_entry import LockedStep, join_path

VERSION = 1
FOLDER = "receipts"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

_FINGERPRINT = re.compile(r"f[1-9][0-9]{0,3}:[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True)
class ReceiptCost:
    """What a result cost. amount: None where nobody knows. is_reported: said by the provider, not its price list."""

    unit: str
    amount: Decimal | None
    is_reported: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of a result that came from a provider.

    result: the manifest's sha256 (`bridge.store.results`). asset, step: what it was ordered for first. seed: the one
    that was sent, None for none. ids: the provider's own. at: when it was ordered, UTC (`2026-03-01T12:00:00Z`).
    cost: None for what is free. by: who ordered it, as version control calls that person; may be empty.
    """

    fingerprint: str
    result: str
    provider: str
    operation: str
    asset: str
    step: str
    at: str
    seed: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    cost: ReceiptCost | None = None
    by: str = ""

    @property
    def day(self) -> str:
        """The UTC day it was ordered on."""
        return self.at[:10]

    def as_step(self) -> LockedStep:
        """What the lock keeps of the step that it was ordered for."""
        cost = self.cost
        is_said = cost is not None and cost.is_reported
        told = {"unit": cost.unit, "amount": str(cost.amount)} if cost is not None and is_said else None
        return LockedStep(self.fingerprint, self.provider, self.operation, self.result, self.seed, dict(self.ids), told)


def receipt_name(fingerprint: str) -> str:
    """The file of a fingerprint in the folder of receipts: without the colon, which Windows keeps for itself."""
    return fingerprint.replace(":", "-")


def parse_time(at: str) -> float:
    """Seconds since 1970 of a receipt's time.

    Raises:
        ValueError: it is no time.
    """
    return datetime.strptime(at, TIME_FORMAT).replace(tzinfo=UTC).timestamp()


def encode_receipt(receipt: Receipt) -> bytes:
    """The bytes of a receipt: JSON with sorted keys, the same for the same facts."""
    data: dict[str, Any] = {
        "version": VERSION,
        "fingerprint": receipt.fingerprint,
        "result": receipt.result,
        "provider": receipt.provider,
        "operation": receipt.operation,
        "asset": receipt.asset,
        "step": receipt.step,
        "at": receipt.at,
    }
    if receipt.seed is not None:
        data["seed"] = receipt.seed
    if receipt.ids:
        data["ids"] = dict(receipt.ids)
    if receipt.cost is not None:
        amount = None if receipt.cost.amount is None else str(receipt.cost.amount)
        data["cost"] = {"unit": receipt.cost.unit, "amount": amount, "reported": receipt.cost.is_reported}
    if receipt.by:
        data["by"] = receipt.by
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, indent=1)
    # Halves of surrogate pairs, which a provider may send, become escapes of JSON.
    return f"{text}\n".encode(errors="backslashreplace")


def decode_receipt(data: bytes) -> Receipt:
    """The receipt behind its bytes; of a file in which version control left both sides, the one ordered first.

    Raises:
        ValueError: it is none; says why, for the middle of a sentence.
    """
    if is_lfs_pointer(data):
        raise ValueError("it is a pointer of Git LFS, and `git lfs pull` was not run")
    text = data.decode("utf-8")
    if not has_conflict_markers(text):
        return _read_receipt(text)
    sides = split_conflict(text)
    return join_receipts(_read_receipt(sides.ours), _read_receipt(sides.theirs))


def join_receipts(ours: Receipt, theirs: Receipt) -> Receipt:
    """The one of two receipts for one fingerprint that stays: what was ordered first."""
    return min(ours, theirs, key=lambda receipt: (receipt.at, encode_receipt(receipt)))


def _read_receipt(text: str) -> Receipt:
    data = parse_json(text, limits.RECEIPT_BYTES)
    if not isinstance(data, dict):
        raise ValueError("it is no table")
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise ValueError("a newer assetbridge wrote it")
    receipt = Receipt(
        fingerprint=_read_text(data, "fingerprint", _FINGERPRINT),
        result=_read_text(data, "result", _SHA256),
        at=_read_text(data, "at", _TIME),
        **{name: _read_text(data, name) for name in ("provider", "operation", "asset", "step")},
        seed=_read_seed(data.get("seed")),
        ids=_read_ids(data.get("ids", {})),
        cost=_read_cost(data.get("cost")),
        by=_read_text({"by": "", **data}, "by"),
    )
    if version != VERSION:
        raise ValueError("its version is missing")
    parse_time(receipt.at)
    return receipt


def _read_text(data: Mapping[str, Any], name: str, pattern: re.Pattern[str] | None = None) -> str:
    value = data.get(name)
    if not isinstance(value, str) or (pattern is not None and not pattern.fullmatch(value)):
        raise ValueError(f"its {name} is not what assetbridge writes")
    return value


def _read_seed(value: Any) -> int | None:
    if value is not None and type(value) is not int:
        raise ValueError("its seed is no whole number")
    return value


def _read_ids(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError("its ids are no texts")
    return value


def _read_cost(value: Any) -> ReceiptCost | None:
    if value is None:
        return None
    try:
        unit, text, is_reported = value["unit"], value["amount"], value["reported"]
        amount = None if text is None else Decimal(text)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise ValueError("its cost is not what assetbridge writes") from None
    is_amount = amount is None or (isinstance(text, str) and amount.is_finite() and amount >= 0)
    if not isinstance(unit, str) or not isinstance(is_reported, bool) or not is_amount:
        raise ValueError("its cost is not what assetbridge writes")
    return ReceiptCost(unit, amount, is_reported)


class Receipts:
    """The receipts of a store. root: where no link is followed from on. folder: the store's below it."""

    def __init__(self, root: Path, folder: str = "") -> None:
        self._folder = join_path(folder, FOLDER)
        self._disk = RootFolder(root, make=False)

    def find(self, fingerprint: str) -> Receipt | None:
        """The receipt of a fingerprint; None where nothing was bought for it, as far as this store knows.

        Raises:
            WorkFailed: `receipt_damaged`, `unsafe_path`: there is one, and it cannot be believed.
        """
        if not _FINGERPRINT.fullmatch(fingerprint):
            return None
        try:
            data = self._disk.read(self._path(fingerprint), limits.RECEIPT_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except limits.TooLargeError as error:
            raise _describe_damage(fingerprint, str(error.strerror)) from error
        except OSError as error:
            raise describe_failure(error, _shown_path(fingerprint)) from error
        try:
            receipt = decode_receipt(data)
            if receipt.fingerprint != fingerprint:
                raise ValueError(f"it is that of {receipt.fingerprint}")
        except (ValueError, RecursionError) as error:
            raise _describe_damage(fingerprint, str(error)) from error
        return receipt

    def write(self, receipt: Receipt) -> bool:
        """Writes a receipt durably; False where there is one for this fingerprint already, which stays as it is.

        Raises:
            WorkFailed: `disk_full`, `output_unwritable` or `unsafe_path`.
        """
        try:
            return self._disk.create_new(self._path(receipt.fingerprint), encode_receipt(receipt))
        except OSError as error:
            raise describe_failure(error, _shown_path(receipt.fingerprint)) from error

    def replace(self, receipt: Receipt) -> None:
        """Writes a receipt in the place of one whose result was had again, or whose cost a person has set right.

        Raises:
            WorkFailed: as `write`.
        """
        self._disk.write(self._path(receipt.fingerprint), encode_receipt(receipt), durable=True)

    def remove(self, fingerprint: str) -> None:
        """Removes a receipt: what it is for may be bought again.

        Raises:
            WorkFailed: `unsafe_path`, or it cannot be removed.
        """
        try:
            self._disk.remove(self._path(fingerprint))
        except FileNotFoundError:
            return
        except OSError as error:
            raise describe_failure(error, _shown_path(fingerprint)) from error

    def list_fingerprints(self) -> Iterator[str]:
        """The fingerprints that there are receipts for, sorted.

        Raises:
            WorkFailed: `unsafe_path`: a link is in the place of their folder.
        """
        try:
            names = self._disk.list_names(self._folder)
        except OSError as error:
            raise describe_failure(error, f"{STORE_FOLDER}/{FOLDER}") from error
        for name in names:
            fingerprint = name.replace("-", ":", 1)
            if _FINGERPRINT.fullmatch(fingerprint):
                yield fingerprint

    def list_all(self) -> tuple[list[Receipt], list[WorkFailed]]:
        """Every receipt, in order of their fingerprints, and what is wrong with those that cannot be read."""
        receipts, errors = [], []
        for fingerprint in self.list_fingerprints():
            try:
                receipt = self.find(fingerprint)
            except WorkFailed as error:
                errors.append(error)
            else:
                receipts += [receipt] if receipt is not None else []
        return receipts, errors

    def settle_conflict(self, fingerprint: str) -> bool:
        """Writes the receipt in the place of a file in which version control left both sides; whether it was one.

        Raises:
            WorkFailed: as `find`, and as `write`.
        """
        path = self._path(fingerprint)
        try:
            text = self._disk.read(path, limits.RECEIPT_BYTES).decode("utf-8", "replace")
        except OSError:
            return False
        if not has_conflict_markers(text):
            return False
        receipt = self.find(fingerprint)
        if receipt is not None:
            self.replace(receipt)
        return receipt is not None

    def _path(self, fingerprint: str) -> str:
        return f"{self._folder}/{receipt_name(fingerprint)}"


def _shown_path(fingerprint: str) -> str:
    return f"{STORE_FOLDER}/{FOLDER}/{receipt_name(fingerprint)}"


def _describe_damage(fingerprint: str, why: str) -> WorkFailed:
    path = _shown_path(fingerprint)
    return WorkFailed(
        "receipt_damaged",
        f"the receipt of something that was bought cannot be read: {why}; nothing is ordered in its place",
        hint=f"Take it from version control: git checkout -- {path}. Without it, it is ordered anew at its price.",
        where=Where(path),
    )
