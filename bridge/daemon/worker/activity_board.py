"""The one place where threads of the daemon meet: what is asked for and going on, changed under one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from bridge.core.errors import UserError, WorkFailed
from bridge.daemon.build_outcomes import BuildOutcome
from bridge.daemon.worker.owed import OwedWork
from bridge.daemon.worker.requests import Activity, BuildRequest, RequestOptions
from bridge.daemon.worker.work_state import WorkState


class ActivityBoard:
    """Holds the current `WorkState`; any thread may read and change it."""

    def __init__(self) -> None:
        self._state = WorkState()
        self._lock = threading.Lock()

    @property
    def state(self) -> WorkState:
        """As of now; it does not change any more."""
        return self._state

    def _move(self, move: Callable[[WorkState], WorkState]) -> tuple[WorkState, WorkState]:
        """Carries a move out; returns the states before and after it."""
        with self._lock:
            before, self._state = self._state, move(self._state)
            return before, self._state

    def add_request(
        self, ids: tuple[str, ...] | None, options: RequestOptions, *, follows: bool, is_retry: bool = False
    ) -> BuildRequest:
        """Enters a request."""
        _, state = self._move(lambda state: state.with_request(ids, options, follows=follows, is_retry=is_retry))
        return state.waiting[state.last_number]

    def begin_request(self, request: BuildRequest) -> bool:
        """A request is running now; whether anybody still wants it."""
        _, state = self._move(lambda state: replace(state, running=request.number))
        return request.number not in state.dropped

    def end_request(self, request: BuildRequest, outcome: BuildOutcome) -> None:
        """A request has ended, and the project may look different."""
        self._move(lambda state: state.with_outcome(request.number, outcome))

    def outcome_of(self, number: int) -> BuildOutcome | None:
        """What became of a build; None while it waits or runs.

        Raises:
            UserError: `not_found`: there was none of this number, or it is long ago.
        """
        state = self._state
        outcome = state.outcomes.get(number)
        if outcome is None and number not in state.waiting:
            raise UserError("not_found", f"no build {number} is remembered")
        return outcome

    def note_activity(self, asset_id: str, activity: Activity | None) -> None:
        """Remembers what an asset is in the middle of (None: of nothing any more)."""
        self._move(lambda state: state.with_activity(asset_id, activity))

    def cancel_asset(self, asset_id: str) -> None:
        """Nobody wants an asset any more."""
        self._move(lambda state: state.with_cancelled(asset_id))

    def finish_cancelling(self, asset_id: str) -> bool:
        """Its orders are dealt with; whether the asset was in the middle of something."""
        before, _ = self._move(lambda state: state.with_cancelling_done(asset_id))
        return asset_id in before.activities

    def check_wanted(self, asset_id: str) -> None:
        """Before something is made or ordered: whether to go on.

        Raises:
            WorkFailed: `interrupted`: the asset was cancelled.
        """
        if asset_id in self._state.cancelled:
            raise WorkFailed("interrupted", f"{asset_id} was cancelled", hint="Build it again to go on.")

    def add_changed_files(self, paths: frozenset[str] | None) -> None:
        """More files have changed; None: any may have."""
        self._move(lambda state: state.with_changed_files(paths))

    def take_changed_files(self) -> frozenset[str] | None:
        """The files to look at, which from now on count as looked at; None: all."""
        before, _ = self._move(lambda state: replace(state, changed_files=frozenset()))
        return before.changed_files

    def set_owed(self, owed: OwedWork | None) -> None:
        """What failed as a whole and has to be done later; None: nothing any more."""
        self._move(lambda state: replace(state, owed=owed))

    def raise_generation(self) -> None:
        """The project may look different."""
        self._move(lambda state: replace(state, generation=state.generation + 1))
