"""Plans and results as people read them: colour and progress on a terminal, plain lines in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bridge.cli.errors import error_lines, pluralize
from bridge.cli.output import (
    color_word,
    flush_output,
    is_on_terminal,
    print_json,
    print_line,
    print_notes,
)
from bridge.core.visible import plain_stream, show_text

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult, OrderNotice
    from bridge.cache.plan_cache import PlanSummary
    from bridge.orders.model import Job
    from bridge.orders.open_decisions import OpenDecision
    from bridge.plan.model import AssetPlan, Plan, ProviderCost
    from bridge.providers.api import Price

UNPRICED = "not priced: this project is not trusted"
NO_SPECS = "no specs yet: assetbridge new character hero"


def show_plan(plan: Plan, *, verbose: bool) -> None:
    """The plan: one line per asset that changes, its reasons, its steps and what they cost."""
    rest = [asset for asset in plan.assets if asset.action != "none" or asset.drifted]
    width = max((len(asset.id) for asset in rest), default=0)
    for asset in rest:
        reasons = "" if asset.error is not None else ", ".join(asset.reasons)
        _show_asset(str(asset.action), asset.id, asset.kind, reasons, width)
        _show_steps(asset, verbose=verbose, is_priced=plan.is_priced)
    for asset in plan.assets:
        if asset.error is not None:
            print_notes(error_lines(asset.error))
    for error in plan.errors:
        print_notes(error_lines(error))
    for note in plan.notes:
        print_line(f"note: {note}")
    show_costs(plan.providers)
    show_decisions(plan.decisions)
    print_line(summarize_plan(plan))


def show_unchanged(answer: PlanSummary) -> None:
    """A plan without changes: what was edited by hand or has no spec any more, and that there is nothing to do."""
    width = max((len(asset_id) for _, asset_id, _, _ in answer.shown), default=0)
    for action, asset_id, kind, reasons in answer.shown:
        _show_asset(action, asset_id, kind, reasons, width)
    for note in answer.notes:
        print_line(f"note: {note}")
    print_line(_nothing_to_do(answer.assets))


def _show_asset(action: str, asset_id: str, kind: str, reasons: str, width: int) -> None:
    print_line(color_word(action, 7), f" {asset_id:<{width}}  {kind}{': ' if reasons else ''}{reasons}")


def _nothing_to_do(assets: int) -> str:
    return f"nothing to do ({pluralize(assets, 'asset')} up to date)" if assets else NO_SPECS


def show_costs(costs: Sequence[ProviderCost]) -> None:
    """What is to be spent at each provider, what is left there, and what the budget says."""
    from bridge.orders.model import format_amount
    from bridge.trust.project_trust import WAY_OUT

    for cost in costs:
        if cost.verdict == "not_trusted":
            print_line(f"{cost.provider}: {UNPRICED}")
            continue
        left = f", {format_amount(cost.balance)} left" if cost.balance is not None else ""
        print_line(f"{cost.provider}: {_format_amount(cost)}{left}; {_VERDICTS[cost.verdict]}{_format_limits(cost)}")
        for note in filter(None, (cost.balance_note, cost.budget_note)):
            print_line(f"          {note}")
    if any(cost.verdict == "not_trusted" for cost in costs):
        print_line(f"  → {WAY_OUT}")


def show_decisions(decisions: Sequence[OpenDecision]) -> None:
    """The orders that only a person can decide about, each with what to type."""
    for decision in decisions:
        job = decision.job
        print_line(f"decide: job {job.id}, {job.asset}: {job.step.key}: {decision.why}")
        for way in decision.ways:
            print_line(f"          {way}")


_VERDICTS = {
    "budget": "inside the budget",
    "ask": "needs approval (build --yes)",
    "over": "more than the budget or the account allows",
}


def _format_amount(cost: ProviderCost) -> str:
    from bridge.orders.model import format_amount

    return f"{'an unknown amount of' if cost.amount is None else format_amount(cost.amount)} {cost.unit}"


def _format_limits(cost: ProviderCost) -> str:
    from bridge.orders.model import format_amount

    limits = [f"{value} {name.replace('_', ' ')}" for name, value in (cost.budget or {}).items() if name != "unit"]
    if not limits:
        return ""
    if cost.budget is not None and cost.budget["unit"] != cost.unit:
        return f" (the budget is in {cost.budget['unit']})"
    used = f"; {format_amount(cost.used)} used today" if cost.used else ""
    return f" ({', '.join(limits)}{used})"


def _show_steps(asset: AssetPlan, *, verbose: bool, is_priced: bool) -> None:
    todo = [step for step in asset.steps if not step.cached]
    if not todo:
        return
    if verbose:
        for step in todo:
            price = _format_price(step.as_dict()["cost"]) if is_priced or not step.costs else "not priced"
            print_line(f"          {step.key}  ({step.provider} {step.operation}, {price})")
        return
    from bridge.plan.model import sum_costs

    costs = sum_costs((step.provider, step.price) for step in todo if step.costs)
    told = "".join(f", {_format_price(cost)}" for cost in costs) if is_priced else ", not priced" if costs else ""
    free = told or (", paid for" if any(step.job for step in todo) else ", free")
    names = ", ".join(step.key for step in todo[:4]) + (f" and {len(todo) - 4} more" if len(todo) > 4 else "")
    print_line(f"          {pluralize(len(todo), 'step')}{free}: {names}")


def _format_price(cost: dict[str, Any] | None) -> str:
    if cost is None:
        return "free"
    return f"{cost['amount'] if cost['amount'] is not None else 'unknown'} {cost['unit']}"


def format_costs(prices: Iterable[tuple[str, Price]]) -> str:
    """The sum of prices by provider and unit: `3 generations at NAME, 20 credits at OTHER`."""
    from bridge.plan.model import sum_costs

    return ", ".join(f"{_format_price(cost)} at {cost['provider']}" for cost in sum_costs(prices))


def summarize_plan(plan: Plan) -> str:
    """The last line of a plan."""
    counts: dict[str, int] = {}
    for asset in plan.assets:
        counts[str(asset.action)] = counts.get(str(asset.action), 0) + 1
    wrong = counts.get("error", 0) + len(plan.errors)
    tail = f", {pluralize(wrong, 'error')}" if wrong else ""
    if not plan.changes:
        return f"{'nothing to do' if plan.assets else NO_SPECS}{tail}" if wrong else _nothing_to_do(len(plan.assets))
    names = ("create", "update", "export", "rename", "blocked")
    what = ", ".join(f"{counts[name]} to {name}" for name in names if counts.get(name))
    price = ", ".join(_format_price(cost) + f" at {cost['provider']}" for cost in plan.costs()) or "nothing"
    if not plan.is_priced:
        return f"{what}{tail}; {UNPRICED}"
    return f"{what}{tail}; costs {price}"


class LineProgress:
    """Progress as plain lines: one per finished asset, for pipes and logs."""

    def __init__(self, *, verbose: bool) -> None:
        self.verbose = verbose

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """Says which step begins when asked to."""
        del done, total
        if self.verbose:
            print_line(f"        {asset_id}: {step}")

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Says what became of an asset, if anything happened."""
        if result.changed or result.state != "ready" or self.verbose:
            width = len(str(total))
            files = pluralize(len(result.changed), "file") if result.changed else "-"
            print_line(f"[{done:>{width}}/{total}] ", color_word(result.state, 8), f" {result.id}  {files}")
        for note in result.notes:
            print_line(f"        note: {note}")
        if result.error is not None:
            print_notes(error_lines(result.error))

    def job(self, job: Job, progress: float | None) -> None:
        """The same of a row of the journal."""
        from bridge.build.reporter import OrderNotice

        self.order(OrderNotice.of_job(job), progress)

    def order(self, order: OrderNotice, progress: float | None) -> None:
        """Says what moves when asked to; waiting for a provider is said always, once."""
        if progress is None and (self.verbose or order.state in ("submitted", "uncertain")):
            print_line(f"        {order.asset}: {order.step} {order.state} at {order.provider} (job {order.number})")

    def close(self) -> None:
        """Nothing is open."""


