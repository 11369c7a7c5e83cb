"""The books of a day: what all machines hold back and have spent, as numbered lines that are created and never changed.

`days/2026-03-01/PROVIDER/UNIT/000001.json`, … For each order a line that holds its price back, and one more
where it came to something else. Whoever writes the next line has read all before it, so a budget holds across machines
without a lock: the sum is exact at the moment in which a price is held back.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from bridge.core import limits
from bridge.core.errors import WorkFailed
from bridge.core.json_text import parse_json

if TYPE_CHECKING:
    from bridge.store.shared.bucket import Bucket

FOLDER = "days"
VERSION = 1
_TEXTS = ("by", "asset", "step", "fingerprint", "nonce")
_SAFE = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line. key: of the order. amount: None where nobody knows it. is_held: held back; else what it came to.

    fingerprint, asset, step: what it was for. by: a person, for other people.
    """

    key: str
    amount: Decimal | None
    is_held: bool
    by: str = ""
    asset: str = ""
    step: str = ""
    fingerprint: str = ""
    nonce: str = ""

    def encode(self) -> bytes:
        """The bytes of the line."""
        amount = None if self.amount is None else str(self.amount)
        data: dict[str, Any] = {"version": VERSION, "key": self.key, "amount": amount, "held": self.is_held}
        data |= {name: value for name in _TEXTS if (value := getattr(self, name))}
        return f"{json.dumps(data, sort_keys=True)}\n".encode()


def decode_line(data: bytes) -> DayLine:
    """The line behind its bytes.

    Raises:
        ValueError: it is none.
    """
    value = parse_json(data.decode("utf-8"), limits.SHARED_RECORD_BYTES)
    if not isinstance(value, dict) or value.get("version") != VERSION:
        raise ValueError("another version wrote it, or it is damaged")
    texts = {name: value.get(name, "") for name in ("key", *_TEXTS)}
    text, is_held = value.get("amount"), value.get("held")
    if not all(isinstance(part, str) for part in texts.values()) or not texts["key"] or not isinstance(is_held, bool):
        raise ValueError("it is not what assetbridge writes")
    try:
        amount = None if text is None else Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError("its amount is no number") from None
    if amount is not None and (not isinstance(text, str) or not amount.is_finite() or amount < 0):
        raise ValueError("its amount is no amount")
    return DayLine(amount=amount, is_held=is_held, **texts)


@dataclass(frozen=True, slots=True)
class BookName:
    """Which book: of a UTC day, a provider and a unit."""

    day: str
    provider: str
    unit: str

    @property
    def folder(self) -> str:
        """Where its lines are."""
        return "/".join((FOLDER, self.day, _SAFE.sub("_", self.provider), _SAFE.sub("_", self.unit)))

    def line_name(self, number: int) -> str:
        """The name of a line, from 1."""
        return f"{self.folder}/{number:06d}.json"


@dataclass(frozen=True, slots=True)
class DayBook:
    """A book as far as it was read: the last line of every order, by its key."""

    name: BookName
    number: int = 0
    lines: Mapping[str, DayLine] = field(default_factory=dict)

    def sum_others(self, own: Collection[str]) -> tuple[Decimal, int]:
        """What all orders but those with these keys come to, and how many of unknown price there are."""
        lines = [line for key, line in self.lines.items() if key not in own]
        known = sum((line.amount for line in lines if line.amount is not None), Decimal(0))
        return known, sum(line.amount is None for line in lines)

    def add(self, line: DayLine) -> DayBook:
        """The book with one more line."""
        return DayBook(self.name, self.number + 1, {**self.lines, line.key: line})


class DayBooks:
    """The books of a shared store. executor: reads many lines at once."""

    def __init__(self, bucket: Bucket, executor: Executor) -> None:
        self._bucket = bucket
        self._executor = executor

    def read(self, name: BookName, known: DayBook | None = None) -> DayBook:
        """A book. known: as it was read before; only what came since is read.

        Raises:
            WorkFailed: `remote_damaged`: a line cannot be read; else as `Bucket.list`.
            UserError: as `Bucket.list`.
        """
        book = known or DayBook(name)
        behind = name.line_name(book.number) if book.number else ""
        there = {entry.name for entry in self._bucket.list(name.folder, behind)}
        names: list[str] = []
        while (line := name.line_name(book.number + len(names) + 1)) in there:
            names.append(line)
        lines = dict(book.lines)
        for read in self._executor.map(self._read_line, names):
            lines[read.key] = read
        return DayBook(name, book.number + len(names), lines)

    def append(self, book: DayBook, line: DayLine) -> DayBook | None:
        """The book with a line of ours behind all that was read; None where somebody else was faster.

        Raises:
            WorkFailed, UserError: as `Bucket.create`; it may have been written all the same.
        """
        line = replace(line, nonce=uuid.uuid4().hex)
        name = book.name.line_name(book.number + 1)
        if not self._bucket.create(name, line.encode()) and self._read_line(name).nonce != line.nonce:
            return None
        return book.add(line)

    def list_names(self, first: str = "", last: str = "9999") -> list[BookName]:
        """The books of the UTC days `first` to `last`, in order; provider and unit as they stand in the names."""
        folders = {entry.name.rpartition("/")[0] for entry in self._bucket.list(FOLDER)}
        names = [BookName(*folder.split("/")[1:]) for folder in sorted(folders) if folder.count("/") == 3]
        return [name for name in names if first <= name.day <= last]

    def _read_line(self, name: str) -> DayLine:
        data = self._bucket.get(name, limits.SHARED_RECORD_BYTES)
        try:
            if data is None:
                raise ValueError("it is gone")
            return decode_line(data)
        except (ValueError, RecursionError) as error:
            raise WorkFailed(
                "remote_damaged",
                f"{name} in {self._bucket.address} cannot be read: {error}",
                hint="Nothing is bought on that day. Upgrade assetbridge, or look at that file in the bucket.",
            ) from error
