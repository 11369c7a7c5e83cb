"""Answers of providers may be anything: what was paid for is kept, nothing is asked for ever, nothing breaks."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.core.json_text import JsonError, parse_answer, parse_json
from bridge.http.body import read_whole
from bridge.http.outcome import Answer, TransportError
from bridge.orders.journal import Journal
from bridge.providers import values
from bridge.providers.api import ResultFile, StepResult
from bridge.providers.paid import DamagedResultError, Delivered, Remote
from bridge.providers.sprixen import map_files, sheets
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from bridge.store import lockfile, results
from bridge.store.blobs import BlobStore
from bridge.store.lock_entry import LockedAsset, LockedStep
from tests.hostile.fuzz import seeds

ODD = '{"id": "job-1", "status": "completed", "usage": {"usd": %s}, "balance": %s, "credits": %s, "x": %s}'


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_numbers_that_are_none_cost_an_answer_nothing_else(number: str) -> None:
    document = parse_answer((ODD % (number, number, number, number)).encode())
    assert document["id"] == "job-1"
    assert values.number(document["credits"]) is None
    assert values.number(document["usage"]["usd"]) is None
    with pytest.raises(JsonError):
        parse_json(ODD % (number, number, number, number))


@pytest.mark.parametrize("name", seeds.SAMPLES)
@pytest.mark.parametrize("number", ["NaN", "1e999", "9" * 5000])
def test_a_balance_that_is_no_number_is_no_balance(name: str, number: str) -> None:
    named = ("total_balance", "available", "credits", "usd", "balance", "generations")
    body = "{" + ", ".join(f'"{field}": {number}' for field in named) + "}"
    balance = asyncio.run(seeds.SAMPLES[name][0].balance(_Line({"": body.encode()})))
    assert all(isinstance(amount, Decimal) and amount.is_finite() for amount in balance.amounts.values())


class _Line:
    """Free calls: answers by path, files by address."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._answers = answers
        self.asked = 0

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        return await self.download(path)

    async def download(self, url: str, *, most: int = 0) -> Answer:
        self.asked += 1
        body = self._answers.get(url, self._answers.get(""))
        if body is None:
            raise TransportError("refused", "nothing here", status=404)
        return Answer(200, {}, body)


@pytest.mark.parametrize("name", seeds.SAMPLES)
def test_an_id_is_read_whatever_stands_beside_it(name: str) -> None:
    provider, specs, files = seeds.SAMPLES[name]
    ids = ", ".join(f'"{field}": "a1"' for field in ("id", "job_id", "jobId", "api_job_id", "background_job_id"))
    body = f'{{{ids}, "x": "\\ud800", "y": NaN, "z": 1e999}}'.encode()
    accepted = [
        provider.accepted(step, Answer(200, {}, body))
        for text in specs.values()
        for step in compile_checked(provider, spec_of(text), SpecContext(files=files))
    ]
    taken = [one for one in accepted if isinstance(one, Remote) and "a1" in one.ids.values()]
    assert taken
    assert not [one for one in accepted if isinstance(one, Delivered)]


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000, b"[" + b"[]," * 2_000_000 + b"0]", b"\xff\xfe"])
def test_deep_and_endless_answers_are_no_json_in_no_time(body: bytes) -> None:
    began = time.process_time()
    assert parse_answer(body) is None
    assert time.process_time() - began < 2


def test_lone_surrogates_never_keep_a_paid_result_from_being_stored(tmp_path: Path) -> None:
    document = parse_answer(b'{"name": "\\ud83d", "inner": [{"\\udc00": "x\\ud800y"}], "fine": "\\ud83d\\ude00"}')
    assert document == {"name": "\ufffd", "inner": [{"\ufffd": "x\ufffdy"}], "fine": "\U0001f600"}
    # Whatever way one comes in: the store and the lock take it, and give it back.
    store = BlobStore(tmp_path)
    result = StepResult((ResultFile("a\ud800.png", "image/png", b"paid"),), {"said": "x\udfff"})
    kept = results.load(store, results.save(store, result))
    assert kept.files[0].data == b"paid"
    step = LockedStep("f", "pixellab", "o", "0" * 64, meta={"said": "x\udfff"})
    lock = lockfile.Lock({"art/gem": LockedAsset("sprite", "art/gem", 1, steps={"s": step})})
    assert lockfile.write(tmp_path, lock)
    assert (tmp_path / "assetbridge.lock").read_text(encoding="utf-8")


def test_the_sheet_of_a_billion_frames_is_divided_by_nobody_and_at_once() -> None:
    file = ResultFile("0.png", "image/png", seeds.picture(64, 64))
    began = time.process_time()
    assert sheets.guessed(file, 10**9, strip=True) is None
    assert sheets.guessed(file, 10**9, strip=False) is None
    assert time.process_time() - began < 2
    assert sheets.guessed(file, 4, strip=False) == (2, 2)


TILESET = b'<tileset name="a" tilewidth="8" tileheight="8"><tileset source="%s"/></tileset>'


@pytest.mark.parametrize(
    "answers",
    [
        # A tileset that leads to itself, and one that leads to ever new ones.
        {"": TILESET % b"https://x.example/again.tsx"},
        {"": TILESET % b"again.tsx"},
    ],
)
def test_an_export_that_leads_to_itself_ends_and_is_kept(answers: dict[str, bytes]) -> None:
    first = b'<map><tileset source="https://x.example/a.tsx"/></map>'
    line = _Line({**answers, "/export": first})
    with pytest.raises(DamagedResultError, match="leads to more") as caught:
        asyncio.run(map_files.exported(line, "/export"))
    assert caught.value.files[0].data == first
    assert line.asked < 20


def _pieces(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    async def give() -> AsyncIterator[bytes]:
        for start in range(0, len(data), size):
            yield data[start : start + size]

    return give()


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", ""])
def test_packed_bodies_are_bounded_before_they_are_in_memory(coding: str) -> None:
    data = gzip.compress(bytes(100_000_000), 9) if coding else bytes(2_000_000)
    with pytest.raises(TransportError) as caught:
        asyncio.run(read_whole(_pieces(data), coding, 1_000_000))
    assert caught.value.kind == "too_large"


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip"])
def test_codings_that_nobody_asked_for_are_refused(coding: str) -> None:
    with pytest.raises(TransportError) as caught:
        asyncio.run(read_whole(_pieces(b"x"), coding, 1_000_000))
    assert caught.value.kind == "refused"


def test_amounts_in_the_journal_that_are_no_numbers_are_damage_and_no_budget(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    try:
        connection = journal._database.connection
        connection.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, unit, charged, reported) VALUES "
            "(1, '2026-01-01', 1, 'p', 'a', 'x', 's', 'usd', 'NaN', 1)"
        )
        for ask in (
            lambda: journal.ledger.sum_spent("p", "usd", "2026-01-01"),
            journal.ledger.list_entries,
        ):
            with pytest.raises(Exception, match="journal is damaged") as caught:
                ask()
            assert getattr(caught.value, "code", "") == "journal_damaged"
    finally:
        journal.close()


def test_a_manifest_that_is_none_is_a_damaged_store(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    odd: list[Any] = [[], {}, {"files": 3, "meta": {}}, {"files": [], "meta": []}, {"files": [{"name": 1}], "meta": {}}]
    for data in (b"\x89PNG", b"[" * 100_000, *(json.dumps(value).encode() for value in odd)):
        sha256 = store.put(data)
        assert not results.complete(store, sha256)
        assert results.whole(store, sha256) == {}
    assert not results.complete(store, "../../etc/passwd")
