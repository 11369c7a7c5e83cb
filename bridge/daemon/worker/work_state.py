"""What the worker is asked for and in the middle of, as one value; every move gives the next value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge.daemon.build_outcomes import KEPT, BuildOutcome
from bridge.daemon.worker.owed import OwedWork
from bridge.daemon.worker.requests import Activity, BuildRequest, RequestOptions


@dataclass(frozen=True, slots=True)
class WorkState:
    """One moment.

    waiting: requests by number, with the one that is running. activities: what assets are in the middle of. cancelled:
    assets that nobody wants any more. dropped: requests that were for such an asset alone. outcomes: the last few.
    changed_files: those that no look has taken in; None: any may have changed. owed: what failed as a whole and is to
    be done as soon as it can be. generation: rises whenever the project may look different.
    """

    waiting: Mapping[int, BuildRequest] = field(default_factory=dict)
    running: int | None = None
    activities: Mapping[str, Activity] = field(default_factory=dict)
    cancelled: frozenset[str] = frozenset()
    dropped: frozenset[int] = frozenset()
    outcomes: Mapping[int, BuildOutcome] = field(default_factory=dict)
    changed_files: frozenset[str] | None = frozenset()
    owed: OwedWork | None = None
    last_number: int = 0
    generation: int = 0

    def has_waiting_build_of_all(self, *, follows: bool) -> bool:
        """Whether a build of everything waits, or one that `follows` changes; the one that runs has looked already."""
        return any(
            request.ids is None and request.options == RequestOptions() and (follows or not request.follows)
            for number, request in self.waiting.items()
            if number != self.running
        )

    def with_request(
        self, ids: tuple[str, ...] | None, options: RequestOptions, *, follows: bool, is_retry: bool = False
    ) -> WorkState:
        """One more request, of the number `last_number`."""
        number = self.last_number + 1
        queued = {asset_id: Activity("queued") for asset_id in ids or ()}
        return replace(
            self,
            waiting={**self.waiting, number: BuildRequest(number, ids, options, follows, is_retry)},
            activities={**queued, **self.activities},
            last_number=number,
        )

    def with_activity(self, asset_id: str, activity: Activity | None) -> WorkState:
        """An asset is in the middle of something (None: of nothing any more)."""
        others = {other: self.activities[other] for other in self.activities if other != asset_id}
        return replace(self, activities=others if activity is None else {**others, asset_id: activity})

    def with_changed_files(self, paths: frozenset[str] | None) -> WorkState:
        """More files have changed; None: any may have."""
        known = self.changed_files
        return replace(self, changed_files=None if paths is None or known is None else known | paths)

    def with_cancelled(self, asset_id: str) -> WorkState:
        """Nobody wants an asset any more."""
        dropped = {number for number, request in self.waiting.items() if request.ids == (asset_id,)}
        return replace(self, cancelled=self.cancelled | {asset_id}, dropped=self.dropped | dropped)

    def with_cancelling_done(self, asset_id: str) -> WorkState:
        """The orders of a cancelled asset are dealt with: one that only waited is idle now."""
        activity = self.activities.get(asset_id)
        if activity is None and not self.waiting:
            return replace(self, cancelled=self.cancelled - {asset_id})
        # Without an activity: a build of everything may be on its way to it.
        return self.with_activity(asset_id, None) if activity is not None and activity.state == "queued" else self

    def with_outcome(self, number: int, outcome: BuildOutcome) -> WorkState:
        """A request has ended. Of another try of what is owed nobody asks what became."""
        is_retry = number in self.waiting and self.waiting[number].is_retry
        waiting = {other: self.waiting[other] for other in self.waiting if other != number}
        wanted = {asset_id for request in waiting.values() for asset_id in request.ids or ()}
        kept = [(other, self.outcomes[other]) for other in self.outcomes if other != number][1 - KEPT :]
        return replace(
            self,
            waiting=waiting,
            running=None,
            activities={asset_id: Activity("queued") for asset_id in self.activities if asset_id in wanted},
            cancelled=self.cancelled & wanted,
            dropped=self.dropped - {number},
            outcomes=self.outcomes if is_retry else dict([*kept, (number, outcome)]),
            generation=self.generation + 1,
        )
