"""The two SQLite databases of a project, believed only where this machine and user began them.

A folder may come from a stranger with a `state.db` or `journal.db` in it. So each has a mark beside it (`NAME.mark`):
a random number that is also the `application_id` in the database's header (SQLite, "Database File Format", 1.3.15), and
the signature of both under the secret of this machine and user. Neither names a folder: a project may be moved and
renamed. The mark and the header are read before SQLite sees a byte; a database without a true mark is foreign: it is
set aside under another name, never opened and never mended, and said once. What is believed is opened without trust in
its schema, and only where it, its journals and its mark are regular files with one name, reached without a link.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from _thread import RLock  # `threading` costs `status` a hundredth of its time
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from bridge.core.database_journals import FOREIGN, DatabaseJournals
from bridge.core.disk_errors import RefusedPathError
from bridge.core.errors import UserError
from bridge.core.machine import sign_text
from bridge.core.paths import JOURNAL_FILE, STATE_FILE, TRUST_VARIABLE
from bridge.core.private_files import narrow_mode
from bridge.core.root_folder import RootFolder
from bridge.core.sqlite import use_wal

BROKEN = "broken"
_REPLACED = "replaced"
_JOURNALS = ("-wal", "-shm", "-journal")
_MARK_HEAD = b"assetbridge mark 1\n"
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_READS_WAL = 2
_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-~")


class DatabaseOrigin(Enum):
    """Whose a database is. EMPTY: nobody's, for nothing is in it. DAMAGED: it was ours, and its first bytes are no
    database any more.
    """

    NONE = "none"
    EMPTY = "empty"
    OURS = "ours"
    DAMAGED = "damaged"
    FOREIGN = "foreign"


class _Mark(NamedTuple):
    """application_id: 1 to 2147483647, as in the header. nonce: 32 hex digits."""

    application_id: int
    nonce: str


# Of each open database by number and device: its header, once a connection of this process.
_live_headers: dict[tuple[int, int], list[bytes]] = {}
# No header is read between a connection's being made and its being counted.
_opening = RLock()


class _CountedConnection(sqlite3.Connection):
    """A connection that is known as long as it holds locks."""

    file: tuple[int, int] | None = None

    def close(self) -> None:
        """Closes the connection."""
        super().close()
        self._forget()

    def __del__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        file, self.file = self.file, None
        if file is not None:
            _forget(file)


def _count(database: sqlite3.Connection, file: tuple[int, int], header: bytes) -> None:
    """The connection is known from now on, until it is closed or collected."""
    if os.name != "nt" and isinstance(database, _CountedConnection):
        _live_headers.setdefault(file, []).append(header)
        database.file = file


def _forget(file: tuple[int, int]) -> None:
    headers = _live_headers.get(file, [])
    if len(headers) > 1:
        headers.pop()
    else:
        _live_headers.pop(file, None)


class ProjectDatabase:
    """One of the databases, by its path relative to the project's folder."""

    def __init__(self, root: Path, path: str) -> None:
        self._folder = RootFolder(root, make=False)
        self.path = path
        # SQLite never makes the file: only `RootFolder` does.
        self._address = f"file:{_quote(root / path)}?mode=rw"
        self._mark_path = f"{path}.mark"

    def connect(self, **options: Any) -> sqlite3.Connection:
        """A connection to the database, with a write-ahead log; it is begun where there is none, and a foreign one is
        set aside before.

        options: of `sqlite3.connect`.

        Raises:
            RefusedPathError: a link, no regular file, or one with a second name is in the place of a file of it.
            UserError: `settings_unsafe`, `settings_unusable`: no mark can be made.
            OSError, sqlite3.DatabaseError: as system and SQLite say; a damaged one is a `sqlite3.DatabaseError`.
        """
        with _opening:
            return self._connect(options)

    def _connect(self, options: Mapping[str, Any]) -> sqlite3.Connection:
        origin = self._settle()
        if origin is DatabaseOrigin.DAMAGED:
            raise sqlite3.DatabaseError("file is not a database")
        if origin is DatabaseOrigin.NONE:
            begun = self._read_mark() or self._make_mark()
            self._folder.create_new(self.path, _empty_database(begun.application_id), private=True)
        before = self._check_files()
        self._narrow_modes()
        header = self._read_header()
        journals = None if self._is_live() else self._find_journals()
        is_labelled = journals is not None and journals.label_database()
        database: sqlite3.Connection = sqlite3.connect(self._address, uri=True, factory=_CountedConnection, **options)
        if before is not None:
            _count(database, before, header)
        try:
            database.execute("PRAGMA trusted_schema=OFF")
            application_id = database.execute("PRAGMA application_id").fetchone()[0] & 0xFFFFFFFF
            # SQLite opens by name: what it has opened is what was looked at, or nothing is read of it.
            if self._check_files() != before:
                raise RefusedPathError(self.path, "was replaced while it was opened")
            mark = self._read_mark()
            if not _is_trusted() and (mark is None or mark.application_id != application_id):
                raise RefusedPathError(self.path, "holds another database than it should")
            use_wal(database)
            if journals is not None and is_labelled and database.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                # SQLite makes the log when it first reads.
                database.execute("PRAGMA application_id").fetchone()
                journals.label_log()
        except BaseException:
            database.close()
            raise
        return database

    def settle(self) -> DatabaseOrigin:
        """Whose the database is; a foreign one is gone afterwards (NONE), or adopted where the environment says that
        this project is its user's own.

        Raises:
            RefusedPathError, UserError, OSError: as `connect`.
        """
        with _opening:
            return self._settle()

    def _settle(self) -> DatabaseOrigin:
        self._check_files()
        origin = self._judge()
        if origin is DatabaseOrigin.FOREIGN and _is_trusted():
            if not self._read_header().startswith(_MAGIC):
                return DatabaseOrigin.DAMAGED
            # A home that takes no settings stops nobody who said so himself.
            with contextlib.suppress(OSError, UserError):
                self.adopt()
            return DatabaseOrigin.OURS
        if origin is DatabaseOrigin.FOREIGN:
            name = self.set_aside(FOREIGN)
            _tell(
                f"{self.path} was not made by this user on this machine: it is not used, and lies aside as {name}. "
                "If it is yours, take it over: assetbridge trust"
            )
            return DatabaseOrigin.NONE
        if origin is DatabaseOrigin.EMPTY:
            self._folder.remove(self.path)
            return DatabaseOrigin.NONE
        if origin is DatabaseOrigin.OURS:
            self._drop_strange_journal()
        return origin

    def is_ours(self) -> bool:
        """Whether there is a database, and this machine and user began it.

        Raises:
            RefusedPathError, UserError, OSError: as `connect`.
        """
        return self._judge() in (DatabaseOrigin.OURS, DatabaseOrigin.DAMAGED)

    def is_strange(self) -> bool:
        """Whether there is a database, here or set aside, that this machine and user did not begin.

        Raises:
            RefusedPathError, UserError, OSError: as `connect`.
        """
        if self._folder.exists(self.path):
            return not self.is_ours()
        return self._folder.exists(self._aside("", FOREIGN, 1))

    def set_aside(self, label: str) -> str:
        """Renames the database and its journals, and a foreign one's mark, to names that nothing has yet; returns the
        database's new path.

        Raises:
            RefusedPathError, OSError: as the system says.
        """
        parts = ["", *_JOURNALS, *([".mark"] if label == FOREIGN else [])]
        number = 1
        while any(self._folder.exists(self._aside(part, label, number)) for part in parts):
            number += 1
        for part in parts:
            with contextlib.suppress(FileNotFoundError):
                target = self._aside(part, label, number)
                self._folder.rename_beside(self.path + part, target.rpartition("/")[2])
        return self._aside("", label, number)

    def _aside(self, part: str, label: str, number: int) -> str:
        return f"{self.path}.{label}{'' if number == 1 else f'-{number}'}{part}"

    def adopt(self) -> None:
        """Marks the database that lies there as this user's: the project is his own.

        Raises:
            RefusedPathError, UserError, OSError: as `connect`. sqlite3.DatabaseError: it is in use or damaged.
        """
        self._check_files()
        application_id = _application_id(self._read_header())
        if application_id == 0:
            application_id = _random_id()
            self._write_application_id(application_id)
        self._write_mark(application_id)

    def adopt_set_aside(self, *, replace: bool) -> bool:
        """Takes back and marks the newest database that was set aside as foreign, where none has been begun since.

        replace: one that has been begun since is set aside in its turn.

        Raises:
            RefusedPathError, UserError, OSError, sqlite3.DatabaseError: as `adopt`.
        """
        number = 1
        while self._folder.exists(self._aside("", FOREIGN, number + 1)):
            number += 1
        has_begun = self._folder.exists(self.path)
        if (has_begun and not replace) or not self._folder.exists(self._aside("", FOREIGN, number)):
            return False
        if has_begun:
            self.set_aside(_REPLACED)
        name = self.path.rpartition("/")[2]
        for part in ("", *_JOURNALS):
            with contextlib.suppress(FileNotFoundError):
                self._folder.rename_beside(self._aside(part, FOREIGN, number), name + part)
        self.adopt()
        return True

    def _narrow_modes(self) -> None:
        """The files are for their owner alone; SQLite gives those beside the database its mode."""
        for part in ("", *_JOURNALS):
            facts = self._folder.check_in_place(self.path + part)
            if facts is None or os.name == "nt" or not facts.st_mode & 0o077 or self._is_live():
                continue
            handle = self._folder.open_to_read(self.path + part)
            try:
                narrow_mode(handle)
            finally:
                os.close(handle)

    def _is_live(self) -> bool:
        facts = self._folder.check_in_place(self.path)
        return facts is not None and (facts.st_ino, facts.st_dev) in _live_headers

    def _check_files(self) -> tuple[int, int] | None:
        """Number and device of the database, None without one, when all that belongs to it may be opened in place."""
        facts = self._folder.check_in_place(self.path)
        for part in (*_JOURNALS, ".mark"):
            self._folder.check_in_place(self.path + part)
        return None if facts is None else (facts.st_ino, facts.st_dev)

    def _judge(self) -> DatabaseOrigin:
        mark = self._read_mark()
        try:
            header = self._read_header()
        except FileNotFoundError:
            if mark is None:
                self._forget_mark()
            return DatabaseOrigin.NONE
        if mark is None:
            has_journal = any(self._folder.exists(self.path + part) for part in _JOURNALS)
            return DatabaseOrigin.FOREIGN if header or has_journal else DatabaseOrigin.EMPTY
        if not header.startswith(_MAGIC):
            return DatabaseOrigin.DAMAGED
        return DatabaseOrigin.OURS if _application_id(header) == mark.application_id else DatabaseOrigin.FOREIGN

    def _read_header(self) -> bytes:
        # Whoever closes a file drops all locks that his process has on it (POSIX.1-2017, `fcntl`), those of SQLite, too
        # ("How To Corrupt An SQLite Database File", 2.2): what is open here is not opened once more.
        facts = self._folder.check_in_place(self.path)
        known = _live_headers.get((facts.st_ino, facts.st_dev)) if facts is not None else None
        if known:
            return known[0]
        handle = self._folder.open_to_read(self.path)
        try:
            return os.read(handle, _HEADER_BYTES)
        finally:
            os.close(handle)

    def _read_mark(self) -> _Mark | None:
        """The mark, where this machine and user made it.

        Raises:
            UserError: as `sign_text`; not where there is no mark.
        """
        try:
            data = self._folder.read(self._mark_path)
        except FileNotFoundError:
            return None
        words = data.removeprefix(_MARK_HEAD).decode("ascii", "replace").split()
        if not data.startswith(_MARK_HEAD) or len(words) != 3:
            return None
        application_id, nonce, signature = words
        if signature != sign_text(self.path, f"{application_id} {nonce}"):
            return None
        return _Mark(int(application_id, 16), nonce)

    def _make_mark(self) -> _Mark:
        """A new mark, or that of another process which has been quicker."""
        text = self._mark_text(_random_id())
        if not self._folder.create_new(self._mark_path, text, private=True):
            mark = self._read_mark()
            if mark is not None:
                return mark
            self._folder.write(self._mark_path, text, durable=True, private=True)
        mark = self._read_mark()
        if mark is None:
            raise RefusedPathError(self._mark_path, "was replaced while it was written")
        return mark

    def _write_mark(self, application_id: int) -> None:
        mark = self._read_mark()
        if mark is None or mark.application_id != application_id:
            self._folder.write(self._mark_path, self._mark_text(application_id), durable=True, private=True)

    def _mark_text(self, application_id: int) -> bytes:
        facts = f"{application_id:08x} {os.urandom(16).hex()}"
        return _MARK_HEAD + f"{facts} {sign_text(self.path, facts)}\n".encode()

    def _forget_mark(self) -> None:
        """A mark that is not ours, without a database, is worth nothing."""
        with contextlib.suppress(FileNotFoundError):
            self._folder.remove(self._mark_path)

    def _find_journals(self) -> DatabaseJournals | None:
        """The journals of a database that has a mark."""
        mark = self._read_mark()
        if mark is None:
            return None
        return DatabaseJournals(self._folder, self.path, sign_text(f"{self.path}-wal", mark.nonce))

    def _drop_strange_journal(self) -> None:
        has_log = self._read_header()[18:19] == bytes([_READS_WAL])
        journals = None if self._is_live() else self._find_journals()
        if journals is not None:
            journals.set_strange_aside(has_log=has_log)

    def _write_application_id(self, application_id: int) -> None:
        database: sqlite3.Connection = sqlite3.connect(self._address, uri=True)
        with contextlib.closing(database):
            database.execute("PRAGMA trusted_schema=OFF")
            database.execute(f"PRAGMA application_id={application_id}")
            # From the write-ahead log into the header, where it is read without SQLite.
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if _application_id(self._read_header()) != application_id:
            raise sqlite3.OperationalError("database is locked")


