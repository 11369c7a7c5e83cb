"""The adapter against the emulated Pixel Engine on a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from bridge.assemble.asset import assemble_asset
from bridge.assemble.parts import ClipPart, Part
from bridge.core.clock import SystemClock
from bridge.core.errors import CODES
from bridge.http.client import ProviderConnection
from bridge.http.outcome import Outcome, Sent
from bridge.media.images import decode_still
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Broken, Charge, Finished, Gone, Remote, Running, Status
from bridge.providers.testing import spec_of
from exporters.model.asset import Pixels, SpriteAsset
from tests.emulator import Emulator, ManualClock, faults
from tests.emulator.faults import Fault
from tests.emulator.pixelengine import KEY, OTHER_KEY, PixelEngine
from tests.emulator.pixelengine_world import KEEP_SECONDS, LINK_SECONDS
from tests.unit.providers.pixelengine_samples import ENGINE, FILES, SPECS, inputs, knight, steps

PRICES = {"animate": 20, "keyframes": 24, "retake": 24}


@dataclass
class Purchase:
    """Everything that an asset's steps came to."""

    results: dict[str, StepResult] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    charged: Decimal = Decimal(0)


def connected(url: str, key: str = KEY) -> ProviderConnection:
    return ProviderConnection(replace(ENGINE.api, base_url=url), key, SystemClock(), "0")


async def ordered(line: ProviderConnection, step: Step, purchase: Purchase) -> Sent:
    order = ENGINE.order(step, inputs(step), {key: purchase.results[key] for key in step.after})
    return await line.submit(order.path, json.dumps(order.body).encode())


async def collected(line: ProviderConnection, step: Step, ids: Mapping[str, str]) -> tuple[object, Charge | None]:
    """Waits for a job and fetches its result."""
    status: Status
    while isinstance(status := await ENGINE.check(line, step, ids), Running):
        await asyncio.sleep(0.02)
    if not isinstance(status, Finished):
        return status, None
    return await ENGINE.fetch(line, step, ids, status.facts), status.charge


async def bought(url: str, text: str) -> Purchase:
    """Buys every step of a spec one after the other, as a run would."""
    purchase = Purchase()
    async with connected(url) as line:
        for step in steps(text):
            sent = await ordered(line, step, purchase)
            assert sent.outcome is Outcome.OK, sent.answer
            assert sent.answer is not None
            accepted = ENGINE.accepted(step, sent.answer)
            assert isinstance(accepted, Remote)
            result, charge = await collected(line, step, accepted.ids)
            assert isinstance(result, StepResult), (step.key, result)
            assert charge is not None
            purchase.charged += charge.amount
            purchase.results[step.key] = result
            purchase.parts += ENGINE.interpret(step, result)
    return purchase


def clip(text: str, parts: list[Part]) -> list[Pixels]:
    """The frames of the finished asset."""
    made = assemble_asset("art/thing", spec_of(text), parts, slots={}, upstream={}, seed=1)
    assert isinstance(made.asset, SpriteAsset)
    (animation,) = made.asset.animations
    return [frame.pixels for frame in animation.frames]


@pytest.mark.parametrize("kind", list(SPECS))
def test_every_route_is_bought_and_understood(kind: str) -> None:
    with Emulator(PixelEngine()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS[kind]))
        total = emulator.ledger.total("credits")
    made = steps(SPECS[kind])
    assert purchase.charged == total == sum(PRICES[step.operation] for step in made)
    count = {"animate": 6, "detailed": 4, "keyframes": 7, "own clip": 3}.get(kind, 8)
    frames = clip(SPECS[kind], purchase.parts)
    assert len(frames) == count
    for pixels in frames:
        assert set(np.unique(pixels[..., 3]).tolist()) == {0, 255}


def test_the_first_frame_is_the_source_and_its_ground_is_gone() -> None:
    with Emulator(PixelEngine()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["animate"]))
    first = clip(SPECS["animate"], purchase.parts)[0]
    assert np.array_equal(first, np.where(knight()[..., 3:] > 0, knight(), 0))


def test_the_raw_clip_is_kept_on_its_matte() -> None:
    with Emulator(PixelEngine()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["animate"]))
    (result,) = purchase.results.values()
    assert result.meta["matte"] == "#ff00ff"
    raw = decode_still(result.files[0].data, "clip")
    assert raw.shape == (32, 6 * 32, 4)
    assert raw[0, 0].tolist() == [255, 0, 255, 255]


def test_retakes_change_their_frames_only() -> None:
    with Emulator(PixelEngine()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["retakes"]))
        assert len(emulator.ledger.charges) == 3
    clips = [part.frames for part in purchase.parts if isinstance(part, ClipPart)]
    changed = [
        [place for place in range(8) if not np.array_equal(before[place], after[place])]
        for before, after in pairwise(clips)
    ]
    assert changed[0] == [2, 3, 4, 5]
    assert changed[1] == [7]
    assert len(clip(SPECS["retakes"], purchase.parts)) == 8


def test_an_added_retake_leaves_what_was_bought_alone() -> None:
    longer = SPECS["retakes"] + "[[retakes]]\nframes = [0, 1]\n"
    assert steps(longer)[:3] == steps(SPECS["retakes"])


def test_palettes_come_back_exactly() -> None:
    with Emulator(PixelEngine()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["palette"]))
    colours = {
        tuple(colour[:3].tolist())
        for pixels in clip(SPECS["palette"], purchase.parts)
        for colour in pixels[pixels[..., 3] > 0]
    }
    assert colours <= {(0x1A, 0x1C, 0x2C), (0x5D, 0x27, 0x5D), (0xB1, 0x3E, 0x53)}


