"""`assetbridge store`: raw results, as they were drawn or bought."""

from __future__ import annotations

import click

from bridge.cli.commands import store_local


@click.group("store")
def store_command() -> None:
    """Raw results, as they were drawn or bought: how much there is, whether it is whole, and what can go."""


for command in store_local.COMMANDS:
    store_command.add_command(command)
