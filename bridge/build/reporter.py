"""What became of an asset, and who is told while a build runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from bridge.core.errors import BridgeError
    from bridge.orders.model import Job


@dataclass(slots=True)
class AssetResult:
    """What became of one asset. `outputs` maps a target to project-relative paths; `changed` are those written now."""

    id: str
    state: str
    error: BridgeError | None = None
    outputs: dict[str, list[str]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form in `build --json`."""
        return {
            "id": self.id,
            "state": self.state,
            "error": self.error.as_dict() if self.error else None,
            "outputs": self.outputs,
            "changed": self.changed,
            "notes": self.notes,
        }


@dataclass(frozen=True, slots=True)
class OrderNotice:
    """A paid order as people are told of it."""

    asset: str
    step: str
    state: str
    provider: str
    number: int

    @classmethod
    def of_job(cls, job: Job) -> OrderNotice:
        """The same of a row of the journal."""
        return cls(job.asset, job.step.key, str(job.state), job.provider, job.id)


class Reporter(Protocol):
    """Who is told while a build runs."""

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """A step begins; `done` of `total` assets are finished."""
        ...

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """An asset is finished."""
        ...

    def job(self, job: Job, progress: float | None) -> None:
        """A paid job moved, or is known to have come so far (0–1)."""
        ...


class SilentReporter:
    """Tells nobody."""

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """Nothing."""

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Nothing."""

    def job(self, job: Job, progress: float | None) -> None:
        """Nothing."""
