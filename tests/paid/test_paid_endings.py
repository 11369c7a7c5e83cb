"""How orders end × provider × who builds × whether failures are paid back: what is ordered, what the books say.

Whatever happens, nothing is ordered twice by itself, and the books never say less than the provider took.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.operations.decide_job import decide_job
from bridge.orders.cancel import cancel_at_provider
from bridge.orders.journal import Journal
from bridge.orders.model import Job
from bridge.project import Project
from bridge.providers import registry
from tests.emulator import Emulator, faults
from tests.emulator.faults import Fault
from tests.paid.shops import ACTORS, ROCK, SHOPS, Actor, Customer, DaemonActor, Shop, WatchActor, decide_when

ENOUGH = 10
"""Orders that a day's budget allows: what is ordered again by itself would show."""
_REPORTS = frozenset({"pixelengine", "pixeldojo"})
"""Who says what it charged; of the others the published price stands in."""


@dataclass(frozen=True, slots=True)
class Case:
    """An ending. fault: of every order, or of what `route` names. sent: how many orders reach the provider. state: of
    the asset.

    columns: by provider (`*` for the others) what the order cost: `charged`, `possible`, `held` or nothing; with
    `/kept` behind the provider's name where it keeps the money of failures. again: whether a person is asked first.
    """

    name: str
    fault: Fault | None = None
    sent: int = 1
    state: str = "failed"
    columns: dict[str, str] = field(default_factory=dict)
    again: bool = True
    only: tuple[str, ...] = tuple(SHOPS)
    route: str = ""

    def column(self, shop: str, *, refunds: bool) -> str:
        """What an order cost."""
        kept = self.columns.get(f"{shop}/kept") if not refunds else None
        return kept or self.columns.get(shop, self.columns.get("*", ""))


_BY_ITSELF = {"*": "possible", "pixeldojo": "charged"}
CASES = (
    Case("delivered", state="ready", columns={"*": "charged"}, again=False),
    Case("refused", faults.status(400, "not so")),
    Case("no credits", faults.status(402, "no credits")),
    Case("busy", faults.too_many_requests(), sent=0, again=False),
    Case("not reached", sent=0, again=False),
    Case("failed", faults.job_failed(), columns={**_BY_ITSELF, "pixelengine": "", "pixelengine/kept": "charged"}),
    Case("expired", faults.result_expired(), columns=_BY_ITSELF),
    Case("found again", faults.reset_after_reading(), state="ready", columns={"*": "charged"}, again=False,
         only=("pixellab", "pixeldojo", "sprixen")),
    Case("uncertain", faults.reset_before_reading(), state="uncertain", columns={"*": "held"}, again=False),
    Case("given up", faults.reset_before_reading(), columns={"*": "possible"}),
    Case("cancelled", faults.job_stuck(), state="cancelled", columns={**_BY_ITSELF, "pixelengine": ""}),
    Case("stopped there", faults.job_stuck(), state="cancelled", only=("pixelengine",)),
    Case("damaged", faults.truncated_files(), columns={"*": "charged"}, again=False, route="GET *"),
)  # fmt: skip


def cancel(customer: Customer, number: int) -> Job:
    with Project.open(customer.root) as project:
        return decide_job(project, lambda journal: cancel_at_provider(project.config, journal, number))


def stop_there(customer: Customer, _number: int) -> None:
    for job in customer.emulator.personality.world.jobs.values():
        job.cancelled = customer.emulator.now
        customer.emulator.personality.world.wallet.reserved -= job.credits
        job.hold = "released"


MEANWHILE: dict[str, Callable[[Customer, int], object]] = {"cancelled": cancel, "stopped there": stop_there}


@pytest.fixture(autouse=True)
def quick_and_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short, keys are those of the emulators, and what is kept for the user stays in the test's folder."""
    for shop in SHOPS.values():
        monkeypatch.setenv(*shop.key)
        provider: Any = registry.get(shop.name)
        monkeypatch.setattr(type(provider), "limits", replace(provider.limits, patience=20.0))
    monkeypatch.setattr("bridge.orders.runner.submit.seconds_until_resend", lambda *_: 0.001)
    monkeypatch.setattr("bridge.http.waits.backoff", lambda *_: 0.001)
    monkeypatch.setattr("bridge.providers.pixeldojo.catalogue.default_file", lambda: tmp_path / "user" / "models.json")


