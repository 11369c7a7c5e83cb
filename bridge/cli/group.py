"""The click group: names and one-line helps here, the commands' modules only when they run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from bridge import __version__
from bridge.core.errors import EXIT_USAGE, UserError

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("bridge.cli.commands.init:init", "Make this folder an assetbridge project."),
    "new": ("bridge.cli.commands.init:new", "Write a new spec: new KIND NAME."),
    "plan": ("bridge.cli.commands.build:plan", "Show what a build would do and cost."),
    "build": ("bridge.cli.commands.build:build", "Draw or buy what is missing and write the engines' files."),
    "watch": ("bridge.cli.commands.watch:watch", "Build what a save changes, until Ctrl-C."),
    "daemon": ("bridge.cli.commands.daemon:daemon", "A background process for editors: start, stop, status."),
    "status": ("bridge.cli.commands.build:status", "Where every asset stands."),
    "check": ("bridge.cli.commands.build:check", "For CI: specs valid, lock and outputs current. No network."),
    "inspect": ("bridge.cli.commands.inspect:inspect", "Show what each step of [process] does to an asset's pixels."),
    "export": ("bridge.cli.commands.build:export", "Write the engines' files again; draws and buys nothing."),
    "reroll": ("bridge.cli.commands.reroll:reroll", "Ask for another take of an asset."),
    "pick": ("bridge.cli.commands.reroll:pick", "Choose a variant of an asset."),
    "approve": ("bridge.cli.commands.jobs:approve", "Approve what the plan of an asset costs, and build it."),
    "jobs": ("bridge.cli.commands.jobs:jobs", "Paid orders: list, adopt, abandon, resubmit, cancel."),
    "spend": ("bridge.cli.commands.jobs:spend", "What was spent, by provider, asset or day."),
    "clean": ("bridge.cli.commands.reroll:clean", "Remove the files of assets whose specs are gone."),
    "providers": ("bridge.cli.commands.providers:providers", "Who can draw or sell art, and whether a key is there."),
    "schema": ("bridge.cli.commands.init:schema", "Write the JSON Schema that editors complete specs with."),
    "install-addon": ("bridge.cli.commands.install_addon:install_addon", "Install the addon for Godot or Tiled."),
    "doctor": ("bridge.cli.commands.doctor:doctor", "Look for what could go wrong."),
    "demo": ("bridge.cli.commands.demo:demo", "Make and build a small, complete demo project."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; while `--help` lists them, a stand-in with its short help."""
        if cmd_name not in COMMANDS:
            return None
        place, text = COMMANDS[cmd_name]
        if ctx.info_name is not None and getattr(ctx, "listing", False):
            return click.Command(cmd_name, short_help=text)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Adds a suggestion to click's own message for an unknown command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean {close[0]}?" if close else "assetbridge --help lists the commands."
            raise UserError("usage", f"there is no command {args[0]}", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="assetbridge %(version)s")
def group() -> None:
    """Game art as code: spec files in, files that your engine opens out.

    \b
    Start with:  assetbridge init
                 assetbridge new character hero
                 assetbridge build
    """


def run_words(words: Sequence[str]) -> int:
    """Runs a command line; click's own complaints become our error shape.

    Raises:
        BridgeError: for the caller to tell.
    """
    try:
        code = group.main(args=list(words), prog_name="assetbridge", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        return EXIT_USAGE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"{context.command_path} --help shows what it takes." if context else ""
        raise UserError("usage", error.format_message().rstrip("."), hint=hint) from error
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    return code if isinstance(code, int) else 0
