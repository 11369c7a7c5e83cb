"""What every front end (command line, daemon) does around a plan: make it, remember it, and say what a build spent."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from bridge.build.asset_loader import part_hash_of
from bridge.cache import plan_cache
from bridge.cache.plan_cache import PlanSummary
from bridge.config.unity_project import version_file
from bridge.core.errors import UserError
from bridge.core.gc_pause import collector_paused
from bridge.core.paths import PROJECT_FILE, spec_file
from bridge.operations.asset_states import record_states
from bridge.orders.model import JobState, format_amount
from bridge.plan.planner import Planner
from bridge.providers import registry
from bridge.store import lockfile
from exporters import registry as export_targets

if TYPE_CHECKING:
    from bridge.core.errors import BridgeError
    from bridge.orders.budget import Approval
    from bridge.orders.open_decisions import OpenDecision
    from bridge.plan.model import Plan, PlannedStep
    from bridge.project import Project


@collector_paused()
def make_plan(project: Project) -> tuple[Planner, Plan]:
    """The project's evaluated specs and its plan."""
    planner = Planner(project, part_hash_of)
    planner.read()
    return planner, planner.plan()


def plan_errors(plan: Plan) -> list[BridgeError]:
    """What is wrong with specs: those that cannot be read first, then those that cannot be made."""
    return [*plan.errors, *(asset.error for asset in plan.assets if asset.error is not None)]


def add_prices(project: Project, plan: Plan, *, ask: bool = True) -> Plan:
    """The plan with what it costs at each provider, in the unit that the account pays in, what is left there, what the
    budget says of it, and which orders only a person can decide about.

    ask: whether the providers are asked what is left. Of a project that is not trusted nothing is priced.
    """
    plan = add_decisions(project, plan)
    if not plan.costs():
        return plan
    from bridge.plan.pricing import price_and_cost

    priced = plan if project.config.trust.is_trusted else plan.without_prices()
    return price_and_cost(project, priced, ask=ask)


def add_decisions(project: Project, plan: Plan) -> Plan:
    """The plan with the orders that only a person can decide about: uncertain ones, and what ended badly."""
    if project.journal is None:
        return plan
    from bridge.orders.open_decisions import list_open_decisions

    steps = (step for asset in plan.assets for step in asset.steps if step.ended is not None)
    wanted = {step.fingerprint for step in steps if step.fingerprint is not None}
    decisions = (note_unasked(plan, decision) for decision in list_open_decisions(project.journal, wanted))
    return replace(plan, decisions=tuple(decisions))


def note_unasked(plan: Plan, decision: OpenDecision) -> OpenDecision:
    """The decision; of an order that is open and that no spec asks for, it says so. What a broken spec asks for is not
    known.
    """
    job = decision.job
    if job.state not in (JobState.UNCERTAIN, JobState.DAMAGED):
        return decision
    broken = {error.where.file for error in plan.errors if error.where is not None}
    asset = next((asset for asset in plan.assets if asset.id == job.asset), None)
    is_asked = any(step.fingerprint == job.fingerprint for asset in plan.assets for step in asset.steps)
    if is_asked or spec_file(job.asset) in broken or (asset is not None and asset.error is not None):
        return decision
    from bridge.orders.open_decisions import describe_unasked

    return describe_unasked(decision)


@collector_paused()
def record_project_state(project: Project, planner: Planner, plan: Plan) -> None:
    """After a look at the whole project, while it is owned: notes where every asset stands, and remembers the plan."""
    record_states(project, planner, plan)
    remember_plan(project, planner, plan)


@collector_paused()
def remember_plan(project: Project, planner: Planner, plan: Plan) -> None:
    """A plan without changes answers the next `plan` by itself, until a file that it looked at changes."""
    memory = project.memory
    if not plan.changes or memory.files.get(PROJECT_FILE) is None:
        memory.files.record_used(PROJECT_FILE, "project", project.config.sha256)
    if plan.changes or plan.errors or plan.decisions or planner.evaluation.failures:
        plan_cache.forget_plan(memory)
        return
    states = planner.evaluation.states.values()
    if any(step.provider not in registry.KNOWN for asset in states for step in asset.steps) or any(
        name not in export_targets.BUILT_IN for name in project.config.targets
    ):
        # Packages come, go and change without any file of the project.
        plan_cache.forget_plan(memory)
        return
    unity = project.config.targets.get("unity")
    ours = [PROJECT_FILE, lockfile.FILE_NAME, *([version_file(unity.root)] if unity is not None else [])]
    for path in ours[1:]:
        memory.files.hash_of(path, "project")
    if project.lock_stamp != project.stamp_of_lock() or not all(
        memory.files.record_used(loaded.path, "spec", loaded.sha256) for loaded in planner.evaluation.specs.values()
    ):
        plan_cache.forget_plan(memory)
        return
    keep = {
        "project": ours,
        "spec": [loaded.path for loaded in planner.evaluation.specs.values()],
        "source": [path for asset in states for path in asset.sources],
        "folder": [path for asset in states for path in asset.folders],
        "output": [path for path, _ in project.lock.outputs()],
    }
    memory.files.flush()
    for role, names in keep.items():
        memory.files.forget_others(role, names)
    plan_cache.remember_plan(project.config, memory, answer_of(plan), json.dumps(plan.as_dict()))


