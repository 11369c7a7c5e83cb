"""PixelLab's pictures go through its background route where the account has it, and are never paid for twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.emulator import OBSERVED, Emulator, PixelLab, Variant, faults
from tests.paid.conftest import GUARD, ICONS, Make, Paid, Server

BACKGROUND = "POST /create-image-pixflux-background"
AT_ONCE = "POST /create-image-pixflux"


def calls(emulator: Server, route: str) -> int:
    return sum(row.route == route for row in emulator.ledger.rows)


def test_a_picture_is_a_job_where_the_account_has_that(paid: Paid) -> None:
    paid.spec("art/guard", GUARD)
    paid.spec("art/icons", ICONS)
    assert {asset["state"] for asset in paid.built("--yes").values()} == {"ready"}
    assert (calls(paid.emulator, BACKGROUND), calls(paid.emulator, AT_ONCE)) == (4, 0)
    assert all(job["remote"]["job"] for job in paid.jobs())
    assert paid.charged == 4
    assert "generations, 4 orders" in paid.run("spend").out
    # Nothing is asked for again.
    paid.built()
    assert paid.charged == 4


@pytest.mark.parametrize("background", ["absent", "forbidden"])
def test_an_account_without_the_route_gets_the_picture_at_once(make: Make, background: str) -> None:
    variant = replace(OBSERVED, background=background)  # type: ignore[arg-type]
    with Emulator(PixelLab(variant)) as emulator:
        paid = make(emulator, "max_concurrent = 1")
        paid.spec("art/icons", ICONS)
        assert paid.built("--yes")["art/icons"]["state"] == "ready"
        # It is asked once, and then known.
        assert (calls(emulator, BACKGROUND), calls(emulator, AT_ONCE)) == (1, 3)
        assert paid.charged == 3
        assert [job["state"] for job in paid.jobs()] == ["exported"] * 3


def test_the_published_document_of_2025_is_enough(make: Make) -> None:
    with Emulator(PixelLab(Variant())) as emulator:
        paid = make(emulator)
        paid.spec("art/guard", GUARD)
        assert paid.built("--yes")["art/guard"]["state"] == "ready"
        assert paid.charged == 1


def test_a_route_for_something_else_is_none(paid: Paid) -> None:
    paid.emulator.faults.on(BACKGROUND, faults.status(405, "Method Not Allowed"))
    paid.spec("art/guard", GUARD)
    assert paid.built("--yes")["art/guard"]["state"] == "ready"
    assert (calls(paid.emulator, AT_ONCE), paid.charged) == (1, 1)


@pytest.mark.parametrize("status", [400, 402, 422])
def test_what_is_refused_for_another_reason_is_not_tried_elsewhere(paid: Paid, status: int) -> None:
    paid.emulator.faults.on(BACKGROUND, faults.status(status, "no"))
    paid.spec("art/guard", GUARD)
    paid.built("--yes", expect=3)
    assert (calls(paid.emulator, AT_ONCE), paid.charged) == (0, 0)


def test_a_plan_that_has_neither_is_one_refusal(paid: Paid) -> None:
    for route in (BACKGROUND, AT_ONCE):
        paid.emulator.faults.on(route, faults.status(403, "Not available for your subscription tier"))
    paid.spec("art/guard", GUARD)
    assert paid.built("--yes", expect=3)["art/guard"]["error"]["code"] == "plan_too_small"
    assert paid.charged == 0
    [job] = paid.jobs()
    assert job["state"] == "rejected"


@pytest.mark.parametrize("fault", [faults.reset_after_reading(), faults.status(500, "oops")])
def test_an_order_that_may_have_arrived_never_goes_to_the_other_route(paid: Paid, fault: faults.Fault) -> None:
    paid.emulator.faults.on(BACKGROUND, fault, nth=0)
    paid.spec("art/guard", GUARD)
    paid.built("--yes", expect=4)
    assert paid.jobs()[0]["state"] == "uncertain"
    assert (calls(paid.emulator, BACKGROUND), calls(paid.emulator, AT_ONCE)) == (1, 0)
    paid.built("--yes", expect=4)
    assert (calls(paid.emulator, BACKGROUND), calls(paid.emulator, AT_ONCE)) == (1, 0)


@pytest.mark.parametrize("named", [False, True])
def test_a_lost_picture_is_adopted_by_the_id_of_its_job(paid: Paid, named: bool) -> None:
    paid.emulator.faults.on(BACKGROUND, faults.reset_after_reading(), nth=0)
    paid.spec("art/guard", GUARD)
    paid.built("--yes", expect=4)
    shown = str(paid.emulator.ledger.charges[-1].remote_id)
    paid.run("jobs", "adopt", "1", "--provider-id", f"background_job_id={shown}" if named else shown)
    assert paid.built()["art/guard"]["state"] == "ready"
    assert paid.charged == 1
