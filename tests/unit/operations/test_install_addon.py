"""Installing addons: what is written, what of the user's is kept, and what doctor says of versions."""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge import __version__
from bridge.cli import main
from bridge.core import launchers, user_files
from bridge.core.errors import UserError, WorkFailed
from bridge.core.root_folder import RootFolder, Staged
from bridge.operations import install_addon as addons

FILES = {"plugin.cfg": b"[plugin]\n", "dock.gd": b"extends Node\n"}


@pytest.fixture(autouse=True)
def settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


def recorded() -> dict[str, Any]:
    """What the user's own folder says about starting assetbridge."""
    facts: dict[str, Any] = json.loads(user_files.read_user_file(launchers.FILE) or b"{}")
    return facts


def test_every_engine_has_files_here() -> None:
    assert "plugin.cfg" in addons.packaged_files("godot")
    assert all(addons.packaged_files(engine) for engine in addons.ENGINES)


def test_every_script_of_the_godot_addon_has_its_uid() -> None:
    files = addons.packaged_files("godot")
    scripts = {path for path in files if path.endswith(".gd")}
    assert scripts == {path.removesuffix(".uid") for path in files if path.endswith(".gd.uid")}


def test_a_second_installation_writes_nothing(tmp_path: Path) -> None:
    assert addons.install_files(RootFolder(tmp_path), FILES).written == tuple(FILES)
    assert addons.install_files(RootFolder(tmp_path), FILES).written == ()


def test_an_update_replaces_adds_and_removes_our_files(tmp_path: Path) -> None:
    addons.install_files(RootFolder(tmp_path), FILES)
    (tmp_path / "notes.txt").write_text("the user's")
    done = addons.install_files(RootFolder(tmp_path), {"plugin.cfg": b"[plugin]\nnew\n", "row.gd": b""})
    assert (done.written, done.removed) == (("plugin.cfg", "row.gd"), ("dock.gd",))
    assert {path.name for path in tmp_path.iterdir()} == {"plugin.cfg", "row.gd", "notes.txt", addons.MANIFEST}


def test_an_edited_file_is_named_and_kept(tmp_path: Path) -> None:
    addons.install_files(RootFolder(tmp_path), FILES)
    (tmp_path / "dock.gd").write_text("mine")
    with pytest.raises(UserError, match=r"dock\.gd") as caught:
        addons.install_files(RootFolder(tmp_path), {**FILES, "plugin.cfg": b"new"})
    assert caught.value.code == "addon_edited"
    assert (tmp_path / "dock.gd").read_text() == "mine"
    assert (tmp_path / "plugin.cfg").read_bytes() == FILES["plugin.cfg"]


def test_force_replaces_an_edited_file(tmp_path: Path) -> None:
    addons.install_files(RootFolder(tmp_path), FILES)
    (tmp_path / "dock.gd").write_text("mine")
    assert addons.install_files(RootFolder(tmp_path), FILES, force=True).written == ("dock.gd",)


def test_an_edited_file_that_an_update_would_remove_is_kept(tmp_path: Path) -> None:
    addons.install_files(RootFolder(tmp_path), FILES)
    (tmp_path / "dock.gd").write_text("mine")
    with pytest.raises(UserError):
        addons.install_files(RootFolder(tmp_path), {"plugin.cfg": FILES["plugin.cfg"]})


def test_line_ends_of_version_control_are_no_edit(tmp_path: Path) -> None:
    addons.install_files(RootFolder(tmp_path), FILES)
    (tmp_path / "dock.gd").write_bytes(b"extends Node\r\n")
    assert addons.edited_files(RootFolder(tmp_path), {"dock.gd": b"extends Control\n"}) == []


def test_strange_files_without_a_manifest_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "dock.gd").write_text("of another addon")
    assert addons.edited_files(RootFolder(tmp_path), FILES) == ["dock.gd"]


@pytest.mark.parametrize("text", ["", "[]", '{"version": "1"}', '{"version": "1", "files": []}'])
def test_a_damaged_manifest_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / addons.MANIFEST).write_text(text)
    assert addons.manifest_of(RootFolder(tmp_path)) is None


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
    assert sorted(said["written"]) == sorted(addons.packaged_files("godot"))
    assert (installed / "plugin.cfg").is_file()
    assert Path(recorded()["default"][0]).is_file()


