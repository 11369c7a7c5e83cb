"""Edits of specs from the command line, in this process or through the project's daemon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.remote_build import find_daemon, root_of
from bridge.operations.edit_spec import SpecEdit, spec_path, split_target

if TYPE_CHECKING:
    from bridge.project import Project


def edit_spec(
    project_dir: Path | None,
    target: str,
    verb: str,
    body: Mapping[str, Any],
    edit: Callable[[Project, str], SpecEdit],
    *,
    no_daemon: bool,
) -> dict[str, Any]:
    """Edits a spec, through the daemon if one runs: it lets one edit wait for another. Returns what `--json` says."""
    from bridge.project import Project

    client = find_daemon(project_dir, no_daemon=no_daemon)
    if client is None:
        with Project.open(project_dir) as project:
            return edit(project, target).as_dict(verb)
    asset_id, part = split_target(target)
    spec_path(root_of(project_dir), asset_id)
    return client.post_to(asset_id, verb, {**body, **({"part": part} if part else {})})
