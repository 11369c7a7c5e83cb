"""The record of what is trusted: by place and id, never from a project, never silently."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bridge.core.errors import BridgeError, UserError
from bridge.core.user_files import user_folder
from bridge.trust.project_trust import NO_PROJECT, Gate, ProjectTrust, TrustState
from bridge.trust.record import NAME, find_record, forget_record, read_records, save_record
from bridge.trust.request import TrustRequest

BUDGET = TrustRequest.of("budget.pixellab", {"unit": "generations"}, "spends")
COMMAND = TrustRequest.of("providers.pixellab.upload_command", "put {file}", "runs put {file}")


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a user for one test, and no variable that trusts everything."""
    monkeypatch.delenv("ASSETBRIDGE_TRUST", raising=False)
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return user_folder()


@pytest.fixture
def game(tmp_path: Path) -> Path:
    folder = tmp_path / "game"
    folder.mkdir()
    return folder


def trust_of(root: Path, *requests: TrustRequest, project_id: str = "id1") -> ProjectTrust:
    return ProjectTrust(root, project_id, lambda: requests)


def test_nothing_is_trusted_at_first(game: Path) -> None:
    trust = trust_of(game)
    assert trust.state is TrustState.UNTRUSTED
    with pytest.raises(BridgeError) as caught:
        trust.require(Gate.SPENDING)
    assert (caught.value.code, caught.value.exit_code) == ("not_trusted", 4)
    assert str(Gate.SPENDING) in caught.value.message


def test_what_was_shown_is_trusted_until_something_else_is_asked_for(game: Path) -> None:
    trust_of(game, BUDGET).grant([BUDGET])
    assert trust_of(game, BUDGET).is_trusted
    trust_of(game, BUDGET).require(Gate.KEYS)
    more = trust_of(game, BUDGET, COMMAND)
    assert more.state is TrustState.CHANGED
    assert [(change.what, change.request) for change in more.list_changes()] == [("new", COMMAND)]
    with pytest.raises(BridgeError, match="something else than when it was trusted"):
        more.require(Gate.UPLOADS)
    assert trust_of(game).state is TrustState.CHANGED, "what is gone is asked about, too"
    more.grant([BUDGET, COMMAND])
    assert more.is_trusted
    assert not trust_of(game, BUDGET).is_trusted


def test_what_changes_while_the_question_stands_is_not_trusted(game: Path) -> None:
    trust_of(game, COMMAND).grant([BUDGET])
    assert not trust_of(game, COMMAND).is_trusted


def test_another_folder_and_another_id_are_not_believed(game: Path, tmp_path: Path) -> None:
    trust_of(game, BUDGET).grant([BUDGET])
    assert trust_of(game, BUDGET, project_id="id2").state is TrustState.UNTRUSTED
    assert trust_of(game, BUDGET, project_id="").state is TrustState.UNTRUSTED
    shutil.copytree(game, tmp_path / "copy")
    assert trust_of(tmp_path / "copy", BUDGET).state is TrustState.UNTRUSTED
    assert not trust_of(game.parent, BUDGET).is_trusted
    game.rename(tmp_path / "moved")
    assert trust_of(tmp_path / "moved", BUDGET).state is TrustState.UNTRUSTED


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_to_the_folder_is_the_folder(game: Path, tmp_path: Path) -> None:
    trust_of(game, BUDGET).grant([BUDGET])
    (tmp_path / "link").symlink_to(game)
    assert trust_of(tmp_path / "link", BUDGET).is_trusted
    (tmp_path / "other").mkdir()
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to(tmp_path / "other")
    assert not trust_of(tmp_path / "link", BUDGET).is_trusted


def test_it_is_forgotten_at_once(game: Path) -> None:
    trust = trust_of(game, BUDGET)
    assert forget_record(game) is False
    trust.grant([BUDGET])
    assert trust.is_trusted
    assert forget_record(game) is True
    assert not trust.is_trusted, "the same object asks anew"


def test_a_variable_trusts_what_the_process_works_on(game: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value, trusted in (("1", True), ("0", False), ("", False), ("yes", False)):
        monkeypatch.setenv("ASSETBRIDGE_TRUST", value)
        assert trust_of(game, BUDGET).is_trusted is trusted
        assert NO_PROJECT.is_trusted is trusted
    assert not (user_folder() / NAME).exists(), "it is kept nowhere"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 1}',
        '{"version": 1, "projects": []}',
        '{"version": "x", "projects": {}}',
        '{"version": 1, "projects": {"/a": 1}}',
        '{"version": 1, "projects": {"/a": {"id": 1, "digest": "", "asks": {}}}}',
        '{"version": 1, "projects": {"/a": {"id": "1", "digest": "", "asks": {"k": 2}}}}',
        '{"version": 1, "projects": {"/a": {"id": "1", "digest": ""}}}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_damaged_file_is_one_error_and_trusts_nothing(game: Path, text: str) -> None:
    trust = trust_of(game)
    trust.grant([])
    (user_folder() / NAME).write_bytes(text.encode("utf-8", "surrogateescape"))
    for ask in (lambda: trust.state, lambda: trust.grant([]), lambda: trust.refusal(Gate.KEYS), read_records):
        with pytest.raises(UserError) as caught:
            ask()
        assert caught.value.code == "settings_damaged"
        assert NAME in caught.value.message
        assert "Delete" in caught.value.hint
    assert trust.digest_state() == "settings_damaged"


def test_a_newer_version_is_left_alone(game: Path) -> None:
    trust_of(game).grant([])
    (user_folder() / NAME).write_text('{"version": 2, "projects": {}}')
    with pytest.raises(UserError, match="newer version"):
        trust_of(game).grant([])
    assert json.loads((user_folder() / NAME).read_text())["version"] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="modes are not Windows'")
def test_a_file_that_others_may_write_is_not_believed(game: Path) -> None:
    trust_of(game).grant([])
    (user_folder() / NAME).chmod(0o666)
    with pytest.raises(UserError) as caught:
        assert trust_of(game).is_trusted
    assert caught.value.code == "settings_unsafe"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder that its user cannot write")
def test_settings_that_cannot_be_written_are_one_error(game: Path) -> None:
    user_folder().mkdir(parents=True)
    user_folder().chmod(0o500)
    with pytest.raises(UserError) as caught:
        trust_of(game).grant([])
    assert caught.value.code == "settings_unwritable"


def test_a_settings_folder_that_is_a_file_is_one_error(game: Path) -> None:
    user_folder().parent.mkdir(parents=True, exist_ok=True)
    user_folder().write_text("in the way")
    with pytest.raises(UserError) as caught:
        trust_of(game).grant([])
    assert caught.value.code == "settings_unwritable"
    assert not trust_of(game).is_trusted


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """Threads of this process and another process."""
    folders = [tmp_path / f"game{number}" for number in range(24)]
    code = (
        "import sys; from pathlib import Path; from bridge.trust.record import save_record\n"
        "for number in range(12, 24): save_record(Path(sys.argv[1]) / f'game{number}', 'id1', [])"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    threads = [threading.Thread(target=save_record, args=(folder, "id1", [])) for folder in folders[:12]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert process.wait(60) == 0
    assert all(find_record(folder, "id1") is not None for folder in folders)


def test_folders_that_are_gone_are_forgotten_when_there_are_many(game: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.trust.record._MANY", 3)
    for number in range(3):
        save_record(game.parent / f"gone{number}", "id1", [])
    assert len(read_records()) == 3
    save_record(game, "id1", [])
    assert list(read_records()) == [os.path.normcase(os.path.realpath(game))]