def after_order(
    personality: PixelEngine,
    do: Callable[[ProviderConnection, Step, Mapping[str, str], ManualClock], object],
    fault: Fault | None = None,
) -> object:
    """What `do` finds for an order, on a clock that it moves."""
    clock = ManualClock()

    async def run(url: str) -> object:
        (step,) = steps(SPECS["animate"])
        async with connected(url) as line:
            sent = await ordered(line, step, Purchase())
            assert sent.answer is not None
            accepted = ENGINE.accepted(step, sent.answer)
            assert isinstance(accepted, Remote)
            return await do(line, step, accepted.ids, clock)  # type: ignore[misc]

    with Emulator(personality, clock=clock) as emulator:
        if fault is not None:
            emulator.faults.on("POST /*", fault)
        return asyncio.run(run(emulator.url))


def test_a_result_of_yesterday_is_gone_and_not_ordered_again() -> None:
    async def later(line: ProviderConnection, step: Step, ids: Mapping[str, str], clock: ManualClock) -> object:
        clock.advance(KEEP_SECONDS)
        checked = await ENGINE.check(line, step, ids)
        assert checked == await ENGINE.fetch(line, step, ids, {})
        return checked

    gone = after_order(PixelEngine(), later)
    assert isinstance(gone, Gone)
    assert "output is lost and is not run again" in gone.message


def test_a_link_is_asked_for_anew_after_its_hour() -> None:
    async def later(line: ProviderConnection, step: Step, ids: Mapping[str, str], clock: ManualClock) -> object:
        clock.advance(10)
        status = await ENGINE.check(line, step, ids)
        assert isinstance(status, Finished)
        assert "url" not in json.dumps(dict(status.facts))
        clock.advance(LINK_SECONDS)
        return await ENGINE.fetch(line, step, ids, status.facts)

    assert isinstance(after_order(PixelEngine(), later), StepResult)


def test_another_key_does_not_see_the_job() -> None:
    async def other() -> object:
        with Emulator(PixelEngine()) as emulator:
            (step,) = steps(SPECS["animate"])
            async with connected(emulator.url) as line:
                sent = await ordered(line, step, Purchase())
            assert sent.answer is not None
            accepted = ENGINE.accepted(step, sent.answer)
            assert isinstance(accepted, Remote)
            async with connected(emulator.url, OTHER_KEY) as line:
                return await ENGINE.check(line, step, accepted.ids)

    gone = asyncio.run(other())
    assert isinstance(gone, Gone)
    assert "key" in gone.message


def test_a_job_without_billing_is_collected_all_the_same() -> None:
    async def run(line: ProviderConnection, step: Step, ids: Mapping[str, str], clock: ManualClock) -> object:
        clock.advance(1)
        return await collected(line, step, ids)

    found = after_order(PixelEngine(billing=False), run)
    assert isinstance(found, tuple)
    assert isinstance(found[0], StepResult)
    assert found[1] is None


def test_a_failed_job_costs_nothing() -> None:
    async def run(line: ProviderConnection, step: Step, ids: Mapping[str, str], clock: ManualClock) -> object:
        held = await ENGINE.balance(line)
        clock.advance(1)
        status = await ENGINE.check(line, step, ids)
        return held.amounts["credits"], status, (await ENGINE.balance(line)).amounts["credits"]

    found = after_order(PixelEngine(), run, faults.job_failed())
    assert found == (1680, Broken("Generation failed", Charge("credits", Decimal(0))), 1700)


@pytest.mark.parametrize("fault", [faults.unknown_status_word(), faults.status_backwards(), faults.status_lag()])
def test_odd_states_are_waited_out(fault: Fault) -> None:
    async def run(line: ProviderConnection, step: Step, ids: Mapping[str, str], clock: ManualClock) -> object:
        seen = []
        for _ in range(8):
            status = await ENGINE.check(line, step, ids)
            seen.append(type(status))
            clock.advance(3)
        return seen

    seen = after_order(PixelEngine(job_seconds=10), run, fault)
    assert isinstance(seen, list)
    assert seen[0] is Running
    assert seen[-1] is Finished
    assert set(seen) == {Running, Finished}


@pytest.mark.parametrize(
    ("personality", "key", "code"),
    [
        (PixelEngine(), "pe_sk_wrong", "key_rejected"),
        (PixelEngine(monthly=10, purchased=9), KEY, "no_credits"),
    ],
)
def test_refusals_of_the_account(personality: PixelEngine, key: str, code: str) -> None:
    async def run(url: str) -> Sent:
        async with connected(url, key) as line:
            return await ordered(line, steps(SPECS["animate"])[0], Purchase())

    with Emulator(personality) as emulator:
        sent = asyncio.run(run(emulator.url))
        assert not emulator.ledger.charges
    assert sent.outcome is Outcome.REJECTED
    assert sent.answer is not None
    assert ENGINE.refusal(steps(SPECS["animate"])[0], sent.answer).code == code
    assert code in CODES


def test_too_many_at_once_come_back_later() -> None:
    async def run(url: str) -> Sent:
        async with connected(url) as line:
            await ordered(line, steps(SPECS["animate"])[0], Purchase())
            return await ordered(line, steps(SPECS["keyframes"])[0], Purchase())

    with Emulator(PixelEngine(per_key=1, job_seconds=60)) as emulator:
        sent = asyncio.run(run(emulator.url))
    assert sent.outcome is Outcome.RATE_LIMITED
    assert sent.retry_after == 1


def test_a_source_made_by_another_asset_is_measured_when_it_is_sent() -> None:
    (step,) = steps(SPECS["animate"].replace("art/knight.png", "asset:art/hero#south"))
    sent = ENGINE.order(step, {"source": FILES["art/knight.png"]}, {}).body
    assert sent["output_format"] == "spritesheet"
