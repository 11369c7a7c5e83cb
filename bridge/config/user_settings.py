"""The user's own settings, `settings.toml` beside trust.json: what no project may go beyond, whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bridge.config.project_config import ConfigErrors, check_budget
from bridge.core.errors import UserError, Where
from bridge.core.toml import KeyPositions, TomlError, parse_toml
from bridge.core.user_files import read_user_file, show_user_path

SETTINGS_FILE = "settings.toml"


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What the user has set. budget: the most that projects may spend without asking, by provider."""

    budget: Mapping[str, Mapping[str, Any]]


def read_user_settings() -> UserSettings:
    """The user's own settings; empty where there is no file.

    Raises:
        UserError, ErrorGroup: `config_invalid`, all mistakes at once; `settings_unsafe`.
    """
    raw = read_user_file(SETTINGS_FILE)
    if raw is None:
        return UserSettings({})
    file = show_user_path(SETTINGS_FILE)
    try:
        document = parse_toml(raw.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UserError("config_invalid", f"{file} is not UTF-8 text", where=Where(file, line, 1)) from error
    except TomlError as error:
        where = Where(file, error.line, error.column)
        raise UserError("config_invalid", f"{file} is not valid TOML: {error.message}", where=where) from error
    errors = ConfigErrors(KeyPositions(document), file)
    for key, value in document.data.items():
        if key != "budget":
            errors.add_unknown((key,), ("budget",))
        elif not isinstance(value, dict):
            errors.add((key,), "budget must be a table: [budget]")
    tables = document.data.get("budget", {})
    budget = check_budget(tables if isinstance(tables, dict) else {}, errors)
    errors.raise_all()
    return UserSettings(budget)
