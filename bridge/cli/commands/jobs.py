"""`assetbridge jobs`: what was ordered, and what a person decides of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.commands.jobs_webhook import webhook_command
from bridge.cli.options import common_options, inherit_options, no_daemon_option
from bridge.cli.output import ask_yes, is_on_terminal, print_json, print_line, print_note
from bridge.cli.remote_build import find_daemon
from bridge.core.errors import EXIT_DONE, ErrorGroup, NeedsDecision, UserError
from bridge.orders import decisions
from bridge.trust.project_trust import Gate

if TYPE_CHECKING:
    from bridge.core.errors import BridgeError
    from bridge.operations.repeat_orders import RepeatedOrder
    from bridge.orders.journal import Journal
    from bridge.orders.model import Job


@click.group("jobs", invoke_without_command=True)
@common_options
@click.option("--all", "everything", is_flag=True, help="Also jobs that have ended.")
@click.option("--team", is_flag=True, help="What all machines have on their way, from the team's store.")
@click.pass_context
def jobs_command(
    context: click.Context, project_dir: Path | None, as_json: bool, verbose: bool, everything: bool, team: bool
) -> int:
    """Paid orders: what is on its way, and what nobody can know without you."""
    if context.invoked_subcommand is not None:
        inherit_options(context)
        return EXIT_DONE
    if team:
        return _show_team_jobs(project_dir, as_json=as_json)
    from bridge.orders.evidence import list_signs
    from bridge.orders.ledger import list_orders
    from bridge.orders.model import format_cost
    from bridge.project import Project

    with Project.open(project_dir) as project:
        jobs = list_orders(project.journal, everything=everything)
        signs = {
            job.id: list_signs(project.journal, job) for job in jobs if job.state == "uncertain" and project.journal
        }
    if as_json:
        print_json({"jobs": [{**job.as_dict(), "signs": signs.get(job.id, [])} for job in jobs]})
        return EXIT_DONE
    for job in jobs:
        price = f"  {format_cost(job)}" if job.charge or job.estimate.unit else ""
        remote = f"  {next(iter(job.remote.values()))}" if job.remote and verbose else ""
        print_line(f"{job.id:>4}  {job.state:<10} {job.asset}: {job.step.key}  {job.provider}{price}{remote}")
        if job.error and job.state in ("uncertain", "damaged"):
            print_line(f"      {job.error.get('message', '')}")
            for sign in signs.get(job.id, ()):
                print_line(f"      - {sign}")
            print_line(f"      {job.error.get('hint', '')}")
    if not jobs:
        print_line("no jobs" if everything else "no jobs on their way (--all shows those that have ended)")
    return EXIT_DONE


def _show_team_jobs(project_dir: Path | None, *, as_json: bool) -> int:
    from bridge.operations.team_store import list_team_jobs
    from bridge.project import Project

    with Project.open(project_dir) as project:
        jobs = list_team_jobs(project)
    if as_json:
        print_json({"jobs": [job.as_dict() for job in jobs]})
        return EXIT_DONE
    for job in jobs:
        row = job.as_dict()
        cost = f"  {row['amount']} {row['unit']}" if row["amount"] else ""
        who = f"  {row['by']}" if row["by"] else ""
        age = f"  {row['age_s']:.0f} s ago"
        print_line(f"{row['stage']:<8} {row['asset']}: {row['step']}  {row['provider']}{cost}{who}{age}")
    if not jobs:
        print_line("no machine of the team has anything on its way")
    return EXIT_DONE


jobs_command.add_command(webhook_command)


def _decide_here(project_dir: Path | None, decision: Callable[[Journal], Job]) -> dict[str, Any]:
    """Carries a decision on an order out in this process; returns the job as it is then."""
    from bridge.operations.decide_job import decide_job
    from bridge.project import Project

    with Project.open(project_dir) as project:
        return decide_job(project, decision).as_dict()


def parse_amount(option: str, text: str | None) -> Decimal | None:
    """An amount of money, not negative.

    Raises:
        UserError: `usage`.
    """
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text, re.ASCII):
        raise UserError("usage", f"{option} {text} is no amount", hint=f"For example {option} 0.05")
    return Decimal(text)


def _show_decision(job: dict[str, Any], message: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"job": job})
    else:
        print_line(message)
    return EXIT_DONE


@jobs_command.command("adopt")
@click.argument("number", type=int)
@click.option("--provider-id", "ids", multiple=True, required=True, metavar="[NAME=]ID", help="Its id at the provider.")
@common_options
@no_daemon_option
def adopt_command(
    number: int, ids: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool
) -> int:
    """Take what the provider has for an uncertain job: the next build collects it, for nothing."""
    del verbose

    def adopt_ids(journal: Journal) -> Job:
        from bridge.config.project_config import read_config
        from bridge.core.paths import find_project
        from bridge.orders.adoption import adopt_at_provider

        return adopt_at_provider(read_config(find_project(project_dir or Path.cwd())), journal, number, ids)

    client = find_daemon(project_dir, no_daemon=no_daemon)
    job = client.decide(number, "adopt", {"provider_ids": ids}) if client else _decide_here(project_dir, adopt_ids)
    return _show_decision(job, f"job {number} is adopted; next: assetbridge build {job['asset']}", as_json=as_json)


@jobs_command.command("abandon")
@click.argument("number", type=int)
@common_options
@no_daemon_option
def abandon_command(number: int, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Give an uncertain or damaged job up: what it may have cost is in the ledger. A later build plans it anew."""
    del verbose
    client = find_daemon(project_dir, no_daemon=no_daemon)
    if client:
        job = client.decide(number, "abandon", {})
    else:
        job = _decide_here(project_dir, lambda journal: decisions.abandon_job(journal, number))
    message = f"job {number} is given up; `assetbridge plan` shows the price of a new order"
    return _show_decision(job, message, as_json=as_json)


