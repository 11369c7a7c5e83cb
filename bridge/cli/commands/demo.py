"""`assetbridge demo DIR`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common
from bridge.cli.render import emit, reporter, say
from bridge.core.errors import EXIT_FAILED

SHEET = "contact_sheet.png"
MOVING = "moving.gif"


@click.command()
@click.argument("directory", type=click.Path(path_type=Path), default="assetbridge-demo")
@common
def demo(directory: Path, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Make and build a small, complete project in DIRECTORY: for Godot, Tiled and others, with every offline kind."""
    from bridge.build.builder import Builder
    from bridge.core import atomic_files as disk
    from bridge.media.images import encode_png
    from bridge.operations.demo import place
    from bridge.operations.plan import planned, take_stock
    from bridge.preview.contact_sheet import contact_sheet
    from bridge.preview.demo_scene import SCENE
    from bridge.preview.scene import moving
    from bridge.project import Project

    root = (project_dir or Path.cwd()) / directory
    place(root)
    progress = reporter(as_json=as_json, verbose=verbose)
    with Project.open(root) as project, project.owned():
        planner, plan = planned(project)
        try:
            builder = Builder(project, planner, plan, progress)
            results = builder.build()
        finally:
            progress.close()
        take_stock(project, planner, planner.plan())
        states = planner.evaluation.states
        assets = [builder.loader.load_processed(states[asset_id]) for asset_id in sorted(states)]
        disk.write(root / SHEET, encode_png(contact_sheet(assets)), shown=SHEET)
        disk.write(root / MOVING, moving(SCENE, assets), shown=MOVING)
    bad = [result for result in results if result.state not in ("ready", "drifted")]
    if as_json:
        emit({"root": directory.as_posix(), "assets": [result.as_dict() for result in results], "spent": []})
    else:
        _tell(directory, len(results), sum(len(result.changed) for result in results))
    return EXIT_FAILED if bad else 0


def _tell(directory: Path, assets: int, files: int) -> None:
    say(f"\n{assets} assets, {files} files written in {directory.as_posix()}/, for nothing. Look at:")
    say(f"  {directory.as_posix()}/{SHEET:<20} everything on one picture")
    say(f"  {directory.as_posix()}/{MOVING:<20} the characters moving")
    say(f"  {directory.as_posix()}/game/                open it in Godot and press Play (arrow keys, space)")
    say(f"  {directory.as_posix()}/maps/                open demo.tiled-project in Tiled; generated/art/island.tmx")
    say(f"  {directory.as_posix()}/export/              sheet + JSON for any other engine")
    say("Then change a word in art/hero.asset.toml and run:")
    say(f"  assetbridge build --project {directory.as_posix()}")
