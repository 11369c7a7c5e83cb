"""The Tiled extension at work in the real Tiled, with the real daemon: importing, buying, refreshing.

Windows are there, but nobody sees them; test_tiled_extension_screen.py clicks through what these tests press.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.daemon import runtime
from tests.emulator import OBSERVED, Emulator, PixelLab
from tests.engines.engine import Engine
from tests.engines.fake_daemon import FakeDaemon, serving
from tests.engines.tiled_session import Session
from tests.engines.tiled_workplace import HEIGHT, LAND, WIDTH, Workplace, press, text_of, trigger

COAST = 'kind = "tileset"\ntile_size = 16\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n'
CELLS = "tools.tiles(tiled.activeAsset.layers[0])"
WATER = [[0] * WIDTH] * HEIGHT
EMPTY = [[-1] * WIDTH] * HEIGHT
FIELDS = "const fields = forms[forms.length - 1].widgets; "


@pytest.fixture
def place(tiled: Engine, tmp_path: Path) -> Workplace:
    return Workplace.made(tiled, tmp_path)


@pytest.fixture
def shop() -> Iterator[Emulator[PixelLab]]:
    with Emulator(PixelLab(OBSERVED)) as emulator:
        yield emulator


def test_an_asset_is_made_imported_and_taken_back(place: Workplace) -> None:
    place.write("art/land.asset.toml", LAND)
    place.write("art/theme.asset.toml", 'kind = "music"\npreset = "peaceful_village"\n')
    with place.started() as session:
        trigger(session, "Import", "Import")
        assert session.evaluate(FIELDS + "return [fields.id0.text, fields.id1.text]") == ["art/land", ""]
        press(session, "import0")
        assert "“ground” is empty" in text_of(session, "is empty")
        press(session, "fill")
        session.until("tiled.activeAsset.tilesets.length === 1")
        assert session.evaluate(f"return {CELLS}") == WATER
        selected = "[tiled.mapEditor.currentWangSet.name, tiled.mapEditor.currentWangColorIndex]"
        session.until("tools.idle()")
        assert session.evaluate(f"return {selected}") == ["land", 2]
        assert session.evaluate("return tiled.mapEditor.tilesetsView.currentTileset.name") == "land"
        assert session.evaluate("return tiled.openAssets.length") == 1
        # one step takes all of it back, and one brings it again
        session.evaluate("tiled.trigger('Undo')")
        assert session.evaluate(f"return [tiled.activeAsset.tilesets.length, {CELLS}]") == [0, EMPTY]
        session.evaluate("tiled.trigger('Redo')")
        assert session.evaluate(f"return [tiled.activeAsset.tilesets.length, {CELLS}]") == [1, WATER]
        # a second import neither adds it again nor asks anything
        trigger(session, "Import", "Import")
        assert session.evaluate(FIELDS + "return fields.state0.text") == "ready"
        press(session, "import0")
        session.until("tools.idle()")
        assert session.evaluate("return tiled.activeAsset.tilesets.length") == 1


def test_what_was_noticed_while_making_is_told(tiled: Engine, tmp_path: Path) -> None:
    incomplete = replace(OBSERVED, tileset=replace(OBSERVED.tileset, tiles=14))
    with Emulator(PixelLab(incomplete)) as shop:
        place = Workplace.buying(tiled, tmp_path, shop)
        place.write("art/coast.asset.toml", COAST)
        with place.started() as session:
            trigger(session, "Import", "Import")
            press(session, "import0")
            text_of(session, "costs")
            press(session, "buy")
            noticed = text_of(session, "note")
            assert "Water and sand: no corner tiles with the masks 7, 9 were delivered." in noticed
            press(session, "close")
            text_of(session, "is empty")


def test_rerolled_art_appears_in_the_open_map(place: Workplace) -> None:
    place.write("art/land.asset.toml", LAND)
    with place.started() as session:
        imported(session)
        pixels = "[3, 5, 7, 9, 11].map(x => tiled.activeAsset.toImage().pixel(x, x)).join()"
        before = session.evaluate(f"return {pixels}")
        assert "another take of art/land" in trigger(session, "Reroll", "Reroll")
        press(session, "reroll")
        session.until(f"{pixels} !== '{before}'")
        assert "take = 2" in (place.root / "art/land.asset.toml").read_text()
        assert session.evaluate(f"return {CELLS}") == WATER
        assert "up to date already" in trigger(session, "Regenerate", "up to date")
        press(session, "close")


def imported(session: Session) -> None:
    """Imports the first asset and fills the map with it."""
    trigger(session, "Import", "Import")
    press(session, "import0")
    text_of(session, "is empty")
    press(session, "fill")
    session.until("tools.idle() && tiled.activeAsset.tilesets.length === 1")


def test_a_tileset_that_is_not_ours_is_left_alone(place: Workplace) -> None:
    place.write("art/land.asset.toml", LAND)
    with place.started() as session:
        assert "no tileset in front" in trigger(session, "Regenerate", "no tileset")
        press(session, "close")
        imported(session)
        session.until("tools.idle()")
        (place.root / "maps/own.tsx").write_bytes((place.root / "maps/art/land.tsx").read_bytes())
        session.evaluate(f"tiled.open('{place.root.as_posix()}/maps/own.tsx')")
        assert "not made by assetbridge" in trigger(session, "Regenerate", "not made")


def test_unsaved_changes_are_not_overwritten(place: Workplace) -> None:
    place.write("art/land.asset.toml", LAND)
    with place.started() as session:
        imported(session)
        session.evaluate("tiled.open(tiled.activeAsset.tilesets[0].fileName).setProperty('depth', 3)")
        for action in ("Regenerate", "Reroll"):
            assert "Save or undo them first" in trigger(session, action, "not saved")
            press(session, "close")
        session.evaluate("tiled.trigger('Undo')")
        trigger(session, "Regenerate", "up to date")


def test_a_daemon_that_died_is_told_and_started_again(place: Workplace) -> None:
    place.write("art/land.asset.toml", LAND)
    with place.started() as session:
        trigger(session, "Import", "Import")
        found = runtime.read_record(place.root)
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        press(session, "import0")
        assert "Choose the action again" in text_of(session, "does not answer")
        press(session, "close")
        session.until("tools.idle()")
        imported(session)


def test_a_map_that_was_closed_meanwhile_is_not_missed(place: Workplace) -> None:
    place.write("art/land.asset.toml", LAND)
    with place.started() as session:
        trigger(session, "Import", "Import")
        session.evaluate("tiled.close(tiled.activeAsset)")
        press(session, "import0")
        session.until("tools.idle() && tiled.activeAsset && tiled.activeAsset.isTileset")
        assert session.evaluate("return tiled.activeAsset.name") == "land"


def test_nothing_is_bought_before_the_shown_price_is_approved(
    tiled: Engine, tmp_path: Path, shop: Emulator[PixelLab]
) -> None:
    place = Workplace.buying(tiled, tmp_path, shop)
    with place.started() as session:
        trigger(session, "New", "New")
        providers = session.evaluate("return forms[0].widgets.provider.currentText")
        assert providers == "as in assetbridge.toml"
        session.evaluate(FIELDS + "fields.terrains.text = 'Deep Water, , sand'; fields.description.text = 'a coast'")
        assert "deep_water → sand" in session.evaluate(FIELDS + "return fields.note.text")
        press(session, "next")
        price = text_of(session, "costs")
        told = re.match(r"Making art/ground costs (\d+) generations at pixellab\.", price)
        assert told is not None, price
        press(session, "later")
        session.until("tools.idle()")
        assert "generations left at pixellab" in price
        assert shop.ledger.total("generations") == 0
        assert 'description = "a coast"' in (place.root / "art/ground.asset.toml").read_text()
        # it is in the list now, and can be bought there
        trigger(session, "Import", "Import")
        assert session.evaluate(FIELDS + "return fields.state0.text") == "needs your approval"
        press(session, "import0")
        text_of(session, "costs")
        press(session, "buy")
        text_of(session, "is empty")
        press(session, "leave")
        session.until("tools.idle() && tiled.activeAsset.tilesets.length === 1")
        assert session.evaluate(f"return {CELLS}") == EMPTY
        assert shop.ledger.total("generations") == int(told[1])
        # nothing is left to do, so nothing is asked or paid
        trigger(session, "Regenerate", "up to date")
        assert shop.ledger.total("generations") == int(told[1])


def test_a_refused_name_is_asked_for_again(place: Workplace) -> None:
    place.write("art/ground.asset.toml", LAND)
    with place.started() as session:
        trigger(session, "New", "New")
        assert session.evaluate(FIELDS + "fields.terrains.text = 'water'; return fields.next.enabled") is False
        session.evaluate(FIELDS + "fields.terrains.text = 'lava, rock'")
        press(session, "next")
        session.until("forms.length === 1 && forms[0].widgets.note.text.indexOf('exists') !== -1")
        assert session.evaluate(FIELDS + "return fields.terrains.text") == "lava, rock"
        session.evaluate(FIELDS + "fields.id.text = 'art/cave'")
        press(session, "next")
        text_of(session, "is empty")
        press(session, "leave")
        session.until("tools.idle()")
        assert session.evaluate("return tiled.activeAsset.tilesets[0].name") == "cave"


def test_a_mistake_in_a_spec_is_told_with_its_place(place: Workplace) -> None:
    place.write("art/land.asset.toml", LAND.replace("tile_size = 16", "tile_size = 7"))
    with place.started() as session:
        trigger(session, "Import", "Import")
        session.until("forms[0].widgets.id0.text === 'art/land'")
        press(session, "close")
        session.until("tools.idle()")
        status = trigger(session, "Status", "Status")
        assert "1 asset" in status
        assert "daemon 0." in status
        assert "procedural" in status


def test_a_thousand_assets_need_a_page_of_widgets(place: Workplace) -> None:
    ids = [f"art/asset{number:04}" for number in range(1000)]
    with serving(FakeDaemon(place.root, ids), place.home) as daemon, place.started() as session:
        trigger(session, "Import", "Import")
        assert session.evaluate(FIELDS + "return fields.place.text") == "1–12 of 1000"
        assert session.evaluate(FIELDS + "return Object.keys(fields).length") < 60
        press(session, "forward")
        assert session.evaluate(FIELDS + "return [fields.id0.text, fields.place.text]") == [ids[12], "13–24 of 1000"]
        session.evaluate(FIELDS + "fields.filter.text = '999'")
        assert session.evaluate(FIELDS + "return [fields.id0.text, fields.place.text]") == [ids[999], "1 of 1 found"]
        session.evaluate(FIELDS + "fields.filter.text = 'zebra'")
        assert session.evaluate(FIELDS + "return [fields.place.text, fields.import0.visible]") == [
            "Nothing found",
            False,
        ]
        press(session, "close")
        session.until("tools.idle()")
    assert daemon.refused == 0
    assert len(daemon.asked) < 5
