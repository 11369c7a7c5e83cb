"""`assetbridge store probe|push|pull`: the store that a team shares."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.errors import EXIT_DONE, EXIT_FAILED


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


COMMANDS = (probe_command, push_command, pull_command)
