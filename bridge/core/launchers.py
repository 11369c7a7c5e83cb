"""How assetbridge is started, written down for editors, which have another PATH than the shell.

Only in the user's own folder: a file of a project may come from a stranger, and would name the program that a button
in the editor starts. `launchers.json` has a `default`, and in `projects`, by real path, those for which another
installation was used. Each is a list of words, its program an absolute path.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError
from bridge.core.user_files import read_user_file, write_user_file

if TYPE_CHECKING:
    from pathlib import Path

FILE = "launchers.json"


def record_launcher(root: Path | None, *, as_default: bool = False) -> None:
    """Writes down how this very assetbridge is started: for everything, or for a project where another is the default.

    Every command calls this, so what is there already is not written again. A home that cannot be written stops
    nothing: it is a service. Of two commands at once one may be lost; the next one writes it.
    """
    # `-P`: a folder of the game named like a module must not be imported.
    words = [sys.executable, "-P", "-m", "bridge"]
    if not _is_launcher(words):
        return
    before, default, projects = _read_launchers()
    if as_default or default is None:
        default = words
    if root is not None:
        name = os.path.realpath(root)
        projects.pop(name, None)
        if default != words:
            projects[name] = words
    kept = {name: words for name, words in projects.items() if words != default and os.path.isdir(name)}  # noqa: PTH112
    data = (json.dumps({"default": default, "projects": kept}, indent=1, sort_keys=True) + "\n").encode()
    if data != before:
        with contextlib.suppress(OSError):
            write_user_file(FILE, data)


def _read_launchers() -> tuple[bytes | None, list[str] | None, dict[str, list[str]]]:
    """The file, its default and those of projects, each of which can be started. One that is not safe is begun anew."""
    try:
        data = read_user_file(FILE)
        facts: Any = json.loads(data or b"{}")
        default, listed = facts.get("default"), facts.get("projects", {})
        projects = {name: words for name, words in listed.items() if _is_launcher(words)}
    except (UserError, OSError, ValueError, AttributeError):
        return None, None, {}
    return data, (default if _is_launcher(default) else None), projects


def _is_launcher(words: Any) -> bool:
    return (
        isinstance(words, list)
        and len(words) > 0
        and all(isinstance(word, str) for word in words)
        and os.path.isabs(words[0])  # noqa: PTH117
        and os.path.exists(words[0])  # noqa: PTH110
    )
