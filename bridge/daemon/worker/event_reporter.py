"""What a builder reports, as events and as what assets are in the middle of."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bridge.build.reporter import AssetResult
from bridge.daemon.worker.requests import Activity

if TYPE_CHECKING:
    from bridge.daemon.worker.requests import Request
    from bridge.daemon.worker.worker import BuildWorker
    from bridge.orders.model import Job


class EventReporter:
    """Turns what a builder reports into events. states: the last known state by asset."""

    def __init__(self, engine: BuildWorker, request: Request, states: dict[str, str]) -> None:
        self._engine = engine
        self._request = request
        self._states = states

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """A step begins."""
        self._engine.check(asset_id)
        progress = round(done / total, 4) if total else None
        self._engine.note(asset_id, Activity("building", progress))
        self._publish(asset_id, "building", progress=progress, step=step, done=done, total=total)

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """An asset is finished; one that is as it was is worth no event, unless it was asked for by name."""
        self._engine.note(result.id, None)
        every = self._request.wishes.every
        asked = every or (self._request.ids is not None and result.id in self._request.ids)
        if asked or result.changed or result.error is not None or self._states.get(result.id) != result.state:
            self._publish(
                result.id,
                result.state,
                progress=round(done / total, 4) if total else None,
                files=_by_target(result),
                error=result.error.as_dict() if result.error else None,
                notes=list(result.notes),
                done=done,
                total=total,
                **({"result": result.as_dict()} if every else {}),
            )
        if self._engine.stopping.is_set() and not _in_event_loop():
            raise KeyboardInterrupt

    def job(self, job: Job, progress: float | None) -> None:
        """A paid order moved."""
        self._engine.note(job.asset, Activity("building", progress))
        facts = {"job": job.id, "step": job.step.key, "provider": job.provider, "request": self._request.number}
        self._engine.log.publish("job", job.asset, state=str(job.state), progress=progress, **facts)

    def _publish(self, asset_id: str, state: str, **facts: Any) -> None:
        self._engine.log.publish("asset", asset_id, state=state, request=self._request.number, **facts)


def _in_event_loop() -> bool:
    """Whether orders are out: those end through `stop_all`, never by an exception from here."""
    with suppress(RuntimeError):
        asyncio.get_running_loop()
        return True
    return False


def _by_target(result: AssetResult) -> dict[str, list[str]]:
    """The files written now, by target; files are in the folder of one target each."""
    changed = set(result.changed)
    found = {target: [path for path in paths if path in changed] for target, paths in sorted(result.outputs.items())}
    return {target: paths for target, paths in found.items() if paths}
