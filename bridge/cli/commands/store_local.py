"""`assetbridge store du|verify|gc`: the store of this project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge.cli.errors import pluralize
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.errors import EXIT_DONE, EXIT_FAILED

if TYPE_CHECKING:
    from bridge.operations.store_upkeep import Size


@click.command("du")
@common_options
def du_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """How large the store is, and what of it is needed."""
    from bridge.operations.store_upkeep import measure_store
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
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
        print_line(f"{_format_bytes(size):>10}  {pluralize(size.blobs, 'blob'):<12}  {name}")
    print_line(f"{pluralize(use.receipts, 'receipt')}")
    return EXIT_DONE


@click.command("verify")
@common_options
def verify_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Read everything in the store, and say what is damaged or missing. Nothing is changed."""
    from bridge.operations.store_upkeep import verify_store
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        check = verify_store(project)
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
@click.option("--yes", is_flag=True, help="Remove it. Without, it is only shown.")
@click.option("--bought", is_flag=True, help="Also what was paid for and no branch or tag needs any more.")
def gc_command(project_dir: Path | None, as_json: bool, verbose: bool, yes: bool, bought: bool) -> int:
    """Show what nothing needs: neither the lock nor any branch or tag of git; --yes removes it."""
    from bridge.operations.store_upkeep import plan_sweep, sweep_store
    from bridge.project import Project

    with Project.open(project_dir) as project, project.owned():
        sweep = plan_sweep(project, with_bought=bought)
        if yes:
            sweep_store(project, sweep)
    if as_json:
        print_json({**sweep.as_dict(), "removed": yes, "names": list(sweep.blobs) if verbose else []})
        return EXIT_DONE
    for sha256 in sweep.blobs if verbose else ():
        print_line(sha256)
    for cost in sweep.as_dict()["costs"]:  # type: ignore[attr-defined]
        print_line(f"paid for it: {cost['amount']} {cost['unit']} at {cost['provider']}")
    receipts = f" and {pluralize(len(sweep.receipts), 'receipt')}" if sweep.receipts else ""
    what = f"{pluralize(sweep.size.blobs, 'blob')} ({_format_bytes(sweep.size)}){receipts}"
    if not sweep.blobs and not sweep.receipts:
        print_line("nothing to remove")
    else:
        print_line(f"removed {what}" if yes else f"nothing needs {what}; --yes removes it")
    return EXIT_DONE


def _format_bytes(size: Size) -> str:
    return f"{size.bytes / 1e6:.1f} MB"


COMMANDS = (du_command, verify_command, gc_command)
