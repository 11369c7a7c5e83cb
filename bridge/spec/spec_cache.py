"""Specs kept between two looks at a project: only files that may hold something else are read again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core import limits
from bridge.core.errors import BridgeError
from bridge.core.file_stat import Stamp, changed_ns
from bridge.core.globs import compile_glob
from bridge.core.paths import SPEC_SUFFIX
from bridge.core.root_folder import RootFolder
from bridge.spec.load import Loaded, load_spec, load_specs
from bridge.spec.scan import SKIPPED, scan_specs

if TYPE_CHECKING:
    from bridge.config.project_config import Config


@dataclass(slots=True)
class _CachedSpec:
    """One spec file as it was read: a spec, or what is wrong with it."""

    stamp: Stamp
    loaded: Loaded | None
    error: BridgeError | None


class SpecCache:
    """The spec files of a project.

    now_ns: the time, for a file too young for its time to prove anything (see `bridge.core.file_stat`).
    """

    def __init__(self, config: Config, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._config = config
        self._now_ns = now_ns
        self._cached: dict[str, _CachedSpec] = {}

    def refresh(self) -> bool | list[Loaded]:
        """Looks at every spec file; see `refresh_paths` for the answer."""
        files = dict(scan_specs(self._config))
        gone = self._cached.keys() - files.keys()
        known = self._cached
        # Most files are as they were: they are told apart without a call for each.
        suspects = [path for path, stat in files.items() if path not in known or not known[path].stamp.is_current(stat)]
        return self._drop_and_report([self._read_file(path, files[path]) for path in suspects], gone)

    def refresh_paths(self, paths: Collection[str]) -> bool | list[Loaded]:
        """Looks at some spec files.

        Returns the specs that hold something new, or True when it has changed which specs there are.
        """
        changes: list[bool | Loaded] = []
        gone = []
        for path in sorted(path for path in paths if path.endswith(SPEC_SUFFIX) and self._is_spec(path)):
            try:
                changes.append(self._read_file(path, (self._config.root / path).stat()))
            except OSError:
                gone += [path] if path in self._cached else []
        return self._drop_and_report(changes, gone)

    def load_all(self) -> tuple[list[Loaded], list[BridgeError]]:
        """All specs as of the last look, as `bridge.spec.load.load_specs`."""
        return load_specs(self._config, self._load_cached, sorted(self._cached))

    def _is_spec(self, path: str) -> bool:
        inside = SKIPPED.isdisjoint(path.split("/"))
        return inside and any(compile_glob(glob).match(path) for glob in self._config.spec_patterns)

    def _drop_and_report(self, changes: Iterable[bool | Loaded], gone: Collection[str]) -> bool | list[Loaded]:
        for path in gone:
            del self._cached[path]
        changed = [change for change in changes if change is not False]
        specs = [change for change in changed if not isinstance(change, bool)]
        return True if gone or len(specs) != len(changed) else specs

    def _read_file(self, path: str, stat: os.stat_result) -> bool | Loaded:
        """The spec if it holds something new; True if that is, or was, none; False if it is as it was."""
        known = self._cached.get(path)
        if known is not None and known.stamp.is_current(stat):
            return False
        now = self._now_ns()
        full = self._config.root / path
        try:
            with os.fdopen(RootFolder(self._config.root).open_source(path), "rb") as file:
                sha256 = limits.hash_open(file, limits.SPEC_BYTES)
        except OSError:
            sha256 = ""
        stamp = Stamp(stat.st_size, changed_ns(stat), now, sha256)
        if known is not None and sha256 and known.stamp.sha256 == sha256:
            known.stamp = stamp
            return False
        loaded, error = None, None
        try:
            loaded = load_spec(full, self._config)
        except BridgeError as failure:
            error = failure.with_traceback(None)
        self._cached[path] = _CachedSpec(stamp, loaded, error)
        # Between the two readings the file may have changed: it is read again next time.
        if loaded is not None and loaded.sha256 != sha256:
            stamp = Stamp(-1, 0, 0, loaded.sha256)
            self._cached[path].stamp = stamp
        return loaded if loaded is not None and known is not None and known.loaded is not None else True

    def _load_cached(self, path: Path, config: Config) -> Loaded:
        known = self._cached[path.relative_to(config.root).as_posix()]
        if known.loaded is None:
            assert known.error is not None
            raise known.error.with_traceback(None)
        return known.loaded
