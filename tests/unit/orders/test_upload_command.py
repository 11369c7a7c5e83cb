"""The command that puts a picture on the web: what it gets, what it may say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.core.errors import UserError
from bridge.orders.upload import check_url, upload_for_provider, upload_picture
from tests.configured import configure

PNG = b"\x89PNG and more"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a project, beside that of the command."""
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def command(folder: Path, code: str, words: str = "{file}") -> str:
    """A command line that runs Python code."""
    script = folder / "a script.py"
    script.write_text(f"import os, pathlib, sys, time\n{code}\n")
    return f"'{Path(sys.executable).as_posix()}' '{script.as_posix()}' {words}".strip()


def failed(folder: Path, code: str, timeout: float = 30.0) -> str:
    with pytest.raises(UserError) as caught:
        upload_picture(PNG, command(folder, code), folder / "project", hidden=frozenset(), timeout=timeout)
    assert caught.value.code == "upload_failed"
    return caught.value.message


@pytest.mark.parametrize("words", ["{file}", "", "--name={file}"])
def test_it_gets_the_file_and_its_last_line_counts(tmp_path: Path, project: Path, words: str) -> None:
    code = """
path = pathlib.Path(sys.argv[1].removeprefix("--name="))
assert path.read_bytes() == b"\\x89PNG and more"
assert pathlib.Path.cwd() == path.parent
assert sys.stdin.read() == ""
print("uploading")
print("https://files.example.com/" + path.name)
print()
"""
    url = upload_picture(PNG, command(tmp_path, code, words), project, hidden=frozenset())
    again = upload_picture(PNG, command(tmp_path, code, words), project, hidden=frozenset())
    # Named by its content: the same picture is the same file.
    assert url == again
    assert url.endswith(".png")


def test_no_shell_reads_the_words(tmp_path: Path, project: Path) -> None:
    code = "print('https://example.com/' + str(sys.argv[2:]).encode().hex())"
    url = upload_picture(PNG, command(tmp_path, code, "{file} '$HOME' ; | *"), project, hidden=frozenset())
    assert bytes.fromhex(url.rpartition("/")[2]).decode() == "['$HOME', ';', '|', '*']"


def test_keys_stay_here(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELDOJO_API_KEY", "secret")
    monkeypatch.setenv("MY_DOJO", "secret")
    code = "print('https://example.com/' + str([n for n in os.environ if os.environ[n] == 'secret']).encode().hex())"
    tables = {"providers.pixeldojo": {"upload_command": command(tmp_path, code)}}
    seen = bytes.fromhex(upload_for_provider(PNG, "pixeldojo", configure(project, tables)).rpartition("/")[2]).decode()
    assert "PIXELDOJO_API_KEY" not in seen
    tables["providers.pixeldojo"]["api_key_env"] = "MY_DOJO"
    seen = bytes.fromhex(upload_for_provider(PNG, "pixeldojo", configure(project, tables)).rpartition("/")[2]).decode()
    assert "MY_DOJO" not in seen


def test_what_goes_wrong_is_said(tmp_path: Path) -> None:
    assert "code 3: no room" in failed(tmp_path, "print('no room', file=sys.stderr); sys.exit(3)")
    assert "no https address" in failed(tmp_path, "pass")
    assert "no https address" in failed(tmp_path, "print('http://example.com/a.png')")
    assert "within" in failed(tmp_path, "time.sleep(60)", timeout=0.2)
    for line in ("/nowhere/at-all {file}", "", "'unclosed"):
        with pytest.raises(UserError, match="could not be started"):
            upload_picture(PNG, line, tmp_path / "project", hidden=frozenset())
    with pytest.raises(UserError) as caught:
        upload_for_provider(PNG, "pixeldojo", configure(tmp_path))
    assert caught.value.where is None or caught.value.where.file == "assetbridge.toml"


def test_a_script_that_was_meant_in_the_project_is_named(project: Path) -> None:
    (project / "upload.py").write_text("print('https://example.com/a.png')\n", encoding="utf-8")
    with pytest.raises(UserError, match="code 2") as caught:
        upload_picture(PNG, f"'{Path(sys.executable).as_posix()}' upload.py {{file}}", project, hidden=frozenset())
    assert "write upload.py as an absolute path" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ftp://example.com/a",
        "https://",
        "https://user:word@example.com/a",
        "https://example.com/a b",
        "https://example.com/\x07",
        "https://example.com:99999999/",
        "https://[broken/",
        "https://exämple.com/a",
        "https://example.com/" + "a" * 3000,
        "file:///etc/passwd",
    ],
)
def test_only_https_addresses_are_taken(text: str) -> None:
    with pytest.raises(UserError):
        check_url(text)
    assert check_url("https://example.com/a.png?signed=1") == "https://example.com/a.png?signed=1"