def list_strange_databases(root: Path) -> list[str]:
    """The databases of a project that `adopt_databases` would take over, by path.

    Raises:
        RefusedPathError, UserError, OSError: one of them cannot be looked at.
    """
    return [path for path in (STATE_FILE, JOURNAL_FILE) if ProjectDatabase(root, path).is_strange()]


def adopt_databases(root: Path) -> list[str]:
    """Marks the databases of a project that its user has said to be his own; returns what was taken over, by path.

    Those that were set aside as foreign come back where none has been begun since.

    Raises:
        RefusedPathError, UserError, OSError, sqlite3.DatabaseError: one of them cannot be taken over.
    """
    adopted = []
    for path in (STATE_FILE, JOURNAL_FILE):
        database = ProjectDatabase(root, path)
        # Of two memories the older one knows more; of two journals nobody can say which.
        if database.adopt_set_aside(replace=path == STATE_FILE):
            adopted.append(path)
        elif RootFolder(root).exists(path) and not database.is_ours():
            database.adopt()
            adopted.append(path)
    return adopted


def _is_trusted() -> bool:
    return os.environ.get(TRUST_VARIABLE) == "1"


def _tell(text: str) -> None:
    # Few runs have something to say.
    import logging

    logging.getLogger("assetbridge").warning("note: %s", text)


def _random_id() -> int:
    return int.from_bytes(os.urandom(4), "big") % 2147483647 + 1


def _application_id(header: bytes) -> int:
    return int.from_bytes(header[68:72], "big")


def _empty_database(application_id: int) -> bytes:
    """The bytes of a database without tables."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"PRAGMA application_id={application_id}")
        return database.serialize()


def _quote(path: Path) -> str:
    """A path as in a URI of SQLite ("Uniform Resource Identifiers", 3.1)."""
    text = os.fsencode(path.absolute())
    if os.name == "nt":
        text = b"/" + text.replace(b"\\", b"/")
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02x}" for byte in text)
