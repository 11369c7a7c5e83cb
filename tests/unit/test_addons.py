"""Installing addons: what is written, what of the user's is kept, and what doctor says of versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge import addons
from bridge.cli import main
from bridge.errors import UserError

FILES = {"plugin.cfg": b"[plugin]\n", "dock.gd": b"extends Node\n"}


def test_every_engine_has_files_here() -> None:
    assert "plugin.cfg" in addons.packaged("godot")
    assert all(addons.packaged(engine) for engine in addons.ENGINES)


def test_every_script_of_the_godot_addon_has_its_uid() -> None:
    files = addons.packaged("godot")
    scripts = {path for path in files if path.endswith(".gd")}
    assert scripts == {path.removesuffix(".uid") for path in files if path.endswith(".gd.uid")}


def test_a_second_installation_writes_nothing(tmp_path: Path) -> None:
    assert addons.install(tmp_path, FILES).written == tuple(FILES)
    assert addons.install(tmp_path, FILES).written == ()


def test_an_update_replaces_adds_and_removes_our_files(tmp_path: Path) -> None:
    addons.install(tmp_path, FILES)
    (tmp_path / "notes.txt").write_text("the user's")
    done = addons.install(tmp_path, {"plugin.cfg": b"[plugin]\nnew\n", "row.gd": b""})
    assert (done.written, done.removed) == (("plugin.cfg", "row.gd"), ("dock.gd",))
    assert {path.name for path in tmp_path.iterdir()} == {"plugin.cfg", "row.gd", "notes.txt", addons.MANIFEST}


def test_an_edited_file_is_named_and_kept(tmp_path: Path) -> None:
    addons.install(tmp_path, FILES)
    (tmp_path / "dock.gd").write_text("mine")
    with pytest.raises(UserError, match=r"dock\.gd") as caught:
        addons.install(tmp_path, {**FILES, "plugin.cfg": b"new"})
    assert caught.value.code == "addon_edited"
    assert (tmp_path / "dock.gd").read_text() == "mine"
    assert (tmp_path / "plugin.cfg").read_bytes() == FILES["plugin.cfg"]


def test_force_replaces_an_edited_file(tmp_path: Path) -> None:
    addons.install(tmp_path, FILES)
    (tmp_path / "dock.gd").write_text("mine")
    assert addons.install(tmp_path, FILES, force=True).written == ("dock.gd",)


def test_an_edited_file_that_an_update_would_remove_is_kept(tmp_path: Path) -> None:
    addons.install(tmp_path, FILES)
    (tmp_path / "dock.gd").write_text("mine")
    with pytest.raises(UserError):
        addons.install(tmp_path, {"plugin.cfg": FILES["plugin.cfg"]})


def test_line_ends_of_version_control_are_no_edit(tmp_path: Path) -> None:
    addons.install(tmp_path, FILES)
    (tmp_path / "dock.gd").write_bytes(b"extends Node\r\n")
    assert addons.edited(tmp_path, {"dock.gd": b"extends Control\n"}) == []


def test_strange_files_without_a_manifest_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "dock.gd").write_text("of another addon")
    assert addons.edited(tmp_path, FILES) == ["dock.gd"]


@pytest.mark.parametrize("text", ["", "[]", '{"version": "1"}', '{"version": "1", "files": []}'])
def test_a_damaged_manifest_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / addons.MANIFEST).write_text(text)
    assert addons.manifest_of(tmp_path) is None


def godot_project(folder: Path) -> Path:
    (folder / "game").mkdir()
    (folder / "game/project.godot").write_text("config_version=5\n")
    (folder / "assetbridge.toml").write_text(
        '[project]\nname = "x"\nid = "00000001"\n[targets.godot]\nroot = "game"\noutput = "game/art"\n'
    )
    return folder


def test_the_command_installs_into_the_godot_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    godot_project(tmp_path)
    assert main(["install-addon", "godot", "--project", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    installed = tmp_path / "game/addons/assetbridge"
    assert sorted(said["written"]) == sorted(addons.packaged("godot"))
    assert (installed / "plugin.cfg").is_file()
    launcher = json.loads((tmp_path / addons.LAUNCHER).read_text())["launcher"]
    assert Path(launcher[0]).is_file()


def test_doctor_reports_an_addon_of_another_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    godot_project(tmp_path)
    main(["install-addon", "godot", "--project", str(tmp_path)])
    manifest = tmp_path / "game/addons/assetbridge" / addons.MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "version": "0.0.1"}))
    capsys.readouterr()
    main(["doctor", "--project", str(tmp_path), "--json"])
    hints = [finding["hint"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert "assetbridge install-addon godot" in hints


def test_without_a_godot_target_the_command_says_what_to_add(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "assetbridge.toml").write_text('[project]\nname = "x"\nid = "00000001"\n[targets.json]\noutput = "o"\n')
    assert main(["install-addon", "godot", "--project", str(tmp_path)]) == 2
    assert "[targets.godot]" in capsys.readouterr().err


def test_tiled_needs_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addons, "tiled_extensions", lambda: tmp_path / "extensions")
    assert main(["install-addon", "tiled", "--project", str(tmp_path)]) == 0
    assert addons.manifest_of(tmp_path / "extensions/assetbridge") is not None
