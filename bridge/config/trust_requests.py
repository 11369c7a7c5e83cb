"""What the settings of a project ask its user for: a loop over the options that say so (`ConfigOption.asks`)."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bridge.config.options import BUDGET, PROVIDER, STORE, WEBHOOKS, Options
from bridge.core import limits
from bridge.core.root_folder import RootFolder
from bridge.core.web_address import DEFAULT_LISTEN
from bridge.trust.request import TrustRequest, escape_text
from exporters import registry

Tables = Mapping[str, Mapping[str, Any]]


def list_requests(root: Path, tables: Tables) -> tuple[TrustRequest, ...]:
    """What the tables of assetbridge.toml ask for, in the order of the reference; they need not be valid.

    root: the project's folder: files of it that `upload_command` names are part of what is asked.
    """
    return tuple(_find_requests(root, tables))


def _find_requests(root: Path, tables: Tables) -> Iterator[TrustRequest]:
    for name in tables.get("targets", {}):
        if name not in registry.BUILT_IN:
            yield TrustRequest.of(f"targets.{name}", name, f"loads the export target {escape_text(name)} of a package")
    for name, table in tables.get("providers", {}).items():
        for key in _asking_keys(table, PROVIDER):
            if key != "api_key_env" or table[key] != own_key_name(name):
                yield _ask_for_provider(root, name, key, table[key])
    for name, table in tables.get("budget", {}).items():
        if _asking_keys(table, BUDGET):
            says = f"spends at {escape_text(name)} without asking: {_describe_limits(table)}"
            yield TrustRequest.of(f"budget.{name}", table, says)
    webhooks = tables.get("webhooks", {})
    if _asking_keys(webhooks, WEBHOOKS) and "public_url" in webhooks:
        listen = escape_text(str(webhooks.get("listen", DEFAULT_LISTEN)))
        public = escape_text(str(webhooks["public_url"]))
        says = f"listens on {listen} while paid jobs wait, and tells providers to call {public}"
        yield TrustRequest.of("webhooks", webhooks, says)
    store = tables.get("store", {})
    for key in _asking_keys(store, STORE):
        says = f"reads and writes results at {escape_text(str(store[key]))} with your keys for it"
        yield TrustRequest.of(f"store.{key}", store[key], says)


def _asking_keys(table: Any, options: Options) -> list[str]:
    return [key for key, option in options.items() if option.asks and key in table] if isinstance(table, dict) else []


def own_key_name(provider: str) -> str:
    """The environment variable of a provider's key, `NAME_API_KEY`: to name it asks for nothing."""
    return f"{provider.upper().replace('-', '_')}_API_KEY"


def _ask_for_provider(root: Path, provider: str, key: str, value: Any) -> TrustRequest:
    name, shown = escape_text(provider), escape_text(str(value))
    full_key = f"providers.{provider}.{key}"
    if key == "base_url":
        return TrustRequest.of(full_key, value, f"sends your {name} key and pictures to {shown}")
    if key == "api_key_env":
        return TrustRequest.of(full_key, value, f"sends the environment variable {shown} to {name} as the key")
    files = {path: _hash_file(root, path) for path in _named_files(root, str(value))}
    contents = f" ({', '.join(escape_text(path) for path in files)} as it is now)" if files else ""
    return TrustRequest.of(full_key, [value, files] if files else value, f"runs {shown}{contents}")


def _describe_limits(table: Mapping[str, Any]) -> str:
    unit = escape_text(str(table.get("unit", "")))
    periods = {"per_build": "a build", "per_day": "a day"}
    limits = [f"{table[key]} {unit} {period}" for key, period in periods.items() if key in table]
    return escape_text(", ".join(limits)) if limits else f"{unit} without any limit"


def _named_files(root: Path, command: str) -> list[str]:
    """The words of a command that name something in the project's folder: whoever changes that changes the command."""
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    top = root.resolve()
    return sorted(word for word in set(words) if word and "\0" not in word and _names_part(top, Path(word)))


def _names_part(top: Path, word: Path) -> bool:
    """Whether a word names something that is there and of the project: any relative one does, links included."""
    path = top / word
    return path != top and (not word.is_absolute() or top in path.parents) and os.path.lexists(path)


def _hash_file(root: Path, name: str) -> str:
    """The hash of a file; what is known of it where it has none. Never waits and never reads without end."""
    top = root.resolve()
    path = Path(name)
    try:
        handle = RootFolder(top).open_source((path.relative_to(top) if path.is_absolute() else path).as_posix())
        with os.fdopen(handle, "rb") as file:
            return limits.hash_open(file, limits.SOURCE_BYTES)
    except OSError:
        return "unreadable"
