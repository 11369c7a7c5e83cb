"""What saved files of other assets set off at a provider once something went wrong: nothing, whoever builds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator, faults, pixelengine
from tests.emulator.faults import Fault
from tests.paid.shops import ROCK, SHOPS, Actor, Customer, DaemonActor, WatchActor

ENHANCED = (
    'kind = "animation"\nprovider = "pixelengine"\nsource = "art/knight.png"\naction = "waves"\nframes = 4\n'
    "enhance = true\n"
)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for shop in SHOPS.values():
        monkeypatch.setenv(*shop.key)


def requests_after(customer: Customer, make: Callable[[Customer], Actor], saved: str) -> tuple[int, int, int]:
    """How many requests there were after the save itself, after five of another file, and after a restart and a build
    that somebody asks for."""
    ledger = customer.emulator.ledger
    actor = make(customer)
    actor.save(f"{saved}.asset.toml")
    first = len(ledger.rows)
    for number in range(5):
        customer.write("art/rock.asset.toml", ROCK.format(number))
        actor.save("art/rock.asset.toml")
    actor.stop()
    saves = len(ledger.rows)
    assert customer.state("art/rock") == "ready"
    customer.run("build")
    return first, saves, len(ledger.rows)


@pytest.mark.parametrize("make", [WatchActor, DaemonActor])
@pytest.mark.parametrize("fault", [faults.status(400, "no"), faults.not_json()], ids=["refused", "no answer"])
def test_a_free_step_that_failed_is_asked_for_by_nobody_but_a_person(
    tmp_path: Path, make: Callable[[Customer], Actor], fault: Fault
) -> None:
    shop = SHOPS["pixelengine"]
    with Emulator[Any](pixelengine.PixelEngine(job_seconds=0.0)) as emulator:
        customer = Customer(tmp_path / "game", shop, emulator, Decimal(100))
        customer.write("art/wave.asset.toml", ENHANCED)
        emulator.faults.on("POST /enhance-prompt", fault)
        first, saves, asked = requests_after(customer, make, "art/wave")
        assert customer.state("art/wave") == "failed"
        assert 0 < first == saves < asked
        emulator.faults.clear()
        assert customer.run("build") == 0
        assert customer.sent == 1


@pytest.mark.parametrize("make", [WatchActor, DaemonActor])
def test_a_lost_order_is_looked_for_once_and_not_at_every_save(
    tmp_path: Path, make: Callable[[Customer], Actor]
) -> None:
    shop = SHOPS["sprixen"]
    with Emulator[Any](shop.make(True)) as emulator:
        customer = Customer(tmp_path / "game", shop, emulator, Decimal(5))
        customer.spec("art/thing")
        emulator.faults.on(shop.order, faults.reset_before_reading())
        first, saves, asked = requests_after(customer, make, "art/thing")
        assert customer.state() == "uncertain"
        assert 0 < first == saves < asked
