"""Own items and isometric tiles: a file each, a sheet in the order of the spec, JSON by names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bridge.core.errors import UserError
from tests.unit.providers.files_project import OwnArt, painted

NAMES = ("sword", "health_potion", "key")
ITEMS = 'kind = "items"\n' + "".join(f'[[items]]\nname = "{name}"\n' for name in NAMES)
TILES = 'kind = "isometric_tiles"\ntile_size = [16, 24]\n' + "".join(f'[[tiles]]\nname = "{name}"\n' for name in NAMES)


@pytest.fixture
def art(tmp_path: Path) -> OwnArt:
    return OwnArt(tmp_path)


def write_each(art: OwnArt, width: int = 16, height: int = 16) -> None:
    for number, name in enumerate(("Sword", "Health Potion", "key")):
        art.write(f"icons/{name}.png", painted(width, height, number))


def write_sheet(art: OwnArt) -> None:
    art.write("icons.png", np.concatenate([painted(16, 16, number) for number in range(4)], axis=1))


def write_json(art: OwnArt) -> None:
    write_sheet(art)
    places = {"x": 0, "y": 0, "w": 16, "h": 16}
    frames = {
        f"icons/{name}.png": {"frame": {**places, "x": 16 * number}, "rotated": False}
        for number, name in enumerate(("Sword", "health-potion", "key"))
    }
    art.write("icons.json", json.dumps({"frames": frames, "meta": {"image": "icons.png"}}))


FORMS = {
    "pattern": (write_each, '[files]\npattern = "icons/{PLACE}.png"\n'),
    "sheet": (write_sheet, '[files]\nsheet = "icons.png"\nframe = [16, 16]\n'),
    "json": (write_json, '[files]\njson = "icons.json"\n'),
}


@pytest.mark.parametrize("form", FORMS)
def test_items_come_in_the_order_of_the_spec(art: OwnArt, form: str) -> None:
    write, text = FORMS[form]
    write(art)
    asset = art.asset(ITEMS + text.replace("PLACE", "item"))
    assert [item.name for item in asset.items] == list(NAMES)
    assert [item.slot for item in asset.items] == [0, 1, 2]
    assert asset.size == (16, 16)
    for number, item in enumerate(asset.items):
        assert np.array_equal(item.pixels, painted(16, 16, number))


@pytest.mark.parametrize("form", FORMS)
def test_isometric_tiles_stand_on_the_lower_edge_of_their_cell(art: OwnArt, form: str) -> None:
    write, text = FORMS[form]
    write(art)
    asset = art.asset(TILES + text.replace("PLACE", "tile"))
    assert [tile.name for tile in asset.tiles] == list(NAMES)
    for number, tile in enumerate(asset.tiles):
        assert tile.pixels.shape == (24, 16, 4)
        assert np.array_equal(tile.pixels[8:], painted(16, 16, number))
        assert not tile.pixels[:8].any()


def test_items_of_other_sizes_share_the_largest_cell(art: OwnArt) -> None:
    write_each(art, 10, 12)
    art.write("icons/key.png", painted(16, 16, 3))
    asset = art.asset(ITEMS + '[files]\npattern = "icons/{item}.png"\n')
    assert asset.size == (16, 16)
    assert {item.pixels.shape for item in asset.items} == {(16, 16, 4)}


def test_only_the_files_of_named_items_are_watched(art: OwnArt) -> None:
    write_each(art)
    art.write("icons/unused.png", painted(16, 16, 9))
    _, _, sources = art.compiled(ITEMS + '[files]\npattern = "icons/{item}.png"\n')
    assert sources == {"icons/Sword.png", "icons/Health Potion.png", "icons/key.png"}


@pytest.mark.parametrize("form", ["pattern", "json"])
def test_a_missing_item_is_an_error_at_its_line_that_lists_what_is_there(art: OwnArt, form: str) -> None:
    write, text = FORMS[form]
    write(art)
    spec = ITEMS + '[[items]]\nname = "shield"\n' + text.replace("PLACE", "item")
    with pytest.raises(UserError, match="no picture of shield") as raised:
        art.compiled(spec)
    assert raised.value.code == "source_missing"
    assert "health_potion, key, sword" in raised.value.hint
    assert raised.value.where is not None
    assert raised.value.where.line == 10


def test_a_sheet_with_too_few_cells_is_named(art: OwnArt) -> None:
    art.write("icons.png", painted(32, 16, 1))
    with pytest.raises(UserError, match="has 2 cells, the spec names 3"):
        art.asset(ITEMS + '[files]\nsheet = "icons.png"\nframe = [16, 16]\n')


def test_a_tile_larger_than_its_cell_is_named(art: OwnArt) -> None:
    write_each(art, 16, 25)
    with pytest.raises(UserError, match="more than tile_size 16 × 24"):
        art.asset(TILES + '[files]\npattern = "icons/{tile}.png"\n')


def test_a_pattern_without_the_name_is_refused(art: OwnArt) -> None:
    write_each(art)
    with pytest.raises(UserError, match=r"no \{item\}"):
        art.compiled(ITEMS + '[files]\npattern = "icons/key.png"\n')


def test_two_files_for_one_name_are_refused(art: OwnArt) -> None:
    write_each(art)
    art.write("icons/health_potion.png", painted(16, 16, 9))
    with pytest.raises(UserError, match="are both health_potion"):
        art.compiled(ITEMS + '[files]\npattern = "icons/{item}.png"\n')
