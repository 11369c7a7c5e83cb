"""Every fault does on the wire what it says, and charges exactly when it says so."""

from __future__ import annotations

import gzip
import io
import json
import socket
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.emulator import KEY, Rule, Script, faults
from tests.emulator.client import Answer
from tests.emulator.faults import Fault
from tests.emulator.lab import Lab

PICTURE = {"description": "a coin", "image_size": {"width": 32, "height": 32}}
ROUTE = "/create-image-pixflux"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(job_seconds=0) as running:
        yield running


def struck(lab: Lab, fault: Fault, timeout: float = 10.0) -> Answer:
    lab.emulator.faults.on(f"POST {ROUTE}", fault)
    return lab.client_of(KEY, timeout).post(ROUTE, PICTURE)


@pytest.mark.parametrize(
    ("make", "error", "charges"),
    [
        (faults.reset_before_reading, ConnectionResetError, 0),
        (faults.close_before_reading, (RemoteDisconnected, ConnectionResetError), 0),
        (faults.reset_after_reading, ConnectionResetError, 1),
        (faults.close_after_reading, RemoteDisconnected, 1),
        (faults.half_close, RemoteDisconnected, 1),
        (faults.half_status_line, BadStatusLine, 1),
        (faults.half_body, IncompleteRead, 1),
        (faults.wrong_length, IncompleteRead, 1),
    ],
)
def test_connections_break(lab: Lab, make: Callable[[], Fault], error: type[Exception], charges: int) -> None:
    with pytest.raises(error):
        struck(lab, make())
    assert len(lab.emulator.ledger.charges) == charges
    assert [row.fault for row in lab.emulator.ledger.rows] == [make().name]


@pytest.mark.parametrize(
    ("fault", "charges"),
    [
        (faults.hang(), 1),
        (faults.hang(executes=False), 0),
        (faults.never_reads(), 0),
        (faults.head_only(), 1),
    ],
)
def test_silence(lab: Lab, fault: Fault, charges: int) -> None:
    with pytest.raises(TimeoutError):
        struck(lab, fault, timeout=0.2)
    assert len(lab.emulator.ledger.charges) == charges


@pytest.mark.parametrize(
    ("fault", "status", "charges"),
    [
        (faults.server_error(503, charged=False), 503, 0),
        (faults.server_error(500, charged=True), 500, 1),
        (faults.status(529), 529, 0),
        (faults.too_many_requests(), 429, 0),
        (faults.html_page(200, charged=True), 200, 1),
        (faults.html_page(502), 502, 0),
        (faults.redirect(), 307, 0),
    ],
)
def test_statuses(lab: Lab, fault: Fault, status: int, charges: int) -> None:
    assert struck(lab, fault).status == status == lab.emulator.ledger.rows[-1].status
    assert len(lab.emulator.ledger.charges) == charges


def test_retry_after_comes_in_seconds_as_a_date_or_not_at_all(lab: Lab) -> None:
    lab.emulator.faults.at(0, faults.too_many_requests())
    lab.emulator.faults.at(1, faults.too_many_requests("seconds", 7))
    lab.emulator.faults.at(2, faults.too_many_requests("date", 60))
    waits = [lab.client.get("/balance").headers.get("retry-after", "") for _ in range(3)]
    assert waits[:2] == ["", "7"]
    assert parsedate_to_datetime(waits[2]).tzinfo is not None


def test_bodies_lie(lab: Lab) -> None:
    lab.emulator.faults.at(0, faults.gzip_bomb(3_000_000))
    lab.emulator.faults.at(1, faults.wrong_content_type())
    lab.emulator.faults.at(2, faults.not_json())
    lab.emulator.faults.at(3, faults.wrong_length("short"))
    lab.emulator.faults.at(4, faults.slow_drip(0.0))
    answers = [lab.client.get("/balance") for _ in range(6)]
    assert len(gzip.decompress(answers[0].body)) >= 3_000_000 > 100 * len(answers[0].body)
    assert answers[1].headers["content-type"] == "text/plain"
    for broken in answers[2:4]:
        with pytest.raises(json.JSONDecodeError):
            assert broken.json
    assert answers[4].body == answers[5].body


def test_pictures_are_cut_or_bombs(lab: Lab) -> None:
    lab.emulator.faults.on(f"POST {ROUTE}", faults.truncated_picture(), nth=0)
    lab.emulator.faults.on(f"POST {ROUTE}", faults.bomb_picture(5000), nth=1)
    cut, bomb, sound = (_picture(lab.client.post(ROUTE, PICTURE)) for _ in range(3))
    with pytest.raises(OSError, match="truncated"):
        Image.open(cut).load()
    assert Image.open(bomb).size == (5000, 5000)
    assert len(bomb.getvalue()) < 10_000
    assert Image.open(sound).size == (32, 32)


def _picture(answer: Answer) -> io.BytesIO:
    return io.BytesIO(b64decode(answer.json["image"]["base64"]))


def test_archives_leave_their_folder_and_explode(lab: Lab) -> None:
    made = lab.client.post("/create-character-with-4-directions", PICTURE).json
    path = f"/characters/{made['character_id']}/zip"
    lab.emulator.faults.at(0, faults.zip_slip())
    lab.emulator.faults.at(1, faults.zip_bomb(5_000_000))
    slip, bomb = (zipfile.ZipFile(io.BytesIO(lab.client.get(path).body)) for _ in range(2))
    assert "../outside.txt" in slip.namelist()
    assert bomb.getinfo("rotations/bomb.png").file_size >= 5_000_000


def test_ids_get_lost_and_urls_lead_inside(lab: Lab) -> None:
    lab.emulator.faults.on("POST /create-*", faults.without_ids(), nth=0)
    lost = lab.client.post("/create-character-with-4-directions", PICTURE)
    assert lost.json == {"status": "processing", "usage": None}
    assert len(lab.emulator.ledger.charges) == 1
    made = lab.client.post("/create-character-with-4-directions", PICTURE).json
    lab.emulator.faults.at(0, faults.evil_urls("http://127.0.0.1:1/x"))
    shown = lab.client.get(f"/characters/{made['character_id']}").json
    assert set(shown["rotation_urls"].values()) == {"http://127.0.0.1:1/x", None}


def test_the_closed_port_refuses(lab: Lab) -> None:
    address = urlsplit(lab.emulator.closed_url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname or "", address.port or 0), timeout=5)


def test_rules_count_matches_and_the_first_one_wins() -> None:
    broken, slow, other = Fault("broken"), Fault("slow"), Fault("other")
    script = Script([Rule(broken, "POST /a*", nth=1, count=2), Rule(slow, "POST *"), Rule(other, nth=0)])
    routes = ["POST /a", "GET /a", "POST /ab", "POST /b", "POST /a", "POST /a"]
    names = [fault.name if (fault := script.next(index, route)) else "" for index, route in enumerate(routes)]
    assert names == ["slow", "", "broken", "slow", "broken", "slow"]


def test_chance_follows_the_seed() -> None:
    def hits(seed: int) -> list[int]:
        script = Script([Rule(Fault("x"), chance=0.25)], seed)
        return [index for index in range(400) if script.next(index, "GET /")]

    assert hits(1) == hits(1) != hits(2)
    assert 60 < len(hits(1)) < 140
