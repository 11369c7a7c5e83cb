"""Looking at the project for web requests: one thread that keeps it evaluated, beside the one that builds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bridge.daemon.worker.open_project import OpenProject, PlanView

T = TypeVar("T")
# A list that scrolls asks for many pictures at once: they need not look at every file of the project each.
_RECENT_SECONDS = 0.5


class PlanReader:
    """Answers questions about the project, one after the other, beside whatever is being built.

    generation: rises when something was built, saved or edited that the daemon knows of.
    """

    def __init__(
        self, root: Path, generation: Callable[[], int], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._project = OpenProject(root)
        self._generation = generation
        self._monotonic = monotonic
        self._view: PlanView | None = None
        self._viewed_at = (0, 0.0)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="assetbridge-reader")

    async def ask(self, question: Callable[[PlanView], T], *, recent: bool = False) -> T:
        """The answer of a question about the project as it is now; `recent`: or as it was half a second ago.

        Raises:
            BridgeError: the project cannot be read, or as the question says.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question, recent)

    async def run(self, work: Callable[[], T]) -> T:
        """Runs something that needs no evaluated project, beside whatever is asked."""
        return await asyncio.to_thread(work)

    def _answer(self, question: Callable[[PlanView], T], recent: bool) -> T:
        return question(self._current_view(recent=recent))

    def _current_view(self, *, recent: bool) -> PlanView:
        generation, (known, viewed_seconds) = self._generation(), self._viewed_at
        is_recent = known == generation and self._monotonic() - viewed_seconds < _RECENT_SECONDS
        if recent and self._view is not None and is_recent:
            return self._view
        self._view = self._project.view(self._view)
        self._viewed_at = (generation, self._monotonic())
        return self._view

    def close(self) -> None:
        """Ends the thread; what it is doing is finished first."""
        self._thread.submit(self._project.close)
        self._thread.shutdown(wait=True, cancel_futures=False)
