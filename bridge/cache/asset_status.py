"""Where every asset stands, from memory alone. Standard library only, so that it is instant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from bridge.cache.plan_cache import PlanSummary, load_plan, load_sealed
from bridge.cache.project_memory import AssetRow, ProjectMemory
from bridge.core import limits
from bridge.core.paths import PROJECT_FILE, asset_id_of
from bridge.core.root_folder import RootFolder
from bridge.spec.scan import scan_specs


def list_assets(memory: ProjectMemory) -> list[dict[str, Any]]:
    """`{id, kind, state, stale, error}` of every asset, in order of ids.

    Raises:
        UserError, ErrorGroup: `config_invalid`.
    """
    answer = load_sealed(memory) or load_plan(memory)
    if answer is not None:
        # A plan that holds has just looked at every spec.
        return _list_rows(memory, answer, {})
    from bridge.config.project_config import read_config

    return _list_rows(memory, None, dict(scan_specs(read_config(memory.root))))


def _list_rows(
    memory: ProjectMemory, answer: PlanSummary | None, specs: Mapping[str, os.stat_result]
) -> list[dict[str, Any]]:
    """specs: the spec files that are there; empty where a plan that holds knows them."""
    rows = memory.assets.list_rows(snapshots=False)
    files = {row[0]: row for row in memory.files.list_rows("project", "spec")}
    folder = RootFolder(memory.root)
    same_project = answer is not None or (PROJECT_FILE in files and memory.files.is_unchanged(files[PROJECT_FILE]))
    listed: dict[str, dict[str, Any]] = {}
    for path in specs if answer is None else [path for path, row in files.items() if row.role == "spec"]:
        asset_id = asset_id_of(path)
        row = rows.get(asset_id)
        known = answer is not None or (path in files and memory.files.is_unchanged(files[path], specs[path]))
        name = _choose_state(asset_id, row, answer, known=known and same_project)
        kind = (row.kind if row is not None and known else "") or _read_kind(folder, path)
        error = row.error if row is not None and name == row.state else None
        listed[asset_id] = {"id": asset_id, "kind": kind, "state": name, "stale": name != "ready", "error": error}
    for asset_id, row in rows.items():
        if asset_id not in listed:
            listed[asset_id] = {
                "id": asset_id,
                "kind": row.kind,
                "state": "orphan",
                "stale": True,
                "error": None,
            }
    return [listed[asset_id] for asset_id in sorted(listed)]


def _choose_state(asset_id: str, row: AssetRow | None, answer: PlanSummary | None, *, known: bool) -> str:
    """The state of one asset. known: its spec and the project file are as they were when it got the state of `row`."""
    if row is not None:
        return row.state if known else "stale"
    if answer is None:
        return "new"
    # Built on another machine: a plan found its files current.
    return "drifted" if asset_id in answer.drifted else "ready"


def _read_kind(folder: RootFolder, path: str) -> str:
    from bridge.core.toml import TomlError, parse_toml

    try:
        kind = parse_toml(folder.read_source(path, limits.SPEC_BYTES).decode()).data.get("kind", "")
    except (OSError, ValueError, TomlError):
        return ""
    return kind if isinstance(kind, str) else ""
