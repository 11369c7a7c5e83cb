"""`assetbridge store probe|push|pull` and `store remote du|verify|gc`: the store that a team shares."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.errors import EXIT_CHANGES, EXIT_DONE, EXIT_FAILED


def _show_transfer(words: str, transfer: object, *, as_json: bool) -> int:
    from bridge.operations.team_store import Transfer

    assert isinstance(transfer, Transfer)
    if as_json:
        print_json(transfer.as_dict())
    else:
        print_line(f"{transfer.done} {words}, {transfer.present} were there")
        for sentence in transfer.failed:
            print_line(f"failed   {sentence}")
    return EXIT_FAILED if transfer.failed else EXIT_DONE


@click.command("probe")
@common_options
def probe_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Try whether the team's store can hold claims: two files are created there and removed."""
    del verbose
    from bridge.operations.team_store import probe_team_store
    from bridge.project import Project

    with Project.open(project_dir) as project, project.owned():
        store_id = probe_team_store(project)
        address = str(project.config.store["remote"])
    if as_json:
        print_json({"remote": address, "id": store_id})
    else:
        print_line(f"{address} can hold claims: of two, the first wins")
    return EXIT_DONE


@click.command("push")
@common_options
def push_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Put what was bought here, and is not there yet, into the team's store."""
    from bridge.operations.team_store import push_results
    from bridge.project import Project

    with Project.open(project_dir) as project:
        transfer = push_results(project, _report if verbose and not as_json else lambda _done, _total: None)
    return _show_transfer("results put there", transfer, as_json=as_json)


@click.command("pull")
@click.option("--all", "everything", is_flag=True, help="Also what no spec of this project needs.")
@common_options
def pull_command(everything: bool, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Bring what this project needs from the team's store; a build does it by itself."""
    from bridge.operations.team_store import pull_results
    from bridge.project import Project

    report = _report if verbose and not as_json else lambda _done, _total: None
    with Project.open(project_dir) as project:
        transfer = pull_results(project, everything=everything, on_progress=report)
    return _show_transfer("results brought here", transfer, as_json=as_json)


def _report(done: int, total: int) -> None:
    print_line(f"{done} of {total}")


@click.command("du")
@common_options
def du_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """How much lies in the team's store."""
    del verbose
    from bridge.operations.team_store import list_usage
    from bridge.project import Project

    with Project.open(project_dir) as project:
        usage = list_usage(project)
    if as_json:
        print_json({"folders": usage})
    for name, row in usage.items() if not as_json else ():
        print_line(f"{row['bytes']:>14,} bytes  {row['objects']:>8,} objects  {name}")
    return EXIT_DONE


@click.command("verify")
@click.option("--repair", is_flag=True, help="Put files that are whole here in the place of those that are not.")
@common_options
def verify_command(repair: bool, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Read everything in the team's store, and say what is missing or damaged."""
    del verbose
    from bridge.operations.team_store import verify_store
    from bridge.project import Project

    with Project.open(project_dir) as project:
        problems = list(verify_store(project, repair=repair))
    if as_json:
        print_json({"ok": not problems, "problems": problems})
    for sentence in problems if not as_json else ():
        print_line(sentence)
    if not problems and not as_json:
        print_line("everything is whole")
    return EXIT_FAILED if problems else EXIT_DONE


@click.command("gc")
@click.option("--yes", "delete", is_flag=True, help="Remove it; without, it is only listed.")
@common_options
def gc_command(delete: bool, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """List, or remove, what nobody needs in the team's store; what was bought is kept."""
    from bridge.operations.team_store import delete_garbage, list_garbage
    from bridge.project import Project

    with Project.open(project_dir) as project:
        garbage = list_garbage(project)
        if delete:
            delete_garbage(project, garbage)
    if as_json:
        print_json({"removed": delete, "bytes": sum(garbage.values()), "names": sorted(garbage)})
        return EXIT_DONE
    for name in sorted(garbage) if verbose or not delete else ():
        print_line(name)
    print_line(f"{len(garbage)} objects, {sum(garbage.values()):,} bytes {'removed' if delete else 'can go (--yes)'}")
    return EXIT_CHANGES if garbage and not delete else EXIT_DONE


@click.group("remote")
def remote_group() -> None:
    """What lies in the team's store: how much, whether it is whole, and what can go."""


for command in (du_command, verify_command, gc_command):
    remote_group.add_command(command)

COMMANDS = (probe_command, push_command, pull_command, remote_group)
