"""`assetbridge demo DIR`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.cli.render import make_progress
from bridge.core.errors import EXIT_DONE, EXIT_FAILED


@click.command("demo")
@click.argument("directory", type=click.Path(path_type=Path), default="assetbridge-demo")
@common_options
def demo_command(directory: Path, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Make and build a small, complete project in DIRECTORY: for Godot, Tiled and others, with every offline kind."""
    from bridge.operations.demo import build_demo, copy_demo

    root = (project_dir or Path.cwd()) / directory
    copy_demo(root)
    results = build_demo(root, make_progress(as_json=as_json, verbose=verbose))
    if as_json:
        print_json({"root": directory.as_posix(), "assets": [result.as_dict() for result in results], "spent": []})
    else:
        _show_demo(directory, len(results), sum(len(result.changed) for result in results))
    return EXIT_DONE if all(result.state in ("ready", "drifted") for result in results) else EXIT_FAILED


def _show_demo(directory: Path, assets: int, files: int) -> None:
    from bridge.operations.demo import MOVING, SHEET

    folder = directory.as_posix()
    print_line()
    print_line(f"{assets} assets, {files} files written in {folder}/, for nothing. Look at:")
    print_line(f"  {folder}/{SHEET:<20} everything on one picture")
    print_line(f"  {folder}/{MOVING:<20} the characters moving")
    print_line(f"  {folder}/game/                open it in Godot and press Play (arrow keys, space)")
    print_line(f"  {folder}/maps/                open demo.tiled-project in Tiled; generated/art/island.tmx")
    print_line(f"  {folder}/export/              sheet + JSON for any other engine")
    print_line("Then change a word in art/hero.asset.toml and run:")
    print_line(f"  assetbridge build --project {folder}")
