"""The daemon's worker: one thread that builds, one request after the other, and tells what happens.

It owns the project only while it works, so that a command line beside the daemon can build too. What is asked of it
never waits for an answer inside a web request: a number comes back at once, and events tell the rest.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bridge.errors import BridgeError, ErrorGroup, UserError, WorkFailed

if TYPE_CHECKING:
    from bridge.daemon.events import EventLog
    from bridge.edits import Edited
    from bridge.jobs.journal import Journal
    from bridge.plan.model import Plan
    from bridge.plan.planner import Planner
    from bridge.project import Project

T = TypeVar("T")
# A command line that is building is waited for; looking again costs little.
_OWNER_PATIENCE = 30.0
_OWNER_PAUSE = 0.2
# An order that is out is waited for when the daemon stops: giving it up would leave its charge unknown.
STOP_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Approved:
    """What a person approved: the plan of this digest, and at most `caps` per unit."""

    digest: str
    caps: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """Builds these assets (None: all) and what they use.

    approved: None spends inside the budgets alone. again: an order that a person wants repeated, whatever the plan is.
    """

    number: int
    ids: tuple[str, ...] | None
    approved: Approved | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """What an asset is in the middle of: state `queued` or `building`, and how far it is (0–1) where that is known."""

    state: str
    progress: float | None = None


class Engine:
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
        from bridge.stopping import stop_all

        self.stopping.set()
        self._queue.put(None)
        stop_all()
        if self._thread.is_alive():
            self._thread.join(patience)
        return not self._thread.is_alive()

    # asking

    def build(
        self, ids: Collection[str] | None = None, *, approved: Approved | None = None, again: bool = False
    ) -> int:
        """Queues a build; returns its number, which the event `done` repeats."""
        with self._lock:
            self._numbers += 1
            request = Request(self._numbers, None if ids is None else tuple(ids), approved, again)
            self._waiting[request.number] = request
            for asset_id in request.ids or ():
                self._active.setdefault(asset_id, Activity("queued"))
        for asset_id in request.ids or ():
            self.log.publish("asset", asset_id, state="queued", request=request.number)
        self._queue.put(request)
        return request.number

    def changed(self, paths: frozenset[str]) -> None:
        """Files of the project (relative paths) hold something new: builds what follows, spending inside budgets alone.

        Many changes while a build runs ask for one build after it.
        """
        self.touched(sorted(paths))
        with self._lock:
            pending = any(request.ids is None and request.approved is None for request in self._waiting.values())
        if not pending:
            self.build(None)

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
            if activity is None:
                self._cancelled.discard(asset_id)
            elif activity.state == "queued":
                del self._active[asset_id]
        if activity is not None:
            self.log.publish("asset", asset_id, state="cancelled")
        return jobs

    def _cancel_jobs(self, asset_id: str) -> list[int]:
        from bridge.jobs.model import LIVE

        def act(journal: Journal) -> list[int]:
            from bridge.jobs import decisions

            numbers = [job.id for job in journal.jobs(LIVE) if job.asset == asset_id and job.state != "uncertain"]
            return [decisions.cancel(journal, number).id for number in numbers]

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
        from bridge.jobs import recovery
        from bridge.plan import quick
        from bridge.project import Project

        with self._owning, Project.open(self.root) as project:
            if self._owned:
                found = act(project.open_journal())
            else:
                with project.owned():
                    recovery.at_start(project.open_journal(), project.store)
                    found = act(project.open_journal())
            quick.forget(project.state)
        self.generation += 1
        return found

    # working

    def _work(self) -> None:
        while (request := self._queue.get()) is not None and not self.stopping.is_set():
            failure: BridgeError | None = None
            try:
                with self._lock:
                    dropped = request.number in self._dropped
                if not dropped:
                    self._run(request)
            except KeyboardInterrupt:
                failure = WorkFailed("interrupted", "the daemon was stopped; what was finished is kept")
            except Exception as error:  # noqa: BLE001  the worker outlives whatever one request meets
                failure = self._failure(error)
            self._finish(request, failure)

    def _run(self, request: Request) -> None:
        from bridge import planning
        from bridge.build import Builder
        from bridge.daemon.reporting import Told
        from bridge.plan import quick

        with self._working() as project:
            planner, plan = planning.planned(project)
            if request.approved is not None and not request.again and plan.digest != request.approved.digest:
                raise plan_changed()
            wanted = None if request.ids is None else planning.known_ids(planner, request.ids)
            for error in plan.errors if wanted is None else ():
                self._tell_error(error)
            quick.forget(project.state)
            before = planning.last_entry(project)
            approval = _approval(project, planner, plan, wanted, request.approved)
            told = Told(self, request, dict(self._states(project)))
            builder = Builder(project, planner, plan, told, approval=approval)
            try:
                builder.build(wanted)
            finally:
                self.generation += 1
            planning.remember(project, planner, planner.plan())
            spent = planning.spent(project, before)
        if spent:
            self.log.publish("spent", spent=spent, request=request.number)

    @staticmethod
    def _states(project: Project) -> Iterator[tuple[str, str]]:
        return ((row.id, row.state) for row in project.state.assets(snapshots=False).values())

    @contextmanager
    def _working(self) -> Iterator[Project]:
        """The project, owned; a command line that works on it is waited for."""
        from bridge.project import Project

        waited = 0.0
        with Project.open(self.root) as project:
            owned = project.owned()
            while True:
                try:
                    with self._owning:
                        owned.__enter__()
                        self._owned = True
                    break
                except UserError as error:
                    if error.code != "project_locked" or waited >= _OWNER_PATIENCE or self.stopping.wait(_OWNER_PAUSE):
                        raise
                    waited += _OWNER_PAUSE
                    owned = project.owned()
            try:
                yield project
            finally:
                with self._owning:
                    owned.__exit__(None, None, None)
                    self._owned = False

    def _failure(self, error: Exception) -> BridgeError:
        from bridge.daemon.failures import told

        return told(error, self.root)

    def _tell_error(self, error: BridgeError) -> None:
        for one in error.errors if isinstance(error, ErrorGroup) else [error]:
            asset_id = one.where.file.removesuffix(".asset.toml") if one.where else None
            self.log.publish("asset", asset_id, state="invalid", error=one.as_dict())

    def _finish(self, request: Request, failure: BridgeError | None) -> None:
        with self._lock:
            self._waiting.pop(request.number, None)
            self._dropped.discard(request.number)
            still = {asset_id for one in self._waiting.values() for asset_id in one.ids or ()}
            self._active = {asset_id: Activity("queued") for asset_id in self._active if asset_id in still}
            self._cancelled &= still
        self.generation += 1
        self.log.publish("done", request=request.number, error=failure.as_dict() if failure else None)

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
        with self._lock:
            cancelled = asset_id in self._cancelled
        if cancelled:
            raise WorkFailed("interrupted", f"{asset_id} was cancelled", hint="Build it again to go on.")


def plan_changed() -> UserError:
    """The plan is not the one that a person has seen."""
    return UserError(
        "plan_changed",
        "the plan has changed since it was shown",
        hint="Look at the new plan and approve that one.",
    )


def _approval(
    project: Project, planner: Planner, plan: Plan, wanted: list[str] | None, approved: Approved | None
) -> Any:
    from bridge.jobs.budget import Approval, budgets

    limits = budgets(project.config.budget)
    if approved is None:
        return Approval(limits)
    needed = planner.with_upstream(wanted) if wanted is not None else set(planner.specs)
    mine = replace(plan, assets=tuple(asset for asset in plan.assets if asset.id in needed))
    shown = {(asset.id, step.key): step.price for asset in mine.assets for step in asset.steps if step.costs}
    return Approval(limits, shown, approved.caps)
