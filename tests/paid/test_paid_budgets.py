"""Budgets and limits in every unit: what is automatic, what is asked, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bridge.media.images import encode_png
from bridge.orders.journal import Journal
from bridge.orders.tables.accounts import RequestWindow
from bridge.providers.sprixen import SprixenProvider
from tests.emulator import OBSERVED, Emulator, PixelLab, faults, pixelengine, sprixen
from tests.emulator.pictures import figure
from tests.emulator.sprixen_world import Style
from tests.paid.conftest import GUARD, Make, Paid, Server
from tests.paid.shops import SHOPS, Actor, Customer, DaemonActor, WatchActor

GENERATIONS = '[budget]\npixellab = { unit = "generations", per_day = 2 }'
ENHANCED = (
    'kind = "animation"\nprovider = "pixelengine"\nsource = "art/knight.png"\naction = "waves"\nframes = 4\n'
    "enhance = true\n"
)
ROCK = 'kind = "sprite"\nprovider = "sprixen"\ndescription = "mossy rock"\nsize = [32, 32]\n'
LAND = """\
kind = "map"
provider = "sprixen"
description = "green meadow"
size = [12, 10]
projection = "isometric"
pack = "Fantasy Terrain"
edits = ["add a river"]
"""


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for shop in SHOPS.values():
        monkeypatch.setenv(*shop.key)


def reached(**urls: str) -> str:
    """Tables of the project file."""
    return "".join(f'[providers.{name}]\nbase_url = "{url}"\n' for name, url in urls.items())


@pytest.fixture
def dollars() -> Iterator[Server]:
    """An account without a subscription."""
    with Emulator(PixelLab(OBSERVED, unit="usd", credits=10.0)) as running:
        yield running


def with_guards(paid: Paid, count: int) -> Paid:
    for number in range(count):
        paid.spec(f"art/guard_{number}", GUARD.replace("town guard", f"guard number {number}"))
    return paid


def test_an_account_that_pays_in_dollars_buys_nothing_by_a_budget_in_generations(make: Make, dollars: Server) -> None:
    paid = with_guards(make(dollars, GENERATIONS), 5)
    results = paid.built(expect=4)
    assert {result["error"]["code"] for result in results.values()} == {"needs_approval"}
    assert "in usd: it is in generations" in results["art/guard_0"]["error"]["hint"], (
        "a budget that is there is not advised"
    )
    assert dollars.ledger.total("usd") == 0
    plan = paid.run("plan", "--json").json
    assert [(row["unit"], row["amount"], row["verdict"]) for row in plan["providers"]] == [("usd", "0.085", "ask")]
    assert "the budget is in generations" in paid.run("plan").out
    paid.built("art/guard_0", "--yes")
    assert dollars.ledger.total("usd") == 0.0079


@pytest.mark.parametrize("make_actor", [WatchActor, DaemonActor])
def test_nor_do_watch_and_the_daemon(make: Make, dollars: Server, make_actor: Callable[[Customer], Actor]) -> None:
    paid = with_guards(make(dollars, GENERATIONS), 3)
    actor = make_actor(_customer(paid))
    actor.save()
    actor.stop()
    assert dollars.ledger.total("usd") == 0


def _customer(paid: Paid) -> Customer:
    customer = object.__new__(Customer)
    customer.root, customer.shop, customer.emulator = paid.root, SHOPS["pixellab"], paid.emulator
    return customer


def test_a_cap_in_dollars_holds(make: Make, dollars: Server) -> None:
    paid = with_guards(make(dollars, '[budget]\npixellab = { unit = "usd", per_day = 0.02 }'), 4)
    paid.built(expect=4)
    assert 0 < dollars.ledger.total("usd") <= 0.02
    assert paid.run("spend", "--json").json["sums"][0]["provider"] is None, "dollars are dollars everywhere"


def test_what_is_left_of_a_subscription_is_used_up_before_dollars(make: Make) -> None:
    with Emulator(PixelLab(OBSERVED, credits=2.0)) as emulator:
        paid = with_guards(make(emulator, '[budget]\npixellab = { unit = "generations", per_day = 50 }'), 3)
        paid.built(expect=None)
        assert emulator.ledger.total("generations") == 2


def test_credits_of_two_providers_are_two_currencies(make: Make, emulator: Server) -> None:
    with (
        Emulator(pixelengine.PixelEngine(job_seconds=0.0)) as engine,
        Emulator(sprixen.Sprixen(job_seconds=0.0)) as sprites,
    ):
        tables = (
            f'[providers.pixelengine]\nbase_url = "{engine.url}"\n[providers.sprixen]\nbase_url = "{sprites.url}"\n'
        )
        paid = make(emulator, tables)
        paid.write("art/knight.png", encode_png(figure("knight", (32, 32), share=70)))
        paid.spec("art/wave", ENHANCED.replace("enhance = true\n", ""))
        paid.spec("art/rock", ROCK)
        paid.spec("art/guard", GUARD)
        results = paid.built("--yes", "--max-cost", "credits=20", expect=4)
        assert {name: result["state"] for name, result in results.items()} == {
            "art/wave": "ready", "art/rock": "ready", "art/guard": "needs_approval",
        }  # fmt: skip
        assert "--max-cost pixellab:generations=N" in results["art/guard"]["error"]["hint"]
        paid.spec("art/stone", ROCK.replace("rock", "stone"))
        paid.built("art/stone", "--yes", "--max-cost", "sprixen:credits=0.5", expect=4)
        paid.built("art/stone", "--yes", "--max-cost", "pixelengine:credits=20", expect=4)
        assert sprites.ledger.total("credits") == 1
        rows = paid.run("spend", "--by", "day", "--json").json["rows"]
        assert sorted((row["provider"], row["charged"]) for row in rows) == [("pixelengine", "20"), ("sprixen", "1")]


def test_free_steps_at_a_provider_wait_for_the_approval(make: Make, emulator: Server) -> None:
    with Emulator(pixelengine.PixelEngine(job_seconds=0.0)) as engine:
        paid = make(emulator, reached(pixelengine=engine.url))
        paid.write("art/knight.png", encode_png(figure("knight", (32, 32), share=70)))
        paid.spec("art/wave", ENHANCED)
        assert paid.built(expect=4)["art/wave"]["error"]["code"] == "needs_approval"
        assert not engine.ledger.requests("POST /enhance-prompt")
        paid.built("--yes")
        assert len(engine.ledger.requests("POST /enhance-prompt")) == 1


def test_an_order_of_unknown_price_stops_the_budget_until_it_is_settled(make: Make, emulator: Server) -> None:
    with Emulator(sprixen.Sprixen(Style(edit_price=4.0), job_seconds=0.0)) as sprites:
        budget = '[budget]\nsprixen = { unit = "credits", per_day = 9 }\n'
        paid = make(emulator, reached(sprixen=sprites.url) + budget)
        paid.spec("art/land", LAND)
        paid.built("--yes", expect=None)
        row = paid.run("spend", "--json").json["rows"][0]
        assert (row["unknown"], row["charged"]) == (2, "0")
        paid.spec("art/rock", ROCK)
        (result,) = paid.built("art/rock", expect=4).values()
        assert result["error"]["code"] == "over_budget"
        decide = paid.run("spend", "--json").json["decide"]
        assert [row["ways"] for row in decide] == [
            [f"assetbridge jobs settle {row['job']} --charged N"] for row in decide
        ]
        for row in decide:
            paid.run("jobs", "settle", str(row["job"]), "--charged", "4")
        assert not paid.run("spend", "--json").json["decide"]
        paid.built("art/rock")
        assert paid.run("spend", "--json").json["rows"][0]["charged"] == "9"


def test_what_only_a_person_can_decide_is_shown_with_what_to_type(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    paid.emulator.faults.on("POST /create-image-pixflux-background", faults.reset_after_reading())
    paid.built("--yes", expect=4)
    for words in ("plan", "spend"):
        (row,) = paid.run(words, "--json").json["decide"]
        assert (row["job"], row["state"], row["price"]) == (1, "uncertain", {"unit": "generations", "amount": "1"})
        assert "assetbridge jobs abandon 1" in paid.run(words).out
    paid.run("jobs", "abandon", "1")
    assert not paid.run("spend", "--json").json["decide"]
    (row,) = paid.run("plan", "--json").json["decide"]
    assert row["ways"] == ["assetbridge build art/guard --yes"]
    paid.emulator.faults.clear()
    paid.built("--yes")
    assert not paid.run("plan", "--json").json["decide"]


def fill_minute(paid: Paid) -> None:
    """Notes as many requests as sent just now as leave room for one more in this minute."""
    per_minute = SprixenProvider.limits.per_minute
    assert per_minute is not None
    journal = Journal(paid.root)
    account = journal.jobs.list_all()[0].account
    window = RequestWindow(journal.clock.now(), 60.0, per_minute - 1)
    while journal.accounts.take_turn("sprixen", account, window) == 0:
        pass
    journal.close()


def test_a_balance_keeps_the_pace(make: Make, emulator: Server) -> None:
    with Emulator(sprixen.Sprixen(job_seconds=0.0, per_minute=60)) as sprites:
        paid = make(emulator, reached(sprixen=sprites.url))
        paid.spec("art/rock", ROCK)
        paid.built("--yes")
        fill_minute(paid)
        notes = [paid.run("providers", "balance", "sprixen", "--json").json["balances"][0]["note"] for _ in range(2)]
        assert notes[0] == ""
        assert "asks to wait" in notes[1]
        assert not [row for row in sprites.ledger.rows if row.status == 429]


def test_an_approved_plan_is_not_the_one_after_it_failed(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    before = paid.run("plan", "--json").json
    paid.emulator.faults.on("POST /create-image-pixflux-background", faults.status(400, "no"))
    paid.built("--yes", expect=None)
    after = paid.run("plan", "--json").json
    assert before["digest"] != after["digest"]
    (step,) = (step for asset in after["assets"] for step in asset["steps"])
    assert step["ended"] == 1
    assert "was refused by pixellab (job 1)" in paid.run("plan").out
