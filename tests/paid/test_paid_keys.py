"""A key is nowhere: in no log, error, event, journal, lock, file or crash report, whatever a server echoes."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from tests.emulator import Emulator, PixelLab, faults
from tests.paid.conftest import GUARD, ICONS, KNIGHT, Make

CANARY = "pl-canary-5f2e1c9d7a"


# Each trouble with a key from one of the places; the other half in the full tier.
PLACES = [
    pytest.param(place, trouble, marks=() if (row + column) % 2 == 0 else pytest.mark.full)
    for row, place in enumerate(("environment", "file"))
    for column, trouble in enumerate(("none", "rejected", "broken", "crash"))
]


@pytest.mark.parametrize(("place", "trouble"), PLACES)
def test_the_canary_is_found_nowhere(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    place: str,
    trouble: str,
) -> None:
    monkeypatch.setenv("PIXELLAB_API_KEY", CANARY if place == "environment" else "")
    credentials = tmp_path / "user" / "credentials.json"
    if place == "file":
        from bridge.core import credentials as secrets

        assert secrets.save_key("PIXELLAB_API_KEY", CANARY) == "credentials file"
        assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    known = (CANARY,) if trouble != "rejected" else ("another",)
    caplog.set_level(logging.DEBUG)
    with Emulator(PixelLab(keys=known)) as emulator:
        if trouble == "broken":
            emulator.faults.on("POST /*", faults.status(400, f"bad token {CANARY}"), nth=0)
            emulator.faults.on("POST /*", faults.reset_after_reading(), nth=1)
        paid = make(emulator)
        if trouble == "crash":

            def broken(*_: object) -> object:
                raise RuntimeError(f"the key is {CANARY}")

            monkeypatch.setattr("bridge.providers.pixellab.PixelLabProvider.accepted", broken)
        for name, text in (("art/guard", GUARD), ("art/icons", ICONS), ("art/knight", KNIGHT)):
            paid.spec(name, text)
        outputs = [paid.run("plan", expect=None), paid.run("build", "--yes", "-v", expect=None)]
        outputs += [paid.run("build", "--yes", "--json", expect=None), paid.run("jobs", "--all", "--json")]
        outputs += [
            paid.run("spend", "--json", "-v"),
            paid.run("doctor", expect=None),
            paid.run("providers", expect=None),
        ]
    for answer in outputs:
        assert CANARY not in answer.out + answer.err
    assert CANARY not in caplog.text
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            path = Path(folder) / name
            if path != credentials:
                assert CANARY.encode() not in path.read_bytes(), path


def test_a_credentials_file_that_others_can_read_is_refused(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from bridge.core import credentials as secrets

    monkeypatch.setenv("PIXELLAB_API_KEY", "")
    secrets.save_key("PIXELLAB_API_KEY", CANARY)
    (tmp_path / "user" / "credentials.json").chmod(0o644)
    with Emulator(PixelLab()) as emulator:
        paid = make(emulator)
        paid.spec("art/guard", GUARD)
        error = paid.built("--yes", expect=2)["art/guard"]["error"]
        assert error["code"] == "key_unreadable"
        assert "chmod 600" in error["hint"]


def test_login_reads_a_pipe_and_never_an_argument(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from bridge.core import credentials as secrets

    monkeypatch.setenv("PIXELLAB_API_KEY", "")
    monkeypatch.setattr("sys.stdin", io.StringIO(CANARY + "\n"))
    with Emulator(PixelLab(keys=(CANARY,))) as emulator:
        paid = make(emulator)
        paid.run("providers", "login", "pixellab")
        found = secrets.find_key("pixellab", "PIXELLAB_API_KEY")
        assert found is not None
        assert found.source == "credentials file"
        assert paid.run("providers", "balance", "--json").json["balances"][0]["balance"]["generations"] == "1000"
