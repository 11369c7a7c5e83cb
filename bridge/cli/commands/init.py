"""`assetbridge init`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options, record_launcher
from bridge.cli.output import print_json, print_line, print_note


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@common_options
@click.option("--name", help="The project's name. Default: the folder's name.")
def init_command(directory: Path, project_dir: Path | None, as_json: bool, verbose: bool, name: str | None) -> int:
    """Make a folder an assetbridge project: finds Godot, Tiled and Unity in it and sets up a target for each."""
    from bridge.operations.init_project import init_project
    from bridge.operations.trust_project import trust_made_project

    del verbose
    root = (project_dir or directory).resolve()
    written, targets = init_project(root, name)
    untrusted = trust_made_project(root)
    record_launcher(root)
    if untrusted:
        print_note(f"note: the project is not trusted: {untrusted}")
    if as_json:
        print_json({"root": ".", "files": written, "targets": targets})
        return 0
    for path in written:
        print_line(f"wrote {path}")
    print_line(f"targets: {', '.join(targets)}")
    print_line("next: assetbridge new character hero, then assetbridge build")
    return 0
