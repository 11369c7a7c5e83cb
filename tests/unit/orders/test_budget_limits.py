"""What a project's budget comes to: nothing without trust, and no more than the user's own settings allow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bridge.config.project_config import Config, read_config
from bridge.config.user_settings import SETTINGS_FILE
from bridge.core.user_files import user_folder
from bridge.orders.budget import Budget, read_budgets

PROJECT = '[project]\nid = "b"\n[budget]\npixellab = { unit = "generations", per_build = 20, per_day = 100 }\n'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    user_folder().mkdir(parents=True, exist_ok=True)
    (tmp_path / "game").mkdir()
    (tmp_path / "game" / "assetbridge.toml").write_text(PROJECT)
    return read_config(tmp_path / "game")


def limit(text: str) -> None:
    (user_folder() / SETTINGS_FILE).write_text(f"[budget]\n{text}\n")


def test_without_own_limits_the_project_decides(config: Config) -> None:
    assert read_budgets(config) == {"pixellab": Budget("generations", Decimal(20), Decimal(100))}
    limit('sprixen = { unit = "credits", per_day = 1 }')
    assert read_budgets(config)["pixellab"].per_day == 100


def test_without_trust_there_is_no_budget(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSETBRIDGE_TRUST")
    assert read_budgets(config) == {}
    config.trust.grant(config.trust.list_requests())
    assert set(read_budgets(config)) == {"pixellab"}


@pytest.mark.parametrize(
    ("own", "per_build", "per_day"),
    [
        ("per_day = 5", 20, 5),
        ("per_build = 3, per_day = 500", 3, 100),
        ("per_build = 0", 0, 100),
        ("per_day = 2.5", 20, Decimal("2.5")),
    ],
)
def test_the_smaller_limit_wins(config: Config, own: str, per_build: int, per_day: Decimal) -> None:
    limit(f'pixellab = {{ unit = "generations", {own} }}')
    budget = read_budgets(config)["pixellab"]
    assert budget.is_automatic
    assert (budget.per_build, budget.per_day) == (Decimal(per_build), Decimal(per_day))
    assert SETTINGS_FILE in budget.note


def test_a_limit_that_changes_nothing_is_not_mentioned(config: Config) -> None:
    limit('pixellab = { unit = "generations", per_day = 1000 }')
    assert read_budgets(config)["pixellab"].note == ""


def test_another_unit_allows_nothing_by_itself_and_says_so(config: Config) -> None:
    limit('pixellab = { unit = "usd", per_day = 5 }')
    budget = read_budgets(config)["pixellab"]
    assert not budget.is_automatic
    assert "allows usd only" in budget.note
    assert (budget.per_build, budget.per_day) == (Decimal(20), Decimal(100)), "they stay a ceiling of what is approved"
