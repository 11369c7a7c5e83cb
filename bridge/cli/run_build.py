"""Carrying a build out, in this process or through the project's daemon, and telling what came of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cache import plan_cache
from bridge.cli.errors import strongest
from bridge.cli.render import emit, on_terminal, reporter, say, show_costs, show_results
from bridge.core.errors import BridgeError, UserError
from bridge.operations.plan import approval, known_ids, last_entry, part_of, planned, spent, take_stock

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult
    from bridge.daemon.client import Client
    from bridge.plan.model import Plan
    from bridge.project import Project


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line says of a build.

    caps: the most that may be spent per unit. also: what the JSON document at the end says besides the build.
    """

    ids: tuple[str, ...] = ()
    as_json: bool = False
    as_events: bool = False
    verbose: bool = False
    force: bool = False
    only_export: bool = False
    yes: bool = False
    caps: Mapping[str, Decimal] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)

    @property
    def for_programs(self) -> bool:
        """Whether a program reads stdout: nobody is asked."""
        return self.as_json or self.as_events

    @property
    def person_asked(self) -> bool:
        """Whether a person can be asked, and has not said yes already."""
        return not self.yes and not self.for_programs and on_terminal() and sys.stdin.isatty()


def caps_of(limits: Iterable[str]) -> dict[str, Decimal]:
    """`--max-cost UNIT=N`, each.

    Raises:
        UserError: `usage`.
    """
    return dict(_cap(limit) for limit in limits)


def _cap(text: str) -> tuple[str, Decimal]:
    unit, sign, amount = text.partition("=")
    if not (unit and sign and amount.replace(".", "", 1).isdigit()):
        raise UserError("usage", f"--max-cost {text} is not UNIT=N", hint="For example --max-cost generations=20")
    return unit, Decimal(amount)


def run_build(project_dir: Path | None, choices: Choices, *, no_daemon: bool = False) -> int:
    """Builds, through the project's daemon if one runs; returns the exit code."""
    from bridge.cli.remote_build import attached

    client = attached(project_dir, no_daemon=no_daemon)
    return run_here(project_dir, choices) if client is None else _run_there(client, project_dir, choices)


def run_here(project_dir: Path | None, choices: Choices) -> int:
    """Builds in this process; returns the exit code."""
    from bridge.build.builder import Builder
    from bridge.project import Project

    with Project.open(project_dir) as project, project.owned():
        planner, made = planned(project)
        wanted = known_ids(planner, choices.ids)
        granted = None
        if not choices.only_export and made.costs():
            part = part_of(planner, made, wanted)
            shown = choices.yes or _consent(project, part, choices)
            granted = approval(project, part, shown=shown, caps=choices.caps)
        plan_cache.forget_plan(project.memory)
        progress = reporter(as_json=choices.as_json, verbose=choices.verbose, as_events=choices.as_events)
        before = last_entry(project)
        try:
            builder = Builder(project, planner, made, progress, force=choices.force, approval=granted)
            results = builder.build(wanted, only_export=choices.only_export)
        finally:
            progress.close()
        take_stock(project, planner, planner.plan())
        errors = [error for error in made.errors if wanted is None]
        return _report(results, errors, spent(project, before), choices)


def _consent(project: Project, part: Plan, choices: Choices) -> bool:
    """Whether a person who can be asked approves what is beyond the budgets."""
    from bridge.plan.pricing import price_plan

    costs = price_plan(project, part)
    if not choices.person_asked or all(cost.verdict == "budget" for cost in costs):
        return False
    show_costs(costs)
    return click.confirm("Spend this?", default=False)


def _run_there(client: Client, project_dir: Path | None, choices: Choices) -> int:
    from bridge.cli import remote_build as attached

    body: dict[str, Any] = attached.wishes(choices.caps, force=choices.force)
    if choices.ids:
        body["ids"] = list(choices.ids)
    digest = _seen_and_approved(project_dir, choices) if choices.person_asked else None
    if choices.yes or digest is not None:
        queued = attached.approved(client, body, digest)
    else:
        queued = client.post("/v1/build", body if choices.ids else {**body, "all": True})
    return follow(client, queued, choices)


def _seen_and_approved(project_dir: Path | None, choices: Choices) -> str | None:
    """The digest of the plan whose price a person has seen and approved, if there was anything to ask."""
    from bridge.project import Project

    with Project.open(project_dir) as project:
        planner, made = planned(project)
        if not made.costs():
            return None
        part = part_of(planner, made, known_ids(planner, choices.ids))
        return made.digest if _consent(project, part, choices) else None


def follow(client: Client, queued: Mapping[str, Any], choices: Choices) -> int:
    """Shows a build that the daemon has queued until it is done; returns the exit code."""
    from bridge.cli.remote_build import followed, left
    from bridge.daemon.client import RemoteError

    progress = reporter(as_json=choices.as_json, verbose=choices.verbose, as_events=choices.as_events)
    try:
        outcome = followed(client, queued, progress)
    except KeyboardInterrupt:
        return left(choices.ids, as_json=choices.for_programs)
    _tell(
        {name: outcome[name] for name in ("assets", "spent", "errors")},
        [RemoteError(told) for told in outcome["errors"]],
        choices,
    )
    if any(asset["error"] and asset["error"]["code"] == "key_missing" for asset in outcome["assets"]):
        note = "the daemon has the keys of the shell that started it; --no-daemon uses those of this one"
        sys.stderr.write(f"note: {note}\n")
    return strongest(outcome["exit_codes"])


def _report(
    results: Sequence[AssetResult], errors: Sequence[BridgeError], paid: list[dict[str, Any]], choices: Choices
) -> int:
    document = {
        "assets": [result.as_dict() for result in results],
        "spent": paid,
        "errors": [error.as_dict() for error in errors],
    }
    _tell(document, errors, choices)
    codes = [result.error.exit_code for result in results if result.error is not None]
    return strongest([*codes, *(error.exit_code for error in errors)])


def _tell(document: Mapping[str, Any], errors: Sequence[BridgeError], choices: Choices) -> None:
    from bridge.cli.errors import tell

    if choices.for_programs:
        emit({**({"event": "done"} if choices.as_events else {}), **choices.also, **document})
        return
    for error in errors:
        tell(error, as_json=False)
    show_results(document["assets"])
    for row in document["spent"]:
        say(f"spent {row['amount']} {row['unit']} at {row['provider']}")
