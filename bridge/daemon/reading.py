"""Looking at the project for web requests: one thread with one evaluated project, made anew when files changed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bridge.config import FILE_NAME
from bridge.stamps import changed_ns

if TYPE_CHECKING:
    from bridge.art import Art
    from bridge.plan.planner import Planner
    from bridge.project import Project

T = TypeVar("T")
_Mark = tuple[int, tuple[tuple[str, int, int], ...]]


class View:
    """An open project, evaluated. Only for the reader's thread."""

    def __init__(self, root: Path) -> None:
        from bridge.art import Art
        from bridge.plan.planner import Planner
        from bridge.project import Project

        self.project: Project = Project.open(root)
        self.planner: Planner = Planner(self.project)
        self.art: Art = Art(self.project, self.planner)
        self.planner.parts = self.art.part_hash
        self.planner.read()

    def close(self) -> None:
        """Closes the project."""
        self.project.close()


class Reader:
    """Answers questions about the project, one after the other, beside whatever is being built.

    generation: rises when something was built or edited in this process.
    """

    def __init__(self, root: Path, generation: Callable[[], int]) -> None:
        self._root = root
        self._generation = generation
        self._view: View | None = None
        self._mark: _Mark | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="assetbridge-reader")

    async def ask(self, question: Callable[[View], T]) -> T:
        """The answer of a question about the project as it is now.

        Raises:
            BridgeError: the project cannot be read, or as the question says.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question)

    async def run(self, work: Callable[[], T]) -> T:
        """Runs something that needs no evaluated project, beside whatever is asked."""
        return await asyncio.to_thread(work)

    def _answer(self, question: Callable[[View], T]) -> T:
        return question(self._current())

    def _current(self) -> View:
        if self._view is not None and self._mark == self._now(self._view):
            return self._view
        self.forget()
        view = View(self._root)
        self._view, self._mark = view, self._now(view)
        return view

    def forget(self) -> None:
        """Drops the evaluated project; in the reader's thread."""
        view, self._view = self._view, None
        if view is not None:
            view.close()

    def close(self) -> None:
        """Ends the thread; what it is doing is finished first."""
        self._thread.submit(self.forget)
        self._thread.shutdown(wait=True, cancel_futures=False)

    def _now(self, view: View) -> _Mark:
        """Changes when any file that the evaluation read does."""
        return self._generation(), tuple(self._stamps(view))

    def _stamps(self, view: View) -> Iterator[tuple[str, int, int]]:
        from bridge.plan.lock import FILE_NAME as LOCK_NAME
        from bridge.spec.scan import scan

        for path, stat in scan(view.project.config):
            yield path, changed_ns(stat), stat.st_size
        works = view.planner.works.values()
        others = {path for work in works for path in (*work.sources, *work.folders)}
        for path in (FILE_NAME, LOCK_NAME, ".assetbridge/journal.db", *sorted(others)):
            try:
                stat = os.stat(self._root / path)  # noqa: PTH116  of ten thousand: a Path costs more than the call
            except OSError:
                yield path, 0, -1
            else:
                yield path, changed_ns(stat), stat.st_size
