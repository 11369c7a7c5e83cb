"""`assetbridge check`: whether specs are valid and lock and outputs are what a build would leave. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.core.errors import WorkFailed
from bridge.operations.check_art import CheckedAsset, check_art
from bridge.operations.plan import make_plan, plan_errors

if TYPE_CHECKING:
    from bridge.core.errors import BridgeError
    from bridge.project import Project


@dataclass(frozen=True, slots=True)
class StaleAsset:
    """An asset that a build would touch, or whose output was edited by hand (`drifted`), and why."""

    id: str
    state: str
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form in `check --json`."""
        return {"id": self.id, "state": self.state, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class ProjectCheck:
    """What is not current, what is wrong, and what the art lint says; art: None where it was not asked."""

    findings: Sequence[StaleAsset]
    errors: Sequence[BridgeError]
    art: Sequence[CheckedAsset] | None = None

    @property
    def exit_codes(self) -> list[int]:
        """The code of everything that keeps the project from being in order."""
        art = self.art or ()
        codes = [error.exit_code for error in self.errors]
        codes += [asset.error.exit_code for asset in art if asset.error is not None]
        failed = bool(self.findings) or any(asset.findings for asset in art)
        return [*codes, WorkFailed.exit_code] if failed else codes


def check_project(project: Project, *, art: bool) -> ProjectCheck:
    """Compares specs, lock and outputs; `art` looks at the pixels too."""
    planner, plan = make_plan(project)
    findings = [
        StaleAsset(asset.id, "drifted" if asset.action == "none" else str(asset.action), tuple(asset.reasons))
        for asset in plan.assets
        if asset.action not in ("none", "error") or asset.drifted
    ]
    checked = [asset for asset in check_art(project, planner) if asset.has_news] if art else None
    return ProjectCheck(findings, plan_errors(plan), checked)
