"""Which files of a project are watched: the project file, the lock, specs, and every file that a spec looks at.

Never outputs, engines' caches and version control. It is worked out from a plan and does not change afterwards, so
that other threads may ask.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from bridge.core.errors import UserError
from bridge.core.folder_entry import is_temporary
from bridge.core.globs import compile_glob
from bridge.core.paths import PROJECT_FILE, SPEC_SUFFIX
from bridge.spec.refs import resolve_path
from bridge.spec.scan import SKIPPED
from bridge.store import lockfile

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.plan.evaluation import Evaluation
    from bridge.project import Project
    from bridge.spec.load import Loaded

# A watched folder costs a thread and one of the system's watches. A new spec in a folder beyond is found by the rescan.
MOST_FOLDERS = 512
_PLACEHOLDER = re.compile(r"[{*?\[]")


@dataclass(frozen=True)
class WatchedFiles:
    """sources: project-relative files; listed: folders whose files and sub-folders count; outputs: never watched."""

    config: Config
    specs: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()

    @classmethod
    def from_planner(cls, project: Project, evaluation: Evaluation) -> WatchedFiles:
        """What a planner that has read the project looked at."""
        sources = {path for state in evaluation.states.values() for path in state.sources}
        listed = {path for state in evaluation.states.values() for path in state.folders}
        for asset_id in evaluation.failures:
            if asset_id in evaluation.specs:
                files, folders = _mentioned_paths(evaluation.specs[asset_id])
                sources |= files
                listed |= folders
        return cls(
            project.config,
            frozenset(loaded.path for loaded in evaluation.specs.values()),
            frozenset(sources),
            frozenset(listed),
            frozenset(path for path, _ in project.lock.outputs()),
        )

    def covers(self, path: str) -> bool:
        """Whether a project-relative path is watched."""
        if path in (PROJECT_FILE, lockfile.FILE_NAME) or path in self.specs:
            return True
        parts = path.split("/")
        if path in self.outputs or is_temporary(parts[-1]) or not SKIPPED.isdisjoint(parts):
            return False
        if parts[-1].endswith(SPEC_SUFFIX):
            return any(compile_glob(glob).match(path) for glob in self.config.spec_patterns)
        return path in self.sources or not self.listed.isdisjoint(_listing_folders(path))

    def folders_to_watch(self) -> list[str]:
        """The project-relative folders to watch: those that hold something first, then others a spec may come into."""
        folders = dict.fromkeys(self._holding_folders)
        for folder in self._walk_folders():
            if len(folders) >= MOST_FOLDERS:
                break
            folders[folder] = None
        return [folder for folder in folders if (self.config.root / folder).is_dir()]

    @cached_property
    def _holding_folders(self) -> tuple[str, ...]:
        """The folders that hold something and those above them; asked for at every look, and the same at each."""
        folders = dict.fromkeys(["."])
        for path in (*sorted(self.specs), *sorted(self.sources)):
            folders.update(dict.fromkeys(_parent_folders(path)))
        for folder in sorted(self.listed):
            folders.update(dict.fromkeys([folder, *_parent_folders(folder)]))
        return tuple(folders)

    def _walk_folders(self) -> Iterator[str]:
        """All folders but engines' caches and outputs, outer ones first."""
        outputs = {target.path for target in self.config.targets.values()}
        todo = [""]
        for prefix in todo:
            try:
                with os.scandir(self.config.root / prefix) as entries:
                    names = sorted(
                        entry.name
                        for entry in entries
                        if entry.is_dir(follow_symlinks=False) and entry.name not in SKIPPED
                    )
            except OSError:
                continue
            for name in names:
                if prefix + name not in outputs or self._is_inside_listed(prefix + name):
                    todo.append(f"{prefix}{name}/")
                    yield prefix + name

    def _is_inside_listed(self, folder: str) -> bool:
        """Whether a listed folder lies above an output folder: all in it counts then, but for the outputs."""
        return folder in self.listed or not self.listed.isdisjoint(_listing_folders(folder))


def _parent_folders(path: str) -> list[str]:
    """The folders above a path inside the project, the nearest first."""
    return [str(folder) for folder in PurePosixPath(path).parents if str(folder) != "."]


def _listing_folders(path: str) -> Iterable[str]:
    """Those whose listing can have brought a path into a spec; the project itself only for what lies right in it."""
    return _parent_folders(path) or ["."]


def _mentioned_paths(loaded: Loaded) -> tuple[set[str], set[str]]:
    """Files and folders that a spec with a mistake may mean: one of them may be what is missing."""
    files, folders = set(), set()
    for text in _iterate_texts(loaded.spec.model_dump(mode="json", exclude_defaults=True)):
        try:
            path = resolve_path(loaded.config.root, loaded.path, text)
        except (UserError, OSError, ValueError):
            continue
        placeholder = _PLACEHOLDER.search(path)
        if placeholder is not None:
            folders.add(path[: placeholder.start()].rpartition("/")[0] or ".")
        elif "." in path.rpartition("/")[2] and path != loaded.path:
            files.add(path)
    return files, folders


def _iterate_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) < 1000 and "\n" not in value:
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _iterate_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _iterate_texts(inner)
