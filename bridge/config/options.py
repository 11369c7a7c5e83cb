"""Every option of `assetbridge.toml`: what it takes and what it says.

docs/reference/config.md is written from these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.core.paths import SPEC_PATTERN
from bridge.core.web_address import DEFAULT_LISTEN, host_and_port, is_reachable_url

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


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


PROJECT: Mapping[str, Option] = {
    "name": Option(_text, "a text", "Name of the game.", "the folder's name"),
    "id": Option(_text, "a text", "Salts every uid and guid; `init` writes it, never change it.", "required"),
    "specs": Option(
        _texts, f'a list of patterns like ["{SPEC_PATTERN}"]', "Where specs are looked for.", f'`["{SPEC_PATTERN}"]`'
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
        "prefab": Option(_flag, "true or false", "Whether sprites and characters get a prefab.", "`false`"),
        "rule_tiles": Option(
            _flag,
            "true or false",
            "Whether tilesets get RuleTiles and AnimatedTiles, which need com.unity.2d.tilemap.extras.",
            "`true`",
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
        _text, "a command",
        "Puts a picture on the web for a provider that takes only URLs: `{file}` stands for the file, its last line is "
        "the https URL. Runs without a shell, only while an approved order is written.",
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
    "listen": Option(
        lambda value: host_and_port(value) is not None,
        "a host and a port like 127.0.0.1:8765",
        "Where webhooks are received.",
        f"`{DEFAULT_LISTEN}`",
    ),
    "public_url": Option(
        is_reachable_url,
        "an https URL without a query",
        "How the outside reaches it (a tunnel or a proxy); without it webhooks are off.",
    ),
}


def _limit(value: Any) -> bool:
    return value is False or _whole(0, 10_000)(value)


_LIMIT = "a whole number from 0, or false (off)"
LINT_DEFAULTS: Mapping[str, int | None] = {
    "soft_alpha": 0,
    "off_palette": 0,
    "stray": None,
    "empty_frame": 0,
    "fake_pixels": 1,
    "undecided": 0,
    "canvas": 0,
    "baseline": 2,
    "near_duplicate": 1,
    "loop": 0,
    "seam": 15,
    "incomplete_pair": 0,
    "terrain_contrast": 5,
}


def _rule(name: str, says: str) -> Option:
    default = LINT_DEFAULTS[name]
    return Option(_limit, _LIMIT, says, "`false`" if default is None else f"`{default}`")


LINT: Mapping[str, Option] = {
    "palette": Option(
        lambda value: _text(value) or _texts(value),
        'a palette file or a list of colours like ["#1a1c2c"]',
        "Colours that all art has to keep to; an asset's own `[process] palette` wins.",
        "not checked",
    ),
    "soft_alpha": _rule(
        "soft_alpha", 'Most half-transparent pixels in a frame, unless the spec says `[process] alpha = "keep"`.'
    ),
    "off_palette": _rule("off_palette", "Most pixels in a frame that are not of the palette."),
    "stray": _rule("stray", "Most pixels in a frame that touch no other; sparks and rain have many."),
    "empty_frame": _rule("empty_frame", "Most frames of a clip without a visible pixel."),
    "fake_pixels": _rule("fake_pixels", "Widest block of equal pixels that the art may consist of."),
    "undecided": _rule("undecided", "Steps of `[process]` that could not decide, and left the art as it is."),
    "canvas": _rule("canvas", "Most pixels by which clips of an asset may differ in size."),
    "baseline": _rule("baseline", "Most pixels by which the feet may leave their line in a loop on the ground."),
    "near_duplicate": _rule(
        "near_duplicate",
        "A frame that differs from the one before by at most so many pixels, and not by none, flickers.",
    ),
    "loop": _rule("loop", "Most frames at the end of a loop that equal its first."),
    "seam": _rule("seam", "Percent of an edge at which two tiles that may meet need not fit."),
    "incomplete_pair": _rule("incomplete_pair", "Most corner tiles that a pair of neighbouring terrains may lack."),
    "terrain_contrast": _rule(
        "terrain_contrast", "Least difference between two terrains, in percent of that between black and white."
    ),
}
