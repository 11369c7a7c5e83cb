"""What moves of an order enter in the ledger: three columns, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.core.errors import UserError
from bridge.orders import decisions
from bridge.orders.journal import Journal
from bridge.orders.ledger import sum_by_unit, sum_entries
from bridge.orders.model import Job, JobState
from bridge.providers.api import Price
from bridge.providers.paid import Charge, Ending, Kept
from tests.unit.orders.shop import FakeClock, wish

ON_ITS_WAY = (JobState.APPROVED, JobState.SUBMITTING, JobState.SUBMITTED)
NOTHING = ("0", "0", "0")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, clock=FakeClock())


def ordered(
    journal: Journal,
    *,
    keeps: dict[Ending, Kept] | None = None,
    charge: Charge | None = None,
    price: Price | None = None,
) -> Job:
    """An order that the provider has taken."""
    job = journal.jobs.plan(wish(price=price))
    for state in ON_ITS_WAY[:-1]:
        job = journal.jobs.move(job, state, keeps=keeps or {})
    said: dict[str, Any] = {"charge": charge} if charge else {}
    return journal.jobs.move(job, JobState.SUBMITTED, remote={"job": "r1"}, **said)


def columns(journal: Journal) -> tuple[str, str, str]:
    """charged, possible, refunded of all orders."""
    rows = sum_by_unit(journal.ledger.list_entries())
    return (rows[0]["charged"], rows[0]["possible"], rows[0]["refunded"]) if rows else NOTHING


@pytest.mark.parametrize(
    ("to", "ending"),
    [
        (JobState.FAILED, Ending.FAILED),
        (JobState.EXPIRED, Ending.DROPPED),
        (JobState.EXPIRED, Ending.MISSING),
        (JobState.CANCELLED, Ending.STOPPED),
        (JobState.CANCELLED, Ending.LEFT),
    ],
)
@pytest.mark.parametrize(
    ("kept", "entered"),
    [
        (None, ("0", "3", "0")),
        (Kept.UNKNOWN, ("0", "3", "0")),
        (Kept.NO, NOTHING),
        (Kept.YES, ("3", "0", "0")),
    ],
)
def test_the_contract_says_what_a_bad_ending_costs(
    journal: Journal, to: JobState, ending: Ending, kept: Kept | None, entered: tuple[str, str, str]
) -> None:
    job = ordered(journal, keeps={ending: kept} if kept else {})
    journal.jobs.move(job, to, ending=ending)
    assert columns(journal) == entered


def test_what_was_never_sent_or_refused_costs_nothing(journal: Journal) -> None:
    for state, seed in ((JobState.CANCELLED, 1), (JobState.REJECTED, 2)):
        job = journal.jobs.move(journal.jobs.plan(wish(seed=seed)), JobState.APPROVED)
        if state is JobState.REJECTED:
            job = journal.jobs.move(job, JobState.SUBMITTING)
        journal.jobs.move(job, state)
    assert columns(journal) == NOTHING
    assert [job.ending for job in journal.jobs.list_all()] == [Ending.UNSENT, Ending.REFUSED]


def test_what_is_taken_with_the_order_is_entered_with_it(journal: Journal) -> None:
    job = ordered(journal, charge=Charge("coins", Decimal(3)))
    assert columns(journal) == ("3", "0", "0")
    assert journal.jobs.sum_reserved("shop", "coins").amount == 0
    journal.jobs.move(job, JobState.FAILED)
    assert columns(journal) == ("3", "0", "0"), "nobody says that it is given back"


@pytest.mark.parametrize("said", [Charge("coins", Decimal(0)), None])
def test_what_is_given_back_is_a_column_of_its_own(journal: Journal, said: Charge | None) -> None:
    keeps = {Ending.FAILED: Kept.NO} if said is None else {}
    job = ordered(journal, keeps=keeps, charge=Charge("coins", Decimal(3)))
    facts: dict[str, Any] = {} if said is None else {"charge": said}
    journal.jobs.move(job, JobState.FAILED, **facts)
    assert columns(journal) == ("3", "0", "3")
    assert journal.ledger.sum_spent("shop", "coins", "2027-01-15").amount == 3, "it makes no room on the same day"


def test_a_higher_charge_is_entered_by_its_difference(journal: Journal) -> None:
    job = ordered(journal, charge=Charge("coins", Decimal(3)))
    journal.jobs.move(job, JobState.FETCHING, charge=Charge("coins", Decimal(5)))
    assert columns(journal) == ("5", "0", "0")


@pytest.mark.parametrize("to", [JobState.FAILED, JobState.FETCHING])
def test_an_unknown_price_is_an_order_of_unknown_price(journal: Journal, to: JobState) -> None:
    job = journal.jobs.move(ordered(journal, price=Price("coins", None)), to)
    assert journal.jobs.sum_reserved("shop", "coins").unknown == (1 if to is JobState.FETCHING else 0)
    if to is JobState.FETCHING:
        journal.jobs.move(job, JobState.STORED, result="ab")
    (row,) = sum_by_unit(journal.ledger.list_entries())
    assert (row["unknown"], row["charged"], row["orders"]) == (1, "0", 1)
    decisions.settle_job(journal, job.id, Decimal("1.5"), None)
    (row,) = sum_by_unit(journal.ledger.list_entries())
    assert (row["unknown"], row["charged"]) == (0, "1.5")


def test_a_person_settles_an_order_for_the_day_on_which_it_was_made(journal: Journal) -> None:
    job = ordered(journal)
    with pytest.raises(UserError, match="nothing to settle"):
        decisions.settle_job(journal, job.id, Decimal(1), None)
    journal.jobs.move(job, JobState.FAILED)
    assert isinstance(journal.clock, FakeClock)
    journal.clock.time += 86400
    for charged, refunded, entered in (
        (Decimal(2), None, ("2", "0", "0")),
        (None, Decimal(2), ("2", "0", "2")),
        (Decimal(0), None, ("0", "0", "0")),
    ):
        decisions.settle_job(journal, job.id, charged, refunded)
        assert columns(journal) == entered
        assert {entry.day for entry in journal.ledger.list_entries()} == {"2027-01-15"}
    with pytest.raises(UserError, match="cannot get 1 coins back"):
        decisions.settle_job(journal, job.id, Decimal(0), Decimal(1))


def test_a_settled_price_is_no_estimate_any_more(journal: Journal) -> None:
    job = journal.jobs.move(ordered(journal), JobState.FETCHING)
    journal.jobs.move(job, JobState.STORED, result="ab")
    decisions.settle_job(journal, job.id, Decimal(2), None)
    (row,) = sum_entries(journal.ledger.list_entries(), "order")
    assert (row["name"], row["charged"], row["estimated"]) == ("1 art/rock: image/1", "2", "0")


def test_credits_of_two_providers_are_never_added_up(journal: Journal) -> None:
    ordered(journal, charge=Charge("credits", Decimal(3)))
    entries = journal.ledger.list_entries()
    both = [*entries, replace(entries[0], provider="other", job=2)]
    for by in ("provider", "asset", "day", "order"):
        assert len(sum_entries(both, by)) == 2, by
    assert len(sum_by_unit(both)) == 2
    dollars = [replace(entry, change=replace(entry.change, unit="usd")) for entry in both]
    assert [(row["provider"], row["charged"]) for row in sum_by_unit(dollars)] == [(None, "6")]
