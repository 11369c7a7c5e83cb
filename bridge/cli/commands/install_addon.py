"""`assetbridge install-addon godot|tiled`: puts the addon where its engine looks for it."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import __version__
from bridge.cli.errors import pluralize
from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line


@click.command("install-addon")
@click.argument("engine", type=click.Choice(["godot", "tiled"]))
@click.option("--force", is_flag=True, help="Replace also files that were edited by hand.")
@click.option("--in-project", is_flag=True, help="Of Tiled: into the Tiled project's extensions, for the whole team.")
@common_options
def install_addon_command(
    engine: str, force: bool, in_project: bool, project_dir: Path | None, as_json: bool, verbose: bool
) -> int:
    """Install or update the addon for ENGINE: into the Godot project, or into Tiled's extensions folder."""
    from bridge.operations.install_addon import install_addon

    done = install_addon(engine, project_dir or Path.cwd(), force=force, in_project=in_project)
    if as_json:
        facts = {"engine": engine, "version": __version__, "folder": done.folder.as_posix()}
        print_json({**facts, "written": list(done.written), "removed": list(done.removed)})
        return 0
    for path in (*done.written, *done.removed) if verbose else ():
        print_line(path)
    print_line(f"{engine} addon {__version__}: {pluralize(len(done.written), 'file')} written to {done.folder}")
    if engine == "godot" and done.written:
        print_line("next: Project → Project Settings → Plugins → switch on AssetBridge")
    if engine == "tiled" and done.written:
        first = "open the project in Tiled and enable its extensions" if in_project else "start Tiled"
        print_line(f"next: {first}; the actions are in its menu Map")
    return 0
