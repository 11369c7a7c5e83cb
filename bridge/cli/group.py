"""The click group: names and one-line helps here, the commands' modules only when they run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from bridge import __version__
from bridge.cli.output import print_text
from bridge.core.errors import EXIT_USAGE, UserError

COMMANDS: dict[str, str] = {
    "init": "Make this folder an assetbridge project.",
    "new": "Write a new spec: new KIND NAME.",
    "plan": "Show what a build would do and cost.",
    "build": "Draw or buy what is missing and write the engines' files.",
    "watch": "Build what a save changes, until Ctrl-C.",
    "daemon": "A background process for editors: start, stop, status.",
    "status": "Where every asset stands.",
    "check": "For CI: specs valid, lock and outputs current. No network.",
    "inspect": "Show what each step of [process] does to an asset's pixels.",
    "skeleton": "Write the estimated skeleton of a clip to a file, to be edited.",
    "export": "Write the engines' files again; draws and buys nothing.",
    "reroll": "Ask for another take of an asset.",
    "pick": "Choose a variant of an asset.",
    "approve": "Approve what the plan of an asset costs, and build it.",
    "jobs": "Paid orders: list, adopt, abandon, resubmit, cancel.",
    "spend": "What was spent, by provider, asset or day.",
    "lock": "Look at assetbridge.lock, or make it again: lock --rebuild.",
    "merge-lock": "For git: merge two versions of assetbridge.lock.",
    "store": "Raw results: how large, whether whole, what can go; the team's store.",
    "clean": "Remove the files of assets whose specs are gone.",
    "providers": "Who can draw or sell art, and whether a key is there.",
    "trust": "Show what the project asks for, and let it have that.",
    "schema": "Write the JSON Schema that editors complete specs with.",
    "install-addon": "Install the addon for Godot or Tiled.",
    "doctor": "Look for what could go wrong.",
    "demo": "Make and build a small, complete demo project.",
}
"""Name and one-line help. `install-addon` is `install_addon_command` of the module `commands/install_addon.py`."""


def _load_command(name: str) -> click.Command:
    stem = name.replace("-", "_")
    command: click.Command = getattr(import_module(f"bridge.cli.commands.{stem}"), f"{stem}_command")
    return command


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; None for a name that is none."""
        del ctx
        return _load_command(cmd_name) if cmd_name in COMMANDS else None

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
            formatter.write_dl(list(COMMANDS.items()))


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
        print_text(error.ctx.get_help() if error.ctx else "")
        return EXIT_USAGE
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"{context.command_path} --help shows what it takes." if context else ""
        # Some of click's messages are lists over several lines.
        raise UserError("usage", " ".join(error.format_message().split()).rstrip("."), hint=hint) from error
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    return code if isinstance(code, int) else 0
