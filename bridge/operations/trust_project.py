"""`assetbridge trust`: the user's answer to what a project asks for, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bridge.config.project_config import Config, read_config
from bridge.core.errors import UserError
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
    """
    trust.grant(requests)
    adopt_databases(trust.root)


def adopt_databases(root: Path) -> None:
    """The memory and the journal that lie in a folder belong to its user from now on, who has just trusted it.

    Both are bound to a machine and a user where they are opened; nothing has to be done for those that are ours.
    """
    del root


def trust_made_project(root: Path) -> str:
    """Trusts a project that was made here a moment ago; returns why that could not be kept, empty where it was.

    Not to be able to write the user's settings must not undo what was made.
    """
    try:
        trust = read_config(root).trust
        trust_project(trust, trust.list_requests())
    except UserError as error:
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
