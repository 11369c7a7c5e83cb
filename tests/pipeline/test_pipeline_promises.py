"""The promises of the way from spec to file: nothing twice, nothing lost, nothing surprising."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.pipeline.conftest import Answer, Workspace


def test_plan_after_build_has_nothing_to_do(built: Workspace) -> None:
    assert {asset["action"] for asset in built.plan().values()} == {"none"}
    assert "nothing to do" in built.run("plan").out
    assert built.run("plan", "--detailed-exitcode").code == 0
    assert built.run("check").code == 0
    assert {asset["state"] for asset in built.run("status", "--json").json["assets"]} == {"ready"}


def test_a_second_build_touches_no_file(built: Workspace) -> None:
    before = {path: (built.root / path).stat().st_mtime_ns for path in built.files()}
    result = built.run("build", "--json").json
    assert all(not asset["changed"] for asset in result["assets"])
    assert {path: (built.root / path).stat().st_mtime_ns for path in built.files()} == before


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("fps = 8", "fps = 12", "animations.walk.fps 8 -> 12"),
        ("[animations.walk]", '[export]\npivot = "center"\n[animations.walk]', 'export.pivot added: "center"'),
        ("[animations.walk]", "[process]\ncolors = 8\n[animations.walk]", "process.colors added: 8"),
        ("[animations.walk]", '[export]\ntargets = ["json"]\n[animations.walk]', "export.targets"),
    ],
)
def test_what_is_free_to_change_is_only_exported_again(built: Workspace, before: str, after: str, reason: str) -> None:
    store = built.files(".assetbridge/store")
    built.replace("art/hero.asset.toml", before, after)
    hero = built.plan()["art/hero"]
    assert hero["action"] == "export"
    assert all(step["cached"] for step in hero["steps"])
    assert any(reason in text for text in hero["reasons"])
    built.run("build")
    assert built.files(".assetbridge/store") == store
    assert built.plan()["art/hero"]["action"] == "none"


def test_comments_and_key_order_change_nothing(built: Workspace) -> None:
    built.write(
        "art/rock.asset.toml", '# a rock\nsize = [ 16, 16 ]\ndescription = "mossy boulder" # big\nkind = "sprite"\n'
    )
    assert built.plan()["art/rock"]["action"] == "none"


def test_adding_an_animation_draws_that_animation_only(built: Workspace) -> None:
    built.write("art/hero.asset.toml", (built.root / "art/hero.asset.toml").read_text() + "[animations.jump]\n")
    hero = built.plan()["art/hero"]
    assert hero["action"] == "update"
    new = [step["key"] for step in hero["steps"] if not step["cached"]]
    assert new
    assert all(key.startswith("clip/jump/") for key in new)


def test_going_back_to_an_earlier_wish_draws_nothing(built: Workspace) -> None:
    built.replace("art/rock.asset.toml", "mossy boulder", "grey boulder")
    built.run("build")
    built.replace("art/rock.asset.toml", "grey boulder", "mossy boulder")
    assert all(step["cached"] for step in built.plan()["art/rock"]["steps"])


def test_a_moved_spec_is_a_rename_and_keeps_its_uids(built: Workspace) -> None:
    uid = [
        line for line in (built.root / "game/generated/art/hero.tres").read_text().splitlines() if "gd_resource" in line
    ]
    (built.root / "art/people").mkdir()
    (built.root / "art/hero.asset.toml").rename(built.root / "art/people/knight.asset.toml")
    plan = built.plan()
    assert plan["art/people/knight"]["action"] == "rename"
    assert plan["art/people/knight"]["renamed_from"] == "art/hero"
    assert "art/hero" not in plan
    store = built.files(".assetbridge/store")
    built.run("build")
    assert built.files(".assetbridge/store") == store
    assert not (built.root / "game/generated/art/hero.tres").exists()
    assert not (built.root / "game/generated/art/hero.png.import").exists()
    moved = (built.root / "game/generated/art/people/knight.tres").read_text()
    assert uid[0] in moved
    assert {asset["action"] for asset in built.plan().values()} == {"none"}


def test_a_clone_with_lock_and_outputs_but_without_the_store_has_nothing_to_do(
    built: Workspace, tmp_path: Path
) -> None:
    clone = Workspace(tmp_path / "clone", built.run_words)
    shutil.copytree(built.root, clone.root, ignore=shutil.ignore_patterns(".assetbridge"))
    assert {asset["action"] for asset in clone.plan().values()} == {"none"}
    clone.run("check")
    clone.replace("art/hero.asset.toml", "fps = 8", "fps = 9")
    clone.run("build")
    assert clone.files()["export/art/hero.png"] == built.files()["export/art/hero.png"]


def test_two_folders_give_the_same_bytes(built: Workspace, tmp_path: Path) -> None:
    other = Workspace(tmp_path / "other", built.run_words)
    for folder in ("art", "game/project.godot", "assetbridge.toml"):
        source = built.root / folder
        target = other.root / folder
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    other.run("build")
    assert other.files() == built.files()
    assert (other.root / "assetbridge.lock").read_bytes() == (built.root / "assetbridge.lock").read_bytes()


def test_an_edited_picture_is_kept_and_reported_until_forced(built: Workspace) -> None:
    png = built.root / "export/art/rock.png"
    original = png.read_bytes()
    png.write_bytes(original + b"edited")
    assert built.run("check", expect=1).out.count("edited by hand") >= 1
    built.replace("art/rock.asset.toml", "mossy boulder", "grey boulder")
    result = {asset["id"]: asset for asset in built.run("build", "--json").json["assets"]}
    assert result["art/rock"]["state"] == "drifted"
    assert png.read_bytes() == original + b"edited"
    built.run("build", "--force")
    assert png.read_bytes() not in (original, original + b"edited")
    built.run("check")


def test_a_deleted_output_comes_back(built: Workspace) -> None:
    png = built.root / "game/generated/art/land.png"
    original = png.read_bytes()
    png.unlink()
    assert built.plan()["art/land"]["action"] == "export"
    built.run("build")
    assert png.read_bytes() == original


def test_a_foreign_file_is_never_overwritten(workspace: Workspace) -> None:
    workspace.write("art/rock.asset.toml", 'kind = "sprite"\ndescription = "rock"\nsize = [16, 16]\n')
    workspace.write("export/art/rock.png", b"mine")
    answer = workspace.run("build", expect=1)
    assert "was not written by assetbridge" in answer.err
    assert "--force" in answer.err
    assert (workspace.root / "export/art/rock.png").read_bytes() == b"mine"
    workspace.run("build", "--force")
    assert (workspace.root / "export/art/rock.png").read_bytes() != b"mine"


def test_a_removed_spec_is_an_orphan_until_cleaned(built: Workspace) -> None:
    (built.root / "art/rock.asset.toml").unlink()
    assert built.plan()["art/rock"]["action"] == "orphan"
    built.run("build")
    assert (built.root / "export/art/rock.png").exists()
    assert "would be removed" in built.run("clean", expect=4).err
    built.run("clean", "--yes")
    assert not [path for path in built.files() if "rock" in path]
    assert "art/rock" not in built.plan()


def test_reroll_and_pick_keep_comments(workspace: Workspace) -> None:
    workspace.write("art/rock.asset.toml", 'kind = "sprite" # still\ndescription = "rock"\nvariants = 2\n')
    workspace.run("build")
    first = workspace.files()["export/art/rock.png"]
    workspace.run("pick", "art/rock", "2")
    assert all(step["cached"] for step in workspace.plan()["art/rock"]["steps"])
    workspace.run("build")
    second = workspace.files()["export/art/rock.png"]
    workspace.run("reroll", "art/rock")
    workspace.run("build")
    text = (workspace.root / "art/rock.asset.toml").read_text()
    assert "# still" in text
    assert "take = 2" in text
    assert len({first, second, workspace.files()["export/art/rock.png"]}) == 3
    assert "2 variants" in workspace.run("pick", "art/rock", "3", expect=2).err


def test_variants_of_a_character_wait_for_a_pick(workspace: Workspace) -> None:
    workspace.write(
        "art/hero.asset.toml", 'kind = "character"\ndescription = "knight"\nsize = [24, 24]\nvariants = 2\n'
    )
    answer: Answer = workspace.run("build", "--json", expect=4)
    assert answer.json["assets"][0]["state"] == "needs_pick"
    assert not workspace.files("game/generated", "maps", "export")
    assert len(list((workspace.root / ".assetbridge/previews").rglob("*.png"))) == 2
    workspace.run("pick", "art/hero", "2")
    workspace.run("build")
    assert "export/art/hero.png" in workspace.files()


def test_slots_survive_reordering_and_removal(workspace: Workspace) -> None:
    items = '[[items]]\nname = "potion"\n[[items]]\nname = "sword"\n'
    head = 'kind = "items"\ndescription = "icon"\nsize = [16, 16]\n'
    workspace.write("art/icons.asset.toml", head + items)
    workspace.run("build")
    workspace.write("art/icons.asset.toml", head + '[[items]]\nname = "apple"\n[[items]]\nname = "sword"\n')
    workspace.run("build")
    lock = json.loads((workspace.root / "assetbridge.lock").read_text())
    assert lock["assets"]["art/icons"]["slots"] == {":columns": 8, "apple": 2, "potion": 0, "sword": 1}


def test_a_reroll_that_the_provider_cannot_follow_is_refused_and_taken_back(built: Workspace) -> None:
    before = (built.root / "art/hero.asset.toml").read_bytes()
    assert "one take" in built.run("reroll", "art/hero#walk", expect=2).err
    assert (built.root / "art/hero.asset.toml").read_bytes() == before
    # Its words leave nothing to chance: every take would look the same.
    assert "looks the same in every take" in built.run("reroll", "art/hero", expect=2).err
    assert (built.root / "art/hero.asset.toml").read_bytes() == before
    built.run("reroll", "art/rock")
    assert b"take = 2" in (built.root / "art/rock.asset.toml").read_bytes()


def test_a_palette_is_free_and_its_file_is_watched(built: Workspace) -> None:
    store = built.files(".assetbridge/store")
    built.write("art/two.hex", "102030\nf0e0d0\n")
    built.replace("art/rock.asset.toml", 'kind = "sprite"', 'kind = "sprite"\nprocess = { palette = "art/two.hex" }')
    assert built.plan()["art/rock"]["action"] == "export"
    built.run("build")
    first = built.files()["export/art/rock.png"]
    built.write("art/two.hex", "400000\nf0e0d0\n")
    assert built.plan()["art/rock"]["action"] == "export"
    built.run("build")
    assert built.files()["export/art/rock.png"] != first
    assert built.files(".assetbridge/store") == store
