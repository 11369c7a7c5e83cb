"""Results that arrive damaged, at every provider and of every kind: once, and for good."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from bridge.core.waits import MOST_DAMAGED_ARRIVALS
from bridge.providers.result_check import find_damage
from bridge.store import results
from tests.contract.market import MIDNIGHT, STALLS, Chain, Market, QuickClock
from tests.emulator import payloads
from tests.emulator.faults import Fault
from tests.emulator.http import Response
from tests.emulator.pictures import figure, png
from tests.unit.providers import pixeldojo_samples, pixelengine_samples, pixellab_samples, sprixen_samples

SAMPLES: Mapping[str, tuple[Mapping[str, str], Mapping[str, bytes]]] = {
    "pixellab": (
        # What is adopted has to be in the account first.
        {name: text for name, text in pixellab_samples.SPECS.items() if "adopt" not in text},
        pixellab_samples.FILES,
    ),
    "pixelengine": (pixelengine_samples.SPECS, pixelengine_samples.FILES),
    "pixeldojo": (pixeldojo_samples.SPECS, pixeldojo_samples.FILES),
    "sprixen": ({name: text for name, text in sprixen_samples.SPECS.items() if name != "refined"}, {}),
}
# Their pictures stand in the answer to the order: there is nothing that could be fetched again.
ANSWERED = {
    ("pixellab", kind)
    for kind in (
        "sprite",
        "bitforge",
        "items",
        "edit",
        "turnaround",
        "view",
        "animation",
        "skeleton",
        "poses",
        "estimate",
    )
}
EVERY = 11
# A character's pictures come by addresses and then in its archive; a map's come one after the other.
MOST_FILES = 12


def spoil(data: bytes) -> bytes:
    """The same length, and nothing of it can be decoded behind the first bytes."""
    head, tail = data[:24], data[-12:]
    return head + bytes(byte ^ 0x5A for byte in data[24:-12]) + tail


def other_kind(data: bytes) -> bytes:
    """A file that is whole, and of another kind."""
    return b"%PDF-1.4\n%%EOF\n" if data[:4] != b"%PDF" else png(figure("x", (8, 8)))


DAMAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "html": lambda _data: payloads.HTML_PAGE,
    "spoilt": spoil,
    "truncated": lambda data: data[: len(data) // 2],
    "empty": lambda _data: b"",
    "other kind": other_kind,
}
_FILES = ("image/", "audio/", "video/", "application/zip", "application/xml", "application/octet-stream")


@dataclasses.dataclass
class Damager:
    """Changes the files in answers: the first `left` answers that hold any. struck: how many it changed."""

    change: Callable[[bytes], bytes]
    left: int
    struck: int = 0

    def __call__(self, response: Response) -> Response:
        if self.struck >= self.left or response.status != 200:
            return response
        if response.content_type.startswith(_FILES):
            damaged = dataclasses.replace(response, body=self.change(response.body))
            is_struck = damaged.body != response.body
        else:
            damaged = payloads.with_pictures(response, self.change)
            # Written anew, an answer without pictures is another text too.
            is_struck = damaged.body != payloads.with_pictures(response, lambda data: data).body
        if is_struck:
            self.struck += 1
        return damaged


def bought_chain(name: str, kind: str) -> Chain:
    texts, files = SAMPLES[name]
    stall = dataclasses.replace(STALLS[name], texts=(texts[kind],), files=files)
    return stall.chain(0)


def cases() -> Iterator[ParameterSet]:
    """All of them; every eleventh in the short tier."""
    kinds = [(name, kind) for name, (texts, _) in SAMPLES.items() for kind in texts]
    for number, ((name, kind), damage) in enumerate(itertools.product(kinds, DAMAGES)):
        marks = () if number % EVERY == 0 else pytest.mark.full
        yield pytest.param(name, kind, damage, marks=marks, id=f"{name}-{kind}-{damage}")


def count_charges(market: Market, name: str) -> int:
    return len(market.emulators[name].ledger.charges)


@pytest.mark.parametrize(("name", "kind", "damage"), list(cases()))
def test_what_is_damaged_once_is_right_without_another_order(tmp_path: Path, name: str, kind: str, damage: str) -> None:
    chain = bought_chain(name, kind)
    with Market(tmp_path / "whole", QuickClock(MIDNIGHT, 100), {name: STALLS[name]}) as market:
        assert market.buy([chain]) == {chain.asset: None}
        charges = count_charges(market, name)
    damager = Damager(DAMAGES[damage], 1)
    with Market(tmp_path / "damaged", QuickClock(MIDNIGHT, 100), {name: STALLS[name]}) as market:
        market.emulators[name].faults.on("*", Fault("damage", change=damager))
        first = market.buy([chain])[chain.asset]
        assert damager.struck == 1
        if (name, kind) in ANSWERED:
            assert first is not None
            assert first.code == "result_damaged"
            assert "resubmit" in first.hint
            assert "refetch" not in first.hint
            assert count_charges(market, name) <= charges
            before = count_charges(market, name)
            again = market.buy([chain])[chain.asset]
            assert again is not None
            assert count_charges(market, name) == before
            return
        assert first is None or market.buy([chain]) == {chain.asset: None}
        assert count_charges(market, name) == charges
        jobs = market.jobs()
        assert {job.state for job in jobs} == {"stored"}
        provider = STALLS[name].provider
        assert [find_damage(provider, job.step, results.load(market.store, job.result)) for job in jobs] == [""] * len(
            jobs
        )


@pytest.mark.parametrize(("name", "kind", "damage"), list(cases()))
def test_what_is_damaged_for_good_ends_and_is_kept(tmp_path: Path, name: str, kind: str, damage: str) -> None:
    chain = bought_chain(name, kind)
    damager = Damager(DAMAGES[damage], 10_000)
    with Market(tmp_path, QuickClock(MIDNIGHT, 20), {name: STALLS[name]}) as market:
        market.emulators[name].faults.on("*", Fault("damage", change=damager))
        error = market.buy([chain])[chain.asset]
        assert error is not None
        assert error.code == "result_damaged", error.message
        [job] = market.jobs("damaged")
        assert damager.struck <= MOST_DAMAGED_ARRIVALS * MOST_FILES
        kept = results.load(market.store, job.result)
        assert damage == "empty" or any(file.data for file in kept.files)
        charges, struck = count_charges(market, name), damager.struck
        # Nothing more is ordered or fetched, and the same is said.
        again = market.buy([chain])[chain.asset]
        assert again is not None
        assert (again.code, again.message) == (error.code, error.message)
        assert (count_charges(market, name), damager.struck) == (charges, struck)
