"""Folders that several users share: a parent with another's project file, the temporary folder, a second user."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.core.errors import UserError
from bridge.core.paths import find_project
from bridge.core.private_folder import open_private_folder
from bridge.orders.runner import recovery
from tests.hostile.outside import Outside
from tests.hostile.paths import TRAPS, opened_files, patience, run

pytestmark = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only the system's user may give a file another owner"
)
OTHER, USER = 65533, 65534


@contextmanager
def acting_as(user: int) -> Iterator[None]:
    """What follows is done by another user of this machine."""
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


def give(folder: Path, user: int) -> None:
    """Makes a user the owner of a folder and of all in it."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user, follow_symlinks=False)


def open_way(folder: Path) -> None:
    """Lets everybody into a folder of the tests, and into those above it that only pytest's user may enter."""
    folder.chmod(folder.stat().st_mode | 0o755)
    for above in folder.parents:
        if above.stat().st_mode & 0o005 == 0o005:
            break
        above.chmod(above.stat().st_mode | 0o755)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder into which everybody may write, with the project file of another user and a folder of this one."""
    open_way(tmp_path)
    made = tmp_path / "shared"
    (made / "mine/art").mkdir(parents=True)
    (made / "assetbridge.toml").write_text('[project]\nname = "x"\nid = "00000001"\n', encoding="utf-8")
    made.chmod(0o1777)
    os.chown(made / "assetbridge.toml", OTHER, OTHER)
    give(made / "mine", USER)
    return made


@pytest.fixture(autouse=True)
def untrusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable says that these projects are the user's own."""
    monkeypatch.delenv("ASSETBRIDGE_TRUST", raising=False)


def test_a_project_of_another_user_above_is_not_obeyed(shared: Path) -> None:
    with acting_as(USER), pytest.raises(UserError) as caught:
        find_project(shared / "mine/art")
    assert caught.value.code == "foreign_project"
    assert str(shared) in caught.value.message
    assert f"--project {shared}" in caught.value.hint


def test_the_system_user_does_not_obey_it_either(shared: Path) -> None:
    give(shared / "mine", 0)
    with pytest.raises(UserError, match="belongs to another user"):
        find_project(shared / "mine")


def test_a_folder_that_is_named_is_the_users_choice(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as(USER):
        assert find_project(shared) == shared
        monkeypatch.setenv("ASSETBRIDGE_TRUST", "1")
        assert find_project(shared / "mine/art") == shared


def test_ones_own_project_is_found_from_below(shared: Path) -> None:
    os.chown(shared / "assetbridge.toml", USER, USER)
    with acting_as(USER):
        assert find_project(shared / "mine/art") == shared


def test_in_a_container_the_system_user_works_in_the_folders_of_one_other(shared: Path) -> None:
    give(shared, USER)
    assert find_project(shared / "mine/art") == shared


def test_the_link_of_another_user_to_ones_own_project_file_is_his(shared: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    (shared / "assetbridge.toml").rename(own)
    os.chown(own, USER, USER)
    (shared / "assetbridge.toml").symlink_to(own)
    os.chown(shared / "assetbridge.toml", OTHER, OTHER, follow_symlinks=False)
    with acting_as(USER), pytest.raises(UserError, match="belongs to another user"):
        find_project(shared / "mine")


# the temporary folder


@pytest.mark.parametrize("how", ["owner", "mode", "link", "file"])
def test_a_folder_of_rescued_results_that_others_made_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "tmp" / f"assetbridge-rescue-{os.geteuid()}"
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "key.json").write_text(json.dumps({"key": "key", "remote": {"id": "theirs"}}), encoding="utf-8")
    folder.parent.mkdir()
    if how == "link":
        folder.symlink_to(theirs)
    elif how == "file":
        folder.write_text("", encoding="utf-8")
    else:
        theirs.rename(folder)
        folder.chmod(0o777 if how == "mode" else 0o700)
        if how == "owner":
            os.chown(folder, OTHER, OTHER)
    assert recovery._read_rescued(tmp_path / "project/.assetbridge") == {}
    assert "it is not used" in caplog.text
    with pytest.raises(UserError):
        open_private_folder(folder, create=True)


def test_a_private_folder_is_made_private(tmp_path: Path) -> None:
    assert open_private_folder(tmp_path / "new") is None
    folder = open_private_folder(tmp_path / "new", create=True)
    assert folder is not None
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    folder.write("key.json", b"{}", private=True)
    assert (tmp_path / "new/key.json").stat().st_mode & 0o777 == 0o600


# a second user


def test_a_user_without_rights_is_as_safe(stranger: Path, outside: Outside, user_home: Path, tmp_path: Path) -> None:
    run(stranger, "build")
    open_way(tmp_path)
    give(user_home, USER)
    give(stranger, USER)
    outside.renew()
    for place in ("export/art/gem.png", "assetbridge.lock", ".assetbridge/state.db", "export", "art/gem.asset.toml"):
        for trap in TRAPS[:5]:
            trap(stranger / place, stranger.parent)
            os.chown(stranger / place, OTHER, OTHER, follow_symlinks=False)
            outside.renew()
            with acting_as(USER), opened_files() as opened:
                for words in (["status"], ["build"]):
                    run(stranger, *words)
            outside.assert_unchanged()
            assert trap is TRAPS[3] or user_home / ".bashrc" not in opened


def test_a_folder_of_another_user_is_one_error(stranger: Path, user_home: Path, tmp_path: Path) -> None:
    run(stranger, "build")
    open_way(tmp_path)
    give(user_home, USER)
    (stranger / "art/gem.asset.toml").write_text('kind = "sprite"\ndescription = "blue gem"\nsize = [16, 16]\n')
    give(stranger, OTHER)
    with acting_as(USER), patience():
        assert run(stranger, "status") == 0
        assert run(stranger, "build") == 1
