"""Options that every command has, and what every command of a project does first."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from bridge.core.errors import BridgeError

Function = TypeVar("Function", bound=Callable[..., Any])


def no_daemon_option(function: Function) -> Function:
    """`--no-daemon`."""
    text = "Work in this process even if a daemon runs for the project."
    return click.option("--no-daemon", is_flag=True, help=text)(function)


def common_options(function: Function) -> Function:
    """`--project DIR`, `--json` and `-v`; the command records how it was started."""
    command = _record_first(function)
    command = click.option(
        "--project",
        "project_dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="The project's folder, or one inside it. Default: here.",
    )(command)
    command = click.option("--json", "as_json", is_flag=True, help="One JSON object at the end, for scripts.")(command)
    return click.option("-v", "--verbose", is_flag=True, help="Say more.")(command)


def inherit_options(context: click.Context) -> None:
    """Lets the command behind a group's name take the group's options: `jobs --json adopt 12`."""
    given = {name: value for name, value in context.params.items() if value}
    context.default_map = {str(context.invoked_subcommand): given}


def _record_first(function: Function) -> Function:
    @functools.wraps(function)
    def run_recorded(*args: Any, **options: Any) -> Any:
        record_launcher(options["project_dir"])
        return function(*args, **options)

    return cast("Function", run_recorded)


def record_launcher(project_dir: Path | None) -> None:
    """Writes down for the user how assetbridge is started, for addons; no command fails for want of that."""
    from bridge.core import launchers
    from bridge.core.paths import find_project

    with contextlib.suppress(BridgeError):
        launchers.record_launcher(find_project(project_dir or Path.cwd()))
