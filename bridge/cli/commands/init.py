"""init, new, schema, providers."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options, record_launcher
from bridge.cli.render import print_json, print_line


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@common_options
@click.option("--name", help="The project's name. Default: the folder's name.")
def init(directory: Path, project_dir: Path | None, as_json: bool, verbose: bool, name: str | None) -> int:
    """Make a folder an assetbridge project: finds Godot, Tiled and Unity in it and sets up a target for each."""
    from bridge.operations.init_project import init_project

    del verbose
    root = (project_dir or directory).resolve()
    written, targets = init_project(root, name)
    record_launcher(root)
    if as_json:
        print_json({"root": ".", "files": written, "targets": targets})
        return 0
    for path in written:
        print_line(f"wrote {path}")
    print_line(f"targets: {', '.join(targets)}")
    print_line("next: assetbridge new character hero, then assetbridge build")
    return 0


@click.command()
@click.argument("kind")
@click.argument("name")
@common_options
@click.option("--description", help="What the asset is.")
@click.option("--provider", help="Who draws it. Default: as in assetbridge.toml, else procedural.")
@click.option("--terrain", "terrains", multiple=True, metavar="NAME", help="Of a tileset; several, from low to high.")
@click.option("--tile-size", type=click.IntRange(min=1), metavar="N", help="Of a tileset, in pixels.")
def new(
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
    from bridge.core.paths import find_project
    from bridge.operations import edit_spec as edits

    del verbose
    config = read_config(find_project(project_dir or Path.cwd()))
    asset_id = edits.write_new(config, kind, name, description, provider, terrains=terrains, tile_size=tile_size)
    if as_json:
        print_json({"id": asset_id, "kind": kind, "path": f"{asset_id}.asset.toml"})
    else:
        print_line(f"wrote {asset_id}.asset.toml; next: assetbridge build {asset_id}")
    return 0


@click.command()
@common_options
@click.option("--stdout", "to_stdout", is_flag=True, help="Print it instead of writing .assetbridge/spec.schema.json.")
def schema(project_dir: Path | None, as_json: bool, verbose: bool, to_stdout: bool) -> int:
    """Write the JSON Schema that editors (Taplo, Even Better TOML) complete and check specs with."""
    from bridge.spec.schema import json_schema

    del verbose
    if to_stdout:
        print_json(json_schema())
        return 0
    from bridge.config.project_config import read_config
    from bridge.core.paths import find_project
    from bridge.operations import edit_spec as edits

    root = read_config(find_project(project_dir or Path.cwd())).root
    changed = edits.write_schema(root)
    if as_json:
        print_json({"path": ".assetbridge/spec.schema.json", "changed": changed})
    else:
        print_line(".assetbridge/spec.schema.json " + ("written" if changed else "is current"))
    return 0
