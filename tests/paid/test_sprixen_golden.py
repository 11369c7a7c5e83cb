"""What people buy from Sprixen, from the spec to the engines: a pack, a character, a map, music."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

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

    def made(**specs: str) -> tuple[Workspace, Server]:
        emulator = Emulator(Sprixen(Style()))
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
