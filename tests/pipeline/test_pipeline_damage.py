"""What can happen to a project between two builds: damaged memory, lost results, files in the way, edits by hand."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bridge.providers.api import Step
from tests.pipeline import faulty_disk
from tests.pipeline.conftest import SPRITE, Workspace
from tests.pipeline.faulty_disk import FaultyDisk

COMMANDS = ("plan", "build", "check", "status", "export", "clean", "doctor")


def _blobs(workspace: Workspace) -> list[Path]:
    return sorted(path for path in (workspace.root / ".assetbridge/store").rglob("*") if path.is_file())


def _states(workspace: Workspace, *words: str, expect: int | None = 0) -> dict[str, dict[str, Any]]:
    document = workspace.run("build", "--json", *words, expect=expect).json
    return {asset["id"]: asset for asset in document["assets"]}


# the lock


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('{{\n<<<<<<< ours\n "version": 1,\n=======\n "version": 1,\n>>>>>>> theirs\n', "lock_invalid", "merge"),
        ("", "lock_invalid", "version control"),
        ("[]", "lock_invalid", "version control"),
        ('{"version": "1", "assets": {}}', "lock_invalid", "version control"),
        ('{"version": 1, "assets": {"art/rock": {}}}', "lock_invalid", "version control"),
        ('{"version": 2, "assets": {}}', "lock_newer", "Upgrade"),
    ],
)
def test_a_lock_that_cannot_be_read_stops_everything_and_is_kept(
    built_plain: Workspace, text: str, code: str, says: str
) -> None:
    lock = built_plain.write("assetbridge.lock", text)
    before = built_plain.files()
    answer = built_plain.run("build", "--json", expect=2)
    error = answer.json["error"]
    assert (error["code"], error["where"]["file"]) == (code, "assetbridge.lock")
    assert says in error["hint"]
    for command in COMMANDS:
        built_plain.run(command, expect=1 if command == "doctor" else 0 if command == "status" else 2)
    assert lock.read_text() == text
    assert built_plain.files() == before


def test_a_lock_in_latin_1(built_plain: Workspace) -> None:
    built_plain.write("assetbridge.lock", b'{"version": 1, "assets": {"\xfc": 1}}')
    assert built_plain.run("plan", "--json", expect=2).json["error"]["code"] == "lock_invalid"


@pytest.mark.parametrize("path", ["../victim.txt", "/victim.txt", "a/../../victim.txt"])
def test_a_lock_cannot_name_files_outside(built_plain: Workspace, path: str) -> None:
    victim = built_plain.write("victim.txt", "precious")
    lock = json.loads((built_plain.root / "assetbridge.lock").read_text())
    lock["assets"]["art/rock"]["targets"]["json"]["files"][path] = ""
    built_plain.write("assetbridge.lock", json.dumps(lock))
    (built_plain.root / "art/rock.asset.toml").unlink()
    assert "victim" in built_plain.run("clean", "--yes", "--force", expect=2).err
    assert victim.read_text() == "precious"


def test_a_lost_lock_is_made_again_from_what_is_there(built_plain: Workspace) -> None:
    lock = built_plain.root / "assetbridge.lock"
    before = lock.read_bytes()
    files = built_plain.files()
    lock.unlink()
    assert all(step["cached"] for asset in built_plain.plan().values() for step in asset["steps"])
    built_plain.run("build")
    assert lock.read_bytes() == before
    assert built_plain.files() == files


# memory


@pytest.mark.parametrize("how", ["garbage", "empty", "header", "middle", "newer", "folder"])
def test_a_damaged_memory_is_begun_anew(built_plain: Workspace, how: str) -> None:
    path = built_plain.root / ".assetbridge/state.db"
    data = path.read_bytes()
    before = built_plain.files()
    path.unlink()
    match how:
        case "garbage":
            path.write_bytes(b"not a database" * 500)
        case "empty":
            path.write_bytes(b"")
        case "header":
            path.write_bytes(data[:100])
        case "middle":
            path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
        case "newer":
            path.write_bytes(data[:60] + (99).to_bytes(4, "big") + data[64:])
        case "folder":
            path.mkdir()
    for command in (*COMMANDS, "build", "check"):
        built_plain.run(command)
    assert built_plain.files() == before


# stored results


@pytest.mark.parametrize("damage", ["gone", "cut", "changed", "empty"])
def test_damaged_results_are_drawn_again_when_they_are_needed(built_plain: Workspace, damage: str) -> None:
    before = built_plain.files()
    store = built_plain.files(".assetbridge/store")
    for blob in _blobs(built_plain):
        data = blob.read_bytes()
        match damage:
            case "gone":
                blob.unlink()
            case "cut":
                blob.write_bytes(data[:-3])
            case "changed":
                blob.write_bytes(bytes([data[0] ^ 1]) + data[1:])
            case "empty":
                blob.write_bytes(b"")
    assert {asset["action"] for asset in built_plain.plan().values()} == {"none"}, "outputs are current all the same"
    for path in before:
        if path.endswith(".png"):
            (built_plain.root / path).unlink()
    built_plain.run("build")
    assert built_plain.files() == before
    assert built_plain.files(".assetbridge/store") == store


def test_export_alone_draws_nothing(built_plain: Workspace) -> None:
    shutil.rmtree(built_plain.root / ".assetbridge/store")
    (built_plain.root / "export/art/rock.png").unlink()
    answer = built_plain.run("export", "--json", expect=1)
    assert [asset["error"]["code"] for asset in answer.json["assets"] if asset["error"]] == ["store_missing"]
    assert "assetbridge build" in built_plain.run("export", expect=1).err
    assert not _blobs(built_plain)


def test_an_asset_that_uses_another_whose_results_are_gone(plain: Workspace) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    plain.run("build")
    shutil.rmtree(plain.root / ".assetbridge")
    plain.write("art/twin.asset.toml", 'kind = "animation"\nsource = "asset:art/rock"\naction = "shakes"\nframes = 4\n')
    plan = plain.plan()
    assert plan["art/twin"]["action"] in ("create", "error"), plan
    if plan["art/twin"]["action"] == "create":
        states = _states(plain)
        assert {asset["state"] for asset in states.values()} == {"ready"}, states


def test_a_clone_without_results_and_files_is_whole_after_one_build(plain: Workspace) -> None:
    """What uses another asset is looked at anew once that is drawn; its own result is gone all the same."""
    terrains = '[[terrains]]\nname = "water"\n[[terrains]]\nname = "grass"\n'
    plain.write("art/ground.asset.toml", 'kind = "tileset"\ntile_size = 16\n' + terrains)
    plain.write("art/island.asset.toml", 'kind = "map"\ntileset = "asset:art/ground"\nsize = [8, 8]\n')
    plain.run("build")
    before = plain.files("export")
    shutil.rmtree(plain.root / ".assetbridge")
    shutil.rmtree(plain.root / "export")
    assert {asset["state"] for asset in _states(plain).values()} == {"ready"}
    assert plain.files("export") == before


# files in the way


@pytest.mark.parametrize("path", ["export", "export/art", "game/generated"])
def test_a_file_where_a_folder_has_to_be(plain: Workspace, path: str) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    plain.write(path, b"mine")
    answer = plain.run("build", "--json", expect=1)
    error = answer.json["assets"][0]["error"]
    assert error["code"] == "output_conflict"
    assert "in the way" in error["message"]
    assert "Move it away" in error["hint"]
    assert (plain.root / path).read_bytes() == b"mine"
    (plain.root / path).unlink()
    plain.run("build")
    plain.run("check")


def test_a_folder_where_a_file_has_to_be(plain: Workspace) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    plain.write("export/art/rock.png/note.txt", b"mine")
    answer = plain.run("build", "--json", expect=1)
    assert answer.json["assets"][0]["error"]["code"] == "output_conflict"
    assert (plain.root / "export/art/rock.png/note.txt").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("export/art/rock.png", "output_conflict"),
        ("export/art/rock.json", "output_conflict"),
        ("game/generated/art/rock.tres", "export_failed"),
    ],
)
def test_a_foreign_file_is_refused_every_time(plain: Workspace, path: str, code: str) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    plain.write("art/pebble.asset.toml", SPRITE)
    plain.write(path, b"mine")
    for _ in range(3):
        states = _states(plain, expect=1 if code == "output_conflict" else 2)
        error = states["art/rock"]["error"]
        assert error["code"] == code
        assert Path(path).name in error["message"]
        assert "--force" in error["hint"]
        assert states["art/pebble"]["state"] == "ready"
        assert (plain.root / path).read_bytes() == b"mine"
    assert _states(plain, "--force")["art/rock"]["state"] == "ready"
    plain.run("check")


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_an_output_folder_that_cannot_be_written(built_plain: Workspace, number: int) -> None:
    before = built_plain.files()
    built_plain.replace("art/rock.asset.toml", "mossy", "grey")
    folder = FaultyDisk(built_plain.root / "export", 1, faulty_disk.error(number), lasting=True)
    with faulty_disk.on(folder):
        states = _states(built_plain, expect=1)
    error = states["art/rock"]["error"]
    assert error["code"] == "output_unwritable"
    assert error["where"]["file"].startswith("export/art/rock.")
    assert "writable" in error["hint"]
    assert states["art/pebble"]["state"] == "ready"
    now = built_plain.files()
    assert {path for path in before if now[path] != before[path]} <= {
        path for path in before if path.startswith("game/generated/art/rock")
    }
    assert _states(built_plain)["art/rock"]["state"] == "ready"
    built_plain.run("check")


def test_a_project_folder_that_cannot_be_written(plain: Workspace) -> None:
    plain.write("art/rock.asset.toml", SPRITE)
    with faulty_disk.on(FaultyDisk(plain.root, 1, faulty_disk.error(errno.EROFS), lasting=True)):
        error = plain.run("build", "--json", expect=1).json["error"]
        assert error["code"] == "output_unwritable"
        assert plain.plan()["art/rock"]["action"] == "create"
        assert plain.run("status").code == 0
        assert plain.run("check", expect=1).code == 1


# defects of our own


def test_a_defect_in_one_asset_stops_no_other_and_is_kept_for_a_report(
    plain: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bridge.providers.procedural import ProceduralProvider

    real = ProceduralProvider.run

    def broken(self: ProceduralProvider, step: Step, *rest: Any) -> Any:
        if "rock" in str(step.params):
            raise ZeroDivisionError("a defect")
        return real(self, step, *rest)

    monkeypatch.setattr(ProceduralProvider, "run", broken)
    plain.write("art/rock.asset.toml", SPRITE.replace("boulder", "rock"))
    plain.write("art/pebble.asset.toml", SPRITE)
    states = _states(plain, expect=70)
    assert states["art/pebble"]["state"] == "ready"
    assert states["art/rock"]["error"]["code"] == "internal"
    assert "crash.log" in states["art/rock"]["error"]["hint"]
    log = (plain.root / ".assetbridge/crash.log").read_text()
    assert "ZeroDivisionError: a defect" in log
    assert str(plain.root) not in log
    monkeypatch.undo()
    plain.run("build")
    plain.run("check")


# edits by hand


def test_an_edited_picture_survives_every_kind_of_rebuild(built_plain: Workspace) -> None:
    png = built_plain.write("export/art/rock.png", b"painted over")
    for before, after in (("mossy", "grey"), ("size = [16, 16]", "size = [24, 24]")):
        built_plain.replace("art/rock.asset.toml", before, after)
        states = _states(built_plain)
        assert states["art/rock"]["state"] == "drifted"
        assert any("export/art/rock.png" in note for note in states["art/rock"]["notes"])
        assert png.read_bytes() == b"painted over"
    assert "rock.png was edited by hand" in built_plain.run("check", expect=1).out
    listed = {asset["id"]: asset["state"] for asset in built_plain.run("status", "--json").json["assets"]}
    assert listed == {"art/pebble": "ready", "art/rock": "drifted"}
    (built_plain.root / "art/rock.asset.toml").unlink()
    built_plain.run("clean", "--yes")
    assert png.read_bytes() == b"painted over"


def test_what_a_user_adds_to_a_resource_stays_and_what_is_ours_comes_back(built_plain: Workspace) -> None:
    tres = built_plain.root / "game/generated/art/rock.tres"
    original = tres.read_text()
    added = original.replace("[resource]\n", '[resource]\nmetadata/note = "by hand"\n')
    assert added != original
    tres.write_text(added)
    built_plain.run("check")
    assert built_plain.plan()["art/rock"]["action"] == "none"
    tres.write_text(added.replace('"speed": ', '"speed": 9'))
    assert tres.read_text() != added
    assert built_plain.plan()["art/rock"]["action"] == "export"
    built_plain.run("check", expect=1)
    built_plain.run("build")
    assert "by hand" in tres.read_text()
    assert '"speed": 9' not in tres.read_text()
    built_plain.run("check")