@contextmanager
def customer_of(root: Path, shop: Shop, *, refunds: bool = False, per_day: Decimal | None = None) -> Iterator[Customer]:
    with Emulator(shop.make(refunds)) as emulator:
        yield Customer(root, shop, emulator, per_day)


def live_through(customer: Customer, case: Case, make: Callable[[Customer], Actor]) -> None:
    """The ending, then saves of something else, a restart, and more saves."""
    actor = make(customer)
    deciding = MEANWHILE.get(case.name)
    thread = decide_when(customer, "running", lambda number: deciding(customer, number)) if deciding else None
    actor.save("art/thing.asset.toml")
    if thread is not None:
        thread.join()
    if case.name == "given up":
        assert customer.run("jobs", "abandon", "1", "--no-daemon") == 0
    for number in range(2):
        save_rock(customer, actor, number)
    actor.stop()
    actor = make(customer)
    actor.save()
    save_rock(customer, actor, 2)
    actor.stop()


def save_rock(customer: Customer, actor: Actor, number: int) -> None:
    customer.write("art/rock.asset.toml", ROCK.format(number))
    actor.save("art/rock.asset.toml")


def columns_of(shop: Shop, column: str) -> dict[str, str]:
    amounts = {"charged": "0", "possible": "0", "refunded": "0"}
    return amounts | ({column: f"{shop.price.normalize():f}"} if column in amounts else {})


def check(customer: Customer, case: Case, *, refunds: bool) -> None:
    """Orders, charges, books, what is left of the budget, and the state."""
    shop = customer.shop
    column = case.column(shop.name, refunds=refunds)
    if case.sent:
        assert customer.sent == case.sent
    assert customer.books() == columns_of(shop, column)
    used = customer.used().amount if customer.has_journal() else Decimal(0)
    assert used == (shop.price if column else 0)
    assert customer.kept <= used
    assert customer.state() == case.state
    assert customer.state("art/rock") == "ready"


