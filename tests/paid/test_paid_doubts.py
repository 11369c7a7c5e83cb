"""Orders whose answer was lost: what is said of them, what can be adopted, and ordering all of them again."""

from __future__ import annotations

import pytest

from tests.emulator import faults
from tests.paid.conftest import BLOCKS, GUARD, LAND, Paid

TILE = 'kind = "isometric_tiles"\ntile_size = [32, 32]\n[[tiles]]\nname = "grass"\n'
PAIR = 'kind = "tileset"\ntile_size = 16\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n'


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
    lose(paid, "art/guard", GUARD, "/create-image-pixflux", "/nothing")
    refused = paid.run("jobs", "adopt", "1", "--provider-id", "abc", expect=2)
    assert "nothing is decided" in refused.err
    assert "has no id 'tileset'" in paid.run("jobs", "adopt", "1", "--provider-id", "tileset=abc", expect=2).err
    assert paid.jobs()[0]["state"] == "uncertain"


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
    assert "is uncertain (job 2)" in paid.run("plan").out
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
    assert "nothing asks for it any more" in paid.run("plan").out


def test_all_are_ordered_again_when_the_sum_was_seen(paid: Paid) -> None:
    for name in ("guard", "smith"):
        paid.spec(f"art/{name}", GUARD.replace("town guard", name))
    paid.emulator.faults.on("POST /create-image-pixflux", faults.reset_after_reading(), nth=0, count=2)
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


def test_a_list_that_is_not_there_is_no_broken_line(paid: Paid) -> None:
    paid.spec("art/land", LAND)
    paid.emulator.faults.on("GET /tilesets", faults.status(405, "Method Not Allowed"))
    assert "cannot be reached" not in paid.run("providers", "assets", "pixellab").out
