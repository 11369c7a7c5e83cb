"""Scenes that use the demo's files show the same after every kind of rebuild: in the real Godot.

One project lives through it all, as a user's does: scenes are made in the editor once, and looked at in the running
game after a forced rebuild, sheets packed anew and spec files that moved, and again in a fresh clone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters.model.asset import Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset
from tests.engines.demo_project import CHECKS, Demo
from tests.engines.engine import Engine
from tests.engines.godot_runs import import_project, run_quietly

SCRIPT = "user_scenes.gd"
ART = "game/generated/art"
MOVES = {
    "art/hero": "art/people/knight",
    "art/overworld": "art/land/ground",
    "art/icons": "art/loot",
    "art/village_theme": "art/music/theme",
}
LEVEL = ["overworld.tres", "hero.tscn", "icons/ruby.tres", "village_theme.ogg"]
MOVED_LEVEL = ["land/ground.tres", "people/knight.tscn", "loot/ruby.tres", "music/theme.ogg"]


@dataclass(frozen=True)
class Seen:
    """What the scenes show: facts, and pictures whose fully transparent pixels have no colour."""

    facts: dict[str, Any]
    pictures: dict[str, Pixels]

    def links(self, scene: str) -> list[str]:
        """The files behind a scene's uids, by their path in the folder of generated art."""
        return [path.removeprefix("res://generated/art/") for path in self.facts["links"][f"res://{scene}.tscn"]]


@dataclass
class Players:
    """A demo in which a user has made scenes, and Godot to look at them."""

    godot: Engine
    demo: Demo
    looks: Path

    def look_again(self) -> Seen:
        """Lets Godot import what has changed, then looks; no step may complain."""
        import_project(self.godot, self.demo.game)
        return self.look()

    def look(self) -> Seen:
        """Starts the game and looks."""
        shutil.rmtree(self.looks, ignore_errors=True)
        self.looks.mkdir()
        words = ["--headless", "--path", ".", "--script", SCRIPT, "--", "show", str(self.looks)]
        run_quietly(self.godot, words, self.demo.game)
        pictures = {path.stem: _picture(path) for path in sorted(self.looks.glob("*.png"))}
        return Seen(json.loads((self.looks / "seen.json").read_text(encoding="utf-8")), pictures)


@pytest.fixture
def players(godot: Engine, demo: Demo, tmp_path: Path) -> Players:
    copy = demo.copy(tmp_path / "demo")
    shutil.copy(CHECKS / SCRIPT, copy.game)
    run_quietly(godot, ["--headless", "--editor", "--path", ".", "--script", SCRIPT, "--", "make"], copy.game)
    return Players(godot, copy, tmp_path / "looks")


def test_scenes_show_the_same_after_every_kind_of_rebuild(players: Players, tmp_path: Path) -> None:
    demo = players.demo
    first = players.look()
    _shows_the_neutral_pixels(first, demo.assets())
    assert first.links("user_hero") == ["hero.tres"]
    assert first.links("user_level") == LEVEL
    scenes = _scenes(demo)

    before = demo.files(ART)
    demo.assetbridge("build", "--force")
    assert demo.files(ART) == before

    _pack_anew(demo)
    after = demo.files(ART)
    for name in ("hero.png", "overworld.png", "icons.png"):
        assert after[f"{ART}/{name}"] != before[f"{ART}/{name}"]
    _move(demo)
    moved = players.look_again()
    _same(first, moved)
    assert moved.links("user_hero") == ["people/knight.tres"]
    assert moved.links("user_level") == MOVED_LEVEL
    assert "people/knight.tres" in moved.links("main")

    clone = demo.clone(tmp_path / "a colleague" / "clone")
    clone.plan_is_empty()
    cloned = Players(players.godot, clone, players.looks).look_again()
    _same(first, cloned)
    assert cloned.facts["links"] == moved.facts["links"]
    clone.plan_is_empty()
    assert _scenes(clone) == scenes


