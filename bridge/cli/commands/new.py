"""`assetbridge new`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line


@click.command("new")
@click.argument("kind")
@click.argument("name")
@common_options
@click.option("--description", help="What the asset is.")
@click.option("--provider", help="Who draws it. Default: as in assetbridge.toml, else procedural.")
@click.option("--terrain", "terrains", multiple=True, metavar="NAME", help="Of a tileset; several, from low to high.")
@click.option("--tile-size", type=click.IntRange(min=1), metavar="N", help="Of a tileset, in pixels.")
def new_command(
    kind: str,
    name: str,
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    description: str | None,
    provider: str | None,
    terrains: tuple[str, ...],
    tile_size: int | None,
) -> int:
    """Write a new spec of KIND (sprite, items, character, animation, turnaround, edit, tileset, isometric_tiles, map,
    music). NAME is the asset's id: its path in the project without suffix, like art/hero.
    """
    from bridge.config.project_config import read_config
    from bridge.core.paths import find_project, spec_file
    from bridge.operations.new_spec import write_new

    del verbose
    config = read_config(find_project(project_dir or Path.cwd()))
    asset_id = write_new(config, kind, name, description, provider, terrains=terrains, tile_size=tile_size)
    if as_json:
        print_json({"id": asset_id, "kind": kind, "path": spec_file(asset_id)})
    else:
        print_line(f"wrote {spec_file(asset_id)}; next: assetbridge build {asset_id}")
    return 0
