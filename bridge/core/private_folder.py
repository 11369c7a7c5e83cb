"""Folders that other users may have made before us: below the system's folder for temporary files, above all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from bridge.core.errors import UserError
from bridge.core.root_folder import RootFolder


def open_private_folder(path: Path, *, create: bool = False) -> RootFolder | None:
    """A folder that this user alone may read and write; None where there is none. create: it is made, with mode 0700.

    Raises:
        UserError: `settings_unsafe`: it is a link or no folder, another user's, or others may look into it.
        OSError: it cannot be made.
    """
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
    try:
        facts = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISDIR(facts.st_mode):
        raise _refuse(path, "is a link or no folder")
    if os.name != "nt":
        if facts.st_uid != os.geteuid():
            raise _refuse(path, "belongs to another user")
        if facts.st_mode & 0o077:
            raise _refuse(path, "can be read or written by other users")
    return RootFolder(path.parent).below(path.name)


def _refuse(path: Path, why: str) -> UserError:
    message = f"the folder {path.name} {why}: it is not used"
    return UserError("settings_unsafe", message, hint=f"Look at it, then move it away: {path}")
