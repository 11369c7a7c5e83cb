"""The books of a day: sums across machines, and one line a number."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.core.errors import WorkFailed
from bridge.core.remote_address import parse_remote
from bridge.store.shared.bucket import Bucket
from bridge.store.shared.day_books import BookName, DayBooks, DayLine, decode_line

NAME = BookName("2026-03-01", "shop", "coins")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[DayBooks]:
    address = parse_remote(f"file://{tmp_path}")
    assert address is not None
    with ThreadPoolExecutor(4) as pool:
        yield DayBooks(Bucket(address, lambda: None), pool)


def test_the_last_line_of_an_order_counts(books: DayBooks) -> None:
    book = books.read(NAME)
    assert book.sum_others(()) == (Decimal(0), 0)
    for line in (
        DayLine("a", Decimal(3), True, "Ann", "art/rock", "image/1", "f1:1"),
        DayLine("b", Decimal(2), True),
        DayLine("c", None, True),
        DayLine("a", Decimal(1), False),
    ):
        added = books.append(book, line)
        assert added is not None
        book = added
    assert books.read(NAME).sum_others(()) == (Decimal(3), 1)
    assert books.read(NAME).sum_others({"a", "c"}) == (Decimal(2), 0)
    assert books.list_names() == [NAME]
    assert books.list_names("2026-03-02") == []


def test_of_many_who_write_the_next_line_one_does(books: DayBooks) -> None:
    empty = books.read(NAME)
    lines = [DayLine(f"key-{number}", Decimal(3), True) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = [book for book in pool.map(lambda line: books.append(empty, line), lines) if book is not None]
    assert len(won) == 1
    assert books.read(NAME, empty).sum_others(()) == (Decimal(3), 0)


def test_names_of_providers_and_units_lead_nowhere() -> None:
    assert BookName("2026-03-01", "../../claims", "a/b").folder == "days/2026-03-01/.._.._claims/a_b"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"version": 1, "key": "", "amount": "1", "held": true}',
        b'{"version": 1, "key": "a", "amount": "-1", "held": true}',
        b'{"version": 1, "key": "a", "amount": "NaN", "held": true}',
        b'{"version": 1, "key": "a", "amount": 1, "held": true}',
        b'{"version": 1, "key": "a", "amount": "1", "held": 1}',
    ],
)
def test_what_is_no_line_stops_the_book(books: DayBooks, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_line(data)
    (tmp_path / NAME.folder).mkdir(parents=True)
    (tmp_path / NAME.line_name(1)).write_bytes(data)
    with pytest.raises(WorkFailed) as caught:
        books.read(NAME)
    assert caught.value.code == "remote_damaged"
