"""What people buy from Sprixen, from the spec to the engines: a pack, a character, a map, music."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from bridge.cli import main
from bridge.providers.sprixen import SprixenProvider
from tests.emulator import Emulator, faults
from tests.emulator.sprixen import KEY, Sprixen
from tests.emulator.sprixen_world import Style
from tests.engines.engine import Engine
from tests.engines.godot_runs import import_project
from tests.pipeline.conftest import Answer, Workspace

PROJECT = """\
[project]
name = "golden"
id = "901d"
specs = ["art/**/*.asset.toml"]
[defaults]
provider = "sprixen"
[targets.godot]
root = "game"
output = "generated"
[targets.tiled]
output = "maps"
[targets.unity]
output = "Assets/Generated"
[targets.json]
output = "export"
[providers.sprixen]
base_url = "{url}"
"""
NAMES = ("health_potion", "mana_potion", "sword", "shield", "bow", "key", "coin", "gem")
PACK = 'kind = "items"\ndescription = "fantasy icons"\nsize = [32, 32]\n' + "".join(
    f'[[items]]\nname = "{name}"\n' for name in NAMES
)
HERO = """\
kind = "character"
description = "brave knight"
size = [64, 64]
directions = 8
archetype = "humanoid"
[animations.walk]
frames = 6
[weapon]
type = "sword"
[provider_options]
project = { name = "Dungeon Crawler", artStyle = "pixel", resolution = "64x64" }
[refine]
stabilize = { provider = "sprixen", mode = "tight" }
"""
GROUND = """\
kind = "isometric_tiles"
description = "fantasy"
tile_size = [130, 230]
grid = [130, 66]
[[tiles]]
name = "grass"
builtin = "Fantasy Terrain/Grass"
[[tiles]]
name = "lake"
builtin = "Fantasy Terrain/Water"
[[tiles]]
name = "ford"
builtin = "Fantasy Terrain/Water"
solid = false
[[tiles]]
name = "gate"
role = "wall"
solid = true
"""
TOWN = """\
kind = "map"
description = "green meadow"
size = [10, 8]
projection = "isometric"
pack = "Fantasy Terrain"
edits = ["add a river", "add a stone path"]
"""
SONG = 'kind = "music"\npreset = "peaceful_village"\nduration = 2\n'
DIRECTIONS = ("south", "south_east", "east", "north_east", "north", "north_west", "west", "south_west")
_USUAL = Style()
Server: TypeAlias = Emulator[Sprixen]
Shop: TypeAlias = "Callable[..., tuple[Workspace, Server]]"


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Makes a project and the service that it buys from, for a style."""
    quick = replace(
        SprixenProvider.limits, poll_first=0.02, poll=0.05, poll_most=0.1, search_delay=0.2, per_minute=None
    )
    monkeypatch.setattr(SprixenProvider, "limits", quick)
    monkeypatch.setenv("SPRIXEN_API_KEY", KEY)
    emulators: list[Server] = []

    def run(*words: str) -> Answer:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    def made(style: Style = _USUAL, **specs: str) -> tuple[Workspace, Server]:
        emulator = Emulator(Sprixen(style))
        emulator.__enter__()
        emulators.append(emulator)
        workspace = Workspace(tmp_path / f"project{len(emulators)}", run)
        workspace.write("assetbridge.toml", PROJECT.format(url=emulator.url))
        workspace.write("game/project.godot", "config_version=5\n")
        for name, text in specs.items():
            workspace.write(f"art/{name}.asset.toml", text)
        return workspace, emulator

    yield made
    for emulator in emulators:
        emulator.__exit__(None, None, None)


def posts(emulator: Server, route: str) -> int:
    """How often a route was ordered from."""
    return sum(row.route == route for row in emulator.ledger.rows)


def test_a_pack_of_eight_items_is_one_order(shop: Shop) -> None:
    workspace, emulator = shop(icons=PACK)
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 1
    listed = json.loads((workspace.root / "export/art/icons.json").read_text(encoding="utf-8"))
    assert [name for name in NAMES if name in json.dumps(listed)] == list(NAMES)
    workspace.run("build", expect=0)
    assert emulator.ledger.total("credits") == 1


def test_a_character_walks_in_eight_directions(shop: Shop, godot: Engine) -> None:
    workspace, emulator = shop(hero=HERO, twin=HERO.replace("brave", "dark"))
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 2 * (1 + 8)
    assert posts(emulator, "POST /projects") == 1
    assert len(emulator.personality.world.projects) == 1
    assert {sprite.project for sprite in emulator.personality.world.sprites.values()} == set(
        emulator.personality.world.projects
    )
    frames = (workspace.root / "game/generated/art/hero.tres").read_text(encoding="utf-8")
    for direction in DIRECTIONS:
        assert f'&"walk_{direction}"' in frames
        assert f'&"idle_{direction}"' in frames
    import_project(godot, workspace.root / "game")


def test_a_map_opens_in_every_engine(shop: Shop, godot: Engine, tmxrasterizer: Engine) -> None:
    workspace, emulator = shop(town=TOWN)
    workspace.run("build", "--yes", expect=0)
    assert posts(emulator, "POST /maps") == 1
    import_project(godot, workspace.root / "game")
    tmx = workspace.root / "maps/art/town.tmx"
    done = tmxrasterizer.run(["--no-smoothing", tmx.name, "town.png"], tmx.parent)
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(tmx.parent / "town.png") as picture:
        shown = np.asarray(picture.convert("RGBA"))
    for colour in ((96, 160, 72), (64, 120, 200), (136, 136, 148)):
        assert (shown[..., :3] == colour).all(axis=2).sum() > 500
    exported = json.loads((workspace.root / "export/art/town.json").read_text(encoding="utf-8"))
    assert (exported["width"], exported["height"], exported["orientation"]) == (10, 8, "isometric")


