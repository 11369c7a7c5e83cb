"""The trace of a defect is kept for a report, without keys and without the place of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.core import credentials
from bridge.core.crash_log import CRASH_LOG, describe_defect, record_defect

KEY = "sk-live-0123456789"


@pytest.fixture(autouse=True)
def live_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "live_keys", lambda: (KEY,))


def raised(root: Path) -> Exception:
    """An error as it is caught, with a trace."""
    try:
        raise RuntimeError(f"{root}/art: {KEY}")
    except RuntimeError as error:
        return error


def test_a_defect_is_shown_in_one_sentence_and_kept_in_full(tmp_path: Path) -> None:
    defect = record_defect(raised(tmp_path), tmp_path, "art/rock")
    assert (defect.code, defect.message) == (
        "internal",
        f"art/rock: unexpected RuntimeError: {tmp_path}/art: [key]",
    )
    assert CRASH_LOG in defect.hint
    log = (tmp_path / CRASH_LOG).read_text(encoding="utf-8")
    assert log.startswith("art/rock\nTraceback")
    assert log.endswith("RuntimeError: ./art: [key]\n")
    assert KEY not in log
    assert str(tmp_path) not in log


def test_without_a_subject_only_the_error_is_named(tmp_path: Path) -> None:
    error = raised(tmp_path)
    record_defect(error, tmp_path)
    assert (tmp_path / CRASH_LOG).read_text(encoding="utf-8").startswith("Traceback")
    assert describe_defect(error) == f"unexpected RuntimeError: {tmp_path}/art: [key]"


def test_a_disk_that_takes_nothing_hides_no_defect(tmp_path: Path) -> None:
    (tmp_path / ".assetbridge").write_text("no folder", encoding="utf-8")
    assert record_defect(raised(tmp_path), tmp_path).code == "internal"
