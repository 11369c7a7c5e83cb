"""init, new, schema, providers."""

from __future__ import annotations

from pathlib import Path

import click

from bridge import disk
from bridge.cli.options import common
from bridge.cli.show import emit, say
from bridge.errors import UserError


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@common
@click.option("--name", help="The project's name. Default: the folder's name.")
def init(directory: Path, project_dir: Path | None, as_json: bool, verbose: bool, name: str | None) -> int:
    """Make a folder an assetbridge project: finds Godot, Tiled and Unity in it and sets up a target for each."""
    from bridge.init import initialise

    del verbose
    root = (project_dir or directory).resolve()
    written, targets = initialise(root, name)
    if as_json:
        emit({"root": ".", "files": written, "targets": targets})
        return 0
    for path in written:
        say(f"wrote {path}")
    say(f"targets: {', '.join(targets)}")
    say("next: assetbridge new character hero, then assetbridge build")
    return 0


@click.command()
@click.argument("kind")
@click.argument("name")
@common
@click.option("--description", help="What the asset is.")
@click.option("--provider", help="Who draws it. Default: as in assetbridge.toml, else procedural.")
def new(
    kind: str,
    name: str,
    project_dir: Path | None,
    as_json: bool,
    verbose: bool,
    description: str | None,
    provider: str | None,
) -> int:
    """Write a new spec of KIND (sprite, items, character, animation, turnaround, edit, tileset, isometric_tiles, map,
    music). NAME is the asset's id: its path in the project without suffix, like art/hero.
    """
    from bridge.config import find_project, read_config
    from bridge.spec.edit import new_spec
    from bridge.spec.load import check_id

    del verbose
    config = read_config(find_project(project_dir or Path.cwd()))
    asset_id = name.removesuffix(".asset.toml")
    check_id(asset_id)
    path = config.root / f"{asset_id}.asset.toml"
    if path.exists():
        raise UserError("file_exists", f"{asset_id}.asset.toml exists already", hint="Choose another name, or edit it.")
    text = new_spec(kind, asset_id, description=description, provider=provider)
    _write_schema(config.root)
    disk.write(path, text.encode(), shown=f"{asset_id}.asset.toml")
    if as_json:
        emit({"id": asset_id, "kind": kind, "path": f"{asset_id}.asset.toml"})
    else:
        say(f"wrote {asset_id}.asset.toml; next: assetbridge build {asset_id}")
    return 0


def _write_schema(root: Path) -> bool:
    import json

    from bridge.spec.schema import json_schema

    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    return disk.write(root / ".assetbridge" / "spec.schema.json", text.encode(), shown=".assetbridge/spec.schema.json")


@click.command()
@common
@click.option("--stdout", "to_stdout", is_flag=True, help="Print it instead of writing .assetbridge/spec.schema.json.")
def schema(project_dir: Path | None, as_json: bool, verbose: bool, to_stdout: bool) -> int:
    """Write the JSON Schema that editors (Taplo, Even Better TOML) complete and check specs with."""
    from bridge.spec.schema import json_schema

    del verbose
    if to_stdout:
        emit(json_schema())
        return 0
    from bridge.config import find_project, read_config

    root = read_config(find_project(project_dir or Path.cwd())).root
    changed = _write_schema(root)
    if as_json:
        emit({"path": ".assetbridge/spec.schema.json", "changed": changed})
    else:
        say(".assetbridge/spec.schema.json " + ("written" if changed else "is current"))
    return 0
