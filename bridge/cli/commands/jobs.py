"""jobs, spend, approve: what was ordered, what it cost, what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.commands.jobs_webhook import webhook
from bridge.cli.options import beside, common, hand_down
from bridge.cli.remote_build import attached
from bridge.cli.render import emit, say
from bridge.config.project_config import read_config
from bridge.core.errors import EXIT_PROVIDER, NeedsDecision, UserError
from bridge.core.paths import find_project
from bridge.orders import decisions
from bridge.orders.model import plain

if TYPE_CHECKING:
    from bridge.orders.journal import Journal
    from bridge.orders.model import Entry, Job


@click.group(invoke_without_command=True)
@common
@click.option("--all", "everything", is_flag=True, help="Also jobs that have ended.")
@click.pass_context
def jobs(context: click.Context, project_dir: Path | None, as_json: bool, verbose: bool, everything: bool) -> int:
    """Paid orders: what is on its way, and what nobody can know without you."""
    if context.invoked_subcommand is not None:
        hand_down(context)
        return 0
    from bridge.orders.ledger import orders
    from bridge.project import Project

    with Project.open(project_dir) as project:
        found = orders(project.journal, everything=everything)
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


def _decided_here(project_dir: Path | None, act: Callable[[Journal], Job]) -> dict[str, Any]:
    """Carries a decision on an order out in this process; returns the job as it is then."""
    from bridge.cache import plan_cache
    from bridge.orders.runner import recovery
    from bridge.project import Project

    with Project.open(project_dir) as project, project.owned():
        journal = project.open_journal()
        recovery.at_start(journal, project.store)
        job = act(journal)
        plan_cache.forget_plan(project.memory)
    return job.as_dict()


def _tell(job: dict[str, Any], said: str, *, as_json: bool) -> int:
    if as_json:
        emit({"job": job})
    else:
        say(said)
    return 0


jobs.add_command(webhook)


@jobs.command()
@click.argument("number", type=int)
@click.option("--provider-id", "ids", multiple=True, required=True, metavar="[NAME=]ID", help="Its id at the provider.")
@common
@beside
def adopt(
    number: int, ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool
) -> int:
    """Take what the provider has for an uncertain job: the next build collects it, for nothing."""
    del verbose

    def act(journal: Journal) -> Job:
        return decisions.adopt(journal, number, decisions.named_ids(journal.job(number), ids))

    client = attached(project_dir, no_daemon=no_daemon)
    job = client.decide(number, "adopt", {"provider_ids": ids}) if client else _decided_here(project_dir, act)
    return _tell(job, f"job {number} is adopted; next: assetbridge build {job['asset']}", as_json=as_json)


@jobs.command()
@click.argument("number", type=int)
@common
@beside
def abandon(number: int, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Give an uncertain job up: it may have been charged, and the ledger says so. A later build plans it anew."""
    del verbose

    def act(journal: Journal) -> Job:
        return decisions.abandon(journal, number)

    client = attached(project_dir, no_daemon=no_daemon)
    job = client.decide(number, "abandon", {}) if client else _decided_here(project_dir, act)
    said = f"job {number} is given up; `assetbridge plan` shows the price of a new order"
    return _tell(job, said, as_json=as_json)


