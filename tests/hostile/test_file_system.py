"""Links, pipes, devices and second names in every place that is written: nothing outside changes, nothing waits.

The full tier tries each place × each trap against every command; the normal tier a link to a file in each place against
the commands that write there, and each trap in some.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from bridge.cli import main
from bridge.core import folder_entry
from bridge.core.root_folder import RootFolder, Staged
from tests.hostile import paths
from tests.hostile.outside import Outside
from tests.hostile.paths import TRAPS, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes as POSIX has them")

COMMANDS = (
    ("status",),
    ("plan",),
    ("build",),
    ("check",),
    ("inspect", "art/gem"),
    ("schema",),
    ("new", "sprite", "art/ring"),
    ("reroll", "art/gem"),
    ("clean", "--yes"),
    ("install-addon", "godot"),
    ("daemon", "stop"),
)
# What writes in the places that no build touches; a status and a build come first.
WRITERS = {
    "game/addons": ("install-addon", "godot"),
    "art/ring": ("new", "sprite", "art/ring"),
    ".assetbridge/spec": ("schema",),
    ".assetbridge/inspect": ("inspect", "art/gem"),
    ".assetbridge/lint": ("check",),
    ".assetbridge/daemon": ("daemon", "stop"),
}
GODOT = '[targets.godot]\nroot = "game"\noutput = "game/art"\n'
# Every place that a command writes, by a path in the project.
PLACES = (
    "export",
    "export/art",
    "export/art/gem.png",
    "export/art/gem.json",
    "game",
    "game/art",
    "game/art/art/gem.png.import",
    "game/addons",
    "game/addons/assetbridge",
    "game/addons/assetbridge/plugin.cfg",
    "game/addons/assetbridge/.manifest.json",
    "assetbridge.lock",
    "art/ring.asset.toml",
    ".assetbridge",
    ".assetbridge/.gdignore",
    ".assetbridge/state.db",
    ".assetbridge/state.db-wal",
    ".assetbridge/state.db-shm",
    ".assetbridge/state.db-journal",
    ".assetbridge/state.db.mark",
    ".assetbridge/state.db.broken",
    ".assetbridge/state.db.foreign",
    ".assetbridge/journal.db",
    ".assetbridge/journal.db-wal",
    ".assetbridge/journal.db-shm",
    ".assetbridge/journal.db-journal",
    ".assetbridge/journal.db.mark",
    ".assetbridge/owner.lock",
    ".assetbridge/owner.json",
    ".assetbridge/daemon.lock",
    ".assetbridge/daemon.json",
    ".assetbridge/daemon.log",
    ".assetbridge/crash.log",
    ".assetbridge/launcher.json",
    ".assetbridge/spec.schema.json",
    ".assetbridge/store",
    ".assetbridge/inspect",
    ".assetbridge/inspect/art/gem",
    ".assetbridge/previews",
    ".assetbridge/lint",
)
SOME = {"export/art", "export/art/gem.png", "assetbridge.lock", ".assetbridge/state.db", ".assetbridge/owner.lock"}
FULL = (pytest.mark.full,)
MATRIX = [
    pytest.param(
        place,
        trap,
        id=f"{trap.__name__}-{place}",
        marks=() if trap is paths.file_link or (place in SOME and trap in (paths.folder_link, paths.pipe)) else FULL,
    )
    for place in PLACES
    for trap in TRAPS
]
EVERY_COMMAND = [
    pytest.param(place, trap, id=f"{trap.__name__}-{place}", marks=pytest.mark.full)
    for place in PLACES
    for trap in TRAPS
]


@pytest.fixture
def game(stranger: Path) -> Path:
    """The stranger's project with a Godot game in it."""
    with (stranger / "assetbridge.toml").open("a", encoding="utf-8") as file:
        file.write(GODOT)
    (stranger / "game").mkdir()
    (stranger / "game/project.godot").write_text("config_version=5\n", encoding="utf-8")
    return stranger


