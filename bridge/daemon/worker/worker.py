"""The daemon's worker: one thread that builds, one request after the other, and tells what happens.

It owns the project only while it works, so that a command line beside the daemon can build too. What is asked of it
never waits for an answer inside a web request: a number comes back at once, and events tell the rest.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bridge.core.errors import BridgeError, UserError, WorkFailed
from bridge.daemon.outcomes import Outcome, Outcomes, flat
from bridge.daemon.worker.open_project import OpenProject
from bridge.daemon.worker.requests import Activity, Request, Wishes, plan_changed

if TYPE_CHECKING:
    from bridge.daemon.events import EventLog
    from bridge.operations.edit_spec import Edited
    from bridge.orders.journal import Journal
    from bridge.plan.incremental import IncrementalPlanner
    from bridge.plan.model import Plan
    from bridge.project import Project
    from bridge.watch.watched_files import WatchedFiles

T = TypeVar("T")
# How long nothing is asked before how everything stands is remembered, seconds.
_REST = 5.0
# Above, one question for all is quicker than one for each.
_MANY = 500
# A command line that is building is waited for; looking again costs little.
_OWNER_PATIENCE = 30.0
_OWNER_PAUSE = 0.2
# An order that is out is waited for when the daemon stops: giving it up would leave its charge unknown.
STOP_PATIENCE = 30.0


class BuildWorker:
    """See the module. `start` it, ask from any thread, `stop` it.

    generation: rises whenever the project may look different.
    """

    def __init__(self, root: Path, log: EventLog) -> None:
        self.root = root
        self.log = log
        self.generation = 0
        self.stopping = threading.Event()
        self._active: dict[str, Activity] = {}
        self._cancelled: set[str] = set()
        self._dropped: set[int] = set()
        self._waiting: dict[int, Request] = {}
        self._outcomes = Outcomes()
        self._workshop = OpenProject(root)
        self._attend: Callable[[WatchedFiles | None], None] = lambda _interest: None
        self._running: Request | None = None
        # Changed files that no look has taken in; None: any may have changed.
        self._changes: set[str] | None = set()
        self._remembered = True
        self._told: Sequence[BridgeError] = ()
        self._numbers = 0
        self._lock = threading.Lock()
        self._editing = threading.Lock()
        self._owning = threading.Lock()
        self._owned = False
        self._queue: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="assetbridge-worker", daemon=True)

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def stop(self, patience: float = STOP_PATIENCE) -> bool:
        """Ends the build that runs at its next safe point; False when it has not ended after `patience` seconds."""
        from bridge.core.shutdown import stop_all

        self.stopping.set()
        self._queue.put(None)
        stop_all()
        if self._thread.is_alive():
            self._thread.join(patience)
        return not self._thread.is_alive()

    # asking

    def attend(self, attend: Callable[[WatchedFiles | None], None]) -> None:
        """Asks to be told, in the worker's thread, which files matter: after every look and every request."""
        self._attend = attend

    def build(self, ids: Collection[str] | None = None, wishes: Wishes | None = None) -> int:
        """Queues a build; returns its number, which the event `done` repeats."""
        return self._asked(None if ids is None else tuple(ids), wishes or Wishes())

    def _asked(self, ids: tuple[str, ...] | None, wishes: Wishes, *, follows: bool = False) -> int:
        with self._lock:
            self._numbers += 1
            request = Request(self._numbers, ids, wishes, follows)
            self._waiting[request.number] = request
            for asset_id in request.ids or ():
                self._active.setdefault(asset_id, Activity("queued"))
        for asset_id in request.ids or ():
            self.log.publish("asset", asset_id, state="queued", request=request.number)
        self._queue.put(request)
        return request.number

    def changed(self, paths: frozenset[str]) -> None:
        """Files of the project (relative paths; none: any) hold something new: builds what follows, inside budgets.

        Many changes while a build runs ask for one build after it.
        """
        self.touched(sorted(paths))
        self._follow(paths or None)

    def look_again(self) -> None:
        """Any file may have changed: builds what follows."""
        self._follow(None)

    def _follow(self, paths: frozenset[str] | None) -> None:
        with self._lock:
            self._changes = None if paths is None or self._changes is None else self._changes | paths
        if not self._pending(follows=True):
            self._asked(None, Wishes(), follows=True)

    def _pending(self, *, follows: bool = False) -> bool:
        """Whether a build of everything waits, or one that `follows` changes; the one that runs has looked already."""
        with self._lock:
            waiting = [one for one in self._waiting.values() if one is not self._running and one.ids is None]
            return any(one.wishes == Wishes() and (follows or not one.follows) for one in waiting)

    def touched(self, paths: Collection[str]) -> None:
        """Tells listeners that files changed."""
        self.generation += 1
        self.log.publish("changed", paths=list(paths))

    def cancel(self, asset_id: str) -> list[int]:
        """Takes an asset out of what waits and runs, and stops waiting for its orders; returns their job numbers."""
        with self._lock:
            self._cancelled.add(asset_id)
            self._dropped.update(number for number, request in self._waiting.items() if request.ids == (asset_id,))
        jobs = self._cancel_jobs(asset_id)
        with self._lock:
            activity = self._active.get(asset_id)
            if activity is None and not self._waiting:
                self._cancelled.discard(asset_id)
            # Without an activity: a build of everything may be on its way to it.
            elif activity is not None and activity.state == "queued":
                del self._active[asset_id]
        if activity is not None:
            self.log.publish("asset", asset_id, state="cancelled")
        return jobs

    def _cancel_jobs(self, asset_id: str) -> list[int]:
        from bridge.orders.model import LIVE

        def act(journal: Journal) -> list[int]:
            from bridge.config.project_config import read_config
            from bridge.orders.cancel import stop_all

            numbers = [job.id for job in journal.jobs(LIVE) if job.asset == asset_id and job.state != "uncertain"]
            return [job.id for job in stop_all(read_config(self.root), journal, numbers)]

        if not (self.root / ".assetbridge" / "journal.db").exists():
            return []
        return self.decide(act)

    def activities(self) -> dict[str, Activity]:
        """What assets are in the middle of, by id."""
        with self._lock:
            return dict(self._active)

    @property
    def busy(self) -> bool:
        """Whether something waits or runs."""
        with self._lock:
            return bool(self._waiting)

    def outcome(self, number: int) -> Outcome | None:
        """What became of a build; None while it waits or runs.

        Raises:
            UserError: `not_found`: there was none of this number, or it is long ago.
        """
        with self._lock:
            found = self._outcomes.get(number)
            if found is None and number not in self._waiting:
                raise UserError("not_found", f"no build {number} is remembered")
            return found

    def edit(self, act: Callable[[Project], Edited]) -> Edited:
        """Edits a spec, one edit at a time; the calling thread does it.

        Raises:
            BridgeError: as the edit says.
        """
        from bridge.project import Project

        with self._editing, Project.open(self.root) as project:
            edited = act(project)
        self.touched([f"{edited.id}.asset.toml"])
        return edited

    def decide(self, act: Callable[[Journal], T]) -> T:
        """Lets a person's decision change the money journal; the calling thread does it.

        While a build runs in this daemon the journal itself keeps decisions and orders apart (every move of a job names
        the version that it was decided on).

        Raises:
            BridgeError: as the decision says; `project_locked` when another process is building.
        """
        from bridge.cache import plan_cache
        from bridge.orders.runner import recovery
        from bridge.project import Project

        with self._owning, Project.open(self.root) as project:
            if self._owned:
                found = act(project.open_journal())
            else:
                with project.owned(patience=0):
                    recovery.at_start(project.open_journal(), project.store)
                    found = act(project.open_journal())
            plan_cache.forget_plan(project.memory)
        self.generation += 1
        return found

    # working

    def _work(self) -> None:
        while (request := self._next()) is not None and not self.stopping.is_set():
            try:
                with self._lock:
                    dropped = request.number in self._dropped
                    self._running = request
                outcome = Outcome() if dropped else self._run(request)
            except KeyboardInterrupt:
                stopped = WorkFailed("interrupted", "the daemon was stopped; what was finished is kept")
                outcome = Outcome(failure=stopped)
            except Exception as error:  # noqa: BLE001  the worker outlives whatever one request meets
                outcome = Outcome(failure=self._failure(error))
            self._finish(request, outcome)
        self._workshop.close()

    def _next(self) -> Request | None:
        """The next request. Before a long rest it is remembered how everything stands: no save waits for that."""
        while not self._remembered:
            try:
                return self._queue.get(timeout=_REST)
            except queue.Empty:
                self._remembered = True
                self._remember()
        return self._queue.get()

    def _remember(self) -> None:
        from bridge.operations import plan as planning

        # Whoever else works on the project remembers it, and a defect shows in the next request.
        with suppress(Exception), self._working(patience=0) as warm:
            plan = warm.look()
            if self._queue.empty():
                planning.take_stock(warm.project, warm.planner, plan)

    def _run(self, request: Request) -> Outcome:
        from bridge.build.builder import Builder
        from bridge.cache import plan_cache
        from bridge.daemon.worker.event_reporter import EventReporter
        from bridge.operations import asset_states as standing
        from bridge.operations import plan as planning

        with self._working() as warm:
            plan = self._looked(request, warm)
            project, planner = warm.project, warm.planner
            wishes = request.wishes
            if wishes.approved is not None and not wishes.again and plan.digest != wishes.approved.digest:
                raise plan_changed()
            # As at the start, and after an edit of the project file.
            whole = warm.looked >= planner.evaluation.specs.keys()
            wanted = None if request.ids is None else planning.known_ids(planner, request.ids)
            if request.follows:
                wanted = sorted(
                    {asset.id for asset in plan.assets if asset.action not in ("none", "orphan")} | warm.looked
                )
            errors = plan.errors if request.ids is None else ()
            if request.follows and self._pending():
                # Whatever follows is done by the build of everything that somebody asked for meanwhile.
                return Outcome()
            if request.ids is None and errors != self._told:
                standing.note(project, planner, plan)
            if not request.follows or errors != self._told:
                for error in errors:
                    self._tell_error(error)
            self._told = errors if request.ids is None else self._told
            if wanted == [] and not project.memory.pending.read():
                return Outcome(errors=tuple(errors))
            plan_cache.forget_plan(project.memory)
            before = planning.last_entry(project)
            part = planning.part_of(planner, plan, wanted)
            approval = planning.approval(project, part, shown=wishes.approved is not None, caps=wishes.caps)
            told = EventReporter(self, request, dict(self._states(project, wanted)))
            builder = Builder(
                project, planner, plan, told, force=wishes.force, approval=approval, check=self.check_wanted
            )
            try:
                results = builder.build(wanted)
            finally:
                warm.note_built(builder.touched)
                self.generation += 1
            if not request.follows or whole:
                planning.take_stock(project, planner, warm.look())
            self._remembered = not request.follows or whole
            spent = planning.spent(project, before)
        if spent:
            self.log.publish("spent", spent=spent, request=request.number)
        return Outcome(tuple(results), tuple(errors), tuple(spent))

    def _looked(self, request: Request, warm: IncrementalPlanner) -> Plan:
        """The plan as of now; a request that follows changed files looks at those alone."""
        with self._lock:
            changes, self._changes = self._changes, set()
        try:
            plan = warm.look(changes if request.follows else None)
        except BaseException:
            with self._lock:
                self._changes = None
            raise
        self._workshop.take_interest()
        self._attend(self._workshop.interest)
        return plan

    @staticmethod
    def _states(project: Project, ids: Collection[str] | None) -> Iterator[tuple[str, str]]:
        if ids is None or len(ids) > _MANY:
            return ((row.id, row.state) for row in project.memory.assets.list_rows(snapshots=False).values())
        return ((row.id, row.state) for row in map(project.memory.assets.get, ids) if row is not None)

    @contextmanager
    def _working(self, patience: float = _OWNER_PATIENCE) -> Iterator[IncrementalPlanner]:
        """The project, owned; a command line that works on it is waited for."""
        waited = 0.0
        warm = self._workshop.opened()
        owned = warm.project.owned(patience=0)
        while True:
            try:
                with self._owning:
                    owned.__enter__()
                    self._owned = True
                break
            except UserError as error:
                if error.code != "project_locked" or waited >= patience or self.stopping.wait(_OWNER_PAUSE):
                    raise
                waited += _OWNER_PAUSE
                owned = warm.project.owned(patience=0)
        try:
            yield warm
            warm.project.memory.files.flush()
        except BridgeError:
            raise
        except BaseException:
            # Stopped anywhere: what is kept of the project may be half of something.
            self._workshop.close()
            raise
        finally:
            with self._owning:
                owned.__exit__(None, None, None)
                self._owned = False

    def _failure(self, error: Exception) -> BridgeError:
        from bridge.daemon.failures import told

        return told(error, self.root)

    def _tell_error(self, error: BridgeError) -> None:
        for one in flat(error):
            asset_id = one.where.file.removesuffix(".asset.toml") if one.where else None
            self.log.publish("asset", asset_id, state="invalid", error=one.as_dict())

    def _finish(self, request: Request, outcome: Outcome) -> None:
        with self._lock:
            self._outcomes.keep(request.number, outcome)
            self._waiting.pop(request.number, None)
            self._running = None
            self._dropped.discard(request.number)
            still = {asset_id for one in self._waiting.values() for asset_id in one.ids or ()}
            self._active = {asset_id: Activity("queued") for asset_id in self._active if asset_id in still}
            self._cancelled &= still
        self.generation += 1
        self._workshop.take_interest()
        self._attend(self._workshop.interest)
        failure = outcome.failure.as_dict() if outcome.failure else None
        self.log.publish("done", request=request.number, error=failure)

    # called by the reporter, in the worker

    def note(self, asset_id: str, activity: Activity | None) -> None:
        """Remembers what an asset is in the middle of (None: nothing any more)."""
        with self._lock:
            if activity is None:
                self._active.pop(asset_id, None)
            else:
                self._active[asset_id] = activity

    def check(self, asset_id: str) -> None:
        """Between two steps: whether to go on.

        Raises:
            KeyboardInterrupt: the daemon stops.
            WorkFailed: `interrupted`: the asset was cancelled.
        """
        if self.stopping.is_set():
            raise KeyboardInterrupt
        self.check_wanted(asset_id)

    def check_wanted(self, asset_id: str) -> None:
        """Before something is ordered: whether to go on.

        Raises:
            WorkFailed: `interrupted`: the asset was cancelled.
        """
        with self._lock:
            cancelled = asset_id in self._cancelled
        if cancelled:
            raise WorkFailed("interrupted", f"{asset_id} was cancelled", hint="Build it again to go on.")
