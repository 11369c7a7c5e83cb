"""`assetbridge merge-lock`: what git calls to merge `assetbridge.lock`.

Source: the gitattributes manual, "Defining a custom merge driver".
"""

from __future__ import annotations

from pathlib import Path

from bridge.core import limits
from bridge.core.errors import UserError, Where
from bridge.core.root_folder import RootFolder
from bridge.store import lockfile
from bridge.store.lock_merge import merge_entries


def merge_lock_files(base: Path, ours: Path, theirs: Path) -> list[str]:
    """Joins two versions of the lock into the file `ours`; returns what had to be decided, a sentence each.

    base: the version both came from; an empty file where there is none.

    Raises:
        UserError: `lock_invalid`, `lock_newer`: a version cannot be read; `ours` is untouched.
        WorkFailed: it cannot be written.
    """
    before, our, their = (
        _read_version(path, name) for path, name in ((base, "base"), (ours, "ours"), (theirs, "theirs"))
    )
    merged = merge_entries(before.assets, our.assets, their.assets)
    data = lockfile.encode_lock(lockfile.Lock(merged.assets))
    RootFolder(ours.absolute().parent).write(ours.name, data, shown=lockfile.FILE_NAME)
    return merged.notes()


def _read_version(path: Path, name: str) -> lockfile.Lock:
    try:
        text = RootFolder(path.absolute().parent).read(path.name, limits.LOCK_BYTES).decode("utf-8")
        return lockfile.loads(text) if text.strip() else lockfile.Lock()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            "lock_invalid", f"the version {name} of the lock cannot be read: {error}", where=Where(lockfile.FILE_NAME)
        ) from error
