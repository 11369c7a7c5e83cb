"""`assetbridge trust`: what a project asks for, and whether it may have it."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import ask_yes, print_json, print_line, print_note
from bridge.cli.trust_question import can_ask, headline, list_databases, list_lines
from bridge.config.project_config import Config, read_config
from bridge.core.errors import EXIT_DECISION, EXIT_DONE, NeedsDecision, UserError
from bridge.core.paths import PROJECT_FILE, find_project
from bridge.trust.request import TrustRequest

Requests = tuple[TrustRequest, ...]


@click.command("trust")
@common_options
@click.option("--yes", is_flag=True, help="Trust it as it is, without a question.")
@click.option("--here", is_flag=True, help="The same for this very folder, not one above it: for scripts.")
@click.option("--revoke", is_flag=True, help="Trust it no more.")
@click.option("--list", "listing", is_flag=True, help="All projects that you trust.")
def trust_command(
    project_dir: Path | None, as_json: bool, verbose: bool, yes: bool, here: bool, revoke: bool, listing: bool
) -> int:
    """Show what the project asks for, and let it have that: your keys, budgets, addresses, commands.

    The answer is kept among your own settings, for this folder; what the project asks for later is asked anew.
    """
    del verbose
    if sum((yes or here, revoke, listing)) > 1:
        raise UserError("usage", "--yes, --revoke and --list are three things", hint="Use one of them.")
    if listing:
        return _list_projects(as_json=as_json)
    root = _find_folder(project_dir, here=here)
    if revoke:
        return _revoke(root, as_json=as_json)
    config = read_config(root)
    requests = config.trust.list_requests()
    is_asked = yes or here or not config.trust.is_trusted
    if is_asked and not as_json:
        _show_requests(config, requests)
    if yes or here or (is_asked and not as_json and _is_granted()):
        return _grant(config, requests, as_json=as_json)
    return _show_state(config, as_json=as_json)


def _find_folder(project_dir: Path | None, *, here: bool) -> Path:
    start = project_dir or Path.cwd()
    if here and not (start / PROJECT_FILE).is_file():
        raise UserError("no_project", f"there is no {PROJECT_FILE} in this folder", hint="Run it where the file is.")
    return start.absolute() if here else find_project(start)


def _is_granted() -> bool:
    """Whether a person who can be asked says yes.

    Raises:
        NeedsDecision: `not_trusted`: there is nobody to ask.
    """
    if can_ask(for_programs=False):
        return ask_yes("Do you trust it?")
    hint = "`assetbridge trust --yes` trusts it as it is; ASSETBRIDGE_TRUST=1 does so for one process."
    raise NeedsDecision("not_trusted", "nobody is there to be asked", hint=hint)


def _show_requests(config: Config, requests: Requests) -> None:
    """What is trusted with an answer, in a project that is not trusted yet."""
    if config.trust.is_trusted:
        return
    print_line(headline(config))
    lines = list_lines(config.trust.list_changes(requests)) or ["  nothing by its settings"]
    for line in [*lines, *list_databases(config)]:
        print_line(line)


def _grant(config: Config, requests: Requests, *, as_json: bool) -> int:
    from bridge.operations.trust_project import describe_trust, trust_project

    trust_project(config.trust, requests)
    if as_json:
        print_json(describe_trust(config))
    else:
        print_line("trusted: it may have what it asks for now, in this folder")
    return EXIT_DONE


def _show_state(config: Config, *, as_json: bool) -> int:
    from bridge.operations.trust_project import describe_trust

    document = describe_trust(config)
    if as_json:
        print_json(document)
    elif document["trusted"]:
        by = " (by ASSETBRIDGE_TRUST)" if document["by"] == "variable" else ""
        print_line(f"trusted{by}; it asks for:")
        for ask in document["asks"]:
            print_line(f"  {ask['key']}  {ask['says']}")
        if not document["asks"]:
            print_line("  nothing by its settings; paid art waits for your approval as ever")
    else:
        print_note("not trusted: what is free works")
    return EXIT_DONE if document["trusted"] else EXIT_DECISION


def _revoke(root: Path, *, as_json: bool) -> int:
    from bridge.operations.trust_project import revoke_trust

    revoked = revoke_trust(root)
    if as_json:
        print_json({"revoked": revoked})
    else:
        print_line("it is trusted no more" if revoked else "it was not trusted")
    return EXIT_DONE


def _list_projects(*, as_json: bool) -> int:
    from bridge.operations.trust_project import list_trusted

    projects = list_trusted()
    if as_json:
        print_json({"projects": projects})
        return EXIT_DONE
    for project in projects:
        asks = f"  ({', '.join(project['asks'])})" if project["asks"] else ""
        print_line(f"{project['path']}{asks}")
    if not projects:
        print_line("you trust no project")
    return EXIT_DONE
