"""What watched files held when they were last looked at, and which of them may hold something else now."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bridge.core.file_stat import Stamp, changed_ns
from bridge.core.root_folder import RootFolder

_CHUNK = 1 << 20


def same_content(one: Stamp | None, other: Stamp | None) -> bool:
    """Whether two readings are the same; None is a file that was not there."""
    if one is None or other is None:
        return one is other
    return one.size == other.size and one.sha256 == other.sha256


class ContentSnapshot:
    """The last accepted readings of a project's watched files by project-relative path."""

    def __init__(self, root: Path, *, now_ns: Callable[[], int] = time.time_ns) -> None:
        self.root = root
        self._folder = RootFolder(root)
        self._now_ns = now_ns
        self._stamps: dict[str, Stamp] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._stamps))

    def __contains__(self, path: str) -> bool:
        return path in self._stamps

    def get(self, path: str) -> Stamp | None:
        """The last accepted reading."""
        return self._stamps.get(path)

    def read(self, path: str) -> Stamp | None:
        """A file as it is now; None when it is no readable file. Nothing is remembered."""
        try:
            with os.fdopen(self._folder.open_source(path), "rb") as file:
                stat = os.fstat(file.fileno())
                digest = hashlib.sha256()
                size = 0
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except OSError:
            return None
        return Stamp(size, changed_ns(stat), self._now_ns(), digest.hexdigest())

    def accept(self, path: str, stamp: Stamp | None) -> bool:
        """Remembers a reading; whether it differs from the one before."""
        before = self._stamps.get(path)
        if stamp is None:
            self._stamps.pop(path, None)
        else:
            self._stamps[path] = stamp
        return not same_content(before, stamp)

    def accept_all(self, paths: Iterable[str]) -> None:
        """Reads and remembers files, whatever was known of them."""
        for path in paths:
            self.accept(path, self.read(path))

    def changed_candidates(self, present: Iterable[str]) -> set[str]:
        """Of all watched files those that may differ from their reading. present: those that are there now."""
        there = set(present)
        return (set(self._stamps) - there) | self.restamped_files(there)

    def restamped_files(self, paths: Iterable[str]) -> set[str]:
        """Of these files those that may differ from their reading, by their stamps: nothing is read."""
        # As text: for tens of thousands a Path would cost more than the question.
        prefix, restamped = f"{self.root}{os.sep}", set()
        for path in paths:
            stamp = self._stamps.get(path)
            try:
                stat = os.stat(prefix + path)  # noqa: PTH116
            except OSError:
                if stamp is not None:
                    restamped.add(path)
                continue
            if stamp is None or not stamp.is_current(stat):
                restamped.add(path)
        return restamped
