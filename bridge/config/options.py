"""Every option of `assetbridge.toml`, declared once: what it takes and what it says.

The reader of the file and docs/reference/config.md are loops over these tables. They are plain values of the standard
library, not models, because `status` checks the project file before any third-party package is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.core import limits
from bridge.core.globs import compile_glob
from bridge.core.remote_address import REMOTE_WORDS, is_remote
from bridge.core.web_address import DEFAULT_LISTEN, host_and_port, is_reachable_url
from exporters.target import ExportTarget, IntegerValue, OptionValue, TextValue

Options = Mapping[str, "ConfigOption"]


@dataclass(frozen=True, slots=True)
class CheckedValue:
    """A value with a check of its own."""

    words: str
    accepts: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class ConfigOption:
    """One key: what it takes, what it says, its default in words.

    if_missing: the way out for whoever left out a key that is required; empty for all others. asks: what the project
    asks its user for by setting it, which has to be trusted first; empty for what is harmless.
    """

    name: str
    value: OptionValue
    says: str
    default: str = ""
    if_missing: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True)
class LintRule:
    """A rule of `[lint]`, which takes a limit or false. limit: the default; None: the rule is off."""

    name: str
    limit: int | None
    says: str


def _is_text_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) and item != "" for item in value)


def _are_patterns(value: Any) -> bool:
    if not _is_text_list(value) or len(value) > limits.PATTERNS:
        return False
    try:
        return all(compile_glob(pattern) is not None for pattern in value)
    except ValueError:
        return False


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_limit(value: Any) -> bool:
    return value is False or IntegerValue(0, 10_000).accepts(value)


def _is_palette(value: Any) -> bool:
    return TextValue().accepts(value) or _is_text_list(value)


def _by_name(*options: ConfigOption) -> Options:
    return {option.name: option for option in options}


_FOLDER = TextValue("a folder")
_PATTERNS = CheckedValue('a list of patterns like ["**/*.asset.toml"]', _are_patterns)
_AMOUNT = CheckedValue("a number, 0 or more", _is_amount)
_LIMIT = CheckedValue("a whole number from 0, or false (off)", _is_limit)
_PALETTE = CheckedValue('a palette file or a list of colours like ["#1a1c2c"]', _is_palette)
_LISTEN = CheckedValue("a host and a port like 127.0.0.1:8765", lambda value: host_and_port(value) is not None)
_REMOTE = CheckedValue(REMOTE_WORDS, is_remote)
_SPENDING = "to spend without asking"
_LISTENING = "to listen on this machine while paid jobs wait"
_PUBLIC_URL = CheckedValue("an https URL without a query", is_reachable_url)

PROJECT = _by_name(
    ConfigOption("name", TextValue(), "Name of the game.", "the folder's name"),
    ConfigOption(
        "id",
        TextValue(),
        "Salts every uid and guid; `init` writes it, never change it.",
        "required",
        if_missing='Add id = "8 letters or digits": it salts every uid.',
    ),
    ConfigOption("specs", _PATTERNS, "Where specs are looked for.", '`["**/*.asset.toml"]`'),
)
PROVIDER = _by_name(
    ConfigOption(
        "api_key_env",
        TextValue("the name of an environment variable"),
        "Where the key is found; the key itself never stands in a file.",
        "`NAME_API_KEY`",
        asks="to send another environment variable than `NAME_API_KEY` as the key",
    ),
    ConfigOption(
        "base_url",
        TextValue("a URL"),
        "The API's address with its version prefix.",
        "the provider's own",
        asks="to send the key and pictures to this address",
    ),
    ConfigOption("max_concurrent", IntegerValue(1, 64), "Jobs at once.", "the provider's documented number"),
    ConfigOption(
        "upload_command",
        TextValue("a command"),
        "Puts a picture on the web for a provider that takes only URLs: `{file}` stands for the file, its last line is "
        "the https URL. Its program is one on PATH or an absolute path, never one in the project. Runs without a shell "
        "in a folder of its own, only while an approved order is written.",
        asks="to run a program; the files of the project that the command names count as part of it",
    ),
)
BUDGET = _by_name(
    ConfigOption(
        "unit",
        TextValue('a text like "generations"'),
        "The provider's own unit of price.",
        "required",
        if_missing='For example unit = "generations".',
        asks=_SPENDING,
    ),
    ConfigOption("per_build", _AMOUNT, "Most that one build may spend, approved or not.", "no limit", asks=_SPENDING),
    ConfigOption("per_day", _AMOUNT, "Most of a UTC day, approved or not.", "no limit", asks=_SPENDING),
)
WEBHOOKS = _by_name(
    ConfigOption("listen", _LISTEN, "Where webhooks are received.", f"`{DEFAULT_LISTEN}`", asks=_LISTENING),
    ConfigOption(
        "public_url",
        _PUBLIC_URL,
        "How the outside reaches it (a tunnel or a proxy); without it webhooks are off.",
        asks=_LISTENING,
    ),
)
STORE = _by_name(
    ConfigOption(
        "remote",
        _REMOTE,
        "Where a team keeps what it bought, so that nobody buys it twice: a bucket, or a folder that all reach. Keys "
        "are found the way the cloud's own tools find them.",
        "none: results stay on this machine",
        asks="to read and write results there, with your own keys for it",
    ),
)
LINT_RULES = (
    LintRule(
        "soft_alpha", 0, 'Most half-transparent pixels in a frame, unless the spec says `[process] alpha = "keep"`.'
    ),
    LintRule("off_palette", 0, "Most pixels in a frame that are not of the palette."),
    LintRule("stray", None, "Most pixels in a frame that touch no other; sparks and rain have many."),
    LintRule("empty_frame", 0, "Most frames of a clip without a visible pixel."),
    LintRule("fake_pixels", 1, "Widest block of equal pixels that the art may consist of."),
    LintRule("undecided", 0, "Steps of `[process]` that could not decide, and left the art as it is."),
    LintRule("canvas", 0, "Most pixels by which clips of an asset may differ in size."),
    LintRule("baseline", 2, "Most pixels by which the feet may leave their line in a loop on the ground."),
    LintRule(
        "near_duplicate",
        1,
        "A frame that differs from the one before by at most so many pixels, and not by none, flickers.",
    ),
    LintRule("loop", 0, "Most frames at the end of a loop that equal its first."),
    LintRule("seam", 15, "Percent of an edge at which two tiles that may meet need not fit."),
    LintRule("incomplete_pair", 0, "Most corner tiles that a pair of neighbouring terrains may lack."),
    LintRule(
        "terrain_contrast", 5, "Least difference between two terrains, in percent of that between black and white."
    ),
)
LINT_DEFAULTS: Mapping[str, int | None] = {rule.name: rule.limit for rule in LINT_RULES}
LINT = _by_name(
    ConfigOption(
        "palette",
        _PALETTE,
        "Colours that all art has to keep to; an asset's own `[process] palette` wins.",
        "not checked",
    ),
    *(
        ConfigOption(rule.name, _LIMIT, rule.says, "`false`" if rule.limit is None else f"`{rule.limit}`")
        for rule in LINT_RULES
    ),
)
# How the reference shows the tables that stand behind those of the targets.
LATER_TABLES: Mapping[str, Options] = {
    "[providers.NAME]": PROVIDER,
    "[budget.PROVIDER]": BUDGET,
    "[webhooks]": WEBHOOKS,
    "[store]": STORE,
    "[lint]": LINT,
}


def target_options(target: ExportTarget) -> Options:
    """The keys of `[targets.NAME]`: the folders, and what the target declares for the project file."""
    folders = [ConfigOption("output", _FOLDER, target.output_description, f'`"{target.default_output}"`')]
    if target.has_root:
        folders.insert(0, ConfigOption("root", _FOLDER, "The engine's project folder.", '`"."`'))
    own = (
        ConfigOption(option.name, option.value, option.in_project, option.default)
        for option in target.options
        if option.in_project
    )
    return _by_name(*folders, *own)


def missing_options(table: Iterable[str], options: Options) -> list[ConfigOption]:
    """The required keys that a table lacks."""
    given = set(table)
    return [option for option in options.values() if option.if_missing and option.name not in given]
