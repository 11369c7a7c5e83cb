"""Options that every command has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def common(function: Function) -> Function:
    """`--project DIR`, `--json` and `-v`."""
    function = click.option(
        "--project",
        "project_dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="The project's folder, or one inside it. Default: here.",
    )(function)
    function = click.option("--json", "as_json", is_flag=True, help="One JSON object at the end, for scripts.")(
        function
    )
    return click.option("-v", "--verbose", is_flag=True, help="Say more.")(function)
