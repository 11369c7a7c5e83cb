"""`assetbridge status`: where every asset stands, from memory alone. Standard library only, so that it is instant."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from bridge.cli.run import counted
from bridge.config import Config, find_project, read_config
from bridge.errors import UserError
from bridge.plan.quick import recall
from bridge.spec.scan import scan
from bridge.state import AssetRow, State

SUFFIX = ".asset.toml"


def status(words: list[str]) -> int:
    """Prints the state of every asset; see `assetbridge status --help`."""
    start, as_json = _options(words)
    config = read_config(find_project(start or Path.cwd()))
    state = State(config.root)
    try:
        assets = listing(config, state)
    finally:
        state.close()
    if as_json:
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


def _options(words: list[str]) -> tuple[Path | None, bool]:
    start, as_json = None, False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--json":
            as_json = True
        elif word == "--project" and rest:
            start = Path(rest.pop(0))
        elif word.startswith("--project="):
            start = Path(word.partition("=")[2])
        elif word != "-v":
            raise UserError("usage", f"status does not know {word}", hint="assetbridge status [--project DIR] [--json]")
    return start, as_json


def listing(config: Config, state: State) -> list[dict[str, Any]]:
    """`{id, kind, state, stale, error}` of every asset, in order of ids."""
    current = recall(config, state) is not None
    rows = state.assets(snapshots=False)
    same_project = current or state.unchanged("project", ["assetbridge.toml"])
    signatures = state.signatures("spec")
    found: dict[str, dict[str, Any]] = {}
    for path, stat in scan(config):
        asset_id = path.removesuffix(SUFFIX)
        row = rows.get(asset_id)
        known = path in signatures
        if known and not state.fresh(signatures[path], stat):
            before = state.known(path)
            known = before is not None and state.look(path, "spec") == before.sha256
        name, stale = _state(row, known=known and same_project, current=current)
        kind = row.kind if row is not None and known else _kind(config.root / path)
        error = row.error if row is not None and name == row.state else None
        found[asset_id] = {"id": asset_id, "kind": kind, "state": name, "stale": stale, "error": error}
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


def _state(row: AssetRow | None, *, known: bool, current: bool) -> tuple[str, bool]:
    if row is None:
        return "new", True
    if current:
        return row.state, row.state != "ready"
    if not known:
        return "stale", True
    return row.state, row.state != "ready"


def _kind(path: Path) -> str:
    try:
        kind = tomllib.loads(path.read_text(encoding="utf-8")).get("kind", "")
    except (OSError, ValueError):
        return ""
    return kind if isinstance(kind, str) else ""
