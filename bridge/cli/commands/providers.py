"""providers: who can make art, keys, balances, models."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.options import common, hand_down
from bridge.cli.render import emit, say
from bridge.core.errors import EXIT_PROVIDER, ProviderError, UserError

if TYPE_CHECKING:
    from bridge.providers.paid import ModelInfo


@click.group(invoke_without_command=True)
@common
@click.pass_context
def providers(context: click.Context, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Who can draw or sell art, for which kinds, and whether a key is there (never the key itself)."""
    del project_dir, verbose
    if context.invoked_subcommand is None:
        return _list(as_json)
    hand_down(context)
    return 0


@providers.command("list")
@common
def list_(project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """The same as without a word."""
    del project_dir, verbose
    return _list(as_json)


def _list(as_json: bool) -> int:
    from bridge.providers.listing import listing

    rows = listing()
    if as_json:
        emit({"providers": rows})
        return 0
    for row in rows:
        say(f"{row['name']:<12} {_state(row)}")
        if row["available"]:
            say(f"{'':<12} {', '.join(row['kinds'])}")
    return 0


def _state(row: dict[str, Any]) -> str:
    if row["offline"]:
        return "offline, free"
    if not row["available"]:
        return f"cannot be used: {row['error']['message']}"
    key = row["key"]
    if key["present"]:
        return f"paid; key {key['name']} from the {key['source']}"
    return f"paid; no key (set {key['name']}, or: assetbridge providers login {row['name']})"


def _paid(name: str) -> str:
    """The name of a paid provider.

    Raises:
        UserError: `unknown_provider`, `provider_broken`.
    """
    from bridge.providers import registry

    if registry.get(name).offline:
        able = [provider.name for provider in registry.usable() if not provider.offline]
        raise UserError(
            "unknown_provider",
            f"{name} is not a paid provider",
            hint=f"Paid providers: {', '.join(able)}.",
        )
    return name


@providers.command()
@click.argument("name")
@common
def login(name: str, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """Keep the API key of a provider: in the OS keyring, else in a file that only you can read.

    The key is asked for, or read from standard input in a pipe; it is never an argument, which others could see.
    """
    from typing import cast

    from bridge.core import credentials as secrets
    from bridge.providers import registry
    from bridge.providers.paid import PaidProvider

    del project_dir, verbose
    api = cast("PaidProvider", registry.get(_paid(name))).api
    if sys.stdin.isatty():
        place = f" (from {api.account_url})" if api.account_url else ""
        value = click.prompt(f"API key of {name}{place}", hide_input=True, err=True)
    else:
        value = sys.stdin.readline()
    value = value.strip()
    if not value or not value.isascii() or any(character.isspace() for character in value):
        raise UserError("key_unreadable", "that is no key", hint="Copy the whole key, without blanks.")
    source = secrets.save(api.key_env, value)
    if as_json:
        emit({"provider": name, "stored": source})
    else:
        say(f"kept in the {source}; try: assetbridge providers balance {name}")
    return 0


@providers.command()
@click.argument("names", nargs=-1)
@common
def balance(names: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """What is left on your accounts."""
    from bridge.core import credentials as secrets
    from bridge.orders.access import settings
    from bridge.orders.balances import balances
    from bridge.orders.model import plain
    from bridge.project import Project
    from bridge.providers import registry

    del verbose
    with Project.open(project_dir) as project:
        chosen = [_paid(name) for name in names] or [
            provider.name
            for provider in registry.usable()
            if not provider.offline and secrets.find(provider.name, settings(project.config, provider.name)[1].key_env)
        ]
        said = balances(project.config, chosen, journal=project.journal)
    rows: list[dict[str, Any]] = [
        {
            "provider": name,
            "balance": {unit: plain(amount) for unit, amount in asked.balance.amounts.items()}
            if asked.balance
            else None,
            "plan": asked.balance.plan if asked.balance else "",
            "note": asked.note,
        }
        for name, asked in said.items()
    ]
    if as_json:
        emit({"balances": rows})
    else:
        for row in rows:
            amounts = ", ".join(f"{amount} {unit}" for unit, amount in (row["balance"] or {}).items())
            plan = f" ({row['plan']})" if row["plan"] else ""
            say(f"{row['provider']:<12} {amounts or row['note'] or 'it does not say'}{plan}")
        if not rows:
            say("no keys: assetbridge providers login NAME")
    return EXIT_PROVIDER if any(row["balance"] is None for row in rows) else 0


@providers.command()
@click.argument("name")
@common
def assets(name: str, project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """What your account already has: a spec takes it over with `adopt = "ID"`, for nothing."""
    import asyncio

    from bridge.orders.access import access
    from bridge.orders.balances import listed
    from bridge.project import Project

    del verbose
    with Project.open(project_dir) as project:
        found = asyncio.run(listed(access(project.config, _paid(name))))
    if as_json:
        emit({"assets": [{"kind": one.kind, "id": one.id, "name": one.name, "details": one.details} for one in found]})
        return 0
    for one in found:
        say(f"{one.kind:<16} {one.id}  {one.name}{f'  ({one.details})' if one.details else ''}")
    if not found:
        say(f"{name} has nothing of yours")
    return 0


@providers.command()
@click.argument("name", required=False)
@click.argument("about", nargs=-1)
@common
def models(name: str | None, about: tuple[str, ...], project_dir: Path | None, as_json: bool, verbose: bool) -> int:
    """The models that a spec can name, with prices where they are told; ABOUT: models to say all of.

    What a provider lists is kept, and later plans are checked against it.
    """
    import asyncio

    from bridge.orders.access import public
    from bridge.orders.balances import models as told
    from bridge.project import Project
    from bridge.providers import registry

    del verbose
    names = [_paid(name)] if name else [one.name for one in registry.usable() if not one.offline]
    lists, notes = {}, {}
    with Project.open(project_dir) as project:
        for one in names:
            try:
                lists[one] = asyncio.run(told(public(project.config, one), about))
            except ProviderError as error:
                if name is not None:
                    raise
                # One that is out of reach does not hide the others.
                notes[one] = error.message
    unknown = [] if name is None else sorted(set(about) - {row.id for row in lists[name].rows})
    if unknown:
        raise UserError("usage", f"{name} has no model {unknown[0]}", hint=f"assetbridge providers models {name}")
    rows = [_model(one, row, full=row.id in about) for one, found in lists.items() for row in found.rows]
    shown = [row for row in rows if row["id"] in about] if about else rows
    if as_json:
        as_of = {one: found.as_of for one, found in lists.items() if found.as_of}
        emit({"models": shown, "as_of": as_of, "notes": notes})
        return EXIT_PROVIDER if notes else 0
    for row in shown:
        price = row["price"]
        cost = f"  {price['amount']} {price['unit']} per {row['per']}" if price else ""
        say(f"{row['provider']:<12} {row['id']:<28} {', '.join(row['kinds'])}{cost}")
        for field, rule in sorted((row.get("takes") or {}).get("properties", {}).items()):
            say(f"{'':<15} {field}: {json.dumps(rule, ensure_ascii=False, sort_keys=True)}")
    for note in notes.values():
        say(note)
    if not shown and not notes:
        say("there is no model to choose")
    return EXIT_PROVIDER if notes else 0


def _model(provider: str, model: ModelInfo, *, full: bool) -> dict[str, Any]:
    from bridge.orders.model import money

    row = {
        "provider": provider,
        "id": model.id,
        "name": model.name,
        "kinds": list(model.kinds),
        "price": money(model.price.unit, model.price.amount) if model.price else None,
        "per": model.per,
    }
    return row | ({"takes": model.takes} if full else {})
