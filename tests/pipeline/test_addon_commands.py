"""What addons in editors ask of the command line and the daemon: builds as lines of JSON, tilesets in one request."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.daemon.process import control
from tests.pipeline.conftest import SPRITE, Workspace
from tests.pipeline.daemon_client import Client


def events(workspace: Workspace, *words: str, expect: int = 0) -> list[dict[str, Any]]:
    """The lines of a build."""
    return [json.loads(line) for line in workspace.run("build", "--events", *words, expect=expect).out.splitlines()]


def test_a_build_tells_what_happens_line_by_line(workspace: Workspace) -> None:
    workspace.write("art/rock.asset.toml", SPRITE)
    first, made, done = events(workspace, "art/rock")
    assert (first["event"], first["id"], first["state"], first["progress"]) == ("step", "art/rock", "building", 0)
    assert (made["event"], made["state"], made["error"], made["progress"]) == ("asset", "ready", None, 1)
    assert made["outputs"]["tiled"] == ["maps/art/rock.png", "maps/art/rock.tsx"]
    assert (done["event"], done["spent"], done["errors"]) == ("done", [], [])
    assert [asset["id"] for asset in done["assets"]] == ["art/rock"]
    # nothing is left to do, and it still tells where the files are
    made, done = events(workspace, "art/rock")
    assert made["outputs"]["tiled"][1] == "maps/art/rock.tsx"
    assert made["changed"] == []


def test_a_mistake_is_the_last_line(workspace: Workspace) -> None:
    workspace.write("art/rock.asset.toml", SPRITE)
    assert events(workspace, "art/pebble", expect=2)[-1]["error"]["code"] == "unknown_asset"
    workspace.write("art/rock.asset.toml", SPRITE.replace("16", "0"))
    done = events(workspace, expect=2)[-1]
    assert (done["event"], done["errors"][0]["code"]) == ("done", "spec_invalid")


def test_a_new_tileset_has_the_terrains_that_were_asked_for(workspace: Workspace) -> None:
    words = ("--terrain", "water", "--terrain", "sand", "--terrain", "grass", "--tile-size", "32")
    workspace.run("new", "tileset", "art/land", *words)
    spec = tomllib.loads((workspace.root / "art/land.asset.toml").read_text(encoding="utf-8"))
    assert spec["tile_size"] == 32
    assert [terrain["name"] for terrain in spec["terrains"]] == ["water", "sand", "grass"]
    workspace.run("build", "art/land")
    assert "spec_not_applicable" in workspace.run("new", "sprite", "art/x", *words, "--json", expect=2).out


@pytest.fixture
def client(workspace: Workspace) -> Iterator[Client]:
    yield Client(workspace.root, control.start_daemon(workspace.root)[0])
    control.stop_daemon(workspace.root)


def test_the_daemon_writes_new_tilesets_too(workspace: Workspace, client: Client) -> None:
    wish = {"kind": "tileset", "id": "art/cave", "terrains": ["lava", "rock"], "tile_size": 24}
    assert client.post("/v1/specs", wish)["kind"] == "tileset"
    spec = tomllib.loads((workspace.root / "art/cave.asset.toml").read_text(encoding="utf-8"))
    assert (spec["tile_size"], [terrain["name"] for terrain in spec["terrains"]]) == (24, ["lava", "rock"])
    for wrong in ({"terrains": "lava"}, {"tile_size": 0}, {"tile_size": "big"}):
        assert client.ask("POST", "/v1/specs", {**wish, "id": "art/no", **wrong}).code == "bad_request"


def test_a_plan_names_what_an_asset_is_made_of(workspace: Workspace) -> None:
    workspace.write("art/rock.asset.toml", SPRITE)
    workspace.write("art/turn.asset.toml", 'kind = "animation"\nsource = "asset:art/rock"\naction = "bob"\n')
    plan = workspace.plan()
    assert (plan["art/turn"]["upstream"], plan["art/rock"]["upstream"]) == (["art/rock"], [])
