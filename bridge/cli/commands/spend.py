"""`assetbridge spend`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.errors import pluralize, print_error
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.cli.render import show_decisions
from bridge.core.errors import EXIT_DONE, EXIT_PROVIDER, UserError

if TYPE_CHECKING:
    from bridge.operations.spend import Spending
    from bridge.orders.statements import StatementComparison


@click.command("spend")
@common_options
@click.option(
    "--by",
    type=click.Choice(["provider", "asset", "day", "order", "person"]),
    default="provider",
    help="How rows are added up (person: with --team).",
)
@click.option("--from", "first", default="", metavar="DAY", help="First UTC day, like 2026-03-01.")
@click.option("--to", "last", default="", metavar="DAY", help="Last UTC day.")
@click.option("--remote", is_flag=True, help="Beside it what the providers say they charged (30 days without --from).")
@click.option("--team", is_flag=True, help="Also what others bought, as the team's store or receipts tell.")
def spend_command(
    project_dir: Path | None, as_json: bool, verbose: bool, by: str, first: str, last: str, remote: bool, team: bool
) -> int:
    """What was spent: charged, possibly charged and given back, by provider, asset, day or order."""
    from bridge.cli.trust_question import ask_at_start
    from bridge.operations.spend import check_days, describe_spending, describe_team_spending, entry_as_dict
    from bridge.project import Project

    check_days(first, last)
    if (by == "person" and not team) or (by == "order" and team):
        hint = "--by person goes with --team." if by == "person" else "Orders have numbers on their own machine alone."
        raise UserError("usage", f"--by {by} does not go {'without' if by == 'person' else 'with'} --team", hint=hint)
    if remote:
        if by != "provider":
            hint = "Leave --by out, or --remote."
            raise UserError("usage", "providers say what they charged, not for which asset or day", hint=hint)
        ask_at_start(project_dir, for_programs=as_json)
        return _compare_books(project_dir, first, last, as_json=as_json)
    with Project.open(project_dir) as project:
        spending = (describe_team_spending if team else describe_spending)(project, by, first, last)
    if as_json:
        shown = [entry_as_dict(entry) for entry in spending.entries] if verbose else []
        print_json({**spending.as_dict(), "entries": shown})
        return EXIT_DONE
    _show_spending(spending)
    for error in spending.errors:
        print_error(error, as_json=False)
    show_decisions(spending.decisions)
    return EXIT_DONE


def _show_spending(spending: Spending) -> None:
    if not spending.rows:
        print_line("nothing was spent")
        return
    width = max(len(row["name"]) for row in spending.rows)
    print_line(f"{'':<{width}} {'charged':>10} {'possible':>10} {'refunded':>10}")
    for row in spending.rows:
        print_line(
            _format_row(row["name"], row["provider"] if spending.by in ("asset", "day", "person") else "", row, width)
        )
    for row in spending.sums if spending.by != "provider" else ():
        print_line(_format_row("all", row["provider"] or "", row, width))


def _format_row(name: str, provider: str, row: Mapping[str, Any], width: int) -> str:
    notes = [f"{row['estimated']} charged by the published price"] if row["estimated"] != "0" else []
    notes += [f"{pluralize(row['unknown'], 'order')} of unknown price"] if row["unknown"] else []
    columns = " ".join(f"{row[column]:>10}" for column in ("charged", "possible", "refunded"))
    what = f"{row['unit']}{' at ' + provider if provider else ''}, {pluralize(row['orders'], 'order')}"
    return f"{name:<{width}} {columns} {what}" + (f" ({'; '.join(notes)})" if notes else "")


def _compare_books(project_dir: Path | None, first: str, last: str, *, as_json: bool) -> int:
    """The ledger beside the providers' own books."""
    from bridge.operations.compare_statements import compare_statements
    from bridge.project import Project

    with Project.open(project_dir) as project:
        rows = compare_statements(project, first, last)
    if as_json:
        print_json({"rows": [row.as_dict() for row in rows]})
    else:
        _show_comparisons(rows)
    return EXIT_DONE if all(row.answered for row in rows) else EXIT_PROVIDER


def _show_comparisons(rows: Sequence[StatementComparison]) -> None:
    from bridge.orders.model import format_amount

    for row in rows:
        here = f"{row.here['charged']} ({row.here['orders']} orders)"
        charged = "unknown" if row.there is None else format_amount(row.there)
        more = "" if row.difference is None else f"  difference {format_amount(row.difference)}"
        left = "" if row.balance is None else f"  left {format_amount(row.balance)}"
        left += f"  held by running jobs {format_amount(row.reserved)}" if row.reserved else ""
        print_line(f"{row.provider:<12} {row.first} to {row.last}  here {here}  there {charged} {row.unit}{more}{left}")
        if row.note:
            print_line(f"{'':<12} {row.note}")
    if not rows:
        print_line("nothing was spent, and there are no keys to ask with")
