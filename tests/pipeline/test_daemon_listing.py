"""What the daemon lists is what is on disk: right after it started, after a build, and with mistakes in specs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.conftest import PLAIN_PROJECT, SPRITE, Workspace
from tests.pipeline.daemon_client import Client

Start = Callable[[Path], Client]
PAID = 'kind = "sprite"\nprovider = "pixellab"\ndescription = "guard"\nsize = [64, 64]\n'
# The project as it was when the built assets were built, edited since in a way that changes none of them.
EDITED = PLAIN_PROJECT + '[budget.sprixen]\nunit = "credits"\nper_build = 1\n'


def rows(client: Client) -> dict[str, dict[str, Any]]:
    """The listing by id."""
    return {row["id"]: row for row in client.get("/v1/assets")["assets"]}


def states(client: Client) -> dict[str, str]:
    """The states by id."""
    return {asset_id: row["state"] for asset_id, row in rows(client).items()}


def looked(client: Client) -> Client:
    """Waits until a daemon that was just started has taken in the project."""
    client.until("0", lambda event: event["type"] == "done")
    return client


def until_listed(client: Client, cursor: str, expected: dict[str, str]) -> None:
    """Waits for a build after the cursor that leaves these states."""
    client.until(cursor, lambda event: event["type"] == "done" and states(client) == expected)


def as_built(project: Workspace) -> Path:
    return project.root


def as_cloned(project: Workspace) -> Path:
    """On a machine that has never built it: the outputs and the lock are in version control."""
    other = project.root.with_name("clone")
    shutil.copytree(project.root, other, ignore=shutil.ignore_patterns(".assetbridge"))
    return other


def as_never_built(project: Workspace) -> Path:
    root = as_cloned(project)
    (root / "assetbridge.lock").unlink()
    shutil.rmtree(root / "game/generated")
    shutil.rmtree(root / "export")
    return root


def as_all_edited(project: Workspace) -> Path:
    for name in ("rock", "pebble"):
        project.replace(f"art/{name}.asset.toml", "mossy", "icy")
    return project.root


def as_with_other_settings(project: Workspace) -> Path:
    project.write("assetbridge.toml", EDITED)
    return project.root


def as_touched(project: Workspace) -> Path:
    for path in (project.root / "art").glob("*.asset.toml"):
        path.write_bytes(path.read_bytes() + b"# the same art\n")
    return project.root


@pytest.mark.parametrize(
    "as_found", [as_built, as_cloned, as_never_built, as_all_edited, as_with_other_settings, as_touched]
)
@pytest.mark.parametrize("waiting", [False, True], ids=["alone", "beside one that costs"])
def test_everything_is_listed_as_ready_after_the_first_look(
    built_plain: Workspace, start: Start, as_found: Callable[[Workspace], Path], waiting: bool
) -> None:
    expected = {"art/pebble": "ready", "art/rock": "ready"}
    if waiting:
        built_plain.write("art/guard.asset.toml", PAID)
        expected["art/guard"] = "needs_approval"
    client = looked(start(as_found(built_plain)))
    assert states(client) == expected
    client.until_done(client.post("/v1/build", {"all": True}))
    assert states(client) == expected


def test_edited_settings_leave_what_they_do_not_change(built_plain: Workspace, start: Start) -> None:
    built_plain.write("art/guard.asset.toml", PAID)
    client = looked(start(built_plain.root))
    cursor = client.get("/v1/health")["cursor"]
    built_plain.write("assetbridge.toml", EDITED)
    until_listed(client, cursor, {"art/guard": "needs_approval", "art/pebble": "ready", "art/rock": "ready"})


def test_the_command_line_lists_what_edited_settings_leave(built_plain: Workspace) -> None:
    built_plain.write("art/guard.asset.toml", PAID)
    built_plain.write("assetbridge.toml", EDITED)
    built_plain.run("build", expect=None)
    found = {row["id"]: row["state"] for row in built_plain.run("status", "--json").json["assets"]}
    assert found == {"art/guard": "needs_approval", "art/pebble": "ready", "art/rock": "ready"}


def test_what_edited_settings_change_is_listed_before_it_is_built(built_plain: Workspace) -> None:
    for name in ("rock", "pebble"):
        built_plain.replace(f"art/{name}.asset.toml", "[16, 16]", "[64, 64]")
    built_plain.run("build")
    built_plain.write("assetbridge.toml", EDITED.replace('provider = "procedural"', 'provider = "pixellab"'))
    built_plain.run("build", "art/rock", expect=None)
    found = {row["id"]: row["state"] for row in built_plain.run("status", "--json").json["assets"]}
    assert found == {"art/pebble": "stale", "art/rock": "needs_approval"}


def test_a_spec_that_was_never_right_is_listed_with_its_mistake(built_plain: Workspace, start: Start) -> None:
    bad = SPRITE.replace("[16, 16]", '"large"')
    built_plain.write("art/bad.asset.toml", bad)
    client = looked(start(built_plain.root))
    row = rows(client)["art/bad"]
    assert (row["state"], row["stale"], row["kind"]) == ("invalid", True, "sprite")
    assert (row["error"]["where"]["file"], row["error"]["where"]["line"]) == ("art/bad.asset.toml", 3)

    cursor = client.get("/v1/health")["cursor"]
    built_plain.write("art/bad.asset.toml", bad.replace('"large"', "[16, 16]"))
    until_listed(client, cursor, {"art/bad": "ready", "art/pebble": "ready", "art/rock": "ready"})
    assert rows(client)["art/bad"]["error"] is None


def test_a_mistake_in_a_built_spec_is_listed_until_it_is_mended(built_plain: Workspace, start: Start) -> None:
    client = looked(start(built_plain.root))
    good = (built_plain.root / "art/rock.asset.toml").read_text(encoding="utf-8")
    cursor = client.get("/v1/health")["cursor"]
    built_plain.write("art/rock.asset.toml", good.replace("[16, 16]", '"large"'))
    until_listed(client, cursor, {"art/pebble": "ready", "art/rock": "invalid"})
    assert "size" in rows(client)["art/rock"]["error"]["message"]
    cursor = client.get("/v1/health")["cursor"]
    built_plain.write("art/rock.asset.toml", good)
    until_listed(client, cursor, {"art/pebble": "ready", "art/rock": "ready"})


def test_a_mistake_that_is_deleted_is_listed_no_more(built_plain: Workspace, start: Start) -> None:
    built_plain.write("art/bad.asset.toml", 'kind = "sprite"\nsize = "large"\n')
    client = looked(start(built_plain.root))
    assert "art/bad" in states(client)
    cursor = client.get("/v1/health")["cursor"]
    (built_plain.root / "art/bad.asset.toml").unlink()
    until_listed(client, cursor, {"art/pebble": "ready", "art/rock": "ready"})


def test_the_listing_names_the_output_files_of_the_last_build(built_plain: Workspace, start: Start) -> None:
    built_plain.write("art/guard.asset.toml", PAID)
    client = looked(start(built_plain.root))
    found = {asset_id: row["outputs"] for asset_id, row in rows(client).items()}
    assert found["art/guard"] == {}
    rock = found["art/rock"]
    assert sorted(rock) == ["godot", "json"]
    assert "game/generated/art/rock.png" in rock["godot"]
    assert all((built_plain.root / path).is_file() for paths in rock.values() for path in paths)
    assert rock == client.get(client.asset("art/rock"))["outputs"]

    cursor = client.get("/v1/health")["cursor"]
    built_plain.write("art/new.asset.toml", SPRITE.replace("boulder", "pot"))
    until_listed(client, cursor, {**dict.fromkeys(found, "ready"), "art/guard": "needs_approval", "art/new": "ready"})
    assert rows(client)["art/new"]["outputs"]["json"] == ["export/art/new.json", "export/art/new.png"]