def test_doctor_reports_an_addon_of_another_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    godot_project(tmp_path)
    main(["install-addon", "godot", "--project", str(tmp_path)])
    manifest = tmp_path / "game/addons/assetbridge" / addons.MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "version": "0.0.1"}))
    capsys.readouterr()
    main(["doctor", "--project", str(tmp_path), "--json"])
    hints = [finding["hint"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert "assetbridge install-addon godot" in hints


def findings(root: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str, str]]:
    """What doctor says of addons: level, what, hint."""
    capsys.readouterr()
    main(["doctor", "--project", str(root), "--json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    return [(one["level"], one["what"], one["hint"]) for one in found if " addon" in one["what"]]


GODOT = "assetbridge install-addon godot"
FORCED = f"Keep a copy of the edited files, then: {GODOT} --force"


def test_doctor_finds_nothing_wrong_with_a_fresh_addon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    godot_project(tmp_path)
    assert findings(tmp_path, capsys) == []
    main(["install-addon", "godot", "--project", str(tmp_path)])
    assert findings(tmp_path, capsys) == []


def test_doctor_names_edited_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    godot_project(tmp_path)
    main(["install-addon", "godot", "--project", str(tmp_path)])
    plugin = tmp_path / "game/addons/assetbridge/plugin.cfg"
    plugin.write_text(plugin.read_text() + "; mine\n")
    edited = ("note", "these files of the godot addon were edited: plugin.cfg", FORCED)
    assert findings(tmp_path, capsys) == [edited]
    plugin.write_text(plugin.read_text().replace(__version__, "0.0.1"))
    version = ("problem", f"the godot addon is version 0.0.1, assetbridge is {__version__}", FORCED)
    assert findings(tmp_path, capsys) == [version, edited]
    assert main(["install-addon", "godot", "--force", "--project", str(tmp_path)]) == 0
    assert findings(tmp_path, capsys) == []


def test_doctor_names_files_of_an_older_build_and_missing_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    godot_project(tmp_path)
    installed = tmp_path / "game/addons/assetbridge"
    addons.install_files(RootFolder(installed), {**addons.packaged_files("godot"), "dock/dock.gd": b"extends Node\n"})
    (installed / "plugin.gd").unlink()
    lacks = "the godot addon lacks what this version brings: dock/dock.gd, plugin.gd"
    assert findings(tmp_path, capsys) == [("problem", lacks, GODOT)]
    assert main(["install-addon", "godot", "--project", str(tmp_path)]) == 0
    assert findings(tmp_path, capsys) == []


def test_doctor_looks_into_both_folders_of_tiled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiled_project(tmp_path)
    monkeypatch.setattr(addons, "tiled_extensions", lambda: tmp_path / "home")
    for option in ((), ("--in-project",)):
        assert main(["install-addon", "tiled", *option, "--project", str(tmp_path)]) == 0
    assert findings(tmp_path, capsys) == []
    (tmp_path / "home/assetbridge/assetbridge.mjs").write_text("mine")
    (tmp_path / "game/extensions/assetbridge/lib/form.mjs").unlink()
    assert findings(tmp_path, capsys) == [
        (
            "note",
            "these files of the tiled addon were edited: assetbridge.mjs",
            "Keep a copy of the edited files, then: assetbridge install-addon tiled --force",
        ),
        (
            "problem",
            "the tiled addon in the project lacks what this version brings: lib/form.mjs",
            "assetbridge install-addon tiled --in-project",
        ),
    ]


def test_without_a_godot_target_the_command_says_what_to_add(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "assetbridge.toml").write_text('[project]\nname = "x"\nid = "00000001"\n[targets.json]\noutput = "o"\n')
    assert main(["install-addon", "godot", "--project", str(tmp_path)]) == 2
    assert "[targets.godot]" in capsys.readouterr().err


def test_tiled_needs_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addons, "tiled_extensions", lambda: tmp_path / "extensions")
    assert main(["install-addon", "tiled", "--project", str(tmp_path)]) == 0
    assert addons.manifest_of(RootFolder(tmp_path / "extensions/assetbridge")) is not None


def tiled_project(folder: Path, extensions: str = "") -> Path:
    """A project whose Tiled files, and Tiled project, lie in a folder of it."""
    (folder / "game/maps").mkdir(parents=True)
    (folder / "game/level.tiled-project").write_text(json.dumps({"extensionsPath": extensions} if extensions else {}))
    (folder / "assetbridge.toml").write_text(
        '[project]\nname = "x"\nid = "00000001"\n[targets.tiled]\noutput = "game/maps"\n'
    )
    return folder


@pytest.mark.parametrize(
    ("extensions", "folder"),
    [("", "game/extensions"), ("tools/tiled", "game/tools/tiled"), ("../shared", "shared")],
)
def test_the_tiled_project_gets_the_extension(tmp_path: Path, extensions: str, folder: str) -> None:
    tiled_project(tmp_path, extensions)
    assert main(["install-addon", "tiled", "--in-project", "--project", str(tmp_path)]) == 0
    assert (tmp_path / folder / "assetbridge/lib/form.mjs").is_file()


def test_doctor_looks_at_the_extension_of_the_tiled_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiled_project(tmp_path, "")
    main(["install-addon", "tiled", "--in-project", "--project", str(tmp_path)])
    manifest = tmp_path / "game/extensions/assetbridge" / addons.MANIFEST
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "version": "0.0.1"}))
    capsys.readouterr()
    main(["doctor", "--project", str(tmp_path), "--json"])
    hints = [finding["hint"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert "assetbridge install-addon tiled --in-project" in hints


@pytest.mark.parametrize(
    ("extensions", "message"), [("../../outside", "lies outside of the project"), (None, "no .tiled-project")]
)
def test_without_a_place_in_the_project_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], extensions: str | None, message: str
) -> None:
    project = tiled_project(tmp_path / "one", extensions or "")
    if extensions is None:
        (project / "game/level.tiled-project").unlink()
    assert main(["install-addon", "tiled", "--in-project", "--project", str(project)]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "Tiled: Project" in said


def test_installing_records_the_launcher_for_every_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addons, "tiled_extensions", lambda: tmp_path / "extensions")
    monkeypatch.chdir(tmp_path)
    assert main(["install-addon", "tiled"]) == 0
    assert Path(recorded()["default"][0]).is_file()


