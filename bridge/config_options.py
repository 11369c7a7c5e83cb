"""Every option of `assetbridge.toml`: what it takes and what it says. docs/config.md is written from these tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TARGETS = ("godot", "tiled", "unity", "json")
DEFAULT_OUTPUT: Mapping[str, str] = {
    "godot": "art/generated",
    "tiled": "tilesets",
    "unity": "Assets/Art/Generated",
    "json": "export",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One key: a check of its value, what it takes in words (`must be …`), what it says, its default in words."""

    check: Callable[[Any], bool]
    takes: str
    says: str
    default: str = ""


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_text(item) for item in value)


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


PROJECT: Mapping[str, Option] = {
    "name": Option(_text, "a text", "Name of the game.", "the folder's name"),
    "id": Option(_text, "a text", "Salts every uid and guid; `init` writes it, never change it.", "required"),
    "specs": Option(
        _texts, 'a list of patterns like ["**/*.asset.toml"]', "Where specs are looked for.", '`["**/*.asset.toml"]`'
    ),
}
_ROOT = Option(_text, "a folder", "The engine's project folder.", '`"."`')
TARGET: Mapping[str, Mapping[str, Option]] = {
    "godot": {"root": _ROOT, "output": Option(_text, "a folder", "Where files go, under root.", '`"art/generated"`')},
    "tiled": {"output": Option(_text, "a folder", "Where tilesets and maps go.", '`"tilesets"`')},
    "unity": {
        "root": _ROOT,
        "output": Option(
            _text, "a folder", "Where files go, under root; starts with `Assets/`.", '`"Assets/Art/Generated"`'
        ),
        "pixels_per_unit": Option(
            _whole(1, 1024),
            "a whole number from 1 to 1024",
            "Pixels of one unit, where no spec says otherwise.",
            "`16`",
        ),
        "version": Option(
            _text, "a text like 2022.3", "The editor's version.", "read from ProjectSettings/ProjectVersion.txt"
        ),
    },
    "json": {"output": Option(_text, "a folder", "Where sheets and JSON go.", '`"export"`')},
}
PROVIDER: Mapping[str, Option] = {
    "api_key_env": Option(
        _text, "the name of an environment variable", "Where the key is found; the key itself never stands in a file.",
        "`NAME_API_KEY`",
    ),
    "base_url": Option(_text, "a URL", "The API's address with its version prefix.", "the provider's own"),
    "max_concurrent": Option(
        _whole(1, 64), "a whole number from 1 to 64", "Jobs at once.", "the provider's documented number"
    ),
    "upload_command": Option(
        _text, "a command", "Makes a URL of a picture where a provider takes only URLs: gets the file, prints the URL."
    ),
}  # fmt: skip


def _amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


BUDGET: Mapping[str, Option] = {
    "unit": Option(_text, 'a text like "generations"', "The provider's own unit of price.", "required"),
    "per_build": Option(_amount, "a number, 0 or more", "Most that one build may spend, approved or not.", "no limit"),
    "per_day": Option(_amount, "a number, 0 or more", "Most of a UTC day, approved or not.", "no limit"),
}
WEBHOOKS: Mapping[str, Option] = {
    "listen": Option(_text, "host:port", "Where webhooks are received.", "`127.0.0.1:8765`"),
    "public_url": Option(_text, "an https URL", "How the outside reaches it; without it webhooks are off."),
}
