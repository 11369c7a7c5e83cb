"""Looking at the project for web requests: one thread that keeps it evaluated, beside the one that builds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bridge.daemon.worker.open_project import OpenProject

if TYPE_CHECKING:
    from bridge.build.asset_loader import AssetLoader
    from bridge.plan.model import Plan
    from bridge.plan.planner import Planner
    from bridge.project import Project

T = TypeVar("T")
# A list that scrolls asks for many pictures at once: they need not look at every file of the project each.
_RECENT = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """An open project, evaluated. Only for the reader's thread, and only until its next question.

    texts: answers that stay the same while the plan does.
    """

    project: Project
    planner: Planner
    art: AssetLoader
    plan: Plan
    texts: dict[str, str]


class Reader:
    """Answers questions about the project, one after the other, beside whatever is being built.

    generation: rises when something was built, saved or edited that the daemon knows of.
    """

    def __init__(
        self, root: Path, generation: Callable[[], int], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._workshop = OpenProject(root)
        self._generation = generation
        self._monotonic = monotonic
        self._view: View | None = None
        self._looked = (0, 0.0)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="assetbridge-reader")

    async def ask(self, question: Callable[[View], T], *, recent: bool = False) -> T:
        """The answer of a question about the project as it is now; `recent`: or as it was half a second ago.

        Raises:
            BridgeError: the project cannot be read, or as the question says.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question, recent)

    async def run(self, work: Callable[[], T]) -> T:
        """Runs something that needs no evaluated project, beside whatever is asked."""
        return await asyncio.to_thread(work)

    def _answer(self, question: Callable[[View], T], recent: bool) -> T:
        return question(self._current(recent=recent))

    def _current(self, *, recent: bool) -> View:
        from bridge.build.asset_loader import AssetLoader

        generation, (known, at) = self._generation(), self._looked
        if recent and self._view is not None and known == generation and self._monotonic() - at < _RECENT:
            return self._view
        warm = self._workshop.opened()
        plan = warm.look()
        texts = self._view.texts if self._view is not None and self._view.plan is plan else {}
        self._view = View(warm.project, warm.planner, AssetLoader(warm.project, warm.planner.evaluation), plan, texts)
        self._looked = (generation, self._monotonic())
        return self._view

    def close(self) -> None:
        """Ends the thread; what it is doing is finished first."""
        self._thread.submit(self._workshop.close)
        self._thread.shutdown(wait=True, cancel_futures=False)