def is_quick(case: Case, shop: str, actor: str, *, refunds: bool) -> bool:
    """A part of all that has each ending, each provider and each who builds, and in both ways what is paid back."""
    place = [one.name for one in CASES].index(case.name)
    shops = [name for name in SHOPS if name in case.only]
    return shop == shops[place % len(shops)] and actor == list(ACTORS)[(place // 2) % 4] and refunds is (place % 2 == 0)


CELLS = [
    pytest.param(
        case,
        shop,
        actor,
        refunds,
        id=f"{case.name}-{shop}-{actor}-{'refunds' if refunds else 'keeps'}",
        marks=() if is_quick(case, shop, actor, refunds=refunds) else pytest.mark.full,
    )
    for case in CASES
    for shop in case.only
    for actor in ACTORS
    for refunds in (True, False)
]


@pytest.mark.parametrize(("case", "shop", "actor", "refunds"), CELLS)
def test_an_ending_is_the_same_whoever_builds(
    tmp_path: Path, case: Case, shop: str, actor: str, refunds: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    per_day = SHOPS[shop].price * ENOUGH
    with customer_of(tmp_path / "game", SHOPS[shop], refunds=refunds, per_day=per_day) as customer:
        customer.spec()
        if case.name == "not reached":
            text = (customer.root / "assetbridge.toml").read_text(encoding="utf-8")
            customer.write("assetbridge.toml", text.replace(customer.emulator.url, customer.emulator.closed_url))
        if case.fault is not None:
            customer.emulator.faults.on(case.route or customer.shop.order, case.fault)
        live_through(customer, case, ACTORS[actor])
        check(customer, case, refunds=refunds)
        customer.emulator.faults.clear()
        capsys.readouterr()
        code = customer.run("build", "art/thing", "--json")
        (result,) = json.loads(capsys.readouterr().out)["assets"]
        if case.again:
            assert (code, result["error"]["code"]) == (4, f"order_{case.state}")
            assert f"a new order costs {customer.shop.price.normalize():f}" in result["error"]["message"]
            assert customer.sent == case.sent
            assert customer.run("build", "art/thing", "--yes") == 0
            assert customer.sent == case.sent + 1
            assert customer.state() == "ready"
        if case.name == "damaged":
            assert (code, result["error"]["code"]) == (3, "result_damaged")
            assert customer.run("build", "art/thing", "--yes") == 3, "nothing but a look at it decides"
            assert customer.run("jobs", "refetch", "1") == customer.run("build", "art/thing") == 0
            assert (customer.sent, customer.state()) == (1, "ready")
            assert customer.books() == columns_of(customer.shop, "charged")


@pytest.mark.parametrize("make", [pytest.param(WatchActor, marks=pytest.mark.full), DaemonActor])
def test_fifty_saves_after_a_failure_order_nothing(tmp_path: Path, make: Callable[[Customer], Actor]) -> None:
    with customer_of(tmp_path / "game", SHOPS["sprixen"], per_day=Decimal(100)) as customer:
        customer.spec()
        customer.emulator.faults.on(customer.shop.order, faults.job_failed())
        actor = make(customer)
        actor.save("art/thing.asset.toml")
        for number in range(50):
            save_rock(customer, actor, number)
        actor.stop()
        assert customer.sent == 1
        assert customer.state() == "failed"
        assert customer.books()["possible"] == "1"


@pytest.mark.parametrize("shop", ["sprixen", pytest.param("pixelengine", marks=pytest.mark.full)])
def test_retries_try_again_inside_the_budget_and_no_more_often(tmp_path: Path, shop: str) -> None:
    with customer_of(tmp_path / "game", SHOPS[shop], per_day=SHOPS[shop].price * ENOUGH) as customer:
        customer.spec(more="retries = 2\n")
        customer.emulator.faults.on(customer.shop.order, faults.job_failed())
        actor = DaemonActor(customer)
        actor.save("art/thing.asset.toml")
        for number in range(3):
            save_rock(customer, actor, number)
        actor.stop()
        assert customer.sent == 3
        assert customer.run("build", "--yes") == 3
        assert customer.sent == 6, "a person has approved it anew, and so may its retries"


def test_a_changed_spec_is_another_order(tmp_path: Path) -> None:
    with customer_of(tmp_path / "game", SHOPS["sprixen"], per_day=Decimal(5)) as customer:
        customer.spec()
        customer.emulator.faults.on(customer.shop.order, faults.job_failed(), nth=0)
        actor = DaemonActor(customer)
        actor.save("art/thing.asset.toml")
        customer.spec(number=2)
        actor.save("art/thing.asset.toml")
        assert customer.state() == "ready"
        customer.spec(number=1)
        actor.save("art/thing.asset.toml")
        actor.stop()
        assert customer.sent == 2, "going back to what failed orders nothing"


def test_an_order_that_two_assets_ask_for_stays_cancelled_for_both(tmp_path: Path) -> None:
    with customer_of(tmp_path / "game", SHOPS["pixelengine"], per_day=Decimal(200)) as customer:
        customer.spec("art/thing", more="seed = 5\n")
        customer.spec("art/twin", more="seed = 5\n")
        customer.emulator.faults.on(customer.shop.order, faults.job_stuck(), nth=0)
        thread = decide_when(customer, "running", lambda number: cancel(customer, number))
        customer.run("build", "--yes")
        thread.join()
        assert customer.sent == 1
        assert {customer.state("art/thing"), customer.state("art/twin")} == {"cancelled"}


def test_a_build_in_another_process_does_not_lock_cancelling_out(tmp_path: Path) -> None:
    with customer_of(tmp_path / "game", SHOPS["sprixen"], per_day=Decimal(5)) as customer:
        customer.spec()
        customer.emulator.faults.on(customer.shop.order, faults.job_stuck())
        codes: list[int] = []
        thread = decide_when(
            customer, "running", lambda number: codes.append(customer.run("jobs", "cancel", str(number)))
        )
        assert customer.run("build") == 1
        thread.join()
        assert codes == [0]
        with Journal(customer.root)._database.begin_write() as connection:
            assert connection.execute("SELECT state, ending FROM job").fetchall() == [("cancelled", "left")]