@jobs_command.command("refetch")
@click.argument("number", type=int)
@common_options
@no_daemon_option
def refetch_command(number: int, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Fetch a paid result again, for nothing: of a damaged job, or to replace what is kept."""
    del verbose
    client = find_daemon(project_dir, no_daemon=no_daemon)
    job = client.decide(number, "refetch", {}) if client else _refetch_here(project_dir, number)
    return _show_decision(job, f"job {number} is fetched; next: assetbridge build {job['asset']}", as_json=as_json)


def _refetch_here(project_dir: Path | None, number: int) -> dict[str, Any]:
    from bridge.operations.refetch_job import refetch_job
    from bridge.project import Project

    with Project.open(project_dir) as project, project.owned():
        return refetch_job(project, number).as_dict()


@jobs_command.command("resubmit")
@click.argument("number", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="All uncertain and damaged jobs.")
@click.option("--yes", is_flag=True, help="I accept that it may be charged twice.")
@common_options
@no_daemon_option
def resubmit_command(
    number: int | None, every: bool, yes: bool, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool
) -> int:
    """Order an uncertain or damaged job again, now. If the first order did arrive, it is charged twice."""
    from bridge.cli.run_build import BuildChoices, follow_queued, run_here

    client = find_daemon(project_dir, no_daemon=no_daemon)
    if client is None:
        _recover_here(project_dir)
    repeats = _list_repeats(project_dir, number, every=every)
    if not repeats:
        return _show_decision({}, "no job waits for a decision", as_json=as_json)
    _accept_second_charge(repeats, yes=yes, as_json=as_json)

    def build_choices(ordered: Sequence[RepeatedOrder], decided: list[dict[str, Any]]) -> BuildChoices:
        if not as_json:
            for job in decided:
                print_line(f"job {job['id']} is given up and ordered again")
        also = {"jobs": decided} if every else {"job": decided[0]}
        assets = tuple(dict.fromkeys(repeat.asset for repeat in ordered))
        only = frozenset(repeat.wanted for repeat in ordered)
        return BuildChoices(assets, as_json, verbose=verbose, yes=True, only=only, also=also)

    if client is None:
        given_up = [_give_up_here(project_dir, repeat.job) for repeat in repeats]
        return run_here(project_dir, build_choices(repeats, given_up))
    code = EXIT_DONE
    for repeat in repeats:
        queued = client.post(f"/v1/jobs/{repeat.job.id}/resubmit", {"accept_second_charge": True, "every": True})
        code = max(code, follow_queued(client, queued, build_choices([repeat], [queued["job"]])))
    return code


def _recover_here(project_dir: Path | None) -> None:
    """What a killed run left half-way is known to be uncertain then."""
    from bridge.operations.decide_job import decide_job
    from bridge.project import Project

    with Project.open(project_dir) as project:
        decide_job(project, lambda _journal: None)


def _list_repeats(project_dir: Path | None, number: int | None, *, every: bool) -> list[RepeatedOrder]:
    """The jobs that are meant, as they stand now, and what each costs anew; whether they are undecided still is the
    decision's to say. Of `every` those that nothing asks for any more are named and left.

    Raises:
        UserError: `usage`: not exactly one of both is said; `unknown_job`, there is nothing to decide about it, or
            nothing asks for it any more. NeedsDecision: `over_budget`.
    """
    from bridge.operations.plan import make_plan
    from bridge.operations.repeat_orders import describe_unasked, find_repeats, require_room
    from bridge.orders.model import JobState
    from bridge.project import Project

    if every == (number is not None):
        raise UserError("usage", "name one job, or --all", hint="`assetbridge jobs` lists them.")
    with Project.open(project_dir) as project:
        project.config.trust.require(Gate.DECISIONS)
        journal = project.open_journal()
        if number is not None:
            jobs = [decisions.require_undecided(journal, number)]
        else:
            jobs = [*journal.jobs.list_in((JobState.UNCERTAIN,)), *journal.jobs.list_damaged()]
        repeats = find_repeats(project, make_plan(project)[1], jobs) if jobs else []
        require_room(project, repeats)
    meant = {repeat.job.id for repeat in repeats}
    unasked: list[BridgeError] = [describe_unasked(job) for job in jobs if job.id not in meant]
    if unasked and not repeats:
        raise unasked[0] if len(unasked) == 1 else ErrorGroup(unasked)
    for error in unasked:
        print_note(f"note: {error.message}; {error.hint}")
    return repeats


def _give_up_here(project_dir: Path | None, job: Job) -> dict[str, Any]:
    return _decide_here(project_dir, lambda journal: decisions.abandon_job(journal, job.id, "ordered again"))


def _accept_second_charge(repeats: Sequence[RepeatedOrder], *, yes: bool, as_json: bool) -> None:
    """Goes on only when a person has seen the sum and accepts that orders may be charged twice.

    Raises:
        NeedsDecision: `needs_approval`.
    """
    from bridge.cli.render import format_costs
    from bridge.orders.model import format_price

    if len(repeats) == 1:
        [repeat] = repeats
        what = f"{repeat.asset}: {repeat.step.key}, {format_price(repeat.price)}"
        warning = f"job {repeat.job.id} ({what}) may be charged a second time"
    else:
        total = format_costs((repeat.step.provider, repeat.price) for repeat in repeats)
        warning = f"{len(repeats)} jobs ({total}) may be charged again"
        if not as_json:
            for repeat in repeats:
                price = f"{format_price(repeat.price)} at {repeat.step.provider}"
                print_line(f"{repeat.job.id:>4}  {repeat.asset}: {repeat.step.key}  {price}")
    if not yes and not (is_on_terminal() and not as_json and ask_yes(f"{warning}. Order again?")):
        which = str(repeats[0].job.id) if len(repeats) == 1 else "--all"
        raise NeedsDecision("needs_approval", warning, hint=f"assetbridge jobs resubmit {which} --yes")


@jobs_command.command("settle")
@click.argument("number", type=int)
@click.option("--charged", metavar="N", help="What it cost in all, in its unit.")
@click.option("--refunded", metavar="N", help="How much of that was given back.")
@common_options
@no_daemon_option
def settle_command(
    number: int,
    charged: str | None,
    refunded: str | None,
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    no_daemon: bool,
) -> int:
    """Enter what you found at the provider: what an order that has ended cost, or got back."""
    del verbose
    amounts = {"charged": parse_amount("--charged", charged), "refunded": parse_amount("--refunded", refunded)}
    if charged is None and refunded is None:
        raise UserError("usage", "nothing was said of its money", hint=f"jobs settle {number} --charged N")
    client = find_daemon(project_dir, no_daemon=no_daemon)
    if client:
        said = {name: str(amount) for name, amount in amounts.items() if amount is not None}
        job = client.decide(number, "settle", said)
    else:
        job = _decide_here(project_dir, lambda journal: decisions.settle_job(journal, number, **amounts))
    return _show_decision(job, f"job {number} is settled; `assetbridge spend --by order` shows it", as_json=as_json)


@jobs_command.command("cancel")
@click.argument("number", type=int)
@common_options
@no_daemon_option
def cancel_command(number: int, project_dir: Path | None, as_json: bool, verbose: bool, no_daemon: bool) -> int:
    """Stop a job, at the provider too where that can be told; else it finishes there, and may be charged."""
    del verbose

    def stop_job(journal: Journal) -> Job:
        from bridge.config.project_config import read_config
        from bridge.core.paths import find_project
        from bridge.orders.cancel import cancel_at_provider

        return cancel_at_provider(read_config(find_project(project_dir or Path.cwd())), journal, number)

    client = find_daemon(project_dir, no_daemon=no_daemon)
    job = client.decide(number, "cancel", {}) if client else _decide_here(project_dir, stop_job)
    untold = f"{job['provider']} cannot be told, and may have charged it"
    message = f"job {number} is cancelled here; {job['error']['message'] if job['error'] else untold}"
    return _show_decision(job, message, as_json=as_json)
