"""`assetbridge providers`: who can make art, keys, balances, models."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.options import common_options, inherit_options
from bridge.cli.output import ask_secret, print_json, print_line
from bridge.core.errors import EXIT_DONE, EXIT_PROVIDER, BridgeError

if TYPE_CHECKING:
    from bridge.operations.accounts import ModelLists


@click.group("providers", invoke_without_command=True)
@common_options
@click.pass_context
def providers_command(context: click.Context, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Who can draw or sell art, for which kinds, and whether a key is there (never the key itself)."""
    del verbose
    if context.invoked_subcommand is None:
        return _list_providers(project_dir, as_json)
    inherit_options(context)
    return EXIT_DONE


@providers_command.command("list")
@common_options
def list_command(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """The same as without a word."""
    del verbose
    return _list_providers(project_dir, as_json)


def _list_providers(project_dir: Path | None, as_json: bool) -> int:
    from bridge.config.project_config import read_config
    from bridge.core.paths import find_project
    from bridge.providers.listing import listing

    with contextlib.suppress(BridgeError):
        # A project decides whether other people's packages are loaded; without one it is the user who asks.
        read_config(find_project(project_dir or Path.cwd()))
    rows = listing()
    if as_json:
        print_json({"providers": rows})
        return EXIT_DONE
    for row in rows:
        print_line(f"{row['name']:<12} {_describe_access(row)}")
        if row["available"]:
            print_line(f"{'':<12} {', '.join(row['kinds'])}")
    return EXIT_DONE


def _describe_access(row: dict[str, Any]) -> str:
    if row["offline"]:
        return "offline, free"
    if not row["available"] and row["error"]["code"] == "not_trusted":
        return "not loaded: this project is not trusted (assetbridge trust)"
    if not row["available"]:
        return f"cannot be used: {row['error']['message']}"
    key = row["key"]
    if key["present"]:
        return f"paid; key {key['name']} from the {key['source']}"
    return f"paid; no key (set {key['name']}, or: assetbridge providers login {row['name']})"


@providers_command.command("login")
@click.argument("name")
@common_options
def login_command(name: str, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Keep the API key of a provider: in the OS keyring, else in a file that only you can read.

    The key is asked for, or read from standard input in a pipe; it is never an argument, which others could see.
    """
    from bridge.operations.accounts import api_of, keep_key

    del project_dir, verbose
    api = api_of(name)
    if sys.stdin.isatty():
        source = f" (from {api.account_url})" if api.account_url else ""
        text = ask_secret(f"API key of {name}{source}")
    else:
        text = sys.stdin.readline()
    stored = keep_key(api, text)
    if as_json:
        print_json({"provider": name, "stored": stored})
    else:
        print_line(f"kept in the {stored}; try: assetbridge providers balance {name}")
    return EXIT_DONE


@providers_command.command("balance")
@click.argument("names", nargs=-1)
@common_options
def balance_command(names: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """What is left on your accounts."""
    from bridge.cli.trust_question import ask_at_start
    from bridge.operations.accounts import list_balances
    from bridge.project import Project

    del verbose
    ask_at_start(project_dir, for_programs=as_json)
    with Project.open(project_dir) as project:
        rows = list_balances(project, names)
    if as_json:
        print_json({"balances": rows})
    else:
        for row in rows:
            amounts = ", ".join(f"{amount} {unit}" for unit, amount in (row["balance"] or {}).items())
            plan = f" ({row['plan']})" if row["plan"] else ""
            print_line(f"{row['provider']:<12} {amounts or row['note'] or 'it does not say'}{plan}")
        if not rows:
            print_line("no keys: assetbridge providers login NAME")
    return EXIT_PROVIDER if any(row["balance"] is None for row in rows) else EXIT_DONE


@providers_command.command("assets")
@click.argument("name")
@common_options
def assets_command(name: str, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """What your account already has: a spec takes it over with `adopt = "ID"`, for nothing."""
    import asyncio

    from bridge.cli.trust_question import ask_at_start
    from bridge.operations.accounts import require_paid
    from bridge.orders.access import open_access
    from bridge.orders.balances import list_remote_assets
    from bridge.project import Project

    del verbose
    ask_at_start(project_dir, for_programs=as_json)
    with Project.open(project_dir) as project:
        assets = asyncio.run(list_remote_assets(open_access(project.config, require_paid(name))))
    if as_json:
        rows = [{"kind": asset.kind, "id": asset.id, "name": asset.name, "details": asset.details} for asset in assets]
        print_json({"assets": rows})
        return EXIT_DONE
    for asset in assets:
        print_line(f"{asset.kind:<16} {asset.id}  {asset.name}{f'  ({asset.details})' if asset.details else ''}")
    if not assets:
        print_line(f"{name} has nothing of yours")
    return EXIT_DONE


@providers_command.command("models")
@click.argument("name", required=False)
@click.argument("about", nargs=-1)
@common_options
def models_command(
    name: str | None, about: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool
) -> int:
    """The models that a spec can name, with prices where they are told; ABOUT: models to say all of.

    What a provider lists is kept, and later plans are checked against it.
    """
    from bridge.cli.trust_question import ask_at_start
    from bridge.operations.accounts import list_models, require_paid
    from bridge.project import Project

    del verbose
    ask_at_start(project_dir, for_programs=as_json)
    provider = require_paid(name) if name else None
    with Project.open(project_dir) as project:
        models = list_models(project.config, provider, about)
    if as_json:
        print_json(models.as_dict())
    else:
        _show_models(models)
    return EXIT_PROVIDER if models.notes else EXIT_DONE


def _show_models(models: ModelLists) -> None:
    rows = models.rows
    for row in rows:
        price = row["price"]
        cost = f"  {price['amount']} {price['unit']} per {row['per']}" if price else ""
        print_line(f"{row['provider']:<12} {row['id']:<28} {', '.join(row['kinds'])}{cost}")
        for field, rule in sorted((row.get("takes") or {}).get("properties", {}).items()):
            print_line(f"{'':<15} {field}: {json.dumps(rule, ensure_ascii=False, sort_keys=True)}")
    for note in models.notes.values():
        print_line(note)
    if not rows and not models.notes:
        print_line("there is no model to choose")