@jobs.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="I accept that it may be charged twice.")
@common
@beside
def resubmit(number: int, yes: bool, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Order an uncertain job again, now. If the first order did arrive, it is charged twice."""
    from bridge.cli.run_build import Choices, follow, run_here

    def act(journal: Journal) -> Job:
        _accept_second_charge(decisions.uncertain(journal, number), yes=yes, as_json=as_json)
        return decisions.abandon(journal, number, "ordered again")

    def choices(job: dict[str, Any]) -> Choices:
        if not as_json:
            say(f"job {number} is given up and ordered again")
        return Choices((job["asset"],), as_json, verbose=verbose, yes=True, also={"job": job})

    client = attached(project_dir, no_daemon=no_daemon)
    if client is None:
        return run_here(project_dir, choices(_decided_here(project_dir, act)))
    if not yes:
        _ask_beforehand(project_dir, number, as_json=as_json)
    queued = client.post(f"/v1/jobs/{number}/resubmit", {"accept_second_charge": True, "every": True})
    return follow(client, queued, choices(queued["job"]))


def _ask_beforehand(project_dir: Path | None, number: int, *, as_json: bool) -> None:
    """Asks before the daemon is sent anything; whether the job is still uncertain is the daemon's to say."""
    from bridge.project import Project

    with Project.open(project_dir) as project:
        job = decisions.uncertain(project.open_journal(), number)
        _accept_second_charge(job, yes=False, as_json=as_json)


def _accept_second_charge(job: Job, *, yes: bool, as_json: bool) -> None:
    """Goes on only when a person accepts that an order may be charged twice.

    Raises:
        NeedsDecision: `needs_approval`.
    """
    from bridge.cli.render import on_terminal
    from bridge.orders.budget import said

    warning = f"job {job.id} ({job.asset}: {job.step.key}, {said(job.estimate)}) may be charged a second time"
    if not yes and not (on_terminal() and not as_json and click.confirm(f"{warning}. Order it again?")):
        raise NeedsDecision("needs_approval", warning, hint=f"assetbridge jobs resubmit {job.id} --yes")


@jobs.command()
@click.argument("number", type=int)
@common
@beside
def cancel(number: int, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Stop a job, at the provider too where that can be told; else it finishes there, and may be charged."""
    del verbose

    def act(journal: Journal) -> Job:
        from bridge.orders.cancel import stop

        return stop(read_config(find_project(project_dir or Path.cwd())), journal, number)

    client = attached(project_dir, no_daemon=no_daemon)
    job = client.decide(number, "cancel", {}) if client else _decided_here(project_dir, act)
    untold = f"{job['provider']} cannot be told, and may have charged it"
    said = f"job {number} is cancelled here; {job['error']['message'] if job['error'] else untold}"
    return _tell(job, said, as_json=as_json)


@click.command()
@common
@click.option(
    "--by", type=click.Choice(["provider", "asset", "day"]), default="provider", help="How rows are added up."
)
@click.option("--from", "first", default="", metavar="DAY", help="First UTC day, like 2026-03-01.")
@click.option("--to", "last", default="", metavar="DAY", help="Last UTC day.")
@click.option("--remote", is_flag=True, help="Beside it what the providers say they charged (30 days without --from).")
def spend(project_dir: Path | None, as_json: bool, verbose: bool, by: str, first: str, last: str, remote: bool) -> int:
    """What was spent: by provider, asset or day, from the journal's ledger."""
    from bridge.orders.ledger import added_up
    from bridge.project import Project

    _check_days(first, last)
    if remote:
        if by != "provider":
            hint = "Leave --by out, or --remote."
            raise UserError("usage", "providers say what they charged, not for which asset or day", hint=hint)
        return _beside(project_dir, first, last, as_json=as_json)
    last = last or "9999"
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


def _check_days(first: str, last: str) -> None:
    from datetime import date

    for name, value in (("--from", first), ("--to", last)):
        try:
            good = not value or date.fromisoformat(value).isoformat() == value
        except ValueError:
            good = False
        if not good:
            raise UserError("usage", f"{name} {value} is not a day", hint=f"For example {name} 2026-03-01")
    if first and last and first > last:
        raise UserError("usage", f"{first} is after {last}", hint="Exchange --from and --to.")


def _beside(project_dir: Path | None, first: str, last: str, *, as_json: bool) -> int:
    """The ledger beside the providers' own books; nothing is written."""
    from bridge.core import credentials as secrets
    from bridge.orders.access import settings
    from bridge.orders.statements import compared
    from bridge.project import Project
    from bridge.providers import registry

    with Project.open(project_dir) as project:
        journal = project.journal
        paid = [provider.name for provider in registry.usable() if not provider.offline]
        keyed = {name for name in paid if secrets.find(name, settings(project.config, name)[1].key_env)}
        spent = {entry.provider for entry in journal.ledger()} if journal else set()
        names = [name for name in paid if name in keyed | spent]
        rows = compared(project.config, names, journal, first=first, last=last)
    if as_json:
        emit({"rows": [row.as_dict() for row in rows]})
    for row in () if as_json else rows:
        here = f"{row.here['amount']} ({row.here['orders']} orders)"
        there = "unknown" if row.there is None else plain(row.there)
        more = "" if row.difference is None else f"  difference {plain(row.difference)}"
        left = "" if row.balance is None else f"  left {plain(row.balance)}"
        say(f"{row.provider:<12} {row.first} to {row.last}  here {here}  there {there} {row.unit}{more}{left}")
        if row.note:
            say(f"{'':<12} {row.note}")
    if not rows and not as_json:
        say("nothing was spent, and there are no keys to ask with")
    return 0 if all(row.answered for row in rows) else EXIT_PROVIDER


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
@beside
def approve(
    ids: tuple[str, ...],
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    max_cost: tuple[str, ...],
    no_daemon: bool,
) -> int:
    """Approve what the plan of IDS costs, and build them: the same as build --yes."""
    from bridge.cli.run_build import Choices, caps_of, run_build

    choices = Choices(ids, as_json, verbose=verbose, yes=True, caps=caps_of(max_cost))
    return run_build(project_dir, choices, no_daemon=no_daemon)