@pytest.mark.parametrize(("place", "trap"), MATRIX)
def test_nothing_goes_through_what_lies_in_the_place_of_a_file(
    game: Path, outside: Outside, place: str, trap: Callable[[Path, Path], None]
) -> None:
    trap(game / place, game.parent)
    writers = [words for start, words in WRITERS.items() if place.startswith(start)]
    for words in (("status",), ("build",), *writers):
        run(game, *words)
        outside.assert_unchanged()


@pytest.mark.parametrize(("place", "trap"), EVERY_COMMAND)
def test_each_command_alone_goes_through_nothing(
    game: Path, outside: Outside, place: str, trap: Callable[[Path, Path], None]
) -> None:
    trap(game / place, game.parent)
    for words in COMMANDS:
        run(game, *words)
        outside.assert_unchanged()


@pytest.mark.parametrize("place", ["export/art/gem.png", "export/art", ".assetbridge", ".assetbridge/state.db"])
def test_a_link_in_the_way_is_one_error_with_the_way_out(
    game: Path, outside: Outside, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    del outside
    paths.folder_link(game / place, game.parent)
    capsys.readouterr()
    assert run(game, "build", "--json") != 0
    said = capsys.readouterr().out
    assert '"unsafe_path"' in said
    assert f"{place} is a link" in said
    assert "Put a real file or folder in its place" in said


@pytest.mark.parametrize("place", ["export/art/gem.png", "export/art/gem.json", "assetbridge.lock"])
def test_a_second_name_keeps_its_content_where_a_file_is_replaced(game: Path, outside: Outside, place: str) -> None:
    paths.hard_link(game / place, game.parent)
    outside.renew()
    (game / place).write_bytes((game / place).read_bytes())
    run(game, "build", "--force")


def test_the_names_of_earlier_temporary_files_lead_nowhere(game: Path, outside: Outside, user_home: Path) -> None:
    """They could be known beforehand: `git clone; assetbridge build` wrote through a committed link."""
    names = {"assetbridge.lock", ".gitignore", ".gitattributes", "contact_sheet.png", ".assetbridge/launcher.json"}
    run(game, "build")
    names |= {path.relative_to(game).as_posix() for path in game.rglob("*") if path.is_file()}
    shutil.rmtree(game / ".assetbridge")
    shutil.rmtree(game / "export")
    for name in names:
        full = game / name
        full.parent.mkdir(parents=True, exist_ok=True)
        for temp in (f".{full.name}.assetbridge-tmp", f".{full.name}.{os.getpid()}.tmp"):
            full.with_name(temp).symlink_to(user_home / ".bashrc")
    for words in COMMANDS[:7]:
        run(game, *words)
    outside.assert_unchanged()


def test_init_and_demo_write_through_no_link(stranger: Path, outside: Outside, user_home: Path) -> None:
    (stranger / "assetbridge.toml").unlink()
    for name in (".gitignore", ".gitattributes"):
        (stranger / name).symlink_to(user_home / ".bashrc")
    with paths.patience():
        assert main(["init", str(stranger)]) == 1
    outside.assert_unchanged()
    for name in (".gitignore", ".gitattributes", "assetbridge.toml"):
        (stranger / name).unlink(missing_ok=True)
    shutil.rmtree(stranger / "art")
    (stranger / "assetbridge.toml").symlink_to(user_home / ".bashrc")
    with paths.patience():
        assert main(["demo", str(stranger)]) == 2


def test_the_daemon_starts_through_no_link(stranger: Path, outside: Outside, user_home: Path) -> None:
    (stranger / ".assetbridge").mkdir(exist_ok=True)
    for name in ("daemon.log", "daemon.lock"):
        (stranger / ".assetbridge" / name).symlink_to(user_home / ".bashrc")
        assert run(stranger, "daemon", "start") == 1
        outside.assert_unchanged()
        (stranger / ".assetbridge" / name).unlink()
    # Its own record it writes in the place of the link, which is renamed.
    (stranger / ".assetbridge/daemon.json").symlink_to(user_home / ".bashrc")
    assert run(stranger, "daemon", "start") == 0
    assert run(stranger, "daemon", "stop") == 0
    assert [path.is_symlink() for path in (stranger / ".assetbridge").glob("daemon.json.*")] == [True]


# swapped between the check and the use


def _swap(folder: Path, target: Path) -> None:
    folder.rename(folder.with_name(f"{folder.name}-moved"))
    folder.symlink_to(target)


def test_a_folder_that_is_swapped_while_files_are_staged_leads_nowhere(
    game: Path, outside: Outside, user_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = RootFolder.stage
    for number in count(1):
        shutil.rmtree(game / "export", ignore_errors=True)
        shutil.rmtree(game / "export-moved", ignore_errors=True)
        steps = count(1)

        def staged(self: RootFolder, path: str, data: bytes, at: int = number, steps: Iterator[int] = steps) -> Staged:
            done = stage(self, path, data)
            if path.startswith("export/") and next(steps) == at:
                _swap(game / "export", user_home)
            return done

        with monkeypatch.context() as patch:
            patch.setattr(RootFolder, "stage", staged)
            run(game, "build", "--force")
        outside.assert_unchanged()
        if not (game / "export").is_symlink():
            assert number > 2
            break
        (game / "export").unlink()


def test_a_folder_that_is_swapped_while_it_is_open_is_the_one_that_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    (root / "out").mkdir(parents=True)
    elsewhere.mkdir()
    move = folder_entry.move_entry

    def swapped(*words: object) -> None:
        _swap(root / "out", elsewhere)
        move(*words)  # type: ignore[arg-type]

    monkeypatch.setattr("bridge.core.root_folder.move_entry", swapped)
    RootFolder(root).write("out/file", b"ours")
    assert not list(elsewhere.iterdir())
    assert (root / "out-moved/file").read_bytes() == b"ours"


def test_a_source_that_is_swapped_after_it_was_checked_is_not_read(
    stranger: Path, user_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stranger / "art/gem.png").write_bytes(b"a picture")
    (user_home / "secret.png").write_bytes(b"the user's own picture")
    folder = RootFolder(stranger)
    assert folder.read_source("art/gem.png") == b"a picture"
    real_path = os.path.realpath

    def swapped(path: object, **options: bool) -> str:
        real = str(real_path(path, **options))  # type: ignore[call-overload]
        if real.endswith("inside.png"):
            (stranger / "art/inside.png").unlink(missing_ok=True)
            (stranger / "art/inside.png").symlink_to(user_home / "secret.png")
        return real

    (stranger / "art/inside.png").write_bytes(b"inside")
    (stranger / "art/link.png").symlink_to("inside.png")
    assert folder.read_source("art/link.png") == b"inside"
    monkeypatch.setattr(os.path, "realpath", swapped)
    with pytest.raises(OSError, match="is a link"):
        folder.read_source("art/link.png")


# what a lock and a memory may name

OUTSIDE_PATHS = (
    "../home/.bashrc",
    "{outside}/home/.bashrc",
    "a/../../home/.bashrc",
    "C:x",
    "C:\\x",
    "\\\\host\\x",
    "a\0b",
)


@pytest.mark.parametrize("path", OUTSIDE_PATHS)
@pytest.mark.parametrize("field", ["files", "output", "left"])
def test_a_lock_names_nothing_outside(
    game: Path, outside: Outside, capsys: pytest.CaptureFixture[str], path: str, field: str
) -> None:
    run(game, "build")
    path = path.format(outside=game.parent)
    lock = json.loads((game / "assetbridge.lock").read_text(encoding="utf-8"))
    target = lock["assets"]["art/gem"]["targets"]["json"]
    target[field] = {"files": {path: ""}, "output": path, "left": {path: {".bashrc": ""}}}[field]
    (game / "assetbridge.lock").write_text(json.dumps(lock), encoding="utf-8")
    (game / "art/gem.asset.toml").unlink()
    capsys.readouterr()
    for words in (["clean", "--yes", "--force"], ["build"], ["plan"]):
        assert run(game, *words) == 2
        assert "the lock file lacks or mangles the path" in capsys.readouterr().err
    outside.assert_unchanged()


@pytest.mark.parametrize("path", OUTSIDE_PATHS)
def test_a_memory_names_nothing_outside(game: Path, outside: Outside, path: str) -> None:
    run(game, "build")
    with sqlite3.connect(game / ".assetbridge/state.db") as database:
        lock = json.loads((game / "assetbridge.lock").read_text(encoding="utf-8"))
        entry = lock["assets"]["art/gem"]
        entry["targets"]["json"]["files"] = {path.format(outside=game.parent): ""}
        database.execute("INSERT INTO pending VALUES ('art/gem', ?)", (json.dumps({"entry": entry}),))
    database.close()
    # What no build writes is not believed: memory is begun anew.
    for words in (["clean", "--yes", "--force"], ["build"], ["plan"]):
        assert run(game, *words) == 0
        outside.assert_unchanged()
    assert (game / ".assetbridge/state.db.broken").is_file()
    assert (game / "export/art/gem.png").is_file()


@pytest.mark.parametrize("recorded", ["", "m:0123", "0" * 64])
@pytest.mark.parametrize("command", [["clean", "--yes"], ["build"]])
def test_what_a_lock_does_not_prove_to_be_ours_is_not_deleted(game: Path, recorded: str, command: list[str]) -> None:
    run(game, "build")
    (game / "notes.txt").write_text("the user's own", encoding="utf-8")
    lock = json.loads((game / "assetbridge.lock").read_text(encoding="utf-8"))
    targets = lock["assets"]["art/gem"]["targets"]
    targets["json"]["left"] = {".": {"notes.txt": recorded}}
    targets["unity"] = {"made": "", "output": ".", "files": {"notes.txt": recorded}}
    (game / "assetbridge.lock").write_text(json.dumps(lock), encoding="utf-8")
    if command[0] == "clean":
        (game / "art/gem.asset.toml").unlink()
    run(game, *command)
    assert (game / "notes.txt").read_text(encoding="utf-8") == "the user's own"


def test_nothing_is_written_where_version_control_keeps_its_own(game: Path) -> None:
    (game / ".git/hooks").mkdir(parents=True)
    text = (game / "assetbridge.toml").read_text(encoding="utf-8").replace('output = "export"', 'output = ".git/hooks"')
    (game / "assetbridge.toml").write_text(text, encoding="utf-8")
    assert run(game, "build") == 1
    assert not list((game / ".git/hooks").iterdir())


# addons


def test_a_manifest_of_an_addon_names_nothing_outside(game: Path, outside: Outside) -> None:
    folder = game / "game/addons/assetbridge"
    folder.mkdir(parents=True)
    for path in ("../../../../home/.bashrc", str(game.parent / "home/.bashrc"), "a\0b"):
        for digest in ("", "0" * 64):
            (folder / ".manifest.json").write_text(json.dumps({"version": "0", "files": {path: digest}}))
            run(game, "install-addon", "godot")
            run(game, "install-addon", "godot", "--force")
            outside.assert_unchanged()


@pytest.mark.parametrize("named", ["../../home", "{outside}/home", "a\0b", "link", "\\\\host\\share"])
def test_an_extensions_folder_lies_inside(stranger: Path, outside: Outside, user_home: Path, named: str) -> None:
    (stranger / "link").symlink_to(user_home)
    document = json.dumps({"extensionsPath": named.format(outside=stranger.parent)})
    (stranger / "game.tiled-project").write_text(document, encoding="utf-8")
    run(stranger, "install-addon", "tiled", "--in-project")
    outside.assert_unchanged()


# where no folder can be held open (Windows), each part is looked at


@pytest.mark.parametrize("place", ["export", "export/art", "export/art/gem.png", "assetbridge.lock", ".assetbridge"])
@pytest.mark.parametrize("trap", [paths.file_link, paths.folder_link, paths.dangling_link, paths.pipe])
def test_a_system_without_open_folders_follows_no_link_either(
    game: Path,
    outside: Outside,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    trap: Callable[[Path, Path], None],
) -> None:
    monkeypatch.setattr(folder_entry, "HAS_HANDLES", False)
    run(game, "build")
    trap(game / place, game.parent)
    for words in (["build", "--force"], ["status"], ["clean", "--yes"]):
        run(game, *words)
        outside.assert_unchanged()
