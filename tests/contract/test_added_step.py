"""The recipe of a processing step: its module and two places, in a copy."""

from __future__ import annotations

import json
import re

import pytest

from bridge.processing.registry import PIPELINE
from tests.contract.recipes import RecipeCopy

GEM = 'kind = "sprite"\ndescription = "red gem"\nsize = [16, 16]\n'


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> RecipeCopy:
    return RecipeCopy(tmp_path_factory.mktemp("step"), "A processing step")


def test_the_recipe_adds_a_step_everywhere(copy: RecipeCopy) -> None:
    copy.write(GEM)
    copy.run("build")
    before = copy.read_export("gem.png")
    copy.write(GEM + "[process]\ninvert = true\n")
    (asset,) = copy.run("plan")["assets"]
    assert (asset["action"], asset["reasons"]) == ("export", ["process.invert added: true"])
    copy.run("build")
    assert copy.read_export("gem.png") != before
    stages = [row["step"] for row in copy.run("inspect", "art/gem")["steps"]]
    assert stages == ["canvas", "colours", "invert"]
    assert copy.run("schema", "--stdout")["definitions"]["ProcessTable"]["properties"]["invert"]["type"] == "boolean"


def test_kinds_that_cannot_have_it_say_so(copy: RecipeCopy) -> None:
    copy.write('kind = "tileset"\n[process]\ninvert = true\n[[terrains]]\nname = "grass"\n', "ground")
    errors = json.dumps(copy.run("check", expect=2))
    assert "process.invert does not apply to tileset" in errors


def test_it_touches_two_places_beside_its_module(copy: RecipeCopy) -> None:
    assert copy.list_changed() == ["bridge/processing/registry.py", "docs/guides/art.md"]
    page = (copy.site / "docs/guides/art.md").read_text(encoding="utf-8")
    sentence = re.search(r"The order is fixed: (.*?)\.", page, re.DOTALL)
    assert sentence is not None
    stages = [step.stage or step.name for step in PIPELINE]
    stages.insert(stages.index("despeckle") + 1, "invert")
    assert re.findall(r"[a-z]+", re.sub(r"\([^)]*\)", "", sentence[1])) == list(dict.fromkeys(stages))


@pytest.mark.full
def test_the_reference_has_its_key(copy: RecipeCopy) -> None:
    assert "| `invert` | `true`, `false` | `false` | Whether light becomes dark. |" in copy.write_page("specs.md")
