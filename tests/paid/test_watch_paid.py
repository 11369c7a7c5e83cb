"""A watched project that may buy: inside a budget by itself, beyond it never, and free art does not wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bridge.config.project_config import read_config
from bridge.watch.session import WatchSession
from tests.paid.conftest import GUARD, Make, Paid, Server

BUDGET = '[budget]\npixellab = { unit = "generations", per_day = 1 }'
ROCK = 'kind = "sprite"\nprovider = "procedural"\ndescription = "mossy boulder"\nsize = [16, 16]\n'


@contextmanager
def session(paid: Paid, told: list[dict[str, Any]]) -> Iterator[WatchSession]:
    """A session that owns the project; what it tells is added to `told`."""
    opened = WatchSession(read_config(paid.root), lambda event: told.append(event.as_dict()))
    try:
        with opened.project.owned():
            yield opened
    finally:
        opened.close()


def subjects(told: list[dict[str, Any]], name: str) -> list[str]:
    return [event["id"] for event in told if event["event"] == name]


def test_inside_a_budget_it_buys_once_and_builds_free_art_first(make: Make, emulator: Server) -> None:
    paid = make(emulator, BUDGET)
    paid.spec("art/guard", GUARD)
    paid.spec("art/rock", ROCK)
    told: list[dict[str, Any]] = []
    with session(paid, told) as watched:
        watched.build()
        assert subjects(told, "asset") == ["art/rock", "art/guard"]
        assert paid.charged == 1
        paid.replace("art/guard.asset.toml", "size", "pick = 1\nsize")
        watched.build_changes(frozenset({"art/guard.asset.toml"}))
        assert paid.charged == 1


def test_beyond_the_budget_it_says_so_once_and_goes_on_with_the_rest(make: Make, emulator: Server) -> None:
    paid = make(emulator, BUDGET)
    paid.spec("art/guard", GUARD)
    told: list[dict[str, Any]] = []
    with session(paid, told) as watched:
        watched.build()
        paid.replace("art/guard.asset.toml", "town guard", "night watch")
        watched.build_changes(frozenset({"art/guard.asset.toml"}))
        assert subjects(told, "error") == ["art/guard"]
        assert told[-2]["error"]["code"] == "over_budget"
        paid.spec("art/rock", ROCK)
        watched.build_changes(frozenset({"art/rock.asset.toml"}))
        assert subjects(told, "error") == ["art/guard"]
        assert subjects(told, "asset")[-1] == "art/rock"
        assert paid.charged == 1
        paid.replace("art/guard.asset.toml", "night watch", "town guard")
        watched.build_changes(frozenset({"art/guard.asset.toml"}))
        assert subjects(told, "cleared") == ["art/guard"]
        assert paid.charged == 1


def test_a_new_budget_lets_it_buy_what_waited(make: Make, emulator: Server) -> None:
    paid = make(emulator)
    paid.spec("art/guard", GUARD)
    told: list[dict[str, Any]] = []
    with session(paid, told) as watched:
        watched.build()
        assert [event["error"]["code"] for event in told if event["event"] == "error"] == ["needs_approval"]
        assert paid.charged == 0
        text = (paid.root / "assetbridge.toml").read_text()
        paid.write("assetbridge.toml", f"{text}\n{BUDGET}\n")
        watched.build_changes(frozenset({"assetbridge.toml"}))
        assert subjects(told, "cleared") == subjects(told, "asset") == ["art/guard"]
        assert paid.charged == 1
