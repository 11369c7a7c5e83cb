"""Who may write in the project: the build that runs, an edit of a spec, a decision about an order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from bridge.cache import plan_cache
from bridge.core.errors import BridgeError, UserError
from bridge.core.paths import JOURNAL_FILE
from bridge.daemon.worker.open_project import OpenProject
from bridge.operations.decide_job import decide_job
from bridge.operations.edit_spec import SpecEdit
from bridge.orders.journal import Journal
from bridge.project import Project
from bridge.trust.project_trust import Gate

T = TypeVar("T")
# A command line that is building is waited for; looking again costs little.
OWNER_PATIENCE_SECONDS = 30.0
_OWNER_PAUSE_SECONDS = 0.2


class ProjectOwner:
    """Owns the project only while something is done, so that a command line beside the daemon can build too."""

    def __init__(self, root: Path, opened: OpenProject, stopping: threading.Event) -> None:
        self._root = root
        self._opened = opened
        self._stopping = stopping
        self._editing = threading.Lock()
        self._owning = threading.Lock()
        self._is_owned = False

    @contextmanager
    def owned(self, patience_seconds: float = OWNER_PATIENCE_SECONDS) -> Iterator[OpenProject]:
        """The project, open and owned; a command line that works on it is waited for. For the worker's thread.

        Raises:
            BridgeError: `project_locked`, or the project cannot be opened.
        """
        waited = 0.0
        project = self._opened.open()
        ownership = project.owned(patience=0)
        while True:
            try:
                with self._owning:
                    ownership.__enter__()
                    self._is_owned = True
                break
            except UserError as error:
                is_too_long = waited >= patience_seconds
                if error.code != "project_locked" or is_too_long or self._stopping.wait(_OWNER_PAUSE_SECONDS):
                    raise
                waited += _OWNER_PAUSE_SECONDS
                ownership = project.owned(patience=0)
        try:
            yield self._opened
            project.memory.files.flush()
        except BridgeError:
            raise
        except BaseException:
            # Stopped anywhere: what is kept of the project may be half of something.
            self._opened.close()
            raise
        finally:
            with self._owning:
                ownership.__exit__(None, None, None)
                self._is_owned = False

    def edit(self, act: Callable[[Project], SpecEdit]) -> SpecEdit:
        """Edits a spec, one edit at a time; the calling thread does it.

        Raises:
            BridgeError: as the edit says.
        """
        with self._editing, Project.open(self._root) as project:
            return act(project)

    def change(self, act: Callable[[Project], T]) -> T:
        """Lets a project be changed that nobody builds in; the calling thread does it.

        Raises:
            BridgeError: as the change says; `project_locked` while something is built.
        """
        if not (self._root / JOURNAL_FILE).exists():
            raise UserError("unknown_job", "nothing was ordered in this project")
        with Project.open(self._root) as project, project.owned():
            return act(project)

    def decide(self, act: Callable[[Journal], T]) -> T:
        """Lets a person's decision change the money journal; the calling thread does it.

        Raises:
            BridgeError: as the decision says; `not_trusted`.
        """
        with self._owning, Project.open(self._root) as project:
            project.config.trust.require(Gate.DECISIONS)
            if self._is_owned:
                decided = act(project.open_journal())
                plan_cache.forget_plan(project.memory)
                return decided
            return decide_job(project, act)
