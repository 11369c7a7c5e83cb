"""The one question about a project that is not the user's own yet: what it asks for, and whether it may.

Asked once in a command, on a terminal, and never where a program reads. Who says no goes on: what is free works.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.output import ask_yes, print_note, print_notes
from bridge.core.errors import BridgeError
from bridge.trust.project_trust import TrustState
from bridge.trust.request import CHANGED, RequestChange, escape_text

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.plan.model import Plan

# Where click keeps of one command whether it has asked.
_ASKED = f"{__name__}.asked"


def can_ask(*, for_programs: bool) -> bool:
    """Whether a person sits there who can be asked. for_programs: the output is JSON."""
    return not for_programs and is_terminal()


def is_terminal() -> bool:
    """Whether both what is read and what is written is a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask_at_start(project_dir: Path | None, *, for_programs: bool) -> None:
    """Asks about a project whose assetbridge.toml wants something that it was not trusted with.

    For commands that may use what waits for trust. In a pipe nothing is asked, and whatever is met says so itself.

    Raises:
        UserError: `no_project`, `config_invalid`; what was trusted cannot be read.
    """
    if not can_ask(for_programs=for_programs):
        return
    from bridge.config.project_config import read_config
    from bridge.core.paths import find_project

    config = read_config(find_project(project_dir or Path.cwd()))
    if config.trust.state is not TrustState.TRUSTED and config.trust.list_changes():
        _ask(config, ())


def ask_about_plan(config: Config, plan: Plan, *, for_programs: bool) -> None:
    """Asks about a project that wants nothing but paid art, before that is priced or bought.

    Raises:
        UserError: what was trusted cannot be read.
    """
    providers = sorted({cost["provider"] for cost in plan.costs()})
    if providers and can_ask(for_programs=for_programs) and not config.trust.is_trusted:
        _ask(config, providers)


def _ask(config: Config, providers: Sequence[str]) -> None:
    import click

    from bridge.operations.trust_project import trust_project

    memory = click.get_current_context().find_root().meta
    if memory.setdefault(_ASKED, False):
        return
    memory[_ASKED] = True
    requests = config.trust.list_requests()
    lines = [headline(config), *list_lines(config.trust.list_changes(requests))]
    lines += [f"  paid art from {escape_text(name)}, with your key" for name in providers]
    lines += list_databases(config)
    print_notes(lines)
    if ask_yes("Do you trust it?", on_stderr=True):
        trust_project(config.trust, requests)
    else:
        print_note("Going on without: what is free is made. `assetbridge trust` asks again.")


def list_databases(config: Config) -> list[str]:
    """What lies in the project from an earlier version or somebody else, and is the user's once it is trusted."""
    from bridge.core.project_database import list_strange_databases

    with contextlib.suppress(OSError, BridgeError):
        return [f"  takes over {path}, which you did not begin here" for path in list_strange_databases(config.root)]
    return []


def headline(config: Config) -> str:
    """What is asked, in a line."""
    name = escape_text(config.name)
    if config.trust.state is TrustState.CHANGED:
        return f"{name} asks for something else than when you trusted it:"
    return f"{name} is not trusted on this machine. A trusted project may use your API keys; it asks for:"


def list_lines(changes: Sequence[RequestChange]) -> list[str]:
    """What is asked for, a line each: what is new, changed or gone since the project was trusted, if ever it was."""
    width = max((len(change.request.key) for change in changes), default=0)
    return [_list_line(change, width) for change in changes]


def _list_line(change: RequestChange, width: int) -> str:
    before = f" (before: {change.before})" if change.what == CHANGED else ""
    return f"  {change.what:<7}  {change.request.key:<{width}}  {change.request.says}{before}"
