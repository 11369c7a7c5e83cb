"""The content-addressed store: raw results by the sha256 of their bytes.

Kept narrow (get, put, has, list by prefix) so that it can later lie on object storage. Order of a put: temporary
file, fsync, rename, fsync of the folder; the caller records the hash only afterwards. A read checks the hash.
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from bridge.core import atomic_files as disk
from bridge.core import limits
from bridge.core.errors import Where, WorkFailed
from bridge.core.paths import STORE_FOLDER

_HASH = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """Blobs under a folder, two levels deep (`ab/cdef…`)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:]

    def put(self, data: bytes) -> str:
        """Stores bytes and returns their sha256 (64 hex digits); equal bytes are stored once, a damaged blob is mended.

        Raises:
            WorkFailed: `disk_full` or `output_unwritable`.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        disk.write(self._path(sha256), data, durable=True, shown=f"{STORE_FOLDER}/{sha256[:12]}…")
        return sha256

    def has(self, sha256: str) -> bool:
        """Whether the blob is here (its content is checked when read)."""
        return _HASH.fullmatch(sha256) is not None and self._path(sha256).is_file()

    def get(self, sha256: str) -> bytes:
        """The bytes of a blob.

        Raises:
            WorkFailed: `store_missing` when it is not here, `store_corrupt` when the bytes do not match the hash.
        """
        path = self._path(sha256)
        try:
            if not _HASH.fullmatch(sha256):
                raise FileNotFoundError(errno.ENOENT, "no blob is called so")
            data = limits.read_bounded(path, limits.SOURCE_BYTES)
        except FileNotFoundError as error:
            raise WorkFailed(
                "store_missing",
                f"the stored result {sha256[:12]}… is not in {STORE_FOLDER}",
                hint="Run `assetbridge build`: free art is drawn again, nothing is bought without asking.",
            ) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise WorkFailed("store_missing", f"the stored result {sha256[:12]}… cannot be read: {reason}") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise WorkFailed(
                "store_corrupt",
                f"the stored result {sha256[:12]}… does not match its hash",
                hint="The disk or another program changed it. Delete that file and build again.",
                where=Where(f"{STORE_FOLDER}/{sha256[:2]}/{sha256[2:]}"),
            )
        return data

    def list(self, prefix: str = "") -> Iterator[str]:
        """The hashes here that begin with `prefix`, sorted."""
        if not self.root.is_dir():
            return
        for folder in sorted(self.root.iterdir()):
            if not folder.is_dir() or not (folder.name.startswith(prefix[:2]) or prefix[:2].startswith(folder.name)):
                continue
            for path in sorted(folder.iterdir()):
                sha256 = folder.name + path.name
                if len(sha256) == 64 and sha256.startswith(prefix):
                    yield sha256
