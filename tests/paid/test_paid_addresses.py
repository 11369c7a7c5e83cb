"""Pictures that one provider made and another takes by address: links that live, that have ended, and that are dead."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bridge.media.images import encode_png
from bridge.providers.sprixen import SprixenProvider
from tests.emulator import Emulator
from tests.emulator import pixeldojo as dojo
from tests.emulator import sprixen as sprixen_service
from tests.emulator.pictures import figure
from tests.paid.conftest import Make, Paid, Server

HERO = 'kind = "sprite"\nprovider = "pixeldojo"\nmodel = "pixel-image"\ndescription = "brave hero"\nsize = [64, 64]\n'
WAVE = 'kind = "animation"\nprovider = "pixeldojo"\nmodel = "motion-video"\naction = "waves"\nframes = 4\n'
MOVED = WAVE + 'source = "asset:art/hero"\n'
KNIGHT = """\
kind = "character"
description = "brave knight with shining armor"
size = [48, 48]
directions = 4
mirror = { west = "east" }
[animations.wave]
provider = "pixeldojo"
model = "motion-video"
action = "waves"
frames = 4
"""
ROCK = 'kind = "sprite"\nprovider = "sprixen"\ndescription = "mossy rock"\nsize = [64, 64]\nvariants = 2\npick = 2\n'
GUARD = """\
kind = "character"
provider = "sprixen"
description = "town guard"
size = [64, 64]
directions = ["south", "east"]
[animations.walk]
frames = 4
"""


@dataclass
class Stall:
    """A project that buys from services, of which two take pictures by address only."""

    paid: Paid
    dojo: Emulator[dojo.PixelDojo]
    sprixen: Emulator[sprixen_service.Sprixen]

    def orders(self) -> list[dict[str, Any]]:
        """The bodies that PixelDojo was sent, in order."""
        return [dict(job.body) for job in self.dojo.personality.jobs.values()]

    def error(self, asset_id: str) -> dict[str, Any]:
        """What the plan has against an asset."""
        return dict(self.paid.plan()[asset_id]["error"])

    def states(self) -> dict[str, str]:
        """What a build with everything approved makes of the assets."""
        return {name: asset["state"] for name, asset in self.paid.built("--yes", expect=None).items()}


@pytest.fixture
def stall(make: Make, emulator: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stall]:
    monkeypatch.setenv("PIXELDOJO_API_KEY", dojo.KEY)
    monkeypatch.setenv("SPRIXEN_API_KEY", sprixen_service.KEY)
    quick = replace(SprixenProvider.limits, poll_first=0.02, poll=0.05, per_minute=None)
    monkeypatch.setattr(SprixenProvider, "limits", quick)
    with (
        Emulator(dojo.PixelDojo(per_minute=None)) as pictures,
        Emulator(sprixen_service.Sprixen()) as sprites,
    ):
        tables = (
            f'[providers.pixeldojo]\nbase_url = "{pictures.url}"\n[providers.sprixen]\nbase_url = "{sprites.url}"\n'
        )
        yield Stall(make(emulator, tables), pictures, sprites)


def links(stall: Stall) -> list[str]:
    """The addresses that the journal holds."""
    with sqlite3.connect(stall.paid.root / ".assetbridge/journal.db") as database:
        return [str(url) for (url,) in database.execute("SELECT url FROM address")]


def test_what_was_delivered_is_used_from_where_it_is(stall: Stall) -> None:
    stall.paid.spec("art/hero", HERO)
    stall.paid.spec("art/wave", MOVED)
    assert stall.paid.plan()["art/wave"]["error"] is None
    assert stall.states() == {"art/hero": "ready", "art/wave": "ready"}
    picture, video = stall.orders()
    assert "image_url" not in picture
    (file, _) = stall.dojo.personality.jobs.values()
    assert video["image_url"].endswith(file.files[0])
    assert stall.paid.run("plan", "--json").json["changes"] == 0


def test_a_figure_is_moved_elsewhere_from_its_own_address(stall: Stall) -> None:
    stall.paid.spec("art/knight", KNIGHT)
    assert stall.states() == {"art/knight": "ready"}
    sent = [body["image_url"] for body in stall.orders()]
    assert len(sent) == 3
    assert all("/storage/" in url for url in sent)
    assert stall.paid.run("plan", "--json").json["changes"] == 0


def test_a_link_that_has_ended_is_a_mistake_of_the_plan_only_where_it_is_needed(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dojo, "KEEP_SECONDS", 300.0)
    stall.paid.spec("art/hero", HERO)
    stall.paid.built("--yes")
    stall.paid.spec("art/wave", MOVED)
    error = stall.error("art/wave")
    assert (error["code"], error["where"]["field"]) == ("source_needs_address", "source")
    assert "upload_command" in error["hint"]
    assert len(stall.orders()) == 1


def test_what_was_bought_by_a_link_needs_it_no_more(stall: Stall) -> None:
    stall.paid.spec("art/hero", HERO)
    stall.paid.spec("art/wave", MOVED)
    stall.paid.built("--yes")
    with sqlite3.connect(stall.paid.root / ".assetbridge/journal.db") as database:
        database.execute("DELETE FROM address")
    assert stall.paid.run("plan", "--json").json["changes"] == 0
    stall.paid.replace("art/wave.asset.toml", "waves", "jumps")
    assert stall.error("art/wave")["code"] == "source_needs_address"


def test_a_dead_link_costs_nothing_and_says_the_way_out(stall: Stall) -> None:
    stall.paid.spec("art/hero", HERO)
    stall.paid.built("--yes")
    stall.dojo.personality._files.clear()
    stall.paid.spec("art/wave", MOVED)
    assert stall.paid.plan()["art/wave"]["error"] is None
    before = stall.dojo.ledger.total("credits")
    error = stall.paid.built("--yes", expect=None)["art/wave"]["error"]
    assert (error["code"], error["where"]["field"]) == ("source_needs_address", "source")
    assert "nothing was ordered" in error["message"]
    assert "upload_command" in error["hint"]
    assert stall.dojo.ledger.total("credits") == before
    assert [job["state"] for job in stall.paid.jobs()] == ["exported", "cancelled"]
    # It is known by now, so the plan says it.
    assert stall.error("art/wave")["code"] == "source_needs_address"


def test_another_picture_behind_the_link_is_a_dead_link(stall: Stall) -> None:
    stall.paid.spec("art/hero", HERO)
    stall.paid.built("--yes")
    other = encode_png(figure("somebody else", (256, 256)))
    files = stall.dojo.personality._files
    files.update({path: (job, other, kind) for path, (job, _, kind) in files.items()})
    stall.paid.spec("art/wave", MOVED)
    assert stall.states()["art/wave"] == "failed"
    assert len(stall.orders()) == 1


def test_a_command_takes_over_where_a_link_is_dead(stall: Stall) -> None:
    script = stall.paid.root.with_name("upload.py")
    script.write_text('print("https://files.example.com/1.png")\n')
    command = f"upload_command = \"'{sys.executable}' '{script}' {{file}}\"\n"
    text = (stall.paid.root / "assetbridge.toml").read_text()
    table = "[providers.pixeldojo]\n"
    stall.paid.write("assetbridge.toml", text.replace(table, table + command))
    stall.paid.spec("art/hero", HERO)
    stall.paid.spec("art/wave", MOVED)
    stall.paid.built("--yes", "art/hero")
    stall.dojo.personality._files.clear()
    assert stall.states()["art/wave"] == "ready"
    assert stall.orders()[1]["image_url"] == "https://files.example.com/1.png"


def test_links_stand_in_the_journal_only(stall: Stall) -> None:
    stall.paid.spec("art/hero", HERO)
    stall.paid.spec("art/knight", KNIGHT)
    stall.paid.spec("art/rock", ROCK)
    events = stall.paid.run("build", "--yes", "--events").out
    known = links(stall)
    assert len(known) >= 5
    for path in stall.paid.root.rglob("*"):
        if path.is_file() and not path.name.startswith("journal.db"):
            data = path.read_bytes()
            assert not [url for url in known if url.encode() in data], path
    assert not [url for url in known if url in events]
    with sqlite3.connect(stall.paid.root / ".assetbridge/journal.db") as database:
        (said,) = database.execute("SELECT group_concat(data) || (SELECT group_concat(facts) FROM job) FROM event")
        assert not [url for url in known if url in said[0]]
        assert database.execute("SELECT count(*) FROM job WHERE body IS NOT NULL").fetchone() == (0,)


@pytest.mark.parametrize(("source", "text"), [("rock", ROCK), ("guard#south", GUARD)])
def test_sprixen_moves_what_it_drew_by_its_own_id(stall: Stall, source: str, text: str) -> None:
    stall.paid.spec(f"art/{source.partition('#')[0]}", text)
    move = f'kind = "animation"\nprovider = "sprixen"\naction = "rolls"\nframes = 4\nsource = "asset:art/{source}"\n'
    stall.paid.spec("art/move", move)
    steps = stall.paid.plan()["art/move"]["steps"]
    assert [step["key"] for step in steps] == ["sprite", "clip/move"]
    assert stall.states()["art/move"] == "ready"
    posts = [row.route for row in stall.sprixen.ledger.rows if row.route.startswith("POST /generations")]
    # One picture (or two) and its promotions; nothing is drawn after it.
    assert posts.count("POST /generations") == 1
    chosen = [job for job in stall.paid.jobs() if job["operation"] == "character.select"]
    sprites = stall.sprixen.personality.world.sprites
    moved = next(job for job in chosen if job["asset"] == "art/move")
    look = sprites[moved["remote"]["sprite"]].look
    assert look.endswith("/1" if source == "rock" else "/0")
    assert stall.paid.run("plan", "--json").json["changes"] == 0


def test_a_clip_has_no_address_that_a_still_could_be_taken_from(stall: Stall) -> None:
    """The east of this character exists as a cell of a sheet only."""
    stall.paid.spec("art/guard", GUARD)
    stall.paid.spec("art/wave", WAVE + 'source = "asset:art/guard#east"\n')
    assert stall.error("art/wave")["code"] == "source_needs_address"
    stall.paid.spec("art/wave", WAVE + 'source = "asset:art/guard#south"\n')
    assert stall.states() == {"art/guard": "ready", "art/wave": "ready"}
    assert "/api/public/uploads/" in stall.orders()[0]["image_url"]


def test_the_style_of_another_asset_goes_by_its_address(stall: Stall) -> None:
    stall.paid.spec("art/hero", HERO)
    stall.paid.spec("art/rock", ROCK + '[reference]\nstyle = "asset:art/hero"\n')
    assert stall.states() == {"art/hero": "ready", "art/rock": "ready"}
    (job,) = stall.sprixen.personality.world.jobs.values()
    assert "/pixeldojotemp/" in job.request["referenceImageUrl"]


def test_a_file_has_no_address(stall: Stall) -> None:
    stall.paid.write("art/look.png", encode_png(figure("look", (32, 32))))
    stall.paid.spec("art/rock", ROCK + '[reference]\nstyle = "art/look.png"\n')
    error = stall.error("art/rock")
    assert (error["code"], error["where"]["field"]) == ("source_needs_address", "reference.style")


def test_the_document_of_a_job_has_no_link(stall: Stall) -> None:
    stall.paid.spec("art/hero", HERO)
    stall.paid.built("--yes")
    assert not [url for url in links(stall) if url in json.dumps(stall.paid.jobs())]
