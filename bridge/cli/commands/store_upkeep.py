"""`assetbridge store du|verify|gc`: the store of this project, and with --remote the one that a team shares."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import pluralize
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.errors import EXIT_DONE, EXIT_FAILED, UserError

if TYPE_CHECKING:
    from bridge.operations.store_upkeep import StoreCheck
    from bridge.project import Project

_remote_option = click.option("--remote", is_flag=True, help="Of the store that the team shares ([store] remote).")


@click.command("du")
@common_options
@_remote_option
def du_command(project_dir: Path | None, as_json: bool, verbose: bool, remote: bool) -> int:
    """How large the store is, and what of it is needed."""
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        return (_measure_remote if remote else _measure_here)(project, as_json=as_json)


def _measure_here(project: Project, *, as_json: bool) -> int:
    from bridge.operations.store_upkeep import measure_store

    use = measure_store(project)
    if as_json:
        print_json(use.as_dict())
        return EXIT_DONE
    rows = (
        ("in all", use.total),
        ("needed by the lock here", use.here),
        ("needed by other branches and tags", use.branches),
        ("bought, and needed by none of them", use.bought),
        ("needed by nothing", use.rest),
    )
    for name, size in rows:
        print_line(f"{_format_bytes(size.bytes):>10}  {pluralize(size.blobs, 'blob'):<12}  {name}")
    print_line(f"{pluralize(use.receipts, 'receipt')}")
    return EXIT_DONE


def _measure_remote(project: Project, *, as_json: bool) -> int:
    from bridge.operations.team_store import list_usage

    usage = list_usage(project)
    if as_json:
        print_json({"folders": usage})
        return EXIT_DONE
    for name, row in usage.items():
        print_line(f"{_format_bytes(row['bytes']):>10}  {pluralize(row['objects'], 'file'):<12}  {name}")
    return EXIT_DONE


@click.command("verify")
@common_options
@_remote_option
@click.option(
    "--repair", is_flag=True, help="With --remote: put files that are whole here in the place of those that are not."
)
def verify_command(project_dir: Path | None, as_json: bool, verbose: bool, remote: bool, repair: bool) -> int:
    """Read everything in the store, and say what is damaged or missing. Nothing is changed without --repair."""
    from bridge.operations.store_upkeep import verify_store
    from bridge.operations.team_store import verify_team_store
    from bridge.project import Project

    del verbose
    if repair and not remote:
        hint = "Take what is damaged here from version control; --remote --repair mends the store of a team."
        raise UserError("usage", "--repair goes with --remote", hint=hint)
    with Project.open(project_dir) as project:
        check = verify_team_store(project, repair=repair) if remote else verify_store(project)
    return _show_check(check, as_json=as_json)


def _show_check(check: StoreCheck, *, as_json: bool) -> int:
    if as_json:
        print_json({"blobs": check.blobs, "receipts": check.receipts, "problems": list(check.problems)})
    else:
        for problem in check.problems:
            print_line(problem)
        done = f"{pluralize(check.blobs, 'blob')} and {pluralize(check.receipts, 'receipt')}"
        print_line(f"{done}: {pluralize(len(check.problems), 'problem') if check.problems else 'all whole'}")
    return EXIT_FAILED if check.problems else EXIT_DONE


@click.command("gc")
@common_options
@_remote_option
@click.option("--yes", is_flag=True, help="Remove it. Without, it is only shown.")
@click.option("--bought", is_flag=True, help="Also what was paid for and no branch or tag needs any more; only here.")
def gc_command(project_dir: Path | None, as_json: bool, verbose: bool, remote: bool, yes: bool, bought: bool) -> int:
    """Show what nothing needs: neither the lock nor any branch or tag of git; --yes removes it."""
    from bridge.project import Project

    if bought and remote:
        raise UserError("usage", "what was bought stays in the team's store", hint="Leave --bought out, or --remote.")
    with Project.open(project_dir) as project:
        if remote:
            return _sweep_remote(project, yes=yes, as_json=as_json, verbose=verbose)
        with project.owned():
            return _sweep_here(project, yes=yes, bought=bought, as_json=as_json, verbose=verbose)


def _sweep_here(project: Project, *, yes: bool, bought: bool, as_json: bool, verbose: bool) -> int:
    from bridge.operations.store_upkeep import plan_sweep, sweep_store

    sweep = plan_sweep(project, with_bought=bought)
    if yes:
        sweep_store(project, sweep)
    if as_json:
        print_json({**sweep.as_dict(), "removed": yes, "names": list(sweep.blobs) if verbose else []})
        return EXIT_DONE
    for sha256 in sweep.blobs if verbose else ():
        print_line(sha256)
    for (provider, unit), amount in sorted(sweep.costs.items()):
        print_line(f"paid for it: {amount:f} {unit} at {provider}")
    receipts = f" and {pluralize(len(sweep.receipts), 'receipt')}" if sweep.receipts else ""
    what = f"{pluralize(sweep.size.blobs, 'blob')} ({_format_bytes(sweep.size.bytes)}){receipts}"
    _show_sweep(what, is_empty=not sweep.blobs and not sweep.receipts, yes=yes)
    return EXIT_DONE


def _sweep_remote(project: Project, *, yes: bool, as_json: bool, verbose: bool) -> int:
    from bridge.operations.team_store import delete_garbage, list_garbage

    garbage = list_garbage(project)
    if yes:
        delete_garbage(project, garbage)
    size_bytes, names = sum(garbage.values()), sorted(garbage) if verbose else []
    if as_json:
        print_json({"files": len(garbage), "bytes": size_bytes, "removed": yes, "names": names})
        return EXIT_DONE
    for name in names:
        print_line(name)
    _show_sweep(f"{pluralize(len(garbage), 'file')} ({_format_bytes(size_bytes)})", is_empty=not garbage, yes=yes)
    return EXIT_DONE


def _show_sweep(what: str, *, is_empty: bool, yes: bool) -> None:
    if is_empty:
        print_line("nothing to remove")
    else:
        print_line(f"removed {what}" if yes else f"nothing needs {what}; --yes removes it")


def _format_bytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"


COMMANDS = (du_command, verify_command, gc_command)
