"""Paths of specs and files of the project that lead outside, wait for ever or never end: nothing of them is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.core.errors import WorkFailed
from bridge.core.root_folder import RootFolder
from tests.hostile import paths
from tests.hostile.outside import Outside
from tests.hostile.paths import TRAPS, opened_files, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes as POSIX has them")

FIELDS = {
    "sprite": 'kind = "sprite"\nprovider = "files"\nsource = {path}\nsize = [16, 16]\n',
    "map": 'kind = "map"\nprovider = "files"\nsource = {path}\n',
    "music": 'kind = "music"\nprovider = "files"\nsource = {path}\n',
    "palette": 'kind = "sprite"\ndescription = "gem"\nsize = [16, 16]\n[process]\npalette = {path}\n',
}
SUFFIXES = {"sprite": ".png", "map": ".tmx", "music": ".wav", "palette": ".hex"}
NAMED = (
    "../home/secret{suffix}",
    "{outside}/home/secret{suffix}",
    "C:\\secret",
    "C:secret",
    "\\\\host\\secret",
    "a\\u0000b",
)


def _read_nothing_outside(root: Path, user_home: Path) -> None:
    with opened_files() as opened:
        assert run(root, "build", "--json") != 0
    own = [user_home / folder / "assetbridge" for folder in (".config", ".state", ".cache", ".data")]
    strange = [
        path
        for path in opened
        if (path.is_relative_to(user_home) and not any(path.is_relative_to(folder) for folder in own))
        or str(path) == "/dev/zero"
    ]
    assert not strange


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("named", NAMED)
def test_a_path_of_a_spec_names_nothing_outside(
    stranger: Path, outside: Outside, user_home: Path, kind: str, named: str
) -> None:
    (user_home / f"secret{SUFFIXES[kind]}").write_bytes(b"the user's own")
    outside.renew()
    path = named.format(outside=stranger.parent, suffix=SUFFIXES[kind])
    quoted = f'"{path}"' if "\\u" in path else f"'{path}'"
    (stranger / "art/bad.asset.toml").write_text(FIELDS[kind].format(path=quoted), encoding="utf-8")
    _read_nothing_outside(stranger, user_home)


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize(
    "trap", [trap for trap in TRAPS if trap is not paths.hard_link], ids=lambda trap: trap.__name__
)
def test_a_source_that_is_a_trap_is_neither_read_nor_waited_for(
    stranger: Path, outside: Outside, user_home: Path, kind: str, trap: Callable[[Path, Path], None]
) -> None:
    del outside
    path = f"art/source{SUFFIXES[kind]}"
    (stranger / "art/bad.asset.toml").write_text(FIELDS[kind].format(path=f"'{path}'"), encoding="utf-8")
    trap(stranger / path, stranger.parent)
    _read_nothing_outside(stranger, user_home)


@pytest.mark.parametrize(
    "trap", [trap for trap in TRAPS if trap is not paths.hard_link], ids=lambda trap: trap.__name__
)
@pytest.mark.parametrize("file", ["art/gem.asset.toml", "assetbridge.toml", "assetbridge.lock"])
def test_a_file_of_the_project_that_is_a_trap_is_neither_read_nor_waited_for(
    stranger: Path, outside: Outside, user_home: Path, file: str, trap: Callable[[Path, Path], None]
) -> None:
    run(stranger, "build")
    trap(stranger / file, stranger.parent)
    outside.renew()
    with opened_files() as opened:
        for words in (["status"], ["build"]):
            run(stranger, *words)
    assert not [path for path in opened if path == user_home / ".bashrc" or str(path) == "/dev/zero"]


def test_links_inside_the_project_are_read_as_before(stranger: Path) -> None:
    (stranger / "shared").mkdir()
    (stranger / "art/gem.asset.toml").rename(stranger / "shared/gem.asset.toml")
    (stranger / "art/gem.asset.toml").symlink_to("../shared/gem.asset.toml")
    assert run(stranger, "build") == 0
    assert (stranger / "export/art/gem.png").is_file()


def test_a_spec_behind_a_link_is_not_edited(stranger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (stranger / "art/gem.asset.toml").rename(stranger / "shared.toml")
    before = (stranger / "shared.toml").read_bytes()
    (stranger / "art/gem.asset.toml").symlink_to("../shared.toml")
    assert run(stranger, "reroll", "art/gem") == 1
    assert "art/gem.asset.toml is a link" in capsys.readouterr().err
    assert (stranger / "shared.toml").read_bytes() == before
    assert (stranger / "art/gem.asset.toml").is_symlink()


def test_a_failed_write_says_which_file_is_the_link(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path)
    with pytest.raises(WorkFailed) as caught:
        RootFolder(tmp_path).write("out/deep/file", b"")
    assert (caught.value.code, caught.value.where and caught.value.where.file) == ("unsafe_path", "out")
