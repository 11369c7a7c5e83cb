"""The daemon's worker: one thread that builds, one request after the other, and tells what happens.

What is asked of it never waits for an answer inside a web request: a number comes back at once, and events tell the
rest.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bridge.config.project_config import read_config
from bridge.core.errors import BridgeError, WorkFailed
from bridge.core.paths import JOURNAL_FILE, asset_id_of, spec_file
from bridge.core.shutdown import stop_all
from bridge.daemon.build_outcomes import BuildOutcome, flatten_errors
from bridge.daemon.events import EventLog
from bridge.daemon.failures import error_to_show
from bridge.daemon.worker.activity_board import ActivityBoard
from bridge.daemon.worker.event_reporter import EventReporter
from bridge.daemon.worker.open_project import OpenProject, ProjectLook
from bridge.daemon.worker.owed import OwedWork, find_cause, is_worth_trying, note_failure
from bridge.daemon.worker.project_owner import ProjectOwner
from bridge.daemon.worker.requests import Activity, BuildRequest, RequestOptions
from bridge.daemon.worker.select import Selection, select
from bridge.operations.edit_spec import SpecEdit
from bridge.operations.refetch_job import refetch_job
from bridge.orders.cancel import cancel_all
from bridge.orders.journal import Journal
from bridge.orders.model import LIVE, Job
from bridge.project import Project
from bridge.watch.watched_files import WatchedFiles

T = TypeVar("T")
# How long nothing is asked before how everything stands is remembered.
_REST_SECONDS = 5.0
# An order that is out is waited for when the daemon stops: giving it up would leave its charge unknown.
STOP_PATIENCE_SECONDS = 30.0
# Of a request that nothing was done for: nobody wants it any more, or another one does it.
_PASSED_ON = BuildOutcome()


class BuildWorker:
    """Builds what is asked for. `start` it, ask from any thread, `stop` it.

    is_at_home: whether `root` is still the folder that it is started for; elsewhere it builds nothing.
    """

    def __init__(self, root: Path, log: EventLog, is_at_home: Callable[[], bool] = lambda: True) -> None:
        self.root = root
        self._is_at_home = is_at_home
        self.log = log
        self._stopping = threading.Event()
        self._board = ActivityBoard()
        self._opened = OpenProject(root)
        self._owner = ProjectOwner(root, self._opened, self._stopping)
        self._on_look: Callable[[WatchedFiles | None], None] = lambda _watched: None
        self._on_outdated: Callable[[], None] = lambda: None
        self._is_remembered = True
        self._published_errors: Sequence[BridgeError] = ()
        self._queue: queue.SimpleQueue[BuildRequest | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="assetbridge-worker", daemon=True)

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def stop(self, patience_seconds: float = STOP_PATIENCE_SECONDS) -> bool:
        """Ends the build that runs at its next safe point; False when it has not ended after the patience."""
        self._stopping.set()
        self._queue.put(None)
        stop_all()
        if self._thread.is_alive():
            self._thread.join(patience_seconds)
        return not self._thread.is_alive()

    # asking

    def tell_looks_to(
        self, on_look: Callable[[WatchedFiles | None], None], on_outdated: Callable[[], None] = lambda: None
    ) -> None:
        """Asks to be told, in the worker's thread, which files matter: after every look and every request.

        on_outdated: the project was changed while something was built by itself; it has to be looked at again.
        """
        self._on_look = on_look
        self._on_outdated = on_outdated

    def build(self, ids: Collection[str] | None = None, options: RequestOptions | None = None) -> int:
        """Queues a build; returns its number, which the event `done` repeats."""
        return self._add_request(None if ids is None else tuple(ids), options or RequestOptions())

    def _add_request(self, ids: tuple[str, ...] | None, options: RequestOptions, *, follows: bool = False) -> int:
        request = self._board.add_request(ids, options, follows=follows)
        for asset_id in ids or ():
            self.log.publish("asset", asset_id, state="queued", request=request.number)
        self._queue.put(request)
        return request.number

    def build_changed(self, paths: frozenset[str]) -> None:
        """Files of the project (relative paths; none: any) hold something new: builds what follows, inside budgets.

        Many changes while a build runs ask for one build after it.
        """
        self.announce_changes(sorted(paths))
        self._follow_changes(paths or None)

    def look_again(self) -> None:
        """Any file may have changed: builds what follows."""
        self._follow_changes(None)

    def _follow_changes(self, paths: frozenset[str] | None) -> None:
        self._board.add_changed_files(paths)
        if not self._board.state.has_waiting_build_of_all(follows=True):
            self._add_request(None, RequestOptions(), follows=True)

    def retry_owed(self) -> None:
        """Something has changed that may make possible what is owed, if anything is."""
        if self._board.state.owed is not None:
            self._follow_changes(None)

    def announce_changes(self, paths: Collection[str]) -> None:
        """Tells listeners that files changed."""
        self._board.raise_generation()
        self.log.publish("changed", paths=list(paths))

    def cancel(self, asset_id: str) -> list[int]:
        """Takes an asset out of what waits and runs, and stops waiting for its orders; returns their job numbers."""
        self._board.cancel_asset(asset_id)
        jobs = self._cancel_jobs(asset_id)
        if self._board.finish_cancelling(asset_id):
            self.log.publish("asset", asset_id, state="cancelled")
        return jobs

    def _cancel_jobs(self, asset_id: str) -> list[int]:
        def stop_live_jobs(journal: Journal) -> list[int]:
            numbers = [
                job.id for job in journal.jobs.list_in(LIVE) if job.asset == asset_id and job.state != "uncertain"
            ]
            return [job.id for job in cancel_all(read_config(self.root), journal, numbers)]

        if not (self.root / JOURNAL_FILE).exists():
            return []
        return self.decide(stop_live_jobs)

    @property
    def generation(self) -> int:
        """Rises whenever the project may look different."""
        return self._board.state.generation

    @property
    def activities(self) -> Mapping[str, Activity]:
        """What assets are in the middle of, by id."""
        return self._board.state.activities

    @property
    def is_busy(self) -> bool:
        """Whether something waits or runs."""
        return bool(self._board.state.waiting)

    @property
    def owed(self) -> OwedWork | None:
        """What failed as a whole and will be done as soon as it can be."""
        return self._board.state.owed

    @property
    def waiting_builds(self) -> int:
        """How many builds wait or run."""
        return len(self._board.state.waiting)

    def outcome_of(self, number: int) -> BuildOutcome | None:
        """What became of a build; None while it waits or runs.

        Raises:
            UserError: `not_found`: there was none of this number, or it is long ago.
        """
        return self._board.outcome_of(number)

    def edit(self, act: Callable[[Project], SpecEdit]) -> SpecEdit:
        """Edits a spec, one edit at a time; the calling thread does it.

        Raises:
            BridgeError: as the edit says.
        """
        edited = self._owner.edit(act)
        self.announce_changes([spec_file(edited.id)])
        return edited

    def decide(self, act: Callable[[Journal], T]) -> T:
        """Lets a person's decision change the money journal; the calling thread does it.

        Raises:
            BridgeError: as the decision says.
        """
        decided = self._owner.decide(act)
        self._board.raise_generation()
        return decided

    def refetch(self, number: int) -> Job:
        """Fetches the result of a paid order again, and builds what follows; the calling thread fetches.

        Raises:
            BridgeError: as `refetch_job`; `project_locked` while something is built.
        """
        job = self._owner.change(lambda project: refetch_job(project, number))
        self.look_again()
        return job

    # working

    def _work(self) -> None:
        while (request := self._next_request()) is not None and not self._stopping.is_set():
            cursor = self.log.cursor
            try:
                is_wanted = self._board.begin_request(request) and self._is_at_home()
                outcome = self._execute(request) if is_wanted else _PASSED_ON
            except KeyboardInterrupt:
                stopped = WorkFailed("interrupted", "the daemon was stopped; what was finished is kept")
                outcome = BuildOutcome(failure=stopped)
            except Exception as error:  # noqa: BLE001  the worker outlives whatever one request meets
                outcome = BuildOutcome(failure=error_to_show(error, self.root))
            self._board.end_request(request, outcome)
            self._tell_look()
            is_news = self._note_owed(request, outcome)
            if is_news or not request.is_retry or cursor != self.log.cursor:
                failure = outcome.failure.as_dict() if outcome.failure else None
                self.log.publish("done", request=request.number, error=failure)
        self._opened.close()

    def _note_owed(self, request: BuildRequest, outcome: BuildOutcome) -> bool:
        """Remembers what is still to be done after a request; whether that is other than before."""
        before = self._board.state.owed
        cause = find_cause(outcome, follows=request.follows)
        if cause is not None:
            owed = note_failure(before, cause, time.time(), time.monotonic())
        elif outcome is _PASSED_ON or outcome.failure is not None:
            return False
        elif before is not None and request.ids is not None:
            # The cause is gone, and the rest is still to be done.
            owed = replace(before, retry_at=0.0)
        else:
            owed = None
        self._board.set_owed(owed)
        is_same = owed.is_same(before) if owed is not None else before is None
        if not is_same:
            self.log.publish("owed", error=owed.error.as_dict() if owed is not None else None)
        return not is_same

    def _next_request(self) -> BuildRequest | None:
        """The next request, or another try of what is owed.

        Before a long rest it is remembered how everything stands: no save waits for that.
        """
        while True:
            owed = self._board.state.owed
            pauses = [] if self._is_remembered else [_REST_SECONDS]
            if owed is not None and owed.retry_at < math.inf:
                pauses.append(max(0.0, owed.retry_at - time.monotonic()))
            try:
                return self._queue.get(timeout=min(pauses, default=None))
            except queue.Empty:
                pass
            if owed is not None and owed.retry_at <= time.monotonic():
                if is_worth_trying(owed, self.root):
                    self._board.add_changed_files(None)
                    return self._board.add_request(None, RequestOptions(), follows=True, is_retry=True)
                self._board.set_owed(note_failure(owed, owed.error, time.time(), time.monotonic()))
            elif not self._is_remembered:
                self._is_remembered = True
                self._remember()

    def _remember(self) -> None:
        # Whoever else works on the project remembers it, and a defect shows in the next request.
        if not self._is_at_home():
            return
        with suppress(Exception), self._owner.owned(patience_seconds=0) as opened:
            plan = opened.look().plan
            if self._queue.empty():
                opened.take_stock(plan)

    def _execute(self, request: BuildRequest) -> BuildOutcome:
        with self._owner.owned() as opened:
            look = self._look(request)
            selection = select(request, look.plan, look.evaluated)
            ids = selection.ids if request.ids is None else opened.known_ids(request.ids)
            if request.follows and self._board.state.has_waiting_build_of_all(follows=False):
                # Whatever follows is done by the build of everything that somebody asked for meanwhile.
                return _PASSED_ON
            self._publish_errors(request, look, selection)
            if ids is not None and not ids and not opened.has_pending_entries():
                return BuildOutcome(errors=selection.errors)
            reporter = EventReporter(self._board, self.log, request, opened.known_states(ids), self._stopping)
            try:
                results, spent = opened.build(look.plan, ids, request.options, reporter, self._board.check_wanted)
            finally:
                self._board.raise_generation()
            # As at the start, and after an edit of the project file.
            self._is_remembered = not request.follows or look.is_whole
            if self._is_remembered:
                opened.take_stock(opened.look().plan)
        if spent:
            self.log.publish("spent", spent=spent, request=request.number)
        if request.follows and any(result.error and result.error.code == "project_changed" for result in results):
            self._on_outdated()
        return BuildOutcome(tuple(results), selection.errors, tuple(spent))

    def _look(self, request: BuildRequest) -> ProjectLook:
        """The plan as of now; a request that follows changed files looks at those alone."""
        changed = self._board.take_changed_files()
        try:
            look = self._opened.look(changed if request.follows else None)
        except BaseException:
            self._board.add_changed_files(None)
            raise
        self._tell_look()
        return look

    def _tell_look(self) -> None:
        # A lock that cannot be read leaves what is watched as it was; without any, everything is watched.
        with suppress(BridgeError, OSError):
            self._opened.update_watched_files()
        self._on_look(self._opened.watched_files)

    def _publish_errors(self, request: BuildRequest, look: ProjectLook, selection: Selection) -> None:
        """Tells of specs that are no assets: to who asked for all, or when they are others than before."""
        if request.ids is not None:
            return
        is_new = selection.errors != self._published_errors
        if is_new:
            self._opened.note_states(look.plan)
        if is_new or not request.follows:
            for error in flatten_errors(*selection.errors):
                asset_id = asset_id_of(error.where.file) if error.where else None
                self.log.publish("asset", asset_id, state="invalid", error=error.as_dict())
        self._published_errors = selection.errors
