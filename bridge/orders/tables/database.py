"""The journal's file: one connection, its transactions, and what is said when it cannot be used."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from bridge.core.clock import Clock
from bridge.core.disk_errors import RefusedPathError, describe_failure
from bridge.core.errors import UserError, Where, WorkFailed
from bridge.core.paths import JOURNAL_FILE
from bridge.core.project_database import ProjectDatabase
from bridge.core.sqlite import PATIENCE
from bridge.orders.tables.migrations import NewerJournalError, migrate

Parsed = TypeVar("Parsed")
# What SQLite says of a file that is no longer a whole database of ours.
_DAMAGED = (
    "malformed",
    "not a database",
    "no such table",
    "no such column",
    "disk image",
    "corrupt",
    "Could not decode",
)
_ROW_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RecursionError)


Number: tuple[type, ...] = (int, float)
OptionalNumber: tuple[type, ...] = (int, float, type(None))


class JournalDatabase:
    """The open file. Only the owner of the project writes; anyone may read.

    Raises:
        UserError, WorkFailed: as `translate_errors`; `settings_unsafe`, `settings_unusable`: nothing would tell it from
            the journal of a stranger.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        self.path = root / JOURNAL_FILE
        self.clock = clock
        with self.translate_errors():
            # isolation_level None: transactions are begun here, never by the module on its own account.
            self.connection = ProjectDatabase(root, JOURNAL_FILE).connect(
                timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            try:
                self.connection.execute("PRAGMA synchronous=FULL")
                migrate(self.connection)
            except BaseException:
                self.connection.close()
                raise

    @contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Turns what SQLite and the disk raise into errors that name the way out.

        Raises:
            UserError: `journal_newer`.
            WorkFailed: `disk_full`, `journal_damaged`, `output_unwritable`, `unsafe_path`.
        """
        try:
            yield
        except NewerJournalError as error:
            raise UserError(
                "journal_newer",
                f"{JOURNAL_FILE} was written by a newer assetbridge (it has {error})",
                hint="Upgrade assetbridge.",
                where=Where(JOURNAL_FILE),
            ) from error
        except RefusedPathError as error:
            raise describe_failure(error, JOURNAL_FILE) from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise _describe_failure(error) from error
        except UnicodeDecodeError as error:
            # SQLite's own words, with a name from a damaged page among them.
            raise _describe_damage("its pages hold no text") from error

    def parse_rows(self, parse: Callable[[Any], Parsed], rows: Iterable[Any]) -> list[Parsed]:
        """What rows say. A row that another version, a bad disk or a hand left is told as damage, never guessed at.

        Raises:
            WorkFailed: `journal_damaged`.
        """
        try:
            return [parse(row) for row in rows]
        except _ROW_ERRORS as error:
            raise _describe_damage("a row of it cannot be read") from error

    @contextmanager
    def begin_write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at the end of the block, undone where it raises.

        Raises:
            UserError, WorkFailed: as `translate_errors` does.
        """
        with self.translate_errors():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def read_rows(self, query: str, *values: Any) -> list[Any]:
        """All rows of a query.

        Raises:
            UserError, WorkFailed: as `translate_errors` does.
        """
        with self.translate_errors():
            return self.connection.execute(query, values).fetchall()


def _describe_damage(text: str) -> WorkFailed:
    return WorkFailed(
        "journal_damaged",
        f"the money journal is damaged: {text}",
        hint="Restore .assetbridge/journal.db from a backup. To begin a new one, move it away: jobs on their way "
        "are then forgotten, and what they bought has to be adopted by hand.",
        where=Where(JOURNAL_FILE),
    )


def require_types(row: Sequence[Any], kinds: Sequence[type | tuple[type, ...]]) -> None:
    """Checks a row: SQLite keeps in a column whatever it is given.

    Raises:
        TypeError: a column holds something else.
        ValueError: a number is not finite.
    """
    for value, kind in zip(row, kinds, strict=True):
        if not isinstance(value, kind):
            raise TypeError("a column holds something else")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a number is not finite")


def read_amount(value: Any) -> Decimal:
    """An amount of money as the journal keeps it.

    Raises:
        ValueError: it is no finite number.
    """
    amount = Decimal(value) if isinstance(value, str) else None
    if amount is None or not amount.is_finite():
        raise ValueError("an amount is no number")
    return amount


def _describe_failure(error: Exception) -> WorkFailed:
    text = str(error)
    if "full" in text or getattr(error, "errno", None) == 28:
        return WorkFailed(
            "disk_full",
            "the money journal cannot be written: the disk is full",
            hint="Nothing was sent that the journal does not know. Free some space and run the same command again.",
            where=Where(JOURNAL_FILE),
        )
    if any(words in text for words in _DAMAGED):
        return _describe_damage(text)
    return WorkFailed(
        "output_unwritable",
        f"the money journal cannot be used: {text}",
        hint="Make the folder .assetbridge writable, and close other programs that hold it.",
        where=Where(JOURNAL_FILE),
    )