def test_the_last_edit_of_a_map_is_bought_by_itself(shop: Shop) -> None:
    """Whatever was tried last, an edit is made on the map as the one before it left it."""
    workspace, emulator = shop(town=TOWN)
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 3
    workspace.write("art/town.asset.toml", TOWN.replace("a stone path", "a sand beach"))
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 4
    cells = _cells(workspace)
    assert 4 in cells
    assert 3 not in cells
    workspace.write("art/town.asset.toml", TOWN)
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 4
    assert {2, 3} <= _cells(workspace)
    workspace.write("art/town.asset.toml", TOWN.replace('path"]', 'path", "a sand beach"]'))
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 5
    assert {2, 3, 4} <= _cells(workspace)
    assert posts(emulator, "POST /maps") == 1


def _cells(workspace: Workspace) -> set[int]:
    exported = json.loads((workspace.root / "export/art/town.json").read_text(encoding="utf-8"))
    return set(exported["layers"][0]["data"])


def test_music_is_written_for_every_target(shop: Shop) -> None:
    workspace, emulator = shop(song=SONG)
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 3
    found = {path.relative_to(workspace.root).as_posix() for path in workspace.root.rglob("song.*")}
    assert {
        "game/generated/art/song.ogg",
        "Assets/Generated/art/song.wav",
        "export/art/song.ogg",
        "export/art/song.wav",
    } <= found


def test_a_failed_edit_is_ordered_again_and_the_rest_stays(shop: Shop) -> None:
    workspace, emulator = shop(town=TOWN)
    emulator.faults.on("POST /maps/*/ai-edit", faults.job_failed(), nth=1)
    workspace.run("build", "--yes", expect=None)
    workspace.run("build", "--yes", expect=0)
    assert {2, 3} <= _cells(workspace)
    assert posts(emulator, "POST /maps") == 1


def test_answers_that_are_lost_are_found_on_the_account(shop: Shop) -> None:
    """A project, an edit of a map and clips: whatever the service did is taken over, and nothing is paid for twice."""
    workspace, emulator = shop(town=TOWN, hero=HERO.replace("directions = 8", 'directions = ["south", "east"]'))
    for route in ("POST /projects", "POST /maps/*/ai-edit", "POST /sprites/*/animations"):
        emulator.faults.on(route, faults.close_after_reading(), nth=0)
    workspace.run("build", "--yes", expect=0)
    assert emulator.ledger.total("credits") == 3 + (1 + 2)
    assert len(emulator.personality.world.projects) == 1
    assert emulator.ledger.charges_by_body()
    assert max(emulator.ledger.charges_by_body().values()) == 1


def test_pictures_that_come_four_times_as_large_are_those_that_were_asked_for(shop: Shop) -> None:
    """Stills, clips, cleaned-up clips and clips of a source, for every engine: as where they come at their size."""
    moved = 'kind = "animation"\nsource = "asset:art/rock"\naction = "rolls"\nname = "roll"\nframes = 4\n'
    specs = {
        "hero": HERO.replace("directions = 8", 'directions = ["south", "east"]'),
        "icons": PACK,
        "rock": 'kind = "sprite"\ndescription = "boulder"\nsize = [32, 32]\n',
        "roll": moved,
    }
    usual, _ = shop(**specs)
    large, emulator = shop(Style(scale=4), **specs)
    for workspace in (usual, large):
        workspace.run("build", "--yes", expect=0)
    assert large.files("game", "export") == usual.files("game", "export")
    charged = emulator.ledger.total("credits")
    large.run("build", expect=0)
    assert emulator.ledger.total("credits") == charged


def test_solid_tiles_collide_in_engines_and_the_specs_word_wins(shop: Shop) -> None:
    workspace, emulator = shop(Style(collision=True), ground=GROUND)
    workspace.run("build", "--yes", expect=0)
    assert _solid_tiles(workspace) == {"lake", "gate"}
    godot_tiles = (workspace.root / "game/generated/art/ground.tres").read_text(encoding="utf-8")
    assert godot_tiles.count("physics_layer_0/polygon_0/points") == 2
    (tile,) = [job for job in emulator.personality.world.jobs.values() if job.family == "tile"]
    assert tile.request["collision"] is True
    # Whether a tile blocks is the spec's own word, and changing it buys nothing.
    workspace.write("art/ground.asset.toml", GROUND.replace("solid = true", "solid = false"))
    workspace.run("build", expect=0)
    assert _solid_tiles(workspace) == {"lake"}
    assert emulator.ledger.total("credits") == 1


def test_tiles_of_which_nobody_says_that_they_are_solid_are_not(shop: Shop) -> None:
    workspace, _ = shop(ground=GROUND)
    workspace.run("build", "--yes", expect=0)
    assert _solid_tiles(workspace) == {"gate"}


def _solid_tiles(workspace: Workspace) -> set[str]:
    """The names of the tiles that have a collision shape in Tiled."""
    root = ET.fromstring((workspace.root / "maps/art/ground.tsx").read_bytes())
    return {
        prop.attrib["value"]
        for tile in root.iter("tile")
        if tile.find("objectgroup") is not None
        for prop in tile.iter("property")
        if prop.attrib["name"] == "name"
    }
