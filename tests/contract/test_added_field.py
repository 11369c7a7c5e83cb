"""The recipe of a spec field: declared, used, and drawn; assets without it stay as they are."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from exporters.model.asset import Pixels
from tests.contract.recipes import ROOT, RecipeCopy

SWORD = 'kind = "sprite"\ndescription = "iron sword"\nsize = [24, 24]\nseed = 7\n'


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> RecipeCopy:
    return RecipeCopy(tmp_path_factory.mktemp("field"), "A spec field")


def read_pixels(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGBA"), dtype=np.uint8)


def test_it_touches_the_model_and_its_provider_only(copy: RecipeCopy) -> None:
    family = "bridge/providers/procedural"
    assert copy.list_changed() == [f"{family}/things/__init__.py", f"{family}/uses.py", "bridge/spec/sprite.py"]


def test_the_field_reaches_the_drawing(copy: RecipeCopy) -> None:
    copy.write(SWORD)
    copy.run("build")
    plain = read_pixels(copy.read_export("gem.png"))
    (before,) = copy.run("plan")["assets"]
    assert before["action"] == "none"
    copy.write(SWORD + "flipped = true\n")
    (asset,) = copy.run("plan")["assets"]
    assert (asset["action"], asset["reasons"]) == ("update", ["flipped added: true"])
    copy.run("build")
    drawn = read_pixels(copy.read_export("gem.png"))
    assert not np.array_equal(drawn, plain)
    assert np.array_equal(drawn, plain[:, ::-1])


@pytest.mark.full
def test_schema_and_reference_know_it(copy: RecipeCopy) -> None:
    field = copy.run("schema", "--stdout")["definitions"]["kind_sprite"]["properties"]["flipped"]
    assert field == {"type": "boolean", "default": False, "description": "Drawn left to right."}
    assert "| `flipped` | `true`, `false` | `false` | Drawn left to right. |" in copy.write_page("specs.md")


@pytest.mark.full
def test_who_does_not_use_it_refuses_it(copy: RecipeCopy) -> None:
    copy.write('kind = "sprite"\nprovider = "files"\nsource = "rock.png"\nflipped = true\n', "rock")
    errors = json.dumps(copy.run("plan", expect=2))
    (copy.game / "art" / "rock.asset.toml").unlink()
    assert "files has no use for flipped here" in errors
    assert "Providers of sprite that use it: procedural." in errors


@pytest.mark.full
def test_assets_without_it_are_not_made_again(copy: RecipeCopy) -> None:
    """A project that was built before the field was there has nothing to do."""
    copy.write(SWORD)
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bridge.cli import main; raise SystemExit(main())"
    built = copy.call("-c", script, str(ROOT), "build", "--json")
    assert built.returncode == 0, built.stdout + built.stderr
    assert copy.run("plan", "--detailed-exitcode")["changes"] == 0
