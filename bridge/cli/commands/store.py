"""`assetbridge store`: raw results, as they were drawn or bought, here and in the team's store."""

from __future__ import annotations

import click

from bridge.cli.commands import store_team, store_upkeep


@click.group("store")
def store_command() -> None:
    """Raw results, as they were drawn or bought: how much there is, whether it is whole, what can go."""


for command in (*store_upkeep.COMMANDS, *store_team.COMMANDS):
    store_command.add_command(command)
