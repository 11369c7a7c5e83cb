"""`assetbridge schema`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.options import common_options
from bridge.cli.output import print_json, print_line
from bridge.core.paths import SCHEMA_FILE


@click.command("schema")
@common_options
@click.option("--stdout", "to_stdout", is_flag=True, help=f"Print it instead of writing {SCHEMA_FILE}.")
def schema_command(project_dir: Path | None, as_json: bool, verbose: bool, to_stdout: bool) -> int:
    """Write the JSON Schema that editors (Taplo, Even Better TOML) complete and check specs with."""
    from bridge.spec.schema import json_schema

    del verbose
    if to_stdout:
        print_json(json_schema())
        return 0
    from bridge.config.project_config import read_config
    from bridge.core.paths import find_project
    from bridge.operations.write_schema import write_schema

    root = read_config(find_project(project_dir or Path.cwd())).root
    changed = write_schema(root)
    if as_json:
        print_json({"path": SCHEMA_FILE, "changed": changed})
    else:
        print_line(f"{SCHEMA_FILE} {'written' if changed else 'is current'}")
    return 0
