"""Finding spec files: a walk over the project's folders with the standard library, quick enough for every command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bridge.core.globs import compile_glob
from bridge.core.paths import MEMORY_FOLDER, SPEC_SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.config.project_config import Config

SKIPPED = frozenset(
    {".git", ".godot", MEMORY_FOLDER, ".venv", "venv", "node_modules", "Library", "Temp", "Logs", "__pycache__"}
)


def scan_specs(config: Config, enter: Callable[[str], None] | None = None) -> list[tuple[str, os.stat_result]]:
    """The spec files of a project, by the patterns of its project file."""
    return find_spec_files(config.root, config.spec_patterns, enter)


def find_spec_files(
    root: Path, patterns: Iterable[str], enter: Callable[[str], None] | None = None
) -> list[tuple[str, os.stat_result]]:
    """(project-relative path, stat) of every spec file, sorted. Folders of engines and version control are skipped.

    enter: is called with each folder (the project's own is `.`) before its names are read, and with each spec that
    cannot be looked at, such as a link that leads nowhere.
    """
    globs = [compile_glob(glob) for glob in patterns]
    specs: list[tuple[str, os.stat_result]] = []
    todo = [(str(root), "")]
    while todo:
        folder, prefix = todo.pop()
        if enter is not None:
            enter(prefix[:-1] or ".")
        try:
            entries = os.scandir(folder)
        except OSError:
            continue
        with entries:
            for entry in entries:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if name not in SKIPPED:
                        todo.append((entry.path, f"{prefix}{name}/"))
                elif name.endswith(SPEC_SUFFIX):
                    path = prefix + name
                    if any(glob.match(path) for glob in globs):
                        try:
                            specs.append((path, entry.stat()))
                        except OSError:
                            if enter is not None:
                                enter(path)
    specs.sort(key=lambda one: one[0])
    return specs
