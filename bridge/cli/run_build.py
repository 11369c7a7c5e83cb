"""Carrying a build out, in this process or through the project's daemon, and telling what came of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.cli.errors import print_error, worst_exit_code
from bridge.cli.output import ask_yes, is_on_terminal, print_json, print_line, print_note
from bridge.cli.render import LineProgress, make_progress, show_costs, show_results
from bridge.core.errors import BridgeError, UserError

if TYPE_CHECKING:
    from bridge.daemon.client import DaemonClient
    from bridge.operations.plan import WantedOrder
    from bridge.plan.model import Plan
    from bridge.project import Project


@dataclass(frozen=True, slots=True)
class BuildChoices:
    """What the command line says of a build.

    caps: the most that may be spent per unit. only: orders that are asked for by themselves: `yes` is said to them
    alone. also: what the JSON document at the end says besides the build.
    """

    ids: tuple[str, ...] = ()
    as_json: bool = False
    as_events: bool = False
    verbose: bool = False
    force: bool = False
    only_export: bool = False
    yes: bool = False
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    only: frozenset[WantedOrder] = frozenset()
    also: Mapping[str, Any] = field(default_factory=dict)

    @property
    def for_programs(self) -> bool:
        """Whether a program reads stdout: nobody is asked."""
        return self.as_json or self.as_events

    @property
    def person_asked(self) -> bool:
        """Whether a person can be asked, and has not said yes already."""
        return not self.yes and not self.for_programs and is_on_terminal() and sys.stdin.isatty()


def parse_caps(limits: Iterable[str]) -> dict[str, Decimal]:
    """`--max-cost UNIT=N` or `PROVIDER:UNIT=N`, each.

    Raises:
        UserError: `usage`.
    """
    return dict(_parse_cap(limit) for limit in limits)


def _parse_cap(text: str) -> tuple[str, Decimal]:
    unit, sign, amount = text.partition("=")
    if not (unit and sign and amount.replace(".", "", 1).isdigit()):
        hint = "For example --max-cost generations=20, or --max-cost PROVIDER:credits=40"
        raise UserError("usage", f"--max-cost {text} is not UNIT=N", hint=hint)
    return unit, Decimal(amount)


def run_build(project_dir: Path | None, choices: BuildChoices, *, no_daemon: bool = False) -> int:
    """Builds, through the project's daemon if one runs; returns the exit code."""
    from bridge.cli.remote_build import find_daemon
    from bridge.cli.trust_question import ask_at_start

    ask_at_start(project_dir, for_programs=choices.for_programs)
    client = find_daemon(project_dir, no_daemon=no_daemon)
    return run_here(project_dir, choices) if client is None else _run_remotely(client, project_dir, choices)


def run_here(project_dir: Path | None, choices: BuildChoices) -> int:
    """Builds in this process; returns the exit code."""
    from bridge.cli.trust_question import ask_about_plan
    from bridge.operations.build_project import BuildOptions, build_project
    from bridge.project import Project

    def consent(project: Project, part: Plan) -> bool:
        ask_about_plan(project.config, part, for_programs=choices.for_programs)
        return choices.yes or ask_consent(project, part, choices)

    options = BuildOptions(choices.ids, choices.force, choices.only_export, choices.caps, choices.only)
    with Project.open(project_dir) as project, project.owned():
        report = build_project(project, options, consent, partial(open_progress, choices))
        for note in report.notes:
            print_note(f"note: {note}")
        _print_outcome(report.as_dict(), report.errors, choices)
    return worst_exit_code(report.exit_codes)


def open_progress(choices: BuildChoices) -> LineProgress:
    """The progress that these choices ask for."""
    return make_progress(as_json=choices.as_json, verbose=choices.verbose, as_events=choices.as_events)


def ask_consent(project: Project, part: Plan, choices: BuildChoices) -> bool:
    """Whether a person who can be asked approves what is beyond the budgets."""
    from bridge.plan.pricing import price_plan

    if not choices.person_asked or not project.config.trust.is_trusted:
        # Money is approved after trust: what is held back is said of every asset.
        return False
    costs = price_plan(project, part)
    if all(cost.verdict == "budget" for cost in costs):
        return False
    show_costs(costs)
    return ask_yes("Spend this?")


def _run_remotely(client: DaemonClient, project_dir: Path | None, choices: BuildChoices) -> int:
    from bridge.cli.remote_build import approve_build, build_body

    body: dict[str, Any] = build_body(choices.caps, force=choices.force)
    if choices.ids:
        body["ids"] = list(choices.ids)
    digest = _seen_and_approved(project_dir, choices) if choices.person_asked else None
    if choices.yes or digest is not None:
        queued = approve_build(client, body, digest)
    else:
        queued = client.post("/v1/build", body if choices.ids else {**body, "all": True})
    return follow_queued(client, queued, choices)


def _seen_and_approved(project_dir: Path | None, choices: BuildChoices) -> str | None:
    """The digest of the plan whose price a person has seen and approved, if there was anything to ask."""
    from bridge.cli.trust_question import ask_about_plan
    from bridge.operations.plan import known_ids, make_plan, part_of
    from bridge.project import Project

    with Project.open(project_dir) as project:
        planner, plan = make_plan(project)
        if not plan.costs():
            return None
        part = part_of(planner, plan, known_ids(planner, choices.ids))
        ask_about_plan(project.config, part, for_programs=choices.for_programs)
        return plan.digest if ask_consent(project, part, choices) else None


def follow_queued(client: DaemonClient, queued: Mapping[str, Any], choices: BuildChoices) -> int:
    """Shows a build that the daemon has queued until it is done; returns the exit code."""
    from bridge.cli.remote_build import follow_build, report_detached
    from bridge.daemon.client import RemoteError

    progress = open_progress(choices)
    try:
        outcome = follow_build(client, queued, progress)
    except KeyboardInterrupt:
        return report_detached(choices.ids, as_json=choices.for_programs)
    _print_outcome(
        {name: outcome[name] for name in ("assets", "spent", "errors")},
        [RemoteError(error) for error in outcome["errors"]],
        choices,
    )
    if any(asset["error"] and asset["error"]["code"] == "key_missing" for asset in outcome["assets"]):
        note = "the daemon has the keys of the shell that started it; --no-daemon uses those of this one"
        print_note(f"note: {note}")
    return worst_exit_code(outcome["exit_codes"])


def _print_outcome(document: Mapping[str, Any], errors: Sequence[BridgeError], choices: BuildChoices) -> None:
    if choices.for_programs:
        print_json({**({"event": "done"} if choices.as_events else {}), **choices.also, **document})
        return
    for error in errors:
        print_error(error, as_json=False)
    show_results(document["assets"])
    for row in document["spent"]:
        more = f"; {row['possible']} more may have been charged" if row["possible"] != "0" else ""
        print_line(f"spent {row['amount']} {row['unit']} at {row['provider']}{more}")
