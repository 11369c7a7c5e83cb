"""The credentials file: what is believed of it, and that nothing in its place is waited for or lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.core import credentials
from bridge.core.errors import UserError

NAME = "SHOP_API_KEY"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "credentials.json"
    path.parent.mkdir()
    monkeypatch.setattr(credentials, "credentials_path", lambda: path)
    monkeypatch.setattr(credentials, "_from_keyring", lambda _name: "")
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    monkeypatch.delenv(NAME, raising=False)
    return path


def find() -> str | None:
    key = credentials.find_key("shop", NAME)
    return key.value if key else None


def test_a_key_that_was_kept_is_found_beside_others(file: Path) -> None:
    assert find() is None
    assert credentials.save_key(NAME, "first") == "credentials file"
    credentials.save_key("OTHER_API_KEY", "second")
    assert find() == "first"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("what", ["pipe", "link", "folder", "readable", "text", "list", "deep", "bytes"])
def test_what_is_no_file_of_keys_is_one_error_and_stays(file: Path, what: str, tmp_path: Path) -> None:
    contents = {"text": b"{", "list": b"[]", "deep": b"[" * 100_000, "bytes": b"\xff\xfe", "readable": b"{}"}
    match what:
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case "link":
            (tmp_path / "elsewhere").write_text("{}")
            file.symlink_to(tmp_path / "elsewhere")
        case _:
            file.write_bytes(contents[what])
            file.chmod(0o644 if what == "readable" else 0o600)
    with pytest.raises(UserError) as caught:
        find()
    assert caught.value.code == "key_unreadable"
    assert caught.value.hint
    if what == "readable":
        return
    before = os.lstat(file).st_ino
    with pytest.raises(UserError):
        credentials.save_key(NAME, "another")
    assert os.lstat(file).st_ino == before, "other keys may be in it"
