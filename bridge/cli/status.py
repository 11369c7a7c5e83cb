"""`assetbridge status`: where every asset stands, from memory alone. Standard library only, so that it is instant."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bridge.cli.light import options
from bridge.cli.run import counted
from bridge.config import Config, find_project, read_config
from bridge.plan.quick import Answer, recall
from bridge.spec.scan import scan
from bridge.state import AssetRow, State

SUFFIX = ".asset.toml"


def status(words: Sequence[str]) -> int | None:
    """Prints the state of every asset; None when the words are click's to judge."""
    given = options(words, frozenset({"--json", "-v", "--verbose"}))
    if given is None:
        return None
    config = read_config(find_project(given.start))
    state = State(config.root)
    try:
        assets = listing(config, state)
    finally:
        state.close()
    if "--json" in given.flags:
        sys.stdout.write(json.dumps({"daemon": None, "assets": assets}) + "\n")
        return 0
    width = max((len(asset["id"]) for asset in assets), default=0)
    for asset in assets:
        line = f"{asset['id']:<{width}}  {asset['kind'] or '?':<15}  {asset['state']}"
        sys.stdout.write(line.rstrip() + "\n")
        if asset["error"]:
            sys.stdout.write(f"{'':<{width}}  {asset['error']['message']}\n")
    stale = sum(asset["stale"] for asset in assets)
    summary = f"{counted(len(assets), 'asset')}, " + (
        f"{stale} not current: assetbridge plan" if stale else "all current"
    )
    sys.stdout.write(summary + "\n" if assets else "no specs yet: assetbridge new character hero\n")
    return 0


def listing(config: Config, state: State) -> list[dict[str, Any]]:
    """`{id, kind, state, stale, error}` of every asset, in order of ids."""
    answer = recall(config, state)
    rows = state.assets(snapshots=False)
    files = {row[0]: row for row in state.files("project", "spec")}
    same_project = answer is not None or ("assetbridge.toml" in files and state.same(files["assetbridge.toml"]))
    # A plan that holds has just looked at every spec.
    specs = [(path, None) for path, row in files.items() if row[1] == "spec"] if answer is not None else scan(config)
    found: dict[str, dict[str, Any]] = {}
    for path, stat in specs:
        asset_id = path.removesuffix(SUFFIX)
        row = rows.get(asset_id)
        known = answer is not None or (path in files and state.same(files[path], stat))
        name = _state(asset_id, row, answer, known=known and same_project)
        kind = row.kind if row is not None and known else _kind(config.root / path)
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
    try:
        kind = tomllib.loads(path.read_text(encoding="utf-8")).get("kind", "")
    except (OSError, ValueError):
        return ""
    return kind if isinstance(kind, str) else ""
