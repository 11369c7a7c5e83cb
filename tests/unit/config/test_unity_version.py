"""What a Unity project says about itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config.unity_project import has_tilemap_extras, read_editor_version, version_file


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("m_EditorVersion: 2022.3.9f1\nm_EditorVersionWithRevision: 2022.3.9f1 (ea401c316338)\n", "2022.3"),
        ("m_EditorVersion: 6000.0.42f1\r\n", "6000.0"),
        ("\ufeffm_EditorVersion: 2021.3.0b2", "2021.3"),
        ("", None),
        ("m_EditorVersion: new", None),
    ],
)
def test_the_editor_is_known_by_its_release(tmp_path: Path, text: str, version: str | None) -> None:
    folder = tmp_path / "ProjectSettings"
    folder.mkdir()
    (folder / "ProjectVersion.txt").write_text(text, encoding="utf-8", newline="")
    assert read_editor_version(tmp_path, ".") == version


def test_a_folder_without_the_file_has_no_version(tmp_path: Path) -> None:
    assert read_editor_version(tmp_path, ".") is None
    assert version_file(".") == "ProjectSettings/ProjectVersion.txt"
    assert version_file("game") == "game/ProjectSettings/ProjectVersion.txt"


@pytest.mark.parametrize(
    ("manifest", "there"),
    [
        ('{"dependencies": {"com.unity.2d.tilemap.extras": "4.0.0"}}', True),
        ('{"dependencies": {"com.unity.feature.2d": "2.0.1"}}', True),
        ('{"dependencies": {"com.unity.2d.sprite": "1.0.0"}}', False),
        ('{"dependencies": []}', None),
        ("[]", None),
        ("{", None),
    ],
)
def test_the_package_of_rule_tiles_is_looked_for(tmp_path: Path, manifest: str, there: bool | None) -> None:
    (tmp_path / "Packages").mkdir()
    (tmp_path / "Packages/manifest.json").write_text(manifest, encoding="utf-8")
    assert has_tilemap_extras(tmp_path, ".") is there


def test_without_a_list_of_packages_nothing_is_claimed(tmp_path: Path) -> None:
    assert has_tilemap_extras(tmp_path, ".") is None
