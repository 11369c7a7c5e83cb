"""`assetbridge trust`: the user's answer to what a project asks for, and what follows from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bridge.config.project_config import Config, read_config
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError, WorkFailed
from bridge.core.paths import MEMORY_FOLDER
from bridge.core.project_database import adopt_databases
from bridge.trust.project_trust import ProjectTrust
from bridge.trust.record import forget_record, read_records
from bridge.trust.request import TrustRequest, escape_text


def describe_trust(config: Config) -> dict[str, Any]:
    """The document of `assetbridge trust --json`.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`.
    """
    project = {"name": config.name, "id": config.id}
    return {"project": project, **config.trust.as_dict()}


def trust_project(trust: ProjectTrust, requests: Iterable[TrustRequest]) -> None:
    """Trusts a project with what it was shown to ask for, for this user, in this folder.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`, `settings_unwritable`.
        WorkFailed: `unsafe_path`, `output_unwritable`: the databases of the project cannot be taken over.
    """
    trust.grant(requests)
    try:
        adopt_databases(trust.root)
    except OSError as error:
        raise describe_failure(error, MEMORY_FOLDER) from error
    except sqlite3.DatabaseError as error:
        raise WorkFailed(
            "output_unwritable",
            f"the project is trusted, but its databases in {MEMORY_FOLDER} cannot be taken over: {error}",
            hint="Stop what works on the project, then: assetbridge trust --yes",
        ) from error


def trust_made_project(root: Path) -> str:
    """Trusts a project that was made here a moment ago; returns why that could not be kept, empty where it was.

    Not to be able to write the user's settings must not undo what was made.
    """
    try:
        trust = read_config(root).trust
        trust_project(trust, trust.list_requests())
    except (UserError, WorkFailed) as error:
        return f"{error.message}. {error.hint}"
    return ""


def revoke_trust(root: Path) -> bool:
    """Trusts the project in a folder no more, whatever its file says now; False where nothing was trusted.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`, `settings_unwritable`.
    """
    return forget_record(root)


def list_trusted() -> list[dict[str, Any]]:
    """All trusted projects of this user by folder: `{path, id, asks}`, asks being keys.

    Raises:
        UserError: `settings_unsafe`, `settings_damaged`.
    """
    return [
        {"path": path, "id": record.project_id, "asks": [escape_text(key) for key in sorted(record.values)]}
        for path, record in sorted(read_records().items())
    ]
