"""Orders whose answer was lost: what is said of them, what can be adopted, and ordering all of them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from bridge.daemon.process import control
from tests.emulator import KEY, faults
from tests.emulator.client import Client
from tests.paid.conftest import BLOCKS, GUARD, ICONS, Make, Paid, Server

TILE = 'kind = "isometric_tiles"\ntile_size = [32, 32]\n[[tiles]]\nname = "grass"\n'
PAIR = 'kind = "tileset"\ntile_size = 16\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n'
LONE = 'kind = "character"\ndescription = "knight"\nsize = [32, 32]\ndirections = 4\n'


def make_object(paid: Paid) -> str:
    """An object that the account has from elsewhere; its id."""
    client = Client(paid.emulator.url, KEY)
    answer = client.post("/map-objects", {"description": "barrel", "image_size": {"width": 64, "height": 64}})
    paid.emulator.personality.world.jobs[answer.json["background_job_id"]].seconds = 0.0
    return str(answer.json["object_id"])


def lose(paid: Paid, asset_id: str, text: str, order: str, listing: str) -> str:
    """An order whose answer is lost and that no list shows; returns the id that the account shows for it."""
    paid.spec(asset_id, text)
    paid.emulator.faults.on(f"POST {order}", faults.reset_after_reading(), nth=0)
    paid.emulator.faults.on(f"GET {listing}", faults.status(405, "Method Not Allowed"))
    paid.built("--yes", expect=4)
    paid.emulator.faults.clear()
    return str(paid.emulator.ledger.charges[-1].remote_id)


@pytest.mark.parametrize(
    ("asset_id", "text", "order", "listing", "name"),
    [
        ("art/land", PAIR, "/create-tileset", "/tilesets", "tileset_id"),
        ("art/block", TILE, "/create-isometric-tile", "/isometric-tiles", "isometric_tile"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_what_the_account_shows_is_adopted(
    paid: Paid, asset_id: str, text: str, order: str, listing: str, name: str, named: bool
) -> None:
    shown = lose(paid, asset_id, text, order, listing)
    charged = paid.charged
    refused = paid.run("jobs", "adopt", "1", "--provider-id", "0-not-there", expect=2)
    assert "nothing is decided" in refused.err
    assert paid.jobs()[0]["state"] == "uncertain"
    paid.run("jobs", "adopt", "1", "--provider-id", f"{name}={shown}" if named else shown)
    assert paid.built()[asset_id]["state"] == "ready"
    assert paid.charged == charged


def test_a_picture_has_nothing_to_adopt(paid: Paid) -> None:
    lose(paid, "art/guard", GUARD, "/create-image-pixflux-background", "/nothing")
    refused = paid.run("jobs", "adopt", "1", "--provider-id", "abc", expect=2)
    assert "nothing is decided" in refused.err
    assert "has no id 'tileset'" in paid.run("jobs", "adopt", "1", "--provider-id", "tileset=abc", expect=2).err
    assert paid.jobs()[0]["state"] == "uncertain"


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize(
    ("asset_id", "text", "order", "listing"),
    [
        ("art/land", PAIR, "/create-tileset", "/tilesets"),
        ("art/block", TILE, "/create-isometric-tile", "/isometric-tiles"),
        ("art/knight", LONE, "/create-character-with-4-directions", "/characters"),
    ],
)
def test_the_job_is_enough(paid: Paid, asset_id: str, text: str, order: str, listing: str, named: bool) -> None:
    lose(paid, asset_id, text, order, listing)
    charged = paid.charged
    shown = next(iter(paid.emulator.personality.world.jobs))
    paid.run("jobs", "adopt", "1", "--provider-id", f"job_id={shown}" if named else shown)
    assert paid.built()[asset_id]["state"] == "ready"
    assert paid.charged == charged


def test_an_object_is_adopted_for_a_picture(paid: Paid) -> None:
    lose(paid, "art/guard", GUARD, "/create-image-pixflux-background", "/nothing")
    shown = make_object(paid)
    charged = paid.charged
    listed = paid.run("providers", "assets", "pixellab").out
    assert f"object               {shown}  barrel  (64×64, 1 direction, no spec adopts it)" in listed
    paid.run("jobs", "adopt", "1", "--provider-id", shown)
    assert paid.jobs()[0]["remote"] == {"object": shown}
    assert paid.built()["art/guard"]["state"] == "ready"
    assert paid.charged == charged


def test_an_id_of_something_else_is_told_so(paid: Paid) -> None:
    paid.spec("art/block", TILE)
    paid.built("--yes")
    taken = paid.jobs()[0]["remote"]["tile"]
    thing = make_object(paid)
    lose(paid, "art/land", PAIR, "/create-tileset", "/tilesets")
    refused = paid.run("jobs", "adopt", "2", "--provider-id", thing, expect=2).err
    assert f"{thing} is object 'barrel'" in refused
    assert "nothing is decided" in refused
    assert "has" in paid.run("jobs", "adopt", "2", "--provider-id", taken, expect=2).err
    assert "two ids" in paid.run("jobs", "adopt", "2", "--provider-id", "a", "--provider-id", "b", expect=2).err
    both = ("--provider-id", "tileset=a", "--provider-id", "tileset_id=b")
    assert "two ids" in paid.run("jobs", "adopt", "2", *both, expect=2).err
    # The job of something else brings nothing for this order.
    other = next(job.id for job in paid.emulator.personality.world.jobs.values() if job.kind == "object")
    assert "nothing is decided" in paid.run("jobs", "adopt", "2", "--provider-id", f"job={other}", expect=2).err
    assert paid.jobs()[-1]["state"] == "uncertain"


def test_nobody_adopts_what_another_order_has(paid: Paid) -> None:
    paid.spec("art/blocks", BLOCKS)
    paid.built("--yes")
    taken = paid.jobs()[0]["remote"]["tile"]
    paid.spec("art/block", TILE)
    paid.emulator.faults.on("POST /create-isometric-tile", faults.reset_after_reading(), nth=0)
    paid.emulator.faults.on("GET /isometric-tiles", faults.status(405, "Method Not Allowed"))
    paid.built("--yes", expect=4)
    assert "has" in paid.run("jobs", "adopt", "3", "--provider-id", taken, expect=2).err
    assert paid.jobs()[2]["state"] == "uncertain"


def test_a_doubt_says_what_is_known_and_what_to_type(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    paid.built("--yes")
    paid.run("providers", "balance", "pixellab")
    lose(paid, "art/land", PAIR, "/create-tileset", "/tilesets")
    said = paid.run("plan").out
    assert said.count("is uncertain (job 2)") == said.count("nobody knows whether") == 1
    assert "1 step, ordered already: set/water+sand" in said
    paid.run("providers", "balance", "pixellab")
    listed = paid.run("jobs").out
    assert "generations were left, and" in listed
    assert "3 less, of which 0 are other orders" in listed
    assert "did not show it" in listed
    assert "jobs adopt 2" in listed
    [job] = paid.run("jobs", "--json").json["jobs"]
    assert len(job["signs"]) >= 2
    # Its spec is taken away: the order is still there to decide about.
    (paid.root / "art/land.asset.toml").unlink()
    assert_said_once(paid, "nothing asks for it any more")
    # The spec is there again, and broken: nobody can say what it asks for.
    paid.spec("art/land", PAIR + "wrong = 1\n")
    assert "nothing asks for it" not in assert_said_once(paid, "jobs adopt 2", expect=2)


def assert_said_once(paid: Paid, words: str, expect: int = 0) -> str:
    """A plan names the open order 2 in its row `decide`, with these words, and nowhere else."""
    said = paid.run("plan", expect=expect).out
    assert words in said
    assert said.count("job 2") == 1
    return said


def test_all_are_ordered_again_when_the_sum_was_seen(paid: Paid) -> None:
    for name in ("guard", "smith"):
        paid.spec(f"art/{name}", GUARD.replace("town guard", name))
    paid.emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading(), nth=0, count=2)
    paid.built("--yes", expect=4)
    assert paid.charged == 2
    refused = paid.run("jobs", "resubmit", "--all", expect=4)
    assert "2 jobs (2 generations at pixellab) may be charged again" in refused.err
    assert paid.run("jobs", "resubmit", expect=2).err
    assert paid.run("jobs", "resubmit", "1", "--all", expect=2).err
    paid.run("jobs", "resubmit", "--all", "--yes")
    assert paid.charged == 4
    assert [job["state"] for job in paid.jobs()] == ["cancelled", "cancelled", "exported", "exported"]
    assert "no job waits" in paid.run("jobs", "resubmit", "--all", "--yes").out


@pytest.mark.parametrize("status", [403, 404, 405, 410])
@pytest.mark.parametrize("route", ["/tilesets", "/isometric-tiles", "/objects", "/tiles-pro", "/ui-assets"])
def test_a_list_that_is_not_there_is_no_broken_line(paid: Paid, route: str, status: int) -> None:
    paid.spec("art/knight", LONE)
    paid.built("--yes")
    paid.emulator.faults.on(f"GET {route}", faults.status(status, "no"))
    answer = paid.run("providers", "assets", "pixellab")
    assert "cannot be reached" not in answer.out + answer.err
    assert answer.out.startswith("character ")


def test_everything_that_the_account_lists_is_shown(paid: Paid) -> None:
    for asset_id, text in (("art/knight", LONE), ("art/land", PAIR), ("art/block", TILE)):
        paid.spec(asset_id, text)
    paid.built("--yes")
    make_object(paid)
    rows = paid.run("providers", "assets", "pixellab", "--json").json["assets"]
    assert [(row["kind"], row["adoptable"]) for row in rows] == [
        ("character", True),
        ("tileset", True),
        ("isometric_tiles", False),
        ("object", False),
    ]
    assert rows[2]["name"] == "grass"
    # What the lists show of a lost order is what can be typed.
    shown = {row["id"] for row in rows}
    assert all(shown & set(job["remote"].values()) for job in paid.jobs())


def test_a_key_that_nothing_is_for_is_said(paid: Paid) -> None:
    paid.emulator.faults.on("GET *", faults.status(403, "Forbidden"))
    assert "does not accept the key" in paid.run("providers", "assets", "pixellab", expect=3).err


@pytest.mark.parametrize("has_daemon", [False, True])
def test_ordering_again_orders_nothing_else(
    paid: Paid, has_daemon: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid.spec("art/icons", ICONS)
    paid.emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading(), nth=0)
    paid.built("--yes", expect=4)
    before = paid.charged
    paid.spec("art/icons", ICONS + '[[items]]\nname = "helmet"\n[[items]]\nname = "boots"\n')
    with running_daemon(paid, tmp_path, monkeypatch) if has_daemon else nullcontext():
        assert "health_potion, 1 generation) may be charged" in paid.run("jobs", "resubmit", "1", expect=4).err
        answer = paid.run("jobs", "resubmit", "1", "--yes", "--json", expect=4).json
    assert paid.charged == before + 1, "the price of one was shown, and two more items wait for their approval"
    [asset] = answer["assets"]
    assert "art/icons costs 2 generations" in asset["error"]["message"]


def test_what_is_offered_for_an_order_that_nothing_asks_for_works(paid: Paid) -> None:
    for name in ("guard", "smith", "baker"):
        paid.spec(f"art/{name}", GUARD.replace("town guard", name))
    paid.emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading(), nth=0, count=3)
    paid.built("--yes", expect=4)
    for name in ("guard", "smith"):
        (paid.root / f"art/{name}.asset.toml").unlink()
    remote = iter(paid.emulator.personality.world.jobs)
    for command in ("plan", "spend"):
        rows = paid.run(command, "--json").json["decide"]
        offered = {row["asset"]: [way.split()[2] for way in row["ways"]] for row in rows}
        assert offered == {
            "art/baker": ["adopt", "abandon", "resubmit"],
            "art/guard": ["adopt", "abandon"],
            "art/smith": ["adopt", "abandon"],
        }
    ways = [way for row in rows for way in row["ways"] if row["asset"] == "art/guard" and "adopt" in way]
    ways += [way for row in rows for way in row["ways"] if row["asset"] == "art/smith" and "abandon" in way]
    ways += [f"{way} --yes" for row in rows for way in row["ways"] if "resubmit" in way]
    for way in ways:
        paid.run(*way.replace("--provider-id ID", f"--provider-id {next(remote)}").split()[1:])
    assert [job["state"] for job in paid.jobs() if job["state"] == "uncertain"] == []


@pytest.mark.parametrize("has_daemon", [False, True])
def test_what_nothing_asks_for_any_more_is_not_ordered_again(
    paid: Paid, has_daemon: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("guard", "smith"):
        paid.spec(f"art/{name}", GUARD.replace("town guard", name))
    paid.emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading(), nth=0, count=2)
    paid.built("--yes", expect=4)
    paid.spec("art/guard", GUARD)
    (stray,) = (str(job["id"]) for job in paid.jobs() if job["asset"] == "art/guard")
    with running_daemon(paid, tmp_path, monkeypatch) if has_daemon else nullcontext():
        refused = paid.run("jobs", "resubmit", stray, "--yes", expect=2).err
        assert f"jobs abandon {stray}" in refused
        assert {job["state"] for job in paid.jobs()} == {"uncertain"}, "nothing is decided by halves"
        answer = paid.run("jobs", "resubmit", "--all", "--yes")
    assert f"note: job {stray}" in answer.err
    assert paid.charged == 3
    paid.run("jobs", "resubmit", "--all", "--yes", expect=2)


@pytest.mark.parametrize("has_daemon", [False, True])
def test_what_the_budget_has_no_room_for_is_not_given_up(
    make: Make, emulator: Server, has_daemon: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = make(emulator, '[budget]\npixellab = { unit = "generations", per_day = 3 }')
    for name in ("guard", "smith"):
        paid.spec(f"art/{name}", GUARD.replace("town guard", name))
    emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading(), nth=0, count=2)
    paid.built(expect=4)
    with running_daemon(paid, tmp_path, monkeypatch) if has_daemon else nullcontext():
        assert "costs 2 generations; 2 of the budget of 3" in paid.run("jobs", "resubmit", "--all", expect=4).err
        assert {job["state"] for job in paid.jobs()} == {"uncertain"}
        paid.run("jobs", "resubmit", "1", "--yes")
        paid.run("jobs", "resubmit", "2", "--yes", expect=4)
    assert [job["state"] for job in paid.jobs()] == ["cancelled", "uncertain", "exported"]
    assert paid.charged == 3


@contextmanager
def running_daemon(paid: Paid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    control.start_daemon(paid.root)
    try:
        yield
    finally:
        control.stop_daemon(paid.root)
