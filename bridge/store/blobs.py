"""The content-addressed store: raw results by the sha256 of their bytes.

Kept narrow (get, put, has, list by prefix) so that it can later lie on object storage. Order of a put: temporary
file, fsync, rename, fsync of the folder; the caller records the hash only afterwards. A read checks the hash.
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bridge.core.disk_errors import RefusedPathError, describe_failure
from bridge.core.errors import Where, WorkFailed
from bridge.core.git_lfs import PULL, is_lfs_pointer
from bridge.core.paths import STORE_FOLDER
from bridge.core.root_folder import RootFolder
from bridge.store.lock_entry import join_path
from bridge.store.receipts import Receipts

_HASH = re.compile(r"[0-9a-f]{64}")
_FOLDER = re.compile(r"[0-9a-f]{2}")


class BlobStore:
    """Blobs under a folder of a project, two levels deep (`ab/cdef…`).

    root: where no link is followed from on. folder: the store's below it. receipts: what was bought of them.
    """

    def __init__(self, root: Path, folder: str = "") -> None:
        self.root = root / folder
        self._folder = folder
        self._disk = RootFolder(root, make=False)
        self.receipts = Receipts(root, folder)

    def _path(self, sha256: str) -> str:
        return join_path(self._folder, f"{sha256[:2]}/{sha256[2:]}")

    def put(self, data: bytes) -> str:
        """Stores bytes and returns their sha256 (64 hex digits); equal bytes are stored once, a damaged blob is mended.

        Raises:
            WorkFailed: `disk_full` or `output_unwritable`.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        self._disk.write(self._path(sha256), data, durable=True, shown=f"{STORE_FOLDER}/{sha256[:12]}…")
        return sha256

    def has(self, sha256: str) -> bool:
        """Whether the blob is here (its content is checked when read)."""
        return _HASH.fullmatch(sha256) is not None and self._disk.is_file(self._path(sha256))

    def get(self, sha256: str) -> bytes:
        """The bytes of a blob.

        Raises:
            WorkFailed: `store_missing` when it is not here, `store_corrupt` when the bytes do not match the hash.
        """
        try:
            if not _HASH.fullmatch(sha256):
                raise FileNotFoundError(errno.ENOENT, "no blob is called so")
            data = self._disk.read(self._path(sha256))
        except FileNotFoundError as error:
            raise WorkFailed(
                "store_missing",
                f"the stored result {sha256[:12]}… is not in {STORE_FOLDER}",
                hint="Run `assetbridge build`: free art is drawn again, nothing is bought without asking.",
            ) from error
        except OSError as error:
            if isinstance(error, RefusedPathError):
                raise describe_failure(error, STORE_FOLDER) from error
            reason = error.strerror or str(error)
            raise WorkFailed("store_missing", f"the stored result {sha256[:12]}… cannot be read: {reason}") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            if is_lfs_pointer(data):
                message = f"the stored result {sha256[:12]}… is a pointer of Git LFS: the file itself is not here"
                raise WorkFailed("store_missing", message, hint=PULL)
            raise WorkFailed(
                "store_corrupt",
                f"the stored result {sha256[:12]}… does not match its hash",
                hint="The disk or another program changed it. Delete that file and build again.",
                where=Where(f"{STORE_FOLDER}/{sha256[:2]}/{sha256[2:]}"),
            )
        return data

    def size_of(self, sha256: str) -> int:
        """The bytes of a blob; 0 where it is not here."""
        try:
            return self._disk.stat(self._path(sha256)).st_size
        except OSError:
            return 0

    def remove(self, sha256: str) -> None:
        """Removes a blob, and its folder where it was the last in it.

        Raises:
            WorkFailed: `unsafe_path`, or it cannot be removed.
        """
        path = self._path(sha256)
        try:
            self._disk.remove(path)
            with suppress(OSError):
                self._disk.remove_folder(path.rpartition("/")[0])
        except FileNotFoundError:
            return
        except OSError as error:
            raise describe_failure(error, STORE_FOLDER) from error

    def list(self, prefix: str = "") -> Iterator[str]:
        """The hashes here that begin with `prefix`, sorted."""
        for folder in self._disk.list_names(self._folder):
            if not _FOLDER.fullmatch(folder) or not folder.startswith(prefix[:2]):
                continue
            for name in self._disk.list_names(join_path(self._folder, folder)):
                sha256 = folder + name
                if _HASH.fullmatch(sha256) and sha256.startswith(prefix):
                    yield sha256
