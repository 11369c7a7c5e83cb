"""A project as the version before built it opens with nothing to do, and keeps every id when it is made anew.

`earlier_project/version_0_1.zip` holds it whole: specs, own pictures, lockfile, store, memory of the machine, and the
files of all four targets, after a reroll and a renamed spec. It was written by that version and is never made anew.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from bridge.cli import main

EARLIER = Path(__file__).with_name("earlier_project") / "version_0_1.zip"
OUTPUTS = ("godot", "tilesets", "unity/Assets", "export")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The project, with the option that keeps the sheet JSON of that version."""
    with zipfile.ZipFile(EARLIER) as archive:
        archive.extractall(tmp_path)
    project = tmp_path / "assetbridge.toml"
    text = project.read_text(encoding="utf-8")
    assert text.count("[targets.json]\n") == 1
    project.write_text(text.replace("[targets.json]\n", '[targets.json]\npreset = "assetbridge"\n'), encoding="utf-8")
    return tmp_path


def shipped_files(root: Path) -> dict[str, bytes]:
    """Every file but the memory of this machine."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] != ".assetbridge"
    }


def file_times(root: Path) -> dict[str, int]:
    return {name: (root / name).stat().st_mtime_ns for name in shipped_files(root)}


def plan_of(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["plan", "--json", "--project", str(root)]) == 0
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_it_opens_with_nothing_to_do(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan_of(root, capsys)["changes"] == 0
    assert main(["plan", "--project", str(root)]) == 0
    assert capsys.readouterr().out == "nothing to do (7 assets up to date)\n"


def test_a_build_of_it_writes_no_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, times = shipped_files(root), file_times(root)
    assert main(["build", "--project", str(root)]) == 0
    assert capsys.readouterr().out == "7 ready; 0 files changed\n"
    assert (shipped_files(root), file_times(root)) == (files, times)


def test_a_clone_without_the_memory_of_a_machine_has_nothing_to_do(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(root / ".assetbridge")
    assert plan_of(root, capsys)["changes"] == 0
    assert main(["check", "--project", str(root)]) == 0


def test_made_anew_every_uid_tile_id_and_slot_is_as_before(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = shipped_files(root)
    for folder in OUTPUTS:
        shutil.rmtree(root / folder)
    shutil.rmtree(root / ".assetbridge")
    assert main(["build", "--project", str(root)]) == 0
    capsys.readouterr()
    assert shipped_files(root) == files


def test_without_the_option_only_sheet_json_changes_and_keeps_its_names(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = root / "assetbridge.toml"
    project.write_text(project.read_text(encoding="utf-8").replace('preset = "assetbridge"\n', ""), encoding="utf-8")
    files = shipped_files(root)
    assert main(["build", "--project", str(root)]) == 0
    capsys.readouterr()
    made = shipped_files(root)
    assert set(made) == set(files)
    changed = {name for name in files if made[name] != files[name]} - {"assetbridge.lock"}
    assert changed
    assert all(name.startswith("export/") for name in changed)
    assert plan_of(root, capsys)["changes"] == 0
