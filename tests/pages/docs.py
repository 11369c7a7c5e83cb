"""The pages of docs/reference: `python -m tests.pages.docs` writes them, a test compares them with the code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bridge.config.options import LATER_TABLES, PROJECT, ConfigOption, Options, target_options
from bridge.core.limits import LIMITS
from bridge.core.waits import WAIT_LIMITS
from exporters import registry
from tests.pages.daemon import daemon_page
from tests.pages.specs import errors_page, specs_page
from tests.pages.words import words_page

_CONFIG = """\
# assetbridge.toml

The project file: it stands in the project's top folder, and commands find it from any folder below.
`assetbridge init` writes one that fits the engines it finds. All folders are relative to it and lie inside it.

{project}
## `[defaults]`

Any field of a spec, put under every spec; `[defaults.KIND]` (`[defaults.character]`) under those of one kind. The spec
wins, key by key, also inside tables. Fields that a kind does not have are skipped.

{targets}
A target exists when its table exists. A spec's `[export] targets` chooses among them.

{rest}"""


def options_page() -> str:
    """The text of docs/reference/config.md."""
    targets = {f"[targets.{name}]": target_options(registry.get_target(name)) for name in registry.BUILT_IN}
    return _CONFIG.format(
        project=_table("[project]", PROJECT),
        targets="\n".join(_table(heading, options) for heading, options in targets.items()),
        rest="\n".join(_table(heading, options) for heading, options in LATER_TABLES.items()),
    )


def _table(heading: str, options: Options) -> str:
    lines = [f"## `{heading}`\n", "| key | value | default | what it says |", "|---|---|---|---|"]
    lines += [f"| `{key}` | {one.value.words} | {one.default} | {_describe(one)} |" for key, one in options.items()]
    return "\n".join(lines) + "\n"


def _describe(option: ConfigOption) -> str:
    """What an option says, and what it asks the user for."""
    return f"{option.says} **Needs [trust](../security.md)**: {option.asks}." if option.asks else option.says


_LIMITS = """\
# Limits

How much of anything is read. Each limit is far above honest use; what is beyond one is refused with one error that
names the file and the limit, and only the asset that needs the file is not made. They stand in `bridge/core/limits.py`.

| what | limit | why that is enough |
|---|---|---|
{rows}
"""


def limits_page() -> str:
    """The text of docs/reference/limits.md."""
    rows = (f"| {limit.says} | {limit.value:,} {limit.unit} | {limit.why} |" for limit in LIMITS)
    return _LIMITS.format(rows="\n".join(rows))


_WAITS = """\
# Waits

Nothing waits without an end, and nothing is tried for ever. What ends it stands in `bridge/core/waits.py`:

| what is waited for | limit | where |
|---|---|---|
{rows}
"""


def waits_page() -> str:
    """The text of docs/reference/waits.md."""
    rows = [f"| {row.waits_for} | {row.limit} | `{row.function}` |" for row in WAIT_LIMITS]
    return _WAITS.format(rows="\n".join(rows))


PAGES: Mapping[str, Callable[[], str]] = {
    "specs.md": specs_page,
    "config.md": options_page,
    "errors.md": errors_page,
    "limits.md": limits_page,
    "words.md": words_page,
    "daemon.md": daemon_page,
    "waits.md": waits_page,
}


def write(folder: Path) -> None:
    """Writes every generated page into a folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
