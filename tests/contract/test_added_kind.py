"""The recipe of a kind: written by `new`, built by the offline provider, exported, processed, described."""

from __future__ import annotations

import json

import pytest

from tests.contract.recipes import RecipeCopy


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> RecipeCopy:
    return RecipeCopy(tmp_path_factory.mktemp("kind"), "A kind")


def test_it_touches_the_ten_places_that_the_recipe_counts(copy: RecipeCopy) -> None:
    folders = [path.rpartition("/")[0] for path in copy.list_changed()]
    assert len(folders) == 10
    assert sum(folder.startswith("bridge/providers/procedural") for folder in folders) == 3


def test_a_new_one_is_built(copy: RecipeCopy) -> None:
    copy.run("new", "portrait", "art/knight")
    spec = (copy.game / "art/knight.asset.toml").read_text(encoding="utf-8")
    assert 'kind = "portrait"\ndescription = "brave knight"\nsize = [64, 64]' in spec
    (asset,) = copy.run("build")["assets"]
    assert (asset["id"], asset["state"]) == ("art/knight", "ready")
    sheet = json.loads(copy.read_export("knight.json"))
    assert len(sheet["frames"]) == 1
    assert copy.read_export("knight.png").startswith(b"\x89PNG")
    assert copy.run("plan", "--detailed-exitcode")["changes"] == 0


@pytest.mark.full
def test_it_is_processed_and_its_fields_are_checked(copy: RecipeCopy) -> None:
    text = 'kind = "portrait"\ndescription = "old king"\n'
    copy.write(text + "[process]\ncolors = 4\n", "king")
    copy.run("build", "art/king")
    assert [row["step"] for row in copy.run("inspect", "art/king")["steps"]] == ["colours"]
    copy.write(text + 'negative = "crown"\n', "king")
    errors = json.dumps(copy.run("plan", expect=2))
    (copy.game / "art/king.asset.toml").unlink()
    assert "procedural has no use for negative here" in errors


@pytest.mark.full
def test_schema_reference_and_providers_know_it(copy: RecipeCopy) -> None:
    schema = copy.run("schema", "--stdout")
    assert "portrait" in schema["properties"]["kind"]["enum"]
    assert schema["definitions"]["kind_portrait"]["properties"]["size"]["default"] == [64, 64]
    assert "\n## portrait\n\nA face for dialogues.\n" in copy.write_page("specs.md")
    rows = {row["name"]: row for row in copy.run("providers")["providers"]}
    assert "portrait" in rows["procedural"]["kinds"]
