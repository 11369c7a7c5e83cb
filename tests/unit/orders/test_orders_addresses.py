"""Addresses of delivered pictures: which are kept, how long they count, and for whom."""

from __future__ import annotations

import io
import sqlite3
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bridge.media.images import encode_png, pixel_hash
from bridge.orders import kept_urls
from bridge.orders.journal import Journal
from bridge.orders.model import JobState, KeptUrl, OrderRequest
from bridge.providers.api import Price, ResultFile, ResultUrl, Step, StepResult
from tests.unit.orders.shop import FakeClock

API = "https://api.example.com/v1"
HERE = "http://127.0.0.1:9000/v1"
PIXELS = np.full((4, 4, 4), 255, np.uint8)
PNG = encode_png(PIXELS)
HASH = pixel_hash(PIXELS)


def kept(url: str, data: bytes = PNG, kind: str = "image/png", lives: float | None = None, api: str = API) -> list[str]:
    """The addresses that are kept of a file."""
    result = StepResult((ResultFile("a", kind, data, ResultUrl(url, lives)),))
    return [place.url for place in kept_urls.urls_of_result(result, 1000.0, api)]


def clip() -> bytes:
    """A GIF of two frames."""
    buffer = io.BytesIO()
    frames = [Image.fromarray(np.full((4, 4, 3), shade, np.uint8)) for shade in (0, 255)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def test_what_is_kept_is_the_address_of_a_picture() -> None:
    assert kept("https://files.example.com/a.png?token=x") == ["https://files.example.com/a.png?token=x"]
    assert kept("/public/a.png") == ["https://api.example.com/public/a.png"]
    assert kept("https://x/a.gif", clip(), "image/gif") == []
    assert kept("https://x/a.mp4", b"\0\0\0 ftyp", "video/mp4") == []
    assert kept("https://x/a.png", b"no picture") == []
    result = StepResult((ResultFile("a", "image/png", PNG),))
    assert kept_urls.urls_of_result(result, 0.0, API) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.com/a.png",
        "//files.example.com/a.png",
        "https://user:word@files.example.com/a.png",
        "https:///a.png",
        "https://[/a.png",
        "https://x/a b.png",
        "https://x/\n.png",
        "https://x/ä.png",
        "file:///etc/passwd",
        "https://x/" + "a" * 3000,
        "http://127.0.0.1:9000/a.png",
        "",
    ],
)
def test_what_nobody_could_fetch_is_not_kept(url: str) -> None:
    assert kept(url) == []


def test_a_stand_in_on_this_machine_serves_another_only() -> None:
    assert kept("http://127.0.0.1:9000/a.png", api=HERE) == ["http://127.0.0.1:9000/a.png"]
    assert kept_urls.is_reachable("http://127.0.0.1:9000/a.png", "http://localhost:1/v1")
    assert not kept_urls.is_reachable("http://127.0.0.1:9000/a.png", API)
    assert kept_urls.is_reachable("https://files.example.com/a.png", HERE)


def delivered(journal: Journal, *places: KeptUrl, name: str = "image/1") -> None:
    """A job that ends with these addresses."""
    step = Step(name, "shop", "draw", {}, price=Price("coins", Decimal(1)))
    job = journal.jobs.plan(OrderRequest("art/hero", step, f"f1:{name}"))
    for state in (JobState.APPROVED, JobState.SUBMITTED, JobState.FETCHING):
        job = journal.jobs.move(job, state)
    journal.jobs.move(job, JobState.STORED, result="r", addresses=places)


def test_an_address_counts_while_it_is_known_to_live_long_enough(tmp_path: Path) -> None:
    clock = FakeClock()
    journal = Journal(tmp_path, clock=clock)
    soon, never = "https://x/soon", "https://x/never"
    delivered(journal, KeptUrl(HASH, soon, clock.now() + 3600), KeptUrl(HASH, never))
    assert [place.url for place in kept_urls.list_live_urls(journal, HASH, API)] == [never, soon]
    assert kept_urls.list_live_urls(journal, "0" * 64, API) == []
    clock.time += 3600 - kept_urls.MARGIN
    assert [place.url for place in kept_urls.list_live_urls(journal, HASH, API)] == [never]
    # What has ended is not kept: it may be signed.
    clock.time += 3600
    delivered(journal, name="image/2")
    assert [place.url for place in journal.kept_urls.list_for(HASH)] == [never]
    journal.kept_urls.forget(never)
    assert journal.kept_urls.list_for(HASH) == []


def test_an_address_is_shown_nowhere(tmp_path: Path) -> None:
    journal = Journal(tmp_path, clock=FakeClock())
    place = KeptUrl(HASH, "https://x/?token=secret")
    delivered(journal, place)
    file = ResultFile("a", "image/png", PNG, ResultUrl("https://x/?token=secret"))
    said = [
        repr(place),
        repr(file),
        repr(journal.jobs.list_all()),
        repr([event.as_dict() for event in journal.events.list_after()]),
    ]
    assert not [text for text in said if "secret" in text]


def test_a_journal_of_an_earlier_version_learns_of_addresses(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    with sqlite3.connect(tmp_path / ".assetbridge/journal.db") as database:
        database.execute("DROP TABLE address")
        database.execute("DELETE FROM migration WHERE name = 'm004_addresses'")
    assert Journal(tmp_path).kept_urls.list_for(HASH) == []
