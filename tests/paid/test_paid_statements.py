"""`spend --remote`: what the providers say they charged, beside the ledger; nothing is written."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.core.paths import JOURNAL_FILE
from bridge.media.images import encode_png
from tests.emulator import Emulator, faults
from tests.emulator import sprixen as sprixen_service
from tests.emulator.pictures import figure
from tests.emulator.pixelengine import KEY, PixelEngine
from tests.paid.conftest import GUARD, Make, Paid, Server

CLIP = 'kind = "animation"\nprovider = "pixelengine"\nsource = "art/knight.png"\naction = "waves"\nframes = 4\n'
ROCK = 'kind = "sprite"\nprovider = "sprixen"\ndescription = "mossy rock"\nsize = [32, 32]\n'


class Books:
    """A project that has bought at three services, and what `spend --remote` says."""

    def __init__(self, paid: Paid, engine: Emulator[PixelEngine], sprixen: Emulator[sprixen_service.Sprixen]) -> None:
        self.paid, self.engine, self.sprixen = paid, engine, sprixen

    def rows(self, *words: str, expect: int = 0) -> dict[tuple[str, str], dict[str, Any]]:
        """The rows by provider and unit."""
        document = self.paid.run("spend", "--remote", "--json", *words, expect=expect).json
        return {(row["provider"], row["unit"]): row for row in document["rows"]}


@pytest.fixture
def books(make: Make, emulator: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    monkeypatch.setenv("PIXELENGINE_API_KEY", KEY)
    monkeypatch.setenv("SPRIXEN_API_KEY", sprixen_service.KEY)
    monkeypatch.delenv("PIXELDOJO_API_KEY", raising=False)
    with Emulator(PixelEngine(epoch=datetime.now(UTC))) as engine, Emulator(sprixen_service.Sprixen()) as sprites:
        tables = (
            f'[providers.pixelengine]\nbase_url = "{engine.url}"\n[providers.sprixen]\nbase_url = "{sprites.url}"\n'
        )
        paid = make(emulator, tables)
        paid.write("art/knight.png", encode_png(figure("knight", (32, 32), share=70)))
        paid.spec("art/guard", GUARD)
        paid.built("--yes")
        # What the balances fall by is known from here on.
        paid.run("providers", "balance")
        paid.spec("art/captain", GUARD.replace("town guard", "captain"))
        paid.spec("art/wave", CLIP)
        paid.spec("art/rock", ROCK)
        paid.built("--yes")
        yield Books(paid, engine, sprites)


def test_books_that_agree_show_no_difference(books: Books) -> None:
    rows = books.rows()
    engine = rows["pixelengine", "credits"]
    assert engine["statement"] == {"used": "20", "refunded": "0", "added": "0", "orders": 1}
    assert (engine["here"]["charged"], engine["there"], engine["difference"]) == ("20", "20", "0")
    assert engine["balance"] == "1680"
    sprixen = rows["sprixen", "credits"]
    assert (sprixen["here"]["charged"], sprixen["there"], sprixen["difference"]) == ("1", "1", "0")
    assert sprixen["statement"] is None
    assert "balance only" in sprixen["note"]
    lab = rows["pixellab", "generations"]
    assert (lab["here"]["charged"], lab["there"], lab["difference"]) == ("1", "1", "0")


def test_what_somebody_else_bought_is_a_difference(books: Books) -> None:
    for job in list(books.engine.personality.world.jobs.values()):
        books.engine.personality.world.jobs["by hand"] = job
    books.sprixen.personality.world.accounts[sprixen_service.KEY].left -= 7
    rows = books.rows()
    assert rows["pixelengine", "credits"]["difference"] == "20"
    assert rows["sprixen", "credits"]["difference"] == "7"
    text = books.paid.run("spend", "--remote").out
    assert "difference 20" in text
    assert "difference 7" in text


def test_nothing_is_written_but_when_it_was_asked(books: Books) -> None:
    def state() -> dict[str, str]:
        files = {
            path.relative_to(books.paid.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(books.paid.root.rglob("*"))
            if path.is_file() and not path.name.startswith(("state.db", "journal.db"))
        }
        with closing(sqlite3.connect(books.paid.root / JOURNAL_FILE)) as journal:
            tables = [name for (name,) in journal.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            content = {name: repr(journal.execute(f"SELECT * FROM {name}").fetchall()) for name in tables}
            content["pace"] = repr(journal.execute("SELECT provider, balance, balance_at FROM pace").fetchall())
        return files | content

    books.rows()
    before = state()
    first = books.rows()
    assert books.rows() == first
    assert state() == before


def test_days_are_those_of_the_provider_too(books: Books) -> None:
    rows = books.rows("--from", "2020-01-01", "--to", "2020-12-31")
    engine = rows["pixelengine", "credits"]
    assert (engine["from"], engine["to"]) == ("2020-01-02", "2020-12-31"), "it tells of 365 days at most"
    assert (engine["here"]["charged"], engine["there"]) == ("0", "0")


def test_who_does_not_answer_is_named_and_the_others_are_shown(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPRIXEN_API_KEY")
    books.engine.faults.on("GET /billing", faults.status(400, "no wallet"))
    rows = books.rows(expect=3)
    assert rows["sprixen", "credits"]["there"] is None
    assert "key" in rows["sprixen", "credits"]["note"]
    assert rows["pixelengine", "credits"]["here"]["charged"] == "20"
    assert "cannot be asked" in rows["pixelengine", "credits"]["note"]
    assert rows["pixellab", "generations"]["difference"] == "0"


def test_who_tells_nothing_is_no_failure(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELDOJO_API_KEY", "nobody_asks_with_it")
    row = books.rows()["pixeldojo", ""]
    assert (row["there"], row["difference"], row["balance"]) == (None, None, None)
    assert "does not say" in row["note"]


@pytest.mark.parametrize(
    "words",
    [("--remote", "--by", "asset"), ("--from", "2026-13-01"), ("--from", "2026-03-02", "--to", "2026-03-01")],
)
def test_what_cannot_be_asked_is_said(paid: Paid, words: tuple[str, ...]) -> None:
    answer = paid.run("spend", *words, "--json", expect=2)
    assert json.loads(answer.out or answer.err)["error"]["code"] == "usage"


def test_a_project_without_keys_says_so(paid: Paid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIXELLAB_API_KEY")
    assert "no keys" in paid.run("spend", "--remote").out
