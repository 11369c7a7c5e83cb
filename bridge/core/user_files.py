"""The user's own settings of assetbridge: `<user config>/assetbridge`, the one place whose files are the user's will.

A project's files may come from a stranger; these were written by this user's own commands. So a file counts only when
this user owns it and nobody else may write it, it is replaced as a whole by one of a random name, and only its owner
may read it (on Windows the profile's access list protects it).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path

from bridge.core.errors import UserError
from bridge.core.root_folder import RootFolder

NAME = "assetbridge"
# Settings are a page of text; more is not ours.
MOST_BYTES = 8 << 20
_WINDOWS = os.name == "nt"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


def user_folder() -> Path:
    """The user's folder of settings; it need not exist."""
    if sys.platform == "linux":
        # The rule of the XDG Base Directory Specification, at hand without a package: `status` asks for it, too.
        base = os.environ.get("XDG_CONFIG_HOME", "")
        return Path(base if os.path.isabs(base) else Path("~/.config").expanduser()) / NAME  # noqa: PTH117
    import platformdirs

    return Path(platformdirs.user_config_dir(NAME))


def read_user_file(name: str) -> bytes | None:
    """The bytes of a file in the user's folder; None where there is none.

    Raises:
        UserError: `settings_unsafe`: a link, no regular file, another user's, or others may write it.
    """
    path = user_folder() / name
    try:
        handle = os.open(path, os.O_RDONLY | _NO_LINK | _NO_WAIT)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.EACCES):
            return None
        raise _unsafe(name, "is a link or no regular file") from error
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise _unsafe(name, "is no regular file")
        if not _WINDOWS and facts.st_uid not in (os.geteuid(), 0):
            raise _unsafe(name, "belongs to another user")
        if not _WINDOWS and facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise _unsafe(name, "can be written by other users", f"chmod 600 {show_user_path(name)}")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _unsafe(name, f"has more than {MOST_BYTES >> 20} MB")
    return data


def write_user_file(name: str, data: bytes) -> bool:
    """Replaces a file of the user's folder as a whole; False when it already holds these bytes.

    The folder is made with mode 0700, the file with 0600.

    Raises:
        OSError: as the system says; the old file is still whole then.
    """
    folder = user_folder()
    with contextlib.suppress(UserError):
        if read_user_file(name) == data:
            return False
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temp = folder / f".{name}.{os.urandom(8).hex()}"
    handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        temp.replace(folder / name)
    except BaseException:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise
    return True


def create_user_file(name: str, data: bytes) -> bytes:
    """Writes a file of the user's folder that is not there yet; returns what it holds then, also by a quicker process.

    Raises:
        OSError: as the system says. UserError: as `read_user_file`.
    """
    folder = user_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    RootFolder(folder).create_new(name, data, private=True)
    present = read_user_file(name)
    if present is None:
        raise OSError(errno.EIO, "it is not there after it was written")
    return present


def show_user_path(name: str) -> str:
    """A file of the user's folder as messages show it: `~/.config/assetbridge/trust.json`."""
    path = user_folder() / name
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return path.name


def _unsafe(name: str, why: str, hint: str = "") -> UserError:
    shown = show_user_path(name)
    return UserError("settings_unsafe", f"{shown} {why}", hint=hint or f"Look at it, then delete it: {shown}")
