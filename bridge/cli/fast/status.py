"""`assetbridge status`: where every asset stands, from memory alone. Standard library only, so that it is instant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bridge.cache.asset_status import list_assets
from bridge.cache.project_memory import ProjectMemory
from bridge.cli.errors import pluralize
from bridge.cli.fast.arguments import parse_options
from bridge.cli.output import print_json, print_line
from bridge.core.paths import DAEMON_FILE, find_project


def answer_status(words: Sequence[str]) -> int | None:
    """Prints the state of every asset; None when the words are click's to judge."""
    given = parse_options(words, frozenset({"--json", "-v", "--verbose"}))
    if given is None:
        return None
    root = find_project(given.start)
    memory = ProjectMemory(root)
    try:
        assets = list_assets(memory)
    finally:
        memory.close()
    if "--json" in given.flags:
        print_json({"daemon": _running_daemon(root), "assets": assets})
        return 0
    width = max((len(asset["id"]) for asset in assets), default=0)
    for asset in assets:
        line = f"{asset['id']:<{width}}  {asset['kind'] or '?':<15}  {asset['state']}"
        print_line(line.rstrip())
        if asset["error"]:
            print_line(f"{'':<{width}}  {asset['error']['message']}")
    stale = sum(asset["stale"] for asset in assets)
    summary = f"{pluralize(len(assets), 'asset')}, " + (
        f"{stale} not current: assetbridge plan" if stale else "all current"
    )
    print_line(summary if assets else "no specs yet: assetbridge new character hero")
    return 0


def _running_daemon(root: Path) -> dict[str, int] | None:
    """`{pid, port}` of the daemon that answers; asked only where there may be one."""
    if not (root / DAEMON_FILE).exists():
        return None
    from bridge.daemon.runtime import find_running

    daemon = find_running(root)
    return {"pid": daemon.pid, "port": daemon.port} if daemon else None
