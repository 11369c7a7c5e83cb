"""Clips in a tileset of Tiled: where a clip is once, it stays, since maps count by cells."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions, no_file
from exporters.model.asset import Animation, Frame, SpriteAsset
from exporters.tiled.exporter import TiledExporter

Read = Callable[[str], bytes | None]
DIRECTIONS = ("south", "south_east", "east", "north_east", "north", "north_west", "west", "south_west")


def clip(name: str, frames: int, direction: str | None = None) -> Animation:
    return Animation(name, tuple(Frame(samples.picture(32, 32, seed), 100) for seed in range(frames)), direction)


def hero(*names: str, frames: int = 4) -> SpriteAsset:
    clips = tuple(clip(name, frames, direction) for name in names for direction in DIRECTIONS)
    return SpriteAsset("art/hero", "character", clips)


def exported(asset: SpriteAsset, read: Read = no_file, before: Read | None = None) -> bytes:
    context = ExportContext(asset.id, "maps", "id", ExportOptions(), read=read, before=before)
    return next(file.data for file in TiledExporter().export(asset, context) if file.path.endswith(".tsx"))


def columns(tsx: bytes) -> int:
    return int(ET.fromstring(tsx).attrib["columns"])


def cells(tsx: bytes) -> dict[str, list[int]]:
    return {
        entry.attrib["value"]: [int(frame.attrib["tileid"]) for frame in tile.iter("frame")]
        for tile in ET.fromstring(tsx).iter("tile")
        for entry in tile.iter("property")
    }


def test_every_clip_has_cells_of_its_own() -> None:
    placed = cells(exported(hero("idle", "walk", frames=5)))
    taken = [cell for clip_cells in placed.values() for cell in clip_cells]
    assert len(placed) == 16
    assert len(set(taken)) == len(taken) == 16 * 5


def test_a_still_is_one_cell_and_a_large_character_has_room_to_grow() -> None:
    still = ET.fromstring(exported(SpriteAsset("art/rock", "sprite", (clip("default", 1),))))
    assert (still.attrib["columns"], still.attrib["tilecount"]) == ("1", "1")
    large = ET.fromstring(exported(hero("idle", "walk", "attack", "hurt", "death", frames=8)))
    image = large.find("image")
    assert image is not None
    assert int(image.attrib["height"]) <= int(image.attrib["width"]) <= 2048


@pytest.mark.parametrize("force", [False, True])
def test_new_clips_go_behind_those_that_maps_use(force: bool) -> None:
    old = exported(hero("walk"))
    grown = hero("attack", "walk", "jump", frames=6)
    new = exported(grown, no_file if force else lambda _path: old, lambda _path: old)
    assert columns(new) == columns(old)
    before, after = cells(old), cells(new)
    for name, places in before.items():
        assert after[name][: len(places)] == places
    taken = [cell for places in after.values() for cell in places]
    assert len(set(taken)) == len(taken) == 3 * 8 * 6


@pytest.mark.parametrize(
    ("good", "bad"), [(b'tileid="3"', b'tileid="x"'), (b' columns="', b' columns="no'), (b'<tile id="4"', b"<tile")]
)
def test_damaged_numbers_do_not_stop_a_forced_export(good: bytes, bad: bytes) -> None:
    asset = hero("walk")
    old = exported(asset)
    assert good in old
    placed = cells(exported(asset, no_file, lambda _path: old.replace(good, bad)))
    assert placed.keys() == cells(old).keys()
    assert all(len(places) == 4 for places in placed.values())


def test_text_that_is_no_tileset_is_refused_and_replaced_with_force() -> None:
    asset = dataclasses.replace(hero("walk"))
    with pytest.raises(ExportError):
        exported(asset, lambda _path: b"<map/>", lambda _path: b"<map/>")
    assert exported(asset, no_file, lambda _path: b"<map/>") == exported(asset)
