"""Where every asset stands, from memory alone. Standard library only, so that it is instant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.cache.plan_cache import Answer, recall, unbroken
from bridge.cache.project_memory import AssetRow, ProjectMemory
from bridge.spec.scan import SUFFIX, scan


def listing(memory: ProjectMemory) -> list[dict[str, Any]]:
    """`{id, kind, state, stale, error}` of every asset, in order of ids.

    Raises:
        UserError, ErrorGroup: `config_invalid`.
    """
    answer = unbroken(memory)
    if answer is not None:
        return _listed(memory, answer, {})
    from bridge.config.project_config import read_config

    config = read_config(memory.root)
    answer = recall(config, memory)
    # A plan that holds has just looked at every spec.
    return _listed(memory, answer, {} if answer is not None else dict(scan(config)))


def _listed(memory: ProjectMemory, answer: Answer | None, specs: Mapping[str, os.stat_result]) -> list[dict[str, Any]]:
    """specs: the spec files that are there; empty where a plan that holds knows them."""
    rows = memory.assets.list_rows(snapshots=False)
    files = {row[0]: row for row in memory.files.list_rows("project", "spec")}
    same_project = answer is not None or (
        "assetbridge.toml" in files and memory.files.is_unchanged(files["assetbridge.toml"])
    )
    found: dict[str, dict[str, Any]] = {}
    for path in specs if answer is None else [path for path, row in files.items() if row.role == "spec"]:
        asset_id = path.removesuffix(SUFFIX)
        row = rows.get(asset_id)
        known = answer is not None or (path in files and memory.files.is_unchanged(files[path], specs[path]))
        name = _state(asset_id, row, answer, known=known and same_project)
        kind = (row.kind if row is not None and known else "") or _kind(memory.root / path)
        error = row.error if row is not None and name == row.state else None
        found[asset_id] = {"id": asset_id, "kind": kind, "state": name, "stale": name != "ready", "error": error}
    for asset_id, row in rows.items():
        if asset_id not in found:
            found[asset_id] = {
                "id": asset_id,
                "kind": row.kind,
                "state": "orphan",
                "stale": True,
                "error": None,
            }
    return [found[asset_id] for asset_id in sorted(found)]


def _state(asset_id: str, row: AssetRow | None, answer: Answer | None, *, known: bool) -> str:
    """The state of one asset. known: its spec and the project file are as they were when it got the state of `row`."""
    if row is not None:
        return row.state if known else "stale"
    if answer is None:
        return "new"
    # Built on another machine: a plan found its files current.
    return "drifted" if asset_id in answer.drifted else "ready"


def _kind(path: Path) -> str:
    import tomllib

    try:
        kind = tomllib.loads(path.read_text(encoding="utf-8")).get("kind", "")
    except (OSError, ValueError):
        return ""
    return kind if isinstance(kind, str) else ""
