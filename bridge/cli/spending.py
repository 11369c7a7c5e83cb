"""jobs, spend, approve: what was ordered, what it cost, what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.options import common
from bridge.cli.show import emit, say
from bridge.errors import NeedsDecision, UserError
from bridge.jobs import decisions

if TYPE_CHECKING:
    from bridge.jobs.journal import Journal
    from bridge.jobs.model import Entry, Job
    from bridge.project import Project


@click.group(invoke_without_command=True)
@common
@click.option("--all", "everything", is_flag=True, help="Also jobs that have ended.")
@click.pass_context
def jobs(context: click.Context, project_dir: Path | None, as_json: bool, verbose: bool, everything: bool) -> int:
    """Paid orders: what is on its way, and what nobody can know without you."""
    if context.invoked_subcommand is not None:
        return 0
    from bridge.jobs.model import LIVE
    from bridge.project import Project

    with Project.open(project_dir) as project:
        journal = project.journal
        found = journal.jobs(None if everything else (*LIVE, "stored")) if journal else []
    if as_json:
        emit({"jobs": [job.as_dict() for job in found]})
        return 0
    for job in found:
        cost = job.charge or (job.estimate if job.estimate.unit else None)
        price = f"  {cost.amount} {cost.unit}" if cost else ""
        remote = f"  {next(iter(job.remote.values()))}" if job.remote and verbose else ""
        say(f"{job.id:>4}  {job.state:<10} {job.asset}: {job.step.key}  {job.provider}{price}{remote}")
        if job.error and job.state == "uncertain":
            say(f"      {job.error.get('message', '')}")
    if not found:
        say("no jobs" if everything else "no jobs on their way (--all shows those that have ended)")
    return 0


def _decide(project_dir: Path | None, number: int, act: Callable[[Project, Journal, Job], str], as_json: bool) -> int:
    """Runs a decision on an uncertain job; returns the exit code."""
    from bridge.jobs import recovery
    from bridge.plan import quick
    from bridge.project import Project

    with Project.open(project_dir) as project, project.owned():
        journal = project.open_journal()
        recovery.at_start(journal, project.store)
        said = act(project, journal, journal.job(number))
        quick.forget(project.state)
        job = journal.job(number)
    if as_json:
        emit({"job": job.as_dict()})
    else:
        say(said)
    return 0


@jobs.command()
@click.argument("number", type=int)
@click.option("--provider-id", "ids", multiple=True, required=True, metavar="[NAME=]ID", help="Its id at the provider.")
@common
def adopt(number: int, ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Take what the provider has for an uncertain job: the next build collects it, for nothing."""
    del verbose

    def act(project: Project, journal: Journal, job: Job) -> str:
        del project
        decisions.adopt(journal, job.id, decisions.named_ids(job, ids))
        return f"job {job.id} is adopted; next: assetbridge build {job.asset}"

    return _decide(project_dir, number, act, as_json)