def answer_of(plan: Plan) -> PlanSummary:
    """What there is to say of a plan."""
    shown = [asset for asset in plan.assets if asset.action != "none" or asset.drifted]
    return PlanSummary(
        tuple((str(asset.action), asset.id, asset.kind, ", ".join(asset.reasons)) for asset in shown),
        frozenset(asset.id for asset in shown if asset.drifted),
        plan.notes,
        len(plan.assets),
    )


def known_ids(planner: Planner, ids: Collection[str]) -> list[str] | None:
    """The asked ids, each checked.

    Raises:
        UserError: `unknown_asset`.
    """
    for asset_id in ids:
        if asset_id not in planner.evaluation.specs and not any(
            error.where and error.where.file == spec_file(asset_id) for error in planner.evaluation.errors
        ):
            close = difflib.get_close_matches(asset_id, sorted(planner.evaluation.specs), n=1)
            hint = f"Did you mean {close[0]}?" if close else "assetbridge status lists the assets."
            raise UserError("unknown_asset", f"there is no asset {asset_id}", hint=hint)
    return [asset_id for asset_id in ids if asset_id in planner.evaluation.specs] if ids else None


def part_of(planner: Planner, plan: Plan, wanted: Collection[str] | None) -> Plan:
    """What of a plan a build of these assets (None: all) and of what they use carries out."""
    needed = planner.evaluation.with_upstream(wanted) if wanted is not None else set(planner.evaluation.specs)
    return replace(plan, assets=tuple(asset for asset in plan.assets if asset.id in needed))


class WantedOrder(NamedTuple):
    """An order that is asked for by itself: this very request or, where `fingerprint` is empty, a step of an asset
    whatever it is made from.
    """

    asset: str
    step: str
    fingerprint: str = ""

    def is_for(self, asset_id: str, step: PlannedStep) -> bool:
        """Whether a step of the plan is what is wanted."""
        if self.fingerprint:
            return step.fingerprint == self.fingerprint
        return (asset_id, step.key) == (self.asset, self.step)


def keep_wanted(part: Plan, only: Collection[WantedOrder]) -> Plan:
    """What of a plan is about these orders (none: all of it), as if none of them were on its way."""
    if not only:
        return part
    assets = []
    for asset in part.assets:
        steps = tuple(
            replace(step, job=None, job_number=None)
            for step in asset.steps
            if any(wanted.is_for(asset.id, step) for wanted in only)
        )
        if steps:
            assets.append(replace(asset, steps=steps))
    return replace(part, assets=tuple(assets))


def grant_approval(
    project: Project,
    part: Plan,
    *,
    shown: bool,
    caps: Mapping[str, Decimal],
    only: Collection[WantedOrder] = (),
    is_asked: bool = True,
) -> Approval:
    """What a build may spend: the budgets and, where a person has approved what was `shown`, the prices of `part`.

    only: the orders that are wanted, if any: nothing else that costs something is bought then.
    is_asked: whether somebody asks for the build; a saved file does not.
    """
    from bridge.orders.budget import Approval, read_budgets
    from bridge.orders.team_spending import TeamSpending

    budgets, trust = read_budgets(project.config), project.config.trust
    team = TeamSpending(project.store.receipts, project.journal)
    part = keep_wanted(part, only)
    wanted = frozenset((asset.id, step.key) for asset in part.assets for step in asset.steps) if only else None
    if not shown:
        return Approval(budgets, {}, caps, trust=trust, only=wanted, is_asked=is_asked, team=team)
    from bridge.plan.pricing import price_in_units

    steps = [(asset.id, step) for asset in price_in_units(project, part).assets for step in asset.steps if step.costs]
    prices = {(asset_id, step.key): step.price for asset_id, step in steps}
    seen = frozenset(step.ended for _, step in steps if step.ended is not None)
    return Approval(budgets, prices, caps, seen, trust, wanted, team=team)


def last_entry(project: Project) -> int:
    """How many entries the money ledger has, as a mark for `spent_since`."""
    return project.journal.ledger.last_number() if project.journal else 0


def spent_since(project: Project, before: int) -> list[dict[str, Any]]:
    """What this build was charged, per provider and unit, and what may have been charged besides."""
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for entry in project.journal.ledger.list_entries(after=before) if project.journal else []:
        key, change = (entry.provider, entry.unit), entry.change
        charged, possible = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = (charged + change.charged - change.refunded, possible + change.possible)
    return [
        {"provider": provider, "unit": unit, "amount": format_amount(charged), "possible": format_amount(possible)}
        for (provider, unit), (charged, possible) in sorted(sums.items())
    ]
