"""What a bare watchdog observer needs to tell of a saved file: no watching tool can be quicker."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from tests.benchmarks.measure import Measured
from tests.benchmarks.projects import PATIENCE

WHAT = "a bare watchdog observer over the same folders telling of the same save"


class _Heard(FileSystemEventHandler):
    """Notes that something was told of a file."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.told = threading.Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Every event but those of reading."""
        if event.event_type in ("modified", "closed") and os.fsdecode(event.src_path) == self.path:
            self.told.set()


def told(path: Path, folders: Iterable[Path], save: Callable[[int], object], saves: int) -> Measured:
    """Milliseconds from each save of a file, given its number, until an observer of the folders tells of it.

    Raises:
        RuntimeError: it told nothing.
    """
    heard, observer, times = _Heard(path), Observer(), []
    observer.start()
    for folder in folders:
        observer.schedule(heard, str(folder))
    try:
        for number in range(saves):
            time.sleep(0.05)
            heard.told.clear()
            began = time.perf_counter()
            save(number)
            if not heard.told.wait(PATIENCE):
                raise RuntimeError("watchdog told nothing")
            times.append((time.perf_counter() - began) * 1000)
    finally:
        observer.stop()
        observer.join()
    return Measured(tuple(times))
