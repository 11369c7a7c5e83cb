"""Carrying out the plan of a project in this process: what it may spend, building, and what was charged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from bridge.build.builder import Builder
from bridge.build.reporter import Reporter
from bridge.cache import plan_cache
from bridge.core.errors import WorkFailed
from bridge.operations.plan import (
    WantedOrder,
    grant_approval,
    keep_wanted,
    known_ids,
    last_entry,
    make_plan,
    part_of,
    record_project_state,
    spent_since,
)
from bridge.orders.receipts import write_missing_receipts

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult
    from bridge.core.errors import BridgeError
    from bridge.orders.budget import Approval
    from bridge.plan.model import Plan
    from bridge.plan.planner import Planner
    from bridge.project import Project

# How many results had receipts when this was last looked at.
_RECEIPTS = "receipts"
Consent = Callable[["Project", "Plan"], bool]
"""Whether what this part of a plan costs is approved, beyond the budgets."""


class BuildProgress(Reporter, Protocol):
    """Who is told while a build runs, with something open until its end, like a bar on a terminal."""

    def close(self) -> None:
        """Puts away what is open."""
        ...


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What to build (no ids: everything) and how.

    caps: the most that may be spent, per unit. only: orders that are asked for by themselves; if any, nothing else is
    bought.
    """

    ids: tuple[str, ...] = ()
    force: bool = False
    only_export: bool = False
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    only: frozenset[WantedOrder] = frozenset()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What came of a build. errors: mistakes in specs, of a build of everything. spent: by provider and unit.

    notes: what was decided where the lock was an unfinished merge.
    """

    results: Sequence[AssetResult]
    errors: Sequence[BridgeError]
    spent: Sequence[Mapping[str, Any]]
    notes: Sequence[str] = ()

    @property
    def exit_codes(self) -> list[int]:
        """The code of everything that went wrong."""
        failures = [result.error for result in self.results if result.error is not None]
        return [error.exit_code for error in (*failures, *self.errors)]

    def as_dict(self) -> dict[str, Any]:
        """The document of `build --json`."""
        return {
            "assets": [result.as_dict() for result in self.results],
            "spent": list(self.spent),
            "errors": [error.as_dict() for error in self.errors],
        }


def build_project(
    project: Project, options: BuildOptions, consent: Consent, open_progress: Callable[[], BuildProgress]
) -> BuildReport:
    """Builds; the project is owned by the caller. Nobody is asked once the progress is open.

    Raises:
        UserError: `unknown_asset`.
    """
    planner, plan = make_plan(project)
    wanted = known_ids(planner, options.ids)
    approval = None if options.only_export else _approve(project, planner, plan, wanted, options, consent)
    plan_cache.forget_plan(project.memory)
    progress = open_progress()
    before, notes = last_entry(project), project.lock.notes
    try:
        builder = Builder(project, planner, plan, progress, force=options.force, approval=approval)
        results = builder.build(wanted, only_export=options.only_export)
    finally:
        progress.close()
    record_project_state(project, planner, planner.plan())
    _complete_receipts(project)
    return BuildReport(results, [] if wanted is not None else plan.errors, spent_since(project, before), notes)


def _complete_receipts(project: Project) -> None:
    """What an earlier version has bought gets receipts, too; looked for once for each number of results."""
    journal = project.journal
    if journal is None:
        return
    count = str(len(journal.jobs.list_results()))
    if project.memory.facts.get(_RECEIPTS) != count:
        # The journal knows what was bought all the same, and the next build tries again.
        with suppress(WorkFailed):
            write_missing_receipts(journal, project.store)
            project.memory.facts.put(_RECEIPTS, count)


def _approve(
    project: Project,
    planner: Planner,
    plan: Plan,
    wanted: Sequence[str] | None,
    options: BuildOptions,
    consent: Consent,
) -> Approval | None:
    """What the build may spend; None where nothing costs anything."""
    if not plan.costs():
        return None
    part = part_of(planner, plan, wanted)
    shown = consent(project, keep_wanted(part, options.only))
    return grant_approval(project, part, shown=shown, caps=options.caps, only=options.only)
