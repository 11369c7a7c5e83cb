"""The user's own settings: limits on every project, and one error for a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config.user_settings import SETTINGS_FILE, read_user_settings
from bridge.core.errors import BridgeError, ErrorGroup
from bridge.core.user_files import user_folder


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    user_folder().mkdir(parents=True, exist_ok=True)


def write(text: str | bytes) -> None:
    (user_folder() / SETTINGS_FILE).write_bytes(text.encode() if isinstance(text, str) else text)


def test_without_a_file_there_are_no_limits() -> None:
    assert read_user_settings().budget == {}


def test_limits_are_read() -> None:
    write('[budget]\npixellab = { unit = "generations", per_day = 5 }\n')
    assert read_user_settings().budget == {"pixellab": {"unit": "generations", "per_day": 5}}


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("[budget\n", 1, None),
        ('x = 1\n[budget]\npixellab = { unit = "a" }\n', 1, "x"),
        ("budget = 3\n", 1, "budget"),
        ("[budget]\npixellab = 3\n", 2, "budget.pixellab"),
        ("[budget.pixellab]\nper_day = 3\n", 1, "budget.pixellab"),
        ('[budget.pixellab]\nunit = "a"\nper_day = -1\n', 3, "budget.pixellab.per_day"),
        ('[budget.pixellab]\nunit = "a"\nper_week = 1\n', 3, "budget.pixellab.per_week"),
        (b"[budget]\n\xff\n", 2, None),
    ],
)
def test_a_mistake_is_one_error_with_its_place(text: str | bytes, line: int, field: str | None) -> None:
    write(text)
    with pytest.raises(BridgeError) as caught:
        read_user_settings()
    assert not isinstance(caught.value, ErrorGroup)
    assert caught.value.code == "config_invalid"
    assert caught.value.where is not None
    assert caught.value.where.file.endswith(SETTINGS_FILE)
    assert (caught.value.where.line, caught.value.where.field) == (line, field)
