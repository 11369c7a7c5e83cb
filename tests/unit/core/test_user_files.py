"""The user's own settings: kept private, replaced as a whole, and not believed when others could have written them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bridge.core.errors import UserError
from bridge.core.user_files import read_user_file, show_user_path, user_folder, write_user_file

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes and owners are POSIX")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "assetbridge"


def test_it_reads_what_it_wrote_and_does_not_write_it_again(folder: Path) -> None:
    assert read_user_file("trust.json") is None
    assert write_user_file("trust.json", b"{}")
    assert read_user_file("trust.json") == b"{}"
    before = (folder / "trust.json").stat().st_ino
    assert not write_user_file("trust.json", b"{}")
    assert (folder / "trust.json").stat().st_ino == before
    assert [path.name for path in folder.iterdir()] == ["trust.json"]


@POSIX
def test_only_the_owner_may_look(folder: Path) -> None:
    write_user_file("trust.json", b"{}")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "trust.json").stat().st_mode) == 0o600


@POSIX
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused_with_the_way_out(folder: Path, mode: int) -> None:
    write_user_file("trust.json", b"{}")
    (folder / "trust.json").chmod(mode)
    with pytest.raises(UserError, match="can be written by other users") as caught:
        read_user_file("trust.json")
    assert caught.value.code == "settings_unsafe"
    assert caught.value.hint.startswith("chmod 600 ")


@POSIX
def test_a_link_and_a_pipe_are_refused_and_never_waited_for(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    (tmp_path / "elsewhere").write_bytes(b"{}")
    (folder / "link.json").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(folder / "pipe.json")
    for name in ("link.json", "pipe.json"):
        with pytest.raises(UserError, match="regular file"):
            read_user_file(name)
    assert write_user_file("link.json", b"[]")
    assert (tmp_path / "elsewhere").read_bytes() == b"{}"
    assert read_user_file("link.json") == b"[]"


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_refused(folder: Path) -> None:
    write_user_file("trust.json", b"{}")
    os.chown(folder / "trust.json", 12345, 12345)
    with pytest.raises(UserError, match="belongs to another user"):
        read_user_file("trust.json")


def test_a_relative_xdg_folder_is_ignored_as_its_specification_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "game/config")
    assert user_folder().is_absolute()
    assert show_user_path("trust.json").endswith("trust.json")
