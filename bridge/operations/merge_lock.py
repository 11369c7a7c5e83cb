"""`assetbridge merge-lock`: what git calls to merge `assetbridge.lock`, and receipts that both sides have.

Source: the gitattributes manual, "Defining a custom merge driver".
"""

from __future__ import annotations

from pathlib import Path

from bridge.core import limits
from bridge.core.errors import UserError, Where
from bridge.core.root_folder import RootFolder
from bridge.store import lockfile
from bridge.store.lock_merge import merge_entries
from bridge.store.receipts import decode_receipt, encode_receipt, join_receipts, receipt_name


def merge_lock_files(base: Path, ours: Path, theirs: Path) -> list[str]:
    """Joins two versions of the lock, or of a receipt, into the file `ours`; returns what had to be decided, a sentence
    each.

    base: the version both came from; an empty file where there is none.

    Raises:
        UserError: `lock_invalid`, `lock_newer`: a version cannot be read; `ours` is untouched.
        WorkFailed: it cannot be written.
    """
    if _is_receipt(ours) and _is_receipt(theirs):
        return _join_receipt_files(ours, theirs)
    before, our, their = (
        _read_version(path, name) for path, name in ((base, "base"), (ours, "ours"), (theirs, "theirs"))
    )
    merged = merge_entries(before.assets, our.assets, their.assets)
    data = lockfile.encode_lock(lockfile.Lock(merged.assets))
    RootFolder(ours.absolute().parent).write(ours.name, data, shown=lockfile.FILE_NAME)
    return merged.notes()


def _is_receipt(path: Path) -> bool:
    try:
        decode_receipt(_read_small(path))
    except (OSError, ValueError):
        return False
    return True


def _join_receipt_files(ours: Path, theirs: Path) -> list[str]:
    first = join_receipts(decode_receipt(_read_small(ours)), decode_receipt(_read_small(theirs)))
    RootFolder(ours.absolute().parent).write(ours.name, encode_receipt(first), shown=receipt_name(first.fingerprint))
    return [f"{first.asset}: {first.step} was bought on both sides; the receipt of the first stays"]


def _read_small(path: Path) -> bytes:
    return RootFolder(path.absolute().parent).read(path.name, limits.RECEIPT_BYTES)


def _read_version(path: Path, name: str) -> lockfile.Lock:
    try:
        text = RootFolder(path.absolute().parent).read(path.name, limits.LOCK_BYTES).decode("utf-8")
        return lockfile.loads(text) if text.strip() else lockfile.Lock()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            "lock_invalid", f"the version {name} of the lock cannot be read: {error}", where=Where(lockfile.FILE_NAME)
        ) from error