def test_an_addon_that_was_copied_by_hand_tells_its_version(tmp_path: Path) -> None:
    (tmp_path / "plugin.cfg").write_text('[plugin]\nversion="0.0.1"\n')
    assert addons.other_version(RootFolder(tmp_path)) == "0.0.1"
    (tmp_path / "plugin.cfg").write_bytes(addons.packaged_files("godot")["plugin.cfg"])
    assert addons.other_version(RootFolder(tmp_path)) == ""


def test_a_full_disk_leaves_the_old_addon_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    addons.install_files(RootFolder(tmp_path), FILES)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    stage, staged = RootFolder.stage, []

    def full(folder: RootFolder, path: str, data: bytes) -> Staged:
        staged.append(path)
        if len(staged) == 2:
            raise OSError(errno.ENOSPC, "no space")
        return stage(folder, path, data)

    monkeypatch.setattr(RootFolder, "stage", full)
    with pytest.raises(WorkFailed) as caught:
        addons.install_files(RootFolder(tmp_path), {name: data + b"new\n" for name, data in FILES.items()})
    assert caught.value.code == "disk_full"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("words", [["build"], ["plan"], ["new", "sprite", "art/gem"], ["daemon", "status"]])
def test_every_command_of_a_project_records_the_launcher(tmp_path: Path, words: list[str]) -> None:
    godot_project(tmp_path)
    main([*words, "--project", str(tmp_path)])
    assert recorded()["default"][0] == sys.executable
    assert not (tmp_path / ".assetbridge/launcher.json").exists()


def test_init_records_the_launcher(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "new")]) == 0
    assert recorded()["default"][0] == sys.executable


def test_no_command_fails_because_the_launcher_cannot_be_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    godot_project(tmp_path)

    def refuse_write(_name: str, _data: bytes) -> bool:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(launchers, "write_user_file", refuse_write)
    assert main(["plan", "--project", str(tmp_path)]) == 0
    assert user_files.read_user_file(launchers.FILE) is None