class BarProgress(LineProgress):
    """Progress on a terminal: rich's bar under the lines."""

    def __init__(self, *, verbose: bool) -> None:
        super().__init__(verbose=verbose)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            # Without markup: a name in brackets is a name.
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            transient=True,
            console=Console(file=plain_stream(sys.stdout)),
        )
        self._task = self._progress.add_task("building", total=None)
        self._progress.start()

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """Moves the bar."""
        self._progress.update(self._task, description=show_text(f"{asset_id}: {step}"), completed=done, total=total)

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Moves the bar and prints the line above it."""
        self._progress.update(self._task, completed=done, total=total)
        super().asset(result, done, total)

    def order(self, order: OrderNotice, progress: float | None) -> None:
        """Says under the bar who is waited for."""
        done = f" {progress:.0%}" if progress is not None else ""
        self._progress.update(self._task, description=show_text(f"{order.asset}: {order.step} {order.state}{done}"))

    def close(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


class NoProgress(LineProgress):
    """No progress: the JSON document at the end says it all."""

    def __init__(self) -> None:
        super().__init__(verbose=False)

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """Nothing."""

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Nothing."""

    def order(self, order: OrderNotice, progress: float | None) -> None:
        """Nothing."""


class EventProgress(LineProgress):
    """Progress as JSON objects, a line each, for programs that read a pipe."""

    def __init__(self) -> None:
        super().__init__(verbose=False)

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """Says which step begins, and how far the whole build is (0–1)."""
        _emit_event(
            "step", id=asset_id, state="building", step=step, progress=round(done / total, 4) if total else None
        )

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Says what became of an asset."""
        _emit_event("asset", **result.as_dict(), progress=round(done / total, 4) if total else None)

    def order(self, order: OrderNotice, progress: float | None) -> None:
        """Says that a paid order moved."""
        _emit_event("job", id=order.asset, state=order.state, job=order.number, progress=progress)


def _emit_event(name: str, **facts: Any) -> None:
    print_json({"event": name, **facts})
    flush_output()


def make_progress(*, as_json: bool, verbose: bool, as_events: bool = False) -> LineProgress:
    """The right progress for where the output goes."""
    if as_events:
        return EventProgress()
    if as_json:
        return NoProgress()
    return BarProgress(verbose=verbose) if is_on_terminal() else LineProgress(verbose=verbose)


def show_results(assets: Sequence[Mapping[str, Any]]) -> None:
    """The last line of a build; assets as in `build --json`."""
    counts: dict[str, int] = {}
    for asset in assets:
        counts[asset["state"]] = counts.get(asset["state"], 0) + 1
    changed = sum(len(asset["changed"]) for asset in assets)
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    print_line(f"{states or 'nothing to do'}; {pluralize(changed, 'file')} changed")
