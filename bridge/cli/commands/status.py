"""`assetbridge status`, where the words need click: the answer itself comes from `bridge.cli.fast`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.fast.status import answer_status
from bridge.cli.options import common_options


@click.command("status")
@common_options
def status_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Where every asset stands, from what is remembered; `plan` looks closer."""
    del verbose
    words = [*(["--project", str(project_dir)] if project_dir else []), *(["--json"] if as_json else [])]
    return answer_status(words) or 0
