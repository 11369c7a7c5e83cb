"""Whether git is in the middle of something: a project that it is changing is no state to build from.

Git holds `index.lock` while it changes the working tree, and keeps a folder or a file while a rebase or a merge waits
for its user (gitrepository-layout(5); git-rebase and git-merge keep `rebase-merge`, `rebase-apply`, `MERGE_HEAD`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bridge.core.root_folder import RootFolder
from bridge.core.waits import GIT_LOCK_BELIEVED_S, GIT_REST_S

_LOCKS = ("index.lock", "HEAD.lock")
_OPERATIONS = {
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}
_LONGEST_FILE = 4096


class GitMoment(NamedTuple):
    """What git says of itself. is_busy: it changes files now. operation: what waits for its user, or goes on; empty for
    nothing. head: what is checked out."""

    is_busy: bool
    operation: str
    head: str


def find_git_folder(root: Path) -> Path | None:
    """The folder in which git keeps the state of the working tree that a project lies in; None where there is none.

    A file `.git` names it, for further working trees and submodules.
    """
    for folder in (root, *root.parents):
        mark = folder / ".git"
        if mark.is_dir():
            return mark
        if mark.is_file():
            named = _read_small(folder, mark.name)
            target = folder / named.removeprefix("gitdir:").strip()
            return target if named.startswith("gitdir:") and target.is_dir() else None
    return None


def read_moment(git_folder: Path) -> GitMoment:
    """What git says now."""
    head = _read_small(git_folder, "HEAD")
    if head.startswith("ref:"):
        # A branch of its own working tree, or of the repository that this working tree belongs to.
        ref = head.removeprefix("ref:").strip()
        head += f" {_read_small(git_folder, ref)}"
    operation = next((said for name, said in _OPERATIONS.items() if os.path.lexists(git_folder / name)), "")
    return GitMoment(is_changing_files(git_folder), operation, head)


def is_changing_files(git_folder: Path | None) -> bool:
    """Whether git changes files now. A lock that a crashed git has left is not believed for ever."""
    for name in _LOCKS if git_folder is not None else ():
        try:
            age_seconds = time.time() - os.lstat(f"{git_folder}/{name}").st_mtime
        except OSError:
            continue
        if age_seconds < GIT_LOCK_BELIEVED_S:
            return True
    return False


def _read_small(folder: Path, path: str) -> str:
    """The text of a small file below a folder; empty where there is none, or no regular one that is reached without a
    link: a project may bring a git folder of its own.
    """
    try:
        return RootFolder(folder).read(path, _LONGEST_FILE).decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return ""


class GitGate:
    """Says when a project may be looked at: git rests, and has rested for a moment. Never waits itself."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = find_git_folder(Path(os.path.realpath(root)))
        self._clock = clock
        self._head = read_moment(self._folder).head if self._folder is not None else ""
        self._rests_since = -GIT_REST_S
        self._has_moved = False
        self.waits_for = ""

    def is_at_rest(self) -> bool:
        """Whether git does nothing now, nor a moment ago; `waits_for` says what it does."""
        self.waits_for = ""
        if self._folder is None:
            return True
        moment, now = read_moment(self._folder), self._clock()
        if moment.is_busy or moment.operation or moment.head != self._head:
            self.waits_for = moment.operation
            self._head = moment.head
            self._rests_since = now
            self._has_moved = True
        return now - self._rests_since >= GIT_REST_S

    def take_moved(self) -> bool:
        """Whether git was at work since this was asked last: any file may be another one then."""
        moved, self._has_moved = self._has_moved, False
        return moved
