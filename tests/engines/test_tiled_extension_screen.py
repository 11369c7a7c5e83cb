"""The whole way through the Tiled extension with mouse and keyboard, on a screen: menu, dialog, approval, progress,
tileset in the map, terrain brush, new art on the disk, new art in the map. Pictures are kept of every station.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exporters.model.asset import Pixels
from tests.emulator import OBSERVED, Emulator, PixelLab
from tests.engines.display import Display
from tests.engines.engine import Engine
from tests.engines.tiled_session import Session
from tests.engines.tiled_workplace import HEIGHT, WIDTH, Workplace, text_of

PATIENCE = 20.0  # seconds
_LOOK = 0.1
MAIN = "level"  # of the title of Tiled's window
# The actions stand last in the menu, this one that many places from its end.
PLACES = {"Import": 5, "New": 4, "Status": 1}


@dataclass
class Person:
    """Mouse and keyboard at a Tiled on a screen."""

    screen: Display
    session: Session

    def focus(self, title: str, *more: str) -> None:
        """Gives the keyboard to a window, by a part of its title; nobody else does, without a window manager."""
        self.screen.xdotool("search", "--onlyvisible", "--name", title, *more, "windowfocus", "--sync")

    def choose(self, action: str, picture: str = "") -> None:
        """Chooses an action in the menu "Map" with the keyboard."""
        self.focus(MAIN)
        self.screen.xdotool("key", "alt+m")
        self.screen.xdotool("key", *["Up"] * PLACES[action])
        if picture:
            self.settled()
            self.screen.save(picture)
        self.screen.xdotool("key", "Return")

    def click(self, name: str) -> None:
        """Clicks on a widget of the newest window of the extension."""
        x, y = self.session.evaluate(f"return tools.middle(forms[forms.length - 1], '{name}')")
        self.at(x, y)

    def at(self, x: float, y: float) -> None:
        """Clicks on a place of the screen."""
        self.screen.xdotool("mousemove", str(round(x)), str(round(y)), "click", "1")

    def write(self, name: str, text: str) -> None:
        """Types into a field of the newest window, instead of what stands there."""
        self.focus("Assetbridge")
        self.click(name)
        self.screen.xdotool("key", "ctrl+a")
        self.screen.xdotool("type", "--delay", "5", text)
        self.session.until(f"forms[forms.length - 1].widgets.{name}.text === '{text}'")

    def settled(self) -> Pixels:
        """Waits until the picture stands still, and returns it."""
        picture: Pixels = until(self._same)
        return picture

    def saved(self, picture: str) -> None:
        """Keeps a picture of the screen once it stands still."""
        self.settled()
        self.screen.save(picture)

    def _same(self) -> Pixels | None:
        before = self.screen.pixels()
        time.sleep(_LOOK)
        after = self.screen.pixels()
        return after if np.array_equal(before, after) else None


def until(look: Callable[[], Any]) -> Any:
    """Repeats a look at the screen until it gives something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(_LOOK)
    raise AssertionError(f"not within {PATIENCE} seconds")


@dataclass
class Clock:
    """The shop's time: its orders are done when a test says so. now: seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> Iterator[Emulator[PixelLab]]:
    with Emulator(PixelLab(OBSERVED), clock=clock) as emulator:
        yield emulator


def place_of_map(before: Pixels, after: Pixels) -> tuple[int, int, float]:
    """Left and top of the map on the screen and pixels per tile, from pictures of it before and after it was filled."""
    changed = (before != after).any(axis=2)
    down = np.nonzero(changed.sum(axis=1) > changed.sum(axis=1).max() / 2)[0]
    across = np.nonzero(changed[down[0] : down[-1]].mean(axis=0) > 0.5)[0]
    return int(across[0]), int(down[0]), (int(across[-1]) - int(across[0]) + 1) / WIDTH


def changed(before: Pixels, after: Pixels) -> bool:
    """Whether a region that shows one tile shows another picture."""
    return bool((before != after).any(axis=2).mean() > 0.5)


def test_from_the_menu_to_new_art_in_the_map(
    tiled: Engine, screen: Display, tmp_path: Path, shop: Emulator[PixelLab], clock: Clock
) -> None:
    place = Workplace.buying(tiled, tmp_path, shop)
    with place.started(settings=screen.settings) as session:
        person = Person(screen, session)
        person.settled()
        person.focus(MAIN, "windowmove", "0", "0", "windowsize", "1600", "900")
        person.settled()
        person.choose("New", "tiled-1-menu")
        session.until("tools.form('New Tileset')")
        person.write("id", "art/coast")
        person.write("terrains", "water, sand")
        person.saved("tiled-2-new-tileset")
        person.click("next")
        text_of(session, "costs")
        person.saved("tiled-3-approval")
        assert shop.ledger.total("generations") == 0
        person.click("buy")
        session.until("tools.form('the provider draws it')")
        person.saved("tiled-4-progress")
        clock.now += 60
        text_of(session, "is empty")
        paid = shop.ledger.total("generations")
        assert paid > 0
        person.saved("tiled-5-fill")
        person.click("leave")
        session.until("tools.idle() && tiled.activeAsset.tilesets.length === 1")
        empty = person.settled()
        # once more from the list, to fill the ground this time
        person.choose("Import")
        session.until("tools.form('Import')")
        person.saved("tiled-6-list")
        person.click("import0")
        text_of(session, "is empty")
        person.click("fill")
        session.until("tools.idle() && tiled.activeAsset.layers[0].cellAt(0, 0).tileId === 0")
        full = person.settled()
        left, top, size = place_of_map(empty, full)
        for x, y in ((3, 3), (4, 3), (4, 4), (8, 5)):
            person.at(left + x * size, top + y * size)
        tiles = np.array(session.evaluate("return tools.tiles(tiled.activeAsset.layers[0])"))
        assert tiles.shape == (HEIGHT, WIDTH)
        assert tiles[4:6, 7:9].tolist() == [[1, 2], [4, 8]]
        assert (tiles != 0).sum() == 12
        screen.xdotool("mousemove", "1", "1")
        painted = person.settled()
        screen.save("tiled-7-painted")
        # somebody edits the spec: the daemon sees it and makes the files anew, and Tiled loads them
        spec = place.root / "art/coast.asset.toml"
        spec.write_text(spec.read_text() + '[process]\npalette = ["#203040", "#c0d0a0", "#608070"]\n')
        corner = (slice(top + 2, round(top + size)), slice(left + 2, round(left + size)))
        until(lambda: True if changed(painted[corner], screen.pixels()[corner]) else None)
        person.saved("tiled-8-reloaded")
        assert shop.ledger.total("generations") == paid
        assert session.evaluate("return tools.tiles(tiled.activeAsset.layers[0])") == tiles.tolist()
        person.focus(MAIN)
        screen.xdotool("key", "ctrl+s")
        session.until("tiled.activeAsset.modified === false")
        person.choose("Status")
        session.until("tools.form('Status')")
        person.saved("tiled-9-status")
    assert '<tileset firstgid="1" source="art/coast.tsx"/>' in (place.root / "maps/level.tmx").read_text()
