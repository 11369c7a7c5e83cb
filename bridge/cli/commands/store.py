"""`assetbridge store`: what was bought, here and in the team's store."""

from __future__ import annotations

import click

from bridge.cli.commands import store_team


@click.group("store")
def store_command() -> None:
    """What was bought: bring it to the team's store, or from there, and look after it."""


for command in store_team.COMMANDS:
    store_command.add_command(command)