@jobs.command()
@click.argument("number", type=int)
@common
def abandon(number: int, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Give an uncertain job up: it may have been charged, and the ledger says so. A later build plans it anew."""
    del verbose

    def act(project: Project, journal: Journal, job: Job) -> str:
        del project
        decisions.abandon(journal, job.id)
        return f"job {job.id} is given up; `assetbridge plan` shows the price of a new order"

    return _decide(project_dir, number, act, as_json)


@jobs.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="I accept that it may be charged twice.")
@common
def resubmit(number: int, yes: bool, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Order an uncertain job again, now. If the first order did arrive, it is charged twice."""
    from bridge.cli.show import on_terminal

    def act(project: Project, journal: Journal, job: Job) -> str:
        from bridge.jobs.budget import said

        del project
        decisions.uncertain(journal, job.id)
        warning = f"job {job.id} ({job.asset}: {job.step.key}, {said(job.estimate)}) may be charged a second time"
        if not yes and not (on_terminal() and not as_json and click.confirm(f"{warning}. Order it again?")):
            raise NeedsDecision("needs_approval", warning, hint=f"assetbridge jobs resubmit {job.id} --yes")
        decisions.abandon(journal, job.id, "ordered again")
        asset.append(job.asset)
        return f"job {job.id} is given up and ordered again"

    asset: list[str] = []
    code = _decide(project_dir, number, act, as_json)
    if code == 0:
        from bridge.cli.building import run_build

        code = run_build(project_dir, tuple(asset), as_json=as_json, verbose=verbose, yes=True)
    return code


@jobs.command()
@click.argument("number", type=int)
@common
def cancel(number: int, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Stop waiting for a job. What the provider has begun it finishes, and may charge."""
    del verbose

    def act(project: Project, journal: Journal, job: Job) -> str:
        del project
        decisions.cancel(journal, job.id)
        return f"job {job.id} is cancelled here; {job.provider} cannot be told, and may have charged it"

    return _decide(project_dir, number, act, as_json)


@click.command()
@common
@click.option(
    "--by", type=click.Choice(["provider", "asset", "day"]), default="provider", help="How rows are added up."
)
@click.option("--from", "first", default="", metavar="DAY", help="First UTC day, like 2026-03-01.")
@click.option("--to", "last", default="9999", metavar="DAY", help="Last UTC day.")
def spend(project_dir: Path | None, as_json: bool, verbose: bool, by: str, first: str, last: str) -> int:
    """What was spent: by provider, asset or day, from the journal's ledger."""
    import re

    from bridge.project import Project

    for name, value in (("--from", first), ("--to", last)):
        if value not in ("", "9999") and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise UserError("usage", f"{name} {value} is not a day", hint=f"For example {name} 2026-03-01")
    with Project.open(project_dir) as project:
        journal = project.journal
        entries = journal.ledger(first=first, last=last) if journal else []
    rows = added_up(entries, by)
    if as_json:
        emit({"by": by, "rows": rows, "entries": [_entry(entry) for entry in entries] if verbose else []})
        return 0
    for row in rows:
        notes = [f"{row['estimated']} of it by the published price"] if row["estimated"] != "0" else []
        notes += [f"{row['possible']} more may have been charged"] if row["possible"] != "0" else []
        tail = f"  ({'; '.join(notes)})" if notes else ""
        say(f"{row['name']:<28} {row['amount']:>10} {row['unit']}  {row['orders']} orders{tail}")
    if not rows:
        say("nothing was spent")
    return 0


def added_up(entries: list[Entry], by: str) -> list[dict[str, Any]]:
    """Ledger rows summed per name and unit: charged, of that by estimate, and what may have been charged besides."""
    from bridge.jobs.model import plain

    sums: dict[tuple[str, str], list[Any]] = {}
    for entry in entries:
        row = sums.setdefault((getattr(entry, by), entry.unit), [Decimal(0), Decimal(0), Decimal(0), 0])
        if entry.kind == "possible":
            row[2] += entry.amount
        else:
            row[0] += entry.amount
            row[1] += Decimal(0) if entry.reported else entry.amount
            row[3] += 1
    return [
        {
            "name": name,
            "unit": unit,
            "amount": plain(row[0]),
            "estimated": plain(row[1]),
            "possible": plain(row[2]),
            "orders": row[3],
        }
        for (name, unit), row in sorted(sums.items())
    ]


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "day": entry.day,
        "job": entry.job,
        "provider": entry.provider,
        "asset": entry.asset,
        "step": entry.step,
        "kind": entry.kind,
        "unit": entry.unit,
        "amount": str(entry.amount),
        "reported": entry.reported,
    }


@click.command()
@click.argument("ids", nargs=-1)
@common
@click.option("--max-cost", multiple=True, metavar="UNIT=N", help="Spend at most this much of a unit.")
def approve(
    ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool, max_cost: tuple[str, ...]
) -> int:
    """Approve what the plan of IDS costs, and build them: the same as build --yes."""
    from bridge.cli.building import run_build

    return run_build(project_dir, ids, as_json=as_json, verbose=verbose, yes=True, max_cost=max_cost)
