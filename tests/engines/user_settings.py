"""What assetbridge keeps in the settings of the user whose home an engine runs in."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from bridge.core import launchers

OURS = (sys.executable, "-P", "-m", "bridge")


def write_launchers(home: Path, *default: str, projects: dict[str, list[str]] | None = None) -> None:
    """Writes down how assetbridge is started; without words as the tests' own Python does it."""
    _write(home, launchers.FILE, {"default": list(default or OURS), "projects": projects or {}})


def list_daemon(home: Path, root: Path, record: dict[str, Any] | None) -> None:
    """Enters the daemon of a project into the user's list; None: takes it out."""
    path = home / ".config/assetbridge/daemons.json"
    projects = json.loads(path.read_text(encoding="utf-8"))["projects"] if path.exists() else {}
    projects.pop(os.path.realpath(root), None)
    if record is not None:
        projects[os.path.realpath(root)] = record
    _write(home, path.name, {"projects": projects})


def _write(home: Path, name: str, facts: dict[str, Any]) -> None:
    path = home / ".config/assetbridge" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts), encoding="utf-8")
    path.chmod(0o600)
