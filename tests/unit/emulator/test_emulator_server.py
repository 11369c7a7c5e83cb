"""The emulator speaks HTTP/1.1, keeps a ledger, and starts and stops cleanly."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.emulator import KEY, Emulator, Ledger, PixelLab, Rule, faults
from tests.emulator.ledger import Charge, Row, digest

ROOT = Path(__file__).resolve().parents[3]


def raw(emulator: Emulator[PixelLab], data: bytes) -> bytes:
    address = urlsplit(emulator.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_connection_serves_many_requests() -> None:
    with Emulator(PixelLab()) as emulator:
        address = urlsplit(emulator.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=5)
        connection.connect()
        local = connection.sock.getsockname()
        for _ in range(3):
            connection.request("GET", "/v2/balance", headers={"authorization": f"Bearer {KEY}"})
            response = connection.getresponse()
            assert (response.status, json.loads(response.read())["credits"]["type"]) == (200, "usd")
            assert connection.sock.getsockname() == local
        connection.close()
        assert [row.route for row in emulator.ledger.rows] == ["GET /balance"] * 3


def test_a_promised_connection_can_be_dropped() -> None:
    with Emulator(PixelLab(), faults=[Rule(faults.drops_keep_alive())]) as emulator:
        answer = raw(emulator, b"GET /v2/llms.txt HTTP/1.1\r\n\r\n" * 2)
        assert b"connection: close" not in answer
        assert len(emulator.ledger.rows) == answer.count(b"HTTP/1.1 200 OK") == 1


def test_chunks_and_expectations_are_understood() -> None:
    body = json.dumps({"description": "x", "image_size": {"width": 32, "height": 32}}).encode()
    head = (
        b"POST /v2/create-image-pixflux HTTP/1.1\r\nauthorization: Bearer " + KEY.encode() + b"\r\n"
        b"content-type: application/json\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    with Emulator(PixelLab()) as emulator:
        answer = raw(emulator, head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
        assert emulator.ledger.charges_by_body() == {digest(body): 1}


@pytest.mark.parametrize(
    "data",
    [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nx"],
)
def test_what_is_no_request_gets_400(data: bytes) -> None:
    with Emulator(PixelLab()) as emulator:
        assert raw(emulator, data).startswith(b"HTTP/1.1 400 ")
        assert not emulator.ledger.rows


def test_it_comes_back_on_the_same_port() -> None:
    emulator = Emulator(PixelLab())
    with emulator:
        first = emulator.url
    with pytest.raises(ConnectionRefusedError):
        raw(emulator, b"")
    with emulator:
        assert emulator.url == first
        assert raw(emulator, b"GET /v2/balance HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 401 ")


def test_the_ledger_adds_up_and_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    rows = [
        Row(0, 0.5, "POST /a", key_ok=True, body="b1", status=200, executed=True, unit="usd", amount=0.5),
        Row(1, 0.6, "POST /a", key_ok=True, body="b1", status=0, executed=True, unit="usd", amount=0.5),
        Row(2, 0.7, "POST /a", key_ok=True, body="b1", status=0, executed=True, unit="usd", amount=-0.5),
        Row(3, 0.8, "GET /b", key_ok=False, body="", status=401, executed=True),
    ]
    for row in rows:
        ledger.append(row)
    with (tmp_path / "ledger.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"index": 4, "ti')
    assert Ledger.read(tmp_path / "ledger.jsonl").rows == tuple(rows)
    assert ledger.charges_by_body() == {"b1": 2}
    assert ledger.total("usd") == 0.5
    assert (len(ledger.charges), len(ledger.refunds), len(ledger.requests("GET /b"))) == (2, 1, 1)
    assert Ledger.read(tmp_path / "missing").rows == ()
    assert Charge("usd", 1).remote_id == ""


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    state = tmp_path / "ledger.jsonl"
    command = [sys.executable, "-m", "tests.emulator", "--state", str(state), "--fault", "500-after@GET /balance#0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().strip())
        connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
        statuses = []
        for _ in range(2):
            connection.request("GET", f"{address.path}/balance", headers={"authorization": f"Bearer {KEY}"})
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == (0 if sys.platform != "win32" else 1)
    assert statuses == [500, 200]
    assert [row.status for row in Ledger.read(state).rows] == [500, 200]
