"""What an emulated service did and charged: the oracle against which clients are judged.

Rows are only ever appended, and written before an answer leaves, so that a charge is on record even when its answer
never arrives. With a file, each row is one JSON line there, for tests that run client and emulator as processes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal

Unit = Literal["usd", "generations", "credits"]


@dataclass(frozen=True, slots=True)
class Charge:
    """Money taken (or, negative, given back) for one remote id."""

    unit: Unit
    amount: float
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One request the service saw, or one refund it made.

    `time` is in seconds of the emulator's clock, `route` is "METHOD path" without the base path, `body` the SHA-256
    of the request's body in hex ("" where it was empty or not read), `executed` tells whether the service acted on it,
    `status` is what it wanted to answer (0: nothing), `fault` the name of the fault that struck.
    """

    index: int
    time: float
    route: str
    key_ok: bool
    body: str
    status: int
    executed: bool
    fault: str = ""
    unit: str = ""
    amount: float = 0.0
    remote_id: str = ""


def digest(body: bytes) -> str:
    """How a body is named in the ledger; an empty one has no name."""
    return sha256(body).hexdigest() if body else ""


class Ledger:
    """An append-only list of rows, mirrored to `path` as JSON lines when there is one."""

    def __init__(self, path: Path | None = None, rows: Iterable[Row] = ()) -> None:
        self._path = path
        self._rows = list(rows)
        self._lock = Lock()

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """The ledger another process is writing to `path`; a last line that is still being written is left out."""
        if not path.exists():
            return cls()
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
        return cls(rows=[Row(**json.loads(line)) for line in whole.splitlines()])

    def append(self, row: Row) -> None:
        """Adds a row and, before returning, hands it to the operating system."""
        with self._lock:
            self._rows.append(row)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(row)) + "\n")

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows so far, oldest first."""
        with self._lock:
            return tuple(self._rows)

    @property
    def charges(self) -> tuple[Row, ...]:
        """Rows that took money."""
        return tuple(row for row in self.rows if row.amount > 0)

    @property
    def refunds(self) -> tuple[Row, ...]:
        """Rows that gave money back; their amounts are negative."""
        return tuple(row for row in self.rows if row.amount < 0)

    def charges_by_body(self) -> dict[str, int]:
        """How often each body (SHA-256 in hex) was paid for: above 1 somebody paid twice for the same request."""
        return dict(Counter(row.body for row in self.charges))

    def requests(self, route: str) -> tuple[Row, ...]:
        """Rows of one route, as "POST /create-tileset"."""
        return tuple(row for row in self.rows if row.route == route)

    def total(self, unit: Unit) -> float:
        """What was charged less what was given back, in `unit`."""
        return round(sum(row.amount for row in self.rows if row.unit == unit), 6)
