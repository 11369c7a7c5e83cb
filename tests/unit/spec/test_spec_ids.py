"""Ids of assets, and a whole project of specs: order, clashes, errors beside valid specs, which files are specs."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from bridge.config.project_config import read_config
from bridge.core.errors import UserError
from bridge.core.globs import compile_glob
from bridge.spec.load import check_id
from bridge.spec.scan import SKIPPED, scan_specs
from tests.unit.spec.spec_project import HEAD, SpecProject

SPRITE = 'kind = "sprite"\ndescription = "boulder"\n'


@pytest.mark.parametrize("asset_id", ["a", "art/hero", "0", "A-b_c/D9", "com", "com10", "console", "art/nul_"])
def test_valid_ids(asset_id: str) -> None:
    check_id(asset_id)


@pytest.mark.parametrize(
    ("asset_id", "message"),
    [
        ("art/my hero", "my hero is no valid part of an asset id"),
        ("_hero", "_hero is no valid part of an asset id"),
        ("-hero", "-hero is no valid part of an asset id"),
        (".hidden", ".hidden is no valid part of an asset id"),
        ("hero.v2", "hero.v2 is no valid part of an asset id"),
        ("art/", "an empty name is no valid part of an asset id"),
        ("", "an empty name is no valid part of an asset id"),
        ("art//hero", "an empty name is no valid part of an asset id"),
        ("höhle", "höhle is no valid part of an asset id"),
        ("ho\u0308hle", "ho\u0308hle is not in Unicode form NFC"),
        ("hero\n", "hero\n is no valid part of an asset id"),
        ("con", "con is a device name on Windows"),
        ("art/NUL/hero", "NUL is a device name on Windows"),
        ("Com1", "Com1 is a device name on Windows"),
        ("lpt9", "lpt9 is a device name on Windows"),
    ],
)
def test_invalid_ids(asset_id: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        check_id(asset_id)
    assert (caught.value.code, caught.value.message) == ("id_invalid", message)
    assert caught.value.hint
    assert str(caught.value.where) == f"{asset_id}.asset.toml"


def test_a_project_gives_its_valid_specs_in_order_and_all_errors(tmp_path: Path) -> None:
    found, errors = SpecProject(tmp_path).load_all(
        {"b": SPRITE, "art/z": SPRITE, "a": SPRITE, "bad": 'kind = "x"\n', "worse": SPRITE + "seed = 0\ntake = 0\n",
         "no id": SPRITE}
    )  # fmt: skip
    assert [one.id for one in found] == ["a", "art/z", "b"]
    assert [(error.code, str(error.where)) for error in errors] == [
        ("spec_unknown_kind", "bad.asset.toml:1:1"),
        ("id_invalid", "no id.asset.toml"),
        ("spec_invalid", "worse.asset.toml:3:1"),
        ("spec_invalid", "worse.asset.toml:4:1"),
    ]


def test_a_loaded_spec_knows_its_file(tmp_path: Path) -> None:
    found, _ = SpecProject(tmp_path).load_all({"art/rock": SPRITE})
    (rock,) = found
    assert (rock.path, rock.data) == ("art/rock.asset.toml", {"kind": "sprite", "description": "boulder"})
    assert rock.sha256 == hashlib.sha256(SPRITE.encode()).hexdigest()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the file system keeps one of the two")
def test_ids_that_differ_only_in_case_clash(tmp_path: Path) -> None:
    found, errors = SpecProject(tmp_path).load_all({"art/Hero": SPRITE, "art/hero": SPRITE})
    assert [one.id for one in found] == ["art/Hero"]
    assert [error.code for error in errors] == ["id_clash"]
    assert errors[0].message == "art/hero.asset.toml and art/Hero.asset.toml differ only in upper and lower case"


@pytest.mark.parametrize(
    ("glob", "matching", "other"),
    [
        ("**/*.asset.toml", ["a.asset.toml", "art/a.asset.toml", "art/x/a.asset.toml"], ["a.toml"]),
        ("*.asset.toml", ["a.asset.toml"], ["art/a.asset.toml"]),
        ("art/**/*.asset.toml", ["art/a.asset.toml", "art/x/y/a.asset.toml"], ["arts/a.asset.toml", "a.asset.toml"]),
        ("art/**", ["art/a.asset.toml", "art/x/a.asset.toml"], ["art", "b/art/a.asset.toml"]),
        ("art/?.asset.toml", ["art/a.asset.toml"], ["art/ab.asset.toml", "art/.asset.toml", "art//.asset.toml"]),
        ("art/a+(b).asset.toml", ["art/a+(b).asset.toml"], ["art/aab.asset.toml"]),
        ("a*z/*.asset.toml", ["az/x.asset.toml", "abz/x.asset.toml"], ["a/z/x.asset.toml"]),
    ],
)
def test_patterns(glob: str, matching: list[str], other: list[str]) -> None:
    assert [path for path in matching + other if compile_glob(glob).match(path)] == matching


def scanned(root: Path, patterns: str = '["**/*.asset.toml"]') -> list[str]:
    (root / "assetbridge.toml").write_text(f"{HEAD}specs = {patterns}\n", encoding="utf-8")
    return [path for path, _ in scan_specs(read_config(root))]


def test_a_scan_is_sorted_and_leaves_out_folders_of_others(tmp_path: Path) -> None:
    project = SpecProject(tmp_path)
    for asset_id in ("b", "a/z", "a", *(f"{folder}/x" for folder in sorted(SKIPPED)), "art/.git/x"):
        project.write(asset_id, SPRITE)
    (tmp_path / "notes.toml").write_text("", encoding="utf-8")
    assert scanned(tmp_path) == ["a.asset.toml", "a/z.asset.toml", "b.asset.toml"]
    assert scanned(tmp_path, '["a/*.asset.toml", "b.asset.toml", "**/b.asset.toml"]') == [
        "a/z.asset.toml",
        "b.asset.toml",
    ]


def test_a_scan_gives_what_the_disk_says_of_a_file(tmp_path: Path) -> None:
    path = SpecProject(tmp_path).write("a", SPRITE)
    (tmp_path / "assetbridge.toml").write_text(HEAD, encoding="utf-8")
    ((name, stat),) = scan_specs(read_config(tmp_path))
    assert (name, stat.st_size, stat.st_mtime_ns) == ("a.asset.toml", len(SPRITE), path.stat().st_mtime_ns)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_scan_follows_no_linked_folder_and_no_dead_link(tmp_path: Path) -> None:
    SpecProject(tmp_path).write("art/a", SPRITE)
    (tmp_path / "again").symlink_to(tmp_path / "art")
    (tmp_path / "art" / "loop").symlink_to(tmp_path)
    (tmp_path / "dead.asset.toml").symlink_to(tmp_path / "gone")
    assert scanned(tmp_path) == ["art/a.asset.toml"]
