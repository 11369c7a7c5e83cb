"""Work that failed as a whole and is still owed: it is done as soon as its cause is gone.

A disk that is full, a lock file with conflict markers, settings that cannot be read, another process at work: nothing
is wrong with any asset, and no further save would tell that the cause has gone. So the builder tries again: at once
when a file of the project changes, and else after 1, 2, 4 … seconds, at most once a minute in the end.

What is tried again is what a save asks for: everything that is stale and free, or inside a budget. A build that a
person has approved is never repeated: its price was approved once.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.core.errors import BridgeError
from bridge.daemon.build_outcomes import BuildOutcome

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 60.0
# Below it a disk counts as full: trying again would draw everything for nothing.
_LEAST_FREE_BYTES = 4 << 20
# Of an asset's own result: nothing is wrong with the asset.
_DISK = frozenset({"disk_full", "output_unwritable"})
_PROJECT = _DISK | {
    "project_locked",
    "config_invalid",
    "no_project",
    "lock_invalid",
    "lock_newer",
    "journal_damaged",
    "journal_newer",
}
# A defect does not go away by waiting; the next save tries again anyway.
_HOPELESS = frozenset({"internal"})


@dataclass(frozen=True, slots=True)
class OwedWork:
    """error: why it could not be done. since: seconds since 1970. attempts: so far. retry_at: monotonic seconds."""

    error: BridgeError
    since: float
    attempts: int
    retry_at: float

    def as_dict(self) -> dict[str, Any]:
        """The JSON form in the daemon's health."""
        return {"error": self.error.as_dict(), "since": round(self.since, 3), "attempts": self.attempts}

    def is_same(self, other: OwedWork | None) -> bool:
        """Whether it is owed for the same reason."""
        return other is not None and other.error.as_dict() == self.error.as_dict()


def find_cause(outcome: BuildOutcome, *, follows: bool) -> BridgeError | None:
    """Why what a request asked for is still owed; None: it is done, or only who asked can decide.

    follows: whether the request follows from changed files, so that nobody else knows of its failure.
    """
    failure = outcome.failure
    if failure is not None and failure.code != "interrupted" and (follows or failure.code in _PROJECT):
        return failure
    errors = (result.error for result in outcome.results)
    return next((error for error in errors if error is not None and error.code in _DISK), None)


def note_failure(before: OwedWork | None, cause: BridgeError, now: float, monotonic: float) -> OwedWork:
    """What is owed after another attempt has failed."""
    attempts = before.attempts + 1 if before is not None else 1
    pause = min(_FIRST_SECONDS * 2 ** min(attempts - 1, 10), _LONGEST_SECONDS)
    if cause.code in _HOPELESS:
        pause = math.inf
    return OwedWork(cause, before.since if before is not None else now, attempts, monotonic + pause)


def is_worth_trying(owed: OwedWork, root: Path, free_bytes: Callable[[Path], int] | None = None) -> bool:
    """Whether another attempt could end otherwise."""
    if owed.error.code != "disk_full":
        return True
    try:
        return (free_bytes or _count_free_bytes)(root) >= _LEAST_FREE_BYTES
    except OSError:
        return True


def _count_free_bytes(root: Path) -> int:
    return shutil.disk_usage(root).free
