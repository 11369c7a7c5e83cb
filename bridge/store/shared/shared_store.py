"""The store of a team: blobs and receipts in a bucket, read through into the project's own store and written behind.

Names: `blobs/ab/cdef…`, `receipts/f1-…` (the bytes of the project's own receipts), and beside them `claims/` and
`days/`. Whatever comes from there is checked by its hash and its size before anything of it is kept; what is wrong
counts as not there. Without a connection the project's own store is all there is, which is said once.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.core import limits, waits
from bridge.core.errors import BridgeError, WorkFailed
from bridge.core.json_text import parse_json
from bridge.store.receipts import Receipt, decode_receipt, encode_receipt, receipt_name
from bridge.store.results import complete
from bridge.store.shared.bucket import Bucket, RemoteOfflineError, RemoteRefusedError
from bridge.store.shared.claims import ClaimLog
from bridge.store.shared.day_books import DayBooks

if TYPE_CHECKING:
    from bridge.core.remote_address import RemoteAddress
    from bridge.store.blobs import BlobStore

Answer = TypeVar("Answer")

_AT_ONCE = 16
RECEIPTS = "receipts"
BLOBS = "blobs"

FetchProgress = Callable[[int, int], None]
"""Told how many of how many results have been looked for."""


def ignore_progress(_done: int, _total: int) -> None:
    """Tells nobody."""


class SharedStore:
    """See the module. Every call may be made from any thread.

    local: the project's own store. bucket, claims, books: what it is made of. executor: for many requests at once;
    callers: for those who wait for such, so that neither runs out of threads. notes: what there is to say of it.
    """

    def __init__(self, address: RemoteAddress, local: BlobStore, require_trust: Callable[[], None]) -> None:
        self.local = local
        self.bucket = Bucket(address, require_trust)
        self.executor = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="shared-store")
        self.callers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="shared-store-caller")
        self.claims = ClaimLog(self.bucket)
        self.books = DayBooks(self.bucket, self.executor)
        self._notes: dict[str, None] = {}
        self._away: tuple[BridgeError, float] | None = None
        self._absent: dict[str, float] = {}

    async def ask(self, function: Callable[..., Answer], *values: Any) -> Answer:
        """What a call that waits for the store comes to, without holding up other tasks."""
        return await asyncio.get_running_loop().run_in_executor(self.callers, function, *values)

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of it, each sentence once."""
        return tuple(self._notes)

    @property
    def is_away(self) -> bool:
        """Whether it could not be asked a moment ago."""
        return self._away is not None and time.monotonic() - self._away[1] < waits.REMOTE_MEMORY_S

    def require_reachable(self) -> None:
        """Passes unless it could not be asked a moment ago.

        Raises:
            BridgeError: why not.
        """
        if self._away is not None and self.is_away:
            raise self._away[0]

    def close(self) -> None:
        """Ends its threads; what they are at is bounded."""
        for pool in (self.callers, self.executor):
            pool.shutdown(wait=True, cancel_futures=True)

    # reading through

    def fetch_results(
        self, fingerprints: Iterable[str], on_progress: FetchProgress = ignore_progress
    ) -> frozenset[str]:
        """Brings receipts and what they name into the project's store, many at once; returns those with a receipt.

        What is not there is not looked for again for half a minute. A store that cannot be asked has nothing.
        """
        wanted = self._select_askable(fingerprints)
        came: set[str] = set()
        told = time.monotonic()
        tasks = [self.executor.submit(self._try_fetch, fingerprint) for fingerprint in wanted]
        for number, (fingerprint, task) in enumerate(zip(wanted, tasks, strict=True), 1):
            if task.result():
                came.add(fingerprint)
            elif not self.is_away:
                self._absent[fingerprint] = time.monotonic()
            on_progress(number, len(wanted))
            if time.monotonic() - told > waits.TRANSFER_TOLD_S and on_progress is ignore_progress:
                told = time.monotonic()
                self.tell(f"{number:,} of {len(wanted):,} results looked for in the team's store")
        return frozenset(came)

    def _try_fetch(self, fingerprint: str) -> bool:
        if self.is_away:
            return False
        try:
            return self.fetch_result(fingerprint) is not None
        except (RemoteOfflineError, RemoteRefusedError) as error:
            self.note_away(error)
        except BridgeError as error:
            self._note(error.message)
            if error.code in ("remote_unusable", "missing_extra", "not_trusted"):
                self._away = (error, time.monotonic())
        return False

    def note_away(self, error: BridgeError) -> None:
        """It cannot be asked: what is on this machine is all there is for half a minute, which is said once."""
        self._away = (error, time.monotonic())
        self._note(f"{error.message}: working with what is on this machine alone")

    def fetch_result(self, fingerprint: str) -> Receipt | None:
        """The receipt of a fingerprint, which is in the project's store afterwards, and its files as far as they are
        whole; None where there is none.

        Raises:
            WorkFailed: `remote_offline`, `remote_refused`, `remote_damaged`: there is a receipt, and it cannot be read;
                what writing it here raises.
            UserError: as `Bucket.get`.
        """
        data = self.bucket.get(f"{RECEIPTS}/{receipt_name(fingerprint)}", limits.SHARED_RECORD_BYTES)
        if data is None:
            return None
        try:
            receipt = decode_receipt(data)
            if receipt.fingerprint != fingerprint:
                raise ValueError(f"it is that of {receipt.fingerprint}")
        except (ValueError, RecursionError) as error:
            raise WorkFailed(
                "remote_damaged",
                f"the receipt {receipt_name(fingerprint)} in {self.bucket.address} cannot be read: {error}",
                hint="Nothing is ordered in its place. Look at that file in the bucket.",
            ) from error
        self.fetch_files(receipt.result)
        self.local.receipts.write(receipt)
        return receipt

    def fetch_files(self, result: str) -> bool:
        """Whether a result is in the project's store now: its files, and then its manifest, are brought where they are
        not.

        Raises:
            WorkFailed, UserError: as `Bucket.get`, and what writing them here raises.
        """
        if complete(self.local, result):
            return True
        manifest = self._fetch_blob(result)
        files = list_files(manifest) if manifest is not None else None
        if manifest is None or files is None:
            return False
        left = limits.ARCHIVE_BYTES
        for sha256 in files:
            if not self._has_whole(sha256):
                blob = self._fetch_blob(sha256)
                left -= len(blob or b"")
                if blob is None or left < 0:
                    return False
                self.local.put(blob)
        self.local.put(manifest)
        return True

    def fetch_lost(self, results: Iterable[str]) -> bool:
        """Whether any of these results, whose files are not in the project's store, could be brought."""
        wanted = self._select_askable(results)
        came = list(self.executor.map(self._try_fetch_files, wanted))
        if not self.is_away:
            lacking = (result for result, is_here in zip(wanted, came, strict=True) if not is_here)
            self._absent.update(dict.fromkeys(lacking, time.monotonic()))
        return any(came)

    def _select_askable(self, names: Iterable[str]) -> list[str]:
        """Those that are worth a question now."""
        if self.is_away:
            return []
        long_ago = time.monotonic() - waits.REMOTE_MEMORY_S
        return [name for name in dict.fromkeys(names) if self._absent.get(name, -math.inf) < long_ago]

    def _try_fetch_files(self, result: str) -> bool:
        try:
            return not self.is_away and self.fetch_files(result)
        except (RemoteOfflineError, RemoteRefusedError) as error:
            self.note_away(error)
        except BridgeError as error:
            self._note(error.message)
        return False

    def _has_whole(self, sha256: str) -> bool:
        try:
            self.local.get(sha256)
        except WorkFailed:
            return False
        return True

    def _fetch_blob(self, sha256: str) -> bytes | None:
        """A blob that is what its name says; None where there is none, or another one."""
        data = self.bucket.get(blob_name(sha256), limits.SHARED_BLOB_BYTES)
        if data is not None and hashlib.sha256(data).hexdigest() != sha256:
            self._note(f"{blob_name(sha256)[:20]}… in {self.bucket.address} is not what its name says: it is not used")
            return None
        return data

    # writing behind

    def push_result(self, receipt: Receipt, present: Collection[str] = ()) -> bool:
        """Puts a result and then its receipt there; whether the receipt is new. present: hashes known to be there.

        Raises:
            WorkFailed: `store_missing`, `store_corrupt`: it is not here; else as `Bucket.create`.
            UserError: as `Bucket.create`.
        """
        manifest = self.local.get(receipt.result)
        for sha256 in (*(list_files(manifest) or ()), receipt.result):
            if sha256 not in present:
                self.push_blob(sha256)
        return self.bucket.create(f"{RECEIPTS}/{receipt_name(receipt.fingerprint)}", encode_receipt(receipt))

    def push_blob(self, sha256: str) -> bool:
        """Puts a blob there; False where one is of the same size already, for its name says what it is.

        Raises:
            WorkFailed, UserError: as `push_result`.
        """
        return self.bucket.create(blob_name(sha256), self.local.get(sha256))

    def list_blobs(self) -> dict[str, int]:
        """The sizes in bytes of the blobs that are there, by their hashes.

        Raises:
            WorkFailed, UserError: as `Bucket.list`.
        """
        sizes_bytes = {}
        for entry in self.bucket.list(BLOBS):
            parts = entry.name.split("/")
            if len(parts) == 3:
                sizes_bytes[parts[1] + parts[2]] = entry.size_bytes
        return sizes_bytes

    def list_receipts(self) -> set[str]:
        """The fingerprints that have a receipt there.

        Raises:
            WorkFailed, UserError: as `Bucket.list`.
        """
        names = (entry.name.rpartition("/")[2] for entry in self.bucket.list(RECEIPTS))
        return {name.replace("-", ":", 1) for name in names}

    def tell(self, sentence: str) -> None:
        """Tells whoever waits how far it is."""
        logging.getLogger("assetbridge").warning("note: %s", sentence)

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes:
            self._notes[sentence] = None
            self.tell(sentence)


def blob_name(sha256: str) -> str:
    """The name of a blob there."""
    return f"{BLOBS}/{sha256[:2]}/{sha256[2:]}"


def list_files(manifest: bytes) -> list[str] | None:
    """The hashes of a result's files; None where the bytes are no manifest."""
    try:
        files = [entry["sha256"] for entry in parse_json(manifest)["files"]]
    except (ValueError, KeyError, TypeError):
        return None
    is_list = len(files) <= limits.ARCHIVE_FILES and all(isinstance(sha256, str) for sha256 in files)
    return files if is_list else None
