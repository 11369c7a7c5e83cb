"""Buying through the daemon: nothing without an approved plan, and nothing beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.daemon.process import control
from bridge.media.images import encode_png
from tests.emulator import Emulator, faults, pixelengine
from tests.emulator.pictures import figure
from tests.paid.conftest import GUARD, KNIGHT, WAVE, Make, Paid
from tests.pipeline.daemon_client import Client

CLIP = 'kind = "animation"\nprovider = "pixelengine"\nsource = "art/knight.png"\naction = "waves"\nframes = 4\n'


@pytest.fixture
def project(paid: Paid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paid]:
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    paid.spec("art/guard", GUARD)
    yield paid
    control.stop_daemon(paid.root)


def test_a_build_without_approval_buys_nothing(project: Paid) -> None:
    client = Client(project.root, control.start_daemon(project.root)[0])
    events = client.until_done(client.post("/v1/build", {"all": True}))
    states = [event["state"] for event in events if event["id"] == "art/guard"]
    assert states[-1] == "needs_approval"
    assert project.charged == 0


def test_an_approved_plan_is_bought_once(project: Paid) -> None:
    client = Client(project.root, control.start_daemon(project.root)[0])
    plan = client.get("/v1/plan")
    assert plan["cost"][0]["provider"] == "pixellab"
    low = client.post("/v1/approve", {"digest": plan["digest"], "max_cost": {"generations": "0"}})
    assert [event["state"] for event in client.until_done(low) if event["id"] == "art/guard"][-1] == "needs_approval"
    assert project.charged == 0
    events = client.until_done(client.post(client.asset("art/guard", "/approve"), {"digest": plan["digest"]}))
    assert [event["state"] for event in events if event["type"] == "asset"][-1] == "ready"
    assert [event["spent"] for event in events if event["type"] == "spent"]
    charged = project.charged
    assert charged > 0
    again = client.ask("POST", client.asset("art/guard", "/approve"), {"digest": plan["digest"]})
    assert again.code == "plan_changed"
    client.until_done(client.post("/v1/build", {"all": True}))
    assert project.charged == charged
    assert client.get("/v1/jobs?all=1")["jobs"][0]["state"] == "exported"
    assert client.get("/v1/spend")["rows"][0]["orders"] == 1
    assert client.ask("POST", "/v1/jobs/1/settle", {}).code == "bad_request"
    assert client.post("/v1/jobs/1/settle", {"charged": "2"})["job"]["charged"]["amount"] == "2"
    assert client.get("/v1/spend?by=order")["sums"][0]["charged"] == "2"


def test_ordering_again_through_the_daemon_answers_with_one_object(project: Paid) -> None:
    project.emulator.faults.on("POST /create-image-pixflux", faults.reset_after_reading(), nth=0)
    project.built("--yes", expect=4)
    control.start_daemon(project.root)
    assert project.run("jobs", "resubmit", "1", "--json", expect=4).json["error"]["code"] == "needs_approval"
    answer = project.run("jobs", "resubmit", "1", "--yes", "--json").json
    assert (answer["job"]["id"], answer["job"]["state"]) == (1, "cancelled")
    assert [(asset["id"], asset["state"]) for asset in answer["assets"]] == [("art/guard", "ready")]
    assert answer["spent"]


def test_stopping_while_orders_are_out_loses_and_repeats_none(project: Paid) -> None:
    project.spec("art/knight", KNIGHT)
    client = Client(project.root, control.start_daemon(project.root)[0])
    plan = client.get("/v1/plan")
    cursor = client.post("/v1/approve", {"digest": plan["digest"]})["cursor"]
    moves: list[str] = []
    while "submitted" not in moves:
        answer = client.get(f"/v1/events?after={cursor}&wait=10")
        cursor = answer["cursor"]
        moves += [event["state"] for event in answer["events"] if event["type"] == "job"]
    assert control.stop_daemon(project.root) is not None
    assert not [job for job in project.jobs() if job["state"] in ("submitting", "uncertain")]
    project.built("--yes")
    assert project.charged == float(plan["cost"][0]["amount"])


def test_cancelling_an_asset_stops_waiting_for_its_orders(project: Paid) -> None:
    project.spec("art/knight", KNIGHT)
    client = Client(project.root, control.start_daemon(project.root)[0])
    queued = client.post(client.asset("art/knight", "/approve"), {"digest": client.get("/v1/plan")["digest"]})
    cursor, moves = queued["cursor"], [""]
    while "submitted" not in moves:
        answer = client.get(f"/v1/events?after={cursor}&wait=10")
        cursor = answer["cursor"]
        moves += [event["state"] for event in answer["events"] if event["type"] == "job"]
    cancelled = client.post(client.asset("art/knight", "/cancel"))
    events = client.until_done({**queued, "cursor": cursor})
    assert [event["state"] for event in events if event["id"] == "art/knight" and event["type"] == "asset"][-1] in (
        "cancelled",
        "ready",
    )
    by_number = {job["id"]: job["state"] for job in project.jobs()}
    assert all(by_number[number] == "cancelled" for number in cancelled["jobs"])
    assert not (project.root / ".assetbridge" / "crash.log").exists()


def test_cancelling_an_asset_tells_the_provider_that_can_be_told(
    project: Paid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXELENGINE_API_KEY", pixelengine.KEY)
    with Emulator(pixelengine.PixelEngine(job_seconds=600.0)) as engine:
        project.write(
            "assetbridge.toml",
            f'{(project.root / "assetbridge.toml").read_text()}[providers.pixelengine]\nbase_url = "{engine.url}"\n',
        )
        project.write("art/knight.png", encode_png(figure("knight", (32, 32), share=70)))
        for name in ("wave", "jump"):
            project.spec(f"art/{name}", CLIP.replace("waves", name))
        client = Client(project.root, control.start_daemon(project.root)[0])
        queued = client.post("/v1/approve", {"digest": client.get("/v1/plan")["digest"]})
        cursor, moves = queued["cursor"], [""]
        while moves.count("submitted") < 2:
            answer = client.get(f"/v1/events?after={cursor}&wait=10")
            cursor = answer["cursor"]
            moves += [event["state"] for event in answer["events"] if event["type"] == "job"]
        (number,) = client.post(client.asset("art/wave", "/cancel"))["jobs"]
        (job,) = (job for job in client.get("/v1/jobs?all=1")["jobs"] if job["id"] == number)
        assert (job["asset"], job["state"]) == ("art/wave", "cancelled")
        assert "stopped" in job["error"]["message"]
        there = {job.inputs["prompt"]: job.word(engine.now) for job in engine.personality.world.jobs.values()}
        assert there["wave"] == "cancelled"
        assert there["jump"] != "cancelled"
        assert engine.ledger.total("credits") == 20
        control.stop_daemon(project.root)


def test_nothing_more_is_ordered_for_an_asset_that_was_cancelled(project: Paid) -> None:
    """art/wave waits for art/guard, whose order is out: no order of its own may follow the cancelling."""
    project.spec("art/wave", WAVE)
    client = Client(project.root, control.start_daemon(project.root)[0])
    queued = client.post("/v1/approve", {"digest": client.get("/v1/plan")["digest"]})
    cursor, moves = queued["cursor"], [""]
    while "submitting" not in moves:
        answer = client.get(f"/v1/events?after={cursor}&wait=10")
        cursor = answer["cursor"]
        moves += [event["state"] for event in answer["events"] if event["type"] == "job"]
    assert client.post(client.asset("art/wave", "/cancel")) == {"id": "art/wave", "jobs": []}
    client.until_done({**queued, "cursor": cursor})
    states = {result["id"]: result["state"] for result in client.get(f"/v1/builds/{queued['request']}")["assets"]}
    assert states == {"art/guard": "ready", "art/wave": "cancelled"}
    assert {job["asset"] for job in project.jobs()} == {"art/guard"}
    plan = client.get("/v1/plan")
    client.until_done(client.post("/v1/approve", {"digest": plan["digest"]}))
    assert (project.root / "export/art/wave.png").is_file()


def test_the_command_line_buys_through_the_daemon_what_it_would_buy_itself(project: Paid, make: Make) -> None:
    alone = make(project.emulator, name="alone")
    alone.spec("art/guard", GUARD)
    control.start_daemon(project.root)
    for words in (("build",), ("build", "--yes", "--max-cost", "generations=0"), ("approve", "art/guard"), ("build",)):
        here, there = alone.run(*words, expect=None), project.run(*words, expect=None)
        assert (there.out.replace(str(project.root), ""), there.err, there.code) == (here.out, here.err, here.code)
    assert project.run("spend", "--json").json == alone.run("spend", "--json").json
    assert project.files() == alone.files()
    assert project.run("jobs", "--all", "--json").json["jobs"][0]["state"] == "exported"
