"""What a builder reports, as events and as what assets are in the middle of."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bridge.build.reporter import AssetResult
from bridge.daemon.events import EventLog
from bridge.daemon.worker.activity_board import ActivityBoard
from bridge.daemon.worker.requests import Activity, BuildRequest
from bridge.orders.model import Job


class EventReporter:
    """Turns what a builder reports into events. states: the last known state by asset. stopping: the daemon ends."""

    def __init__(
        self,
        board: ActivityBoard,
        log: EventLog,
        request: BuildRequest,
        states: Mapping[str, str],
        stopping: threading.Event,
    ) -> None:
        self._board = board
        self._log = log
        self._request = request
        self._states = states
        self._stopping = stopping

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """A step begins.

        Raises:
            KeyboardInterrupt: the daemon stops.
            WorkFailed: `interrupted`: the asset was cancelled.
        """
        if self._stopping.is_set():
            raise KeyboardInterrupt
        self._board.check_wanted(asset_id)
        progress = round(done / total, 4) if total else None
        self._board.note_activity(asset_id, Activity("building", progress))
        self._publish(asset_id, "building", progress=progress, step=step, done=done, total=total)

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """An asset is finished; one that is as it was is worth no event, unless it was asked for by name."""
        self._board.note_activity(result.id, None)
        every = self._request.options.every
        is_asked = every or (self._request.ids is not None and result.id in self._request.ids)
        if is_asked or result.changed or result.error is not None or self._states.get(result.id) != result.state:
            self._publish(
                result.id,
                result.state,
                progress=round(done / total, 4) if total else None,
                files=_written_files(result),
                error=result.error.as_dict() if result.error else None,
                notes=list(result.notes),
                done=done,
                total=total,
                **({"result": result.as_dict()} if every else {}),
            )
        if self._stopping.is_set() and not _is_in_event_loop():
            raise KeyboardInterrupt

    def job(self, job: Job, progress: float | None) -> None:
        """A paid order moved."""
        self._board.note_activity(job.asset, Activity("building", progress))
        facts = {"job": job.id, "step": job.step.key, "provider": job.provider, "request": self._request.number}
        self._log.publish("job", job.asset, state=str(job.state), progress=progress, **facts)

    def _publish(self, asset_id: str, state: str, **facts: Any) -> None:
        self._log.publish("asset", asset_id, state=state, request=self._request.number, **facts)


def _is_in_event_loop() -> bool:
    """Whether orders are out: those end through `stop_all`, never by an exception from here."""
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        return True
    return False


def _written_files(result: AssetResult) -> dict[str, list[str]]:
    """The files written now, by target; files are in the folder of one target each."""
    changed = set(result.changed)
    written = {target: [path for path in paths if path in changed] for target, paths in sorted(result.outputs.items())}
    return {target: paths for target, paths in written.items() if paths}
