"""What the user has trusted: `trust.json` among the user's own settings, by the real path of a project's folder.

A record counts for the project of the same id only, and as long as it asks for what it asked for then. Nothing of it
lies in a project: what a clone brings along cannot say that it is trusted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.core.errors import UserError
from bridge.core.user_files import read_user_file, show_user_path, user_folder, write_user_file
from bridge.trust.request import TrustRequest, digest_requests

NAME = "trust.json"
_VERSION = 1
_LOCK_NAME = "trust.lock"
_PATIENCE_SECONDS = 10.0
# Above, folders that are gone are forgotten: a machine for tests makes thousands of projects.
_MANY = 500


@dataclass(frozen=True, slots=True)
class TrustRecord:
    """A trusted project. values: what it asked for then, as canonical JSON by key; digest: over these."""

    project_id: str
    digest: str
    values: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """The form in the file."""
        return {"id": self.project_id, "digest": self.digest, "asks": dict(self.values)}


def record_key(root: Path) -> str:
    """What a project's record is found by: the real path of its folder."""
    return os.path.normcase(os.path.realpath(root))


def read_records() -> dict[str, TrustRecord]:
    """All trusted projects by the real paths of their folders.

    Raises:
        UserError: `settings_unsafe`; `settings_damaged`: the file is not what was written. Nothing is trusted then.
    """
    data = read_user_file(NAME)
    if data is None:
        return {}
    try:
        document = json.loads(data)
        if document["version"] > _VERSION:
            raise _damaged("was written by a newer version of assetbridge", "Use that version.")
        return {path: _read_record(facts) for path, facts in document["projects"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _damaged("is damaged", f"Delete {show_user_path(NAME)}, then trust your projects again.") from None


def _read_record(facts: Mapping[str, Any]) -> TrustRecord:
    values = facts["asks"]
    texts = (facts["id"], facts["digest"], *values, *values.values())
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return TrustRecord(facts["id"], facts["digest"], values)


def _damaged(why: str, hint: str) -> UserError:
    return UserError("settings_damaged", f"{show_user_path(NAME)} {why}: no project counts as trusted", hint=hint)


def find_record(root: Path, project_id: str) -> TrustRecord | None:
    """What was trusted of the project of this id in this folder; None where nothing was.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`.
    """
    record = read_records().get(record_key(root))
    return record if record is not None and project_id and record.project_id == project_id else None


def save_record(root: Path, project_id: str, requests: Iterable[TrustRequest]) -> None:
    """Trusts a project as it asks now.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`, `settings_unwritable`.
    """
    asked = tuple(requests)
    record = TrustRecord(project_id, digest_requests(asked), {request.key: request.value for request in asked})
    with _edit_records() as records:
        records[record_key(root)] = record


def forget_record(root: Path) -> bool:
    """Trusts what is in a folder no more; False where nothing was trusted.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`, `settings_unwritable`.
    """
    if record_key(root) not in read_records():
        return False
    with _edit_records() as records:
        return records.pop(record_key(root), None) is not None


@contextmanager
def _edit_records() -> Iterator[dict[str, TrustRecord]]:
    """The records, to be changed; written at the end. Two commands at once do it one after the other."""
    from filelock import FileLock, Timeout

    folder = user_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / _LOCK_NAME, timeout=_PATIENCE_SECONDS):
            records = read_records()
            yield records
            if len(records) > _MANY:
                records = {path: record for path, record in records.items() if os.path.isdir(path)}  # noqa: PTH112
            projects = {path: record.as_dict() for path, record in sorted(records.items())}
            text = json.dumps({"version": _VERSION, "projects": projects}, indent=1, sort_keys=True)
            write_user_file(NAME, f"{text}\n".encode())
    except Timeout:
        raise _unwritable("another command holds it", "Try again when that has ended.") from None
    except OSError as error:
        raise _unwritable(
            error.strerror or str(error), "Make the folder writable, or set ASSETBRIDGE_TRUST=1."
        ) from error


def _unwritable(why: str, hint: str) -> UserError:
    return UserError("settings_unwritable", f"{show_user_path(NAME)} cannot be written: {why}", hint=hint)
