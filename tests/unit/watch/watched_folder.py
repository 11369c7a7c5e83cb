"""A folder under a watcher, and what the watcher told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bridge.watch.debounce import DebounceTiming
from bridge.watch.watcher import Watcher

QUICK = DebounceTiming(quiet=0.04, cap=0.3, rescan=3600, poll=0.05, links=0.05)
PATIENCE = 20.0


class RecordedChanges:
    """Everything told so far."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.batches: list[frozenset[str]] = []

    def __call__(self, paths: frozenset[str]) -> None:
        with self._changed:
            self.batches.append(paths)
            self._changed.notify_all()

    @property
    def paths(self) -> set[str]:
        """All paths ever told."""
        with self._changed:
            return set().union(*self.batches)

    def wait(self, *wanted: str) -> None:
        """Waits until these paths were told."""
        deadline = time.monotonic() + PATIENCE
        while not self.paths >= set(wanted):
            assert time.monotonic() < deadline, (wanted, self.batches)
            with self._changed:
                self._changed.wait(0.2)

    def forget(self) -> None:
        """Begins anew."""
        with self._changed:
            self.batches.clear()


def folders_of(root: Path) -> list[str]:
    """All folders but `out`."""
    folders = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_dir()]
    return [".", *(folder for folder in folders if folder.split("/")[0] != "out")]


@contextmanager
def watched(
    root: Path,
    *,
    timing: DebounceTiming = QUICK,
    interesting: Callable[[str], bool] = lambda path: path.endswith(".toml") and not path.startswith("out/"),
    **injected: Any,
) -> Iterator[tuple[Watcher, RecordedChanges]]:
    """A started watcher of the `.toml` files in a folder."""
    changes = RecordedChanges()
    with Watcher(root, interesting, lambda: folders_of(root), changes, timing=timing, **injected) as watcher:
        yield watcher, changes
        assert watcher.failure is None
