"""What editors do through the daemon: see, build, approve, reroll, pick, cancel."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from bridge.project import Project
from tests.pipeline.conftest import HERO, SPRITE, TILES, Workspace
from tests.pipeline.daemon_client import Client

Start = Callable[[Path], Client]


def test_a_build_over_http_makes_what_the_command_line_makes(workspace: Workspace, start: Start) -> None:
    workspace.write("art/rock.asset.toml", SPRITE)
    workspace.write("art/hero.asset.toml", HERO)
    workspace.write("art/land.asset.toml", TILES)
    other = workspace.root.with_name("other")
    shutil.copytree(workspace.root, other, ignore=shutil.ignore_patterns(".assetbridge"))
    workspace.run("build")

    client = start(other)
    events = client.until_done(client.post("/v1/build", {"all": True}))

    theirs = Workspace(other, workspace.run_words)
    assert theirs.files() == workspace.files()
    assert (other / "assetbridge.lock").read_bytes() == (workspace.root / "assetbridge.lock").read_bytes()
    told = {path for event in events for paths in event["files"].values() for path in paths}
    assert told == set(theirs.files()) - {"game/project.godot"}
    ready = [event["id"] for event in events if event["state"] == "ready"]
    assert sorted(ready) == ["art/hero", "art/land", "art/rock"]
    assert {row["state"] for row in client.get("/v1/assets")["assets"]} == {"ready"}
    assert theirs.run("plan", "--json").json["changes"] == 0


def test_one_broken_asset_is_told_and_stops_no_other(built_plain: Workspace, start: Start) -> None:
    built_plain.write("art/bad.asset.toml", 'kind = "sprite"\nsize = "large"\n')
    built_plain.write("art/new.asset.toml", SPRITE)
    client = start(built_plain.root)
    # Since its start: what it builds by itself then tells the same.
    events = client.until_done({**client.post("/v1/build", {"all": True}), "cursor": "0"})
    bad = [event for event in events if event["state"] == "invalid"]
    assert {(event["id"], event["error"]["where"]["line"]) for event in bad} == {("art/bad", 2)}
    assert [event["id"] for event in events if event["state"] == "ready"] == ["art/new"]
    assert events[-1]["error"] is None


def test_events_reach_a_stream_as_they_reach_a_poll(built_plain: Workspace, start: Start) -> None:
    import http.client

    client = start(built_plain.root)
    cursor = client.get("/v1/health")["cursor"]
    stream = http.client.HTTPConnection("127.0.0.1", client.runtime.port, timeout=20)
    stream.request("GET", f"/v1/events?after={cursor}", headers={"Authorization": f"Bearer {client.runtime.token}"})
    answer = stream.getresponse()
    assert answer.getheader("content-type", "").startswith("text/event-stream")
    polled = client.until_done(client.post(client.asset("art/rock", "/build")))
    streamed: list[dict[str, Any]] = []
    while len(streamed) < len(polled):
        line = answer.readline().decode()
        if line.startswith("data: "):
            streamed.append(json.loads(line.removeprefix("data: ")))
    stream.close()
    assert streamed == polled
    assert polled[0]["state"] == "queued"
    assert client.get(f"/v1/events?after={polled[0]['seq']}&wait=0")["events"][: len(polled) - 1] == polled[1:]
    old = client.get("/v1/events?after=0123456789abcdef.4&wait=5")
    assert [event["type"] for event in old["events"]] == ["reset"]


def test_a_plan_that_changed_is_not_built(built_plain: Workspace, start: Start) -> None:
    client = start(built_plain.root)
    before = built_plain.files()
    # While somebody else owns the project the daemon builds nothing of what is saved here.
    with Project.open(built_plain.root) as project, project.owned(patience=30):
        built_plain.replace("art/rock.asset.toml", "mossy", "icy")
        seen = client.get("/v1/plan")
        assert seen["changes"] == 1
        assert seen["assets"][1]["key"] == client.asset("art/rock").rpartition("/")[2]
        built_plain.replace("art/pebble.asset.toml", "mossy", "icy")
        for path in ("/v1/approve", client.asset("art/rock", "/approve")):
            answer = client.ask("POST", path, {"digest": seen["digest"]})
            assert (answer.status, answer.code) == (409, "plan_changed")
        assert built_plain.files() == before
        queued = client.post("/v1/approve", {"digest": client.get("/v1/plan")["digest"]})
    events = client.until_done(queued)
    assert {event["id"] for event in events if event["state"] == "ready"} == {"art/rock", "art/pebble"}


def test_reroll_pick_and_new_specs(built_plain: Workspace, start: Start) -> None:
    client = start(built_plain.root)
    before = built_plain.files()
    cursor = client.get("/v1/health")["cursor"]
    assert client.post(client.asset("art/rock", "/reroll"))["take"] == 2
    assert "take = 2" in (built_plain.root / "art/rock.asset.toml").read_text(encoding="utf-8")
    client.until(cursor, lambda event: (event["id"], event["state"]) == ("art/rock", "ready"))
    assert built_plain.files() != before

    made = client.ask("POST", "/v1/specs", {"kind": "sprite", "id": "art/gem", "description": "a gem"})
    assert made.status == 201
    assert client.ask("POST", "/v1/specs", {"kind": "sprite", "id": "art/gem"}).code == "file_exists"
    assert client.ask("POST", "/v1/specs", {"kind": "spirit", "id": "art/ghost"}).code == "spec_unknown_kind"
    client.until_done(client.post(f"/v1/assets/{made.json['key']}/build"))
    assert (built_plain.root / "game/generated/art/gem.png").is_file()

    built_plain.write("art/rock.asset.toml", "variants = 3\n" + SPRITE)
    client.until_done(client.post("/v1/build", {"ids": ["art/rock"]}))
    shown = client.get(client.asset("art/rock", "/variants"))["variants"]
    pictures = {client.ask("GET", row["preview"]).body for row in shown}
    assert len(pictures) == 3
    assert client.post(client.asset("art/rock", "/pick"), {"variant": 2})["pick"] == 2
    assert client.ask("POST", client.asset("art/rock", "/pick"), {"variant": 4}).code == "spec_invalid"
    shown = client.get(client.asset("art/rock", "/variants"))["variants"]
    assert [row["picked"] for row in shown] == [False, True, False]


def test_previews_are_strips_with_their_times(workspace: Workspace, start: Start) -> None:
    workspace.write("art/hero.asset.toml", HERO)
    workspace.write("art/land.asset.toml", TILES)
    client = start(workspace.root)
    assert client.ask("GET", client.asset("art/hero", "/preview.png")).code == "store_missing"
    client.until_done(client.post("/v1/build", {"all": True}))
    query = "?animation=walk_east"
    info = client.get(client.asset("art/hero", "/preview.json" + query))
    assert info["frame"] == {"width": 24, "height": 24}
    assert info["durations"] == [125] * 4
    answer = client.ask("GET", client.asset("art/hero", "/preview.png" + query))
    assert Image.open(io.BytesIO(answer.body)).size == (96, 24)
    gif = Image.open(io.BytesIO(client.ask("GET", client.asset("art/hero", "/preview.gif" + query)).body))
    assert (gif.size, getattr(gif, "n_frames", 1)) == ((24, 24), 4)
    key = client.asset("art/hero").rpartition("/")[2]
    kept = workspace.root / ".assetbridge" / "previews" / f"{key}.walk_east.png"
    assert kept.read_bytes() == answer.body
    known = {"If-None-Match": answer.headers["etag"]}
    again = client.ask("GET", client.asset("art/hero", "/preview.png" + query), headers=known)
    assert (again.status, again.body) == (304, b"")
    assert client.get(client.asset("art/land", "/preview.json"))["animation"] == "sheet"
    for bad in ("?animation=fly", "?animation=../../x", "?variant=9", "?variant=x"):
        assert client.ask("GET", client.asset("art/hero", "/preview.png" + bad)).status == 400

    workspace.replace("art/hero.asset.toml", "fps = 8", "fps = 4")
    client.until_done(client.post("/v1/build", {"all": True}))
    assert client.get(client.asset("art/hero", "/preview.json" + query))["durations"] == [250] * 4


def test_what_is_cancelled_while_it_waits_is_not_built(workspace: Workspace, start: Start) -> None:
    for number in range(8):
        workspace.write(f"art/hero{number}.asset.toml", HERO)
    workspace.write("art/rock.asset.toml", SPRITE)
    client = start(workspace.root)
    first = client.post("/v1/build", {"ids": [f"art/hero{number}" for number in range(8)]})
    second = client.post(client.asset("art/rock", "/build"))
    client.post(client.asset("art/rock", "/cancel"))
    events = client.until_done({**second, "cursor": first["cursor"]})
    assert [event["state"] for event in events if event["id"] == "art/rock"][:2] == ["queued", "cancelled"]
    assert not (workspace.root / "game/generated/art/rock.png").exists()
    client.until_done(client.post(client.asset("art/rock", "/build")))
    assert (workspace.root / "game/generated/art/rock.png").exists()


def test_the_command_line_works_beside_the_daemon(built_plain: Workspace, start: Start) -> None:
    client = start(built_plain.root)
    built_plain.replace("art/rock.asset.toml", "mossy", "icy")
    assert client.get("/v1/plan")["changes"] == 1
    built_plain.run("build")
    assert client.get("/v1/plan")["changes"] == 0
    assert {row["state"] for row in client.get("/v1/assets")["assets"]} == {"ready"}


def test_documents_are_those_of_the_command_line(built_plain: Workspace, start: Start) -> None:
    client = start(built_plain.root)
    plan = client.get("/v1/plan")
    for asset in plan["assets"]:
        del asset["key"]
    assert plan == built_plain.run("plan", "--json").json
    assert client.get("/v1/jobs") == built_plain.run("jobs", "--json").json
    assert client.get("/v1/doctor") == built_plain.run("doctor", "--json").json
    assert client.get("/v1/schema") == built_plain.run("schema", "--stdout").json
    for row, theirs in zip(
        client.get("/v1/providers")["providers"], built_plain.run("providers", "--json").json["providers"], strict=True
    ):
        assert {key: row.get(key) for key in theirs} == theirs
    assert client.get("/v1/spend")["rows"] == []
    assert client.ask("POST", "/v1/jobs/7/abandon", {}).code == "unknown_job"