def _pack_anew(demo: Demo) -> None:
    """More animations, terrains and items, each before those that scenes use where order could matter."""
    demo.replace("art/hero.asset.toml", "[animations.idle]", "[animations.jump]\n[animations.idle]")
    spec = demo.root / "art/overworld.asset.toml"
    spec.write_text(spec.read_text(encoding="utf-8") + '[[terrains]]\nname = "snow"\n', encoding="utf-8", newline="\n")
    first_item = '[[items]]\nname = "health_potion"'
    demo.replace("art/icons.asset.toml", first_item, f'[[items]]\nname = "anvil"\n{first_item}')
    demo.assetbridge("build")
    grown = demo.files("maps")
    demo.assetbridge("build", "--force")  # what grew is where it grew, not where a new project would have it
    assert demo.files("maps") == grown


def _move(demo: Demo) -> None:
    for before, after in MOVES.items():
        demo.move(f"{before}.asset.toml", f"{after}.asset.toml")
    demo.replace("art/island.asset.toml", "asset:art/overworld", "asset:art/land/ground")
    plan = json.loads(demo.assetbridge("plan", "--json").stdout)
    renamed = {asset["renamed_from"]: asset["id"] for asset in plan["assets"] if asset["action"] == "rename"}
    assert renamed == MOVES
    store = demo.files(".assetbridge/store")
    demo.assetbridge("build")
    assert demo.files(".assetbridge/store") == store
    demo.plan_is_empty()
    left = [path for path in demo.files("game/generated") if Path(path).name.startswith(("hero.", "overworld."))]
    assert left == []


def _scenes(demo: Demo) -> Mapping[str, bytes]:
    """The files that the user saved: nobody may have touched them."""
    return {name: (demo.game / f"{name}.tscn").read_bytes() for name in ("user_hero", "user_level")}


def _same(first: Seen, now: Seen) -> None:
    assert {key: first.facts[key] for key in first.facts if key != "links"} == {
        key: now.facts[key] for key in now.facts if key != "links"
    }
    assert first.pictures.keys() == now.pictures.keys()
    for name, picture in first.pictures.items():
        assert np.array_equal(picture, now.pictures[name]), name


def _shows_the_neutral_pixels(seen: Seen, assets: Mapping[str, Asset]) -> None:
    hero, icons, ground = assets["art/hero"], assets["art/icons"], assets["art/overworld"]
    assert isinstance(hero, SpriteAsset)
    assert isinstance(icons, ItemsAsset)
    assert isinstance(ground, TilesetAsset)
    for node in ("sprite", "knight"):
        shown = seen.facts[node]
        clip = next(clip for clip in hero.animations if clip.output_name() == shown["animation"])
        assert shown["milliseconds"] == [frame.duration_ms for frame in clip.frames]
        assert shown["loop"] == clip.loop
        strip = np.concatenate([frame.pixels for frame in clip.frames], axis=1)
        assert np.array_equal(seen.pictures[node], _without_hidden_colour(strip))
    ruby = next(item for item in icons.items if item.name == "ruby")
    assert np.array_equal(seen.pictures["gem"], _without_hidden_colour(ruby.pixels))
    assert np.array_equal(seen.pictures["ground"], _painted(ground, seen.facts["ground"]))
    painted = {terrain.tile for terrain in ground.terrains}
    assert painted <= {y * ground.columns + x for _, _, _, x, y, _ in seen.facts["ground"]}


def _painted(tiles: TilesetAsset, cells: list[list[int]]) -> Pixels:
    """The picture of the painted layer: every cell in it, none flipped."""
    width, height = tiles.tile_size
    pixels = {tile.id: tile.pixels for tile in tiles.tiles}
    columns, rows = (max(cell[axis] for cell in cells) + 1 for axis in (0, 1))
    picture = np.zeros((rows * height, columns * width, 4), dtype=np.uint8)
    for x, y, source, column, row, alternative in cells:
        assert (source, alternative) == (0, 0)
        tile = pixels[row * tiles.columns + column]
        picture[y * height : (y + 1) * height, x * width : (x + 1) * width] = tile
    return _without_hidden_colour(picture)


def _picture(path: Path) -> Pixels:
    with Image.open(path) as image:
        return _without_hidden_colour(np.asarray(image.convert("RGBA")))


def _without_hidden_colour(pixels: Pixels) -> Pixels:
    return np.where(pixels[..., 3:] > 0, pixels, 0).astype(np.uint8)
