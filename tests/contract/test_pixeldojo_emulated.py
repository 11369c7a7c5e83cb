"""The adapter against the emulated PixelDojo on a real socket, in every shape that the documents allow."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bridge.assemble.asset import assemble_asset
from bridge.assemble.parts import ClipPart, ImagePart, Part
from bridge.core.clock import SystemClock
from bridge.http.client import ProviderConnection
from bridge.http.outcome import Outcome, Sent
from bridge.media.images import decode_still
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Broken, Charge, Finished, Gone, LostOrder, Remote, Running, Status
from bridge.providers.pixeldojo import PixelDojoProvider
from bridge.providers.testing import spec_of
from exporters.model.asset import SpriteAsset
from tests.emulator import Emulator, ManualClock, faults
from tests.emulator.pixeldojo import KEEP_SECONDS, KEY, OTHER_KEY, PixelDojo, Shapes
from tests.unit.providers.pixeldojo_samples import ANIMATION, DOJO, EDIT, FILES, SPECS, SPRITE, steps

SHAPES: Mapping[str, Shapes] = {
    "images": Shapes(),
    "objects": Shapes(objects=True),
    "assets": Shapes(output="assets"),
    "both": Shapes(output="both", submitted=202),
    "singular": Shapes(output="singular", submitted=201),
    "singular object": Shapes(output="singular", objects=True),
}


def line_to(url: str, key: str = KEY) -> ProviderConnection:
    return ProviderConnection(replace(DOJO.api, base_url=url), key, SystemClock(), "0")


async def submitted(line: ProviderConnection, step: Step) -> Sent:
    order = DOJO.order(step, {}, {})
    return await line.submit(order.path, json.dumps(order.body).encode())


async def ordered(line: ProviderConnection, step: Step) -> Mapping[str, str]:
    sent = await submitted(line, step)
    assert sent.outcome is Outcome.OK, sent.answer
    assert sent.answer is not None
    accepted = DOJO.accepted(step, sent.answer)
    assert isinstance(accepted, Remote)
    return accepted.ids


async def waited(line: ProviderConnection, step: Step, ids: Mapping[str, str]) -> Status:
    while isinstance(status := await DOJO.check(line, step, ids), Running):
        await asyncio.sleep(0.02)
    return status


async def bought(url: str, text: str) -> list[Part]:
    """Buys every step of a spec one after the other, as a run would."""
    parts: list[Part] = []
    async with line_to(url) as line:
        for step in steps(text):
            ids = await ordered(line, step)
            status = await waited(line, step, ids)
            assert isinstance(status, Finished), status
            assert status.charge is not None
            assert status.charge.unit == "credits"
            result = await DOJO.fetch(line, step, ids, status.facts)
            assert isinstance(result, StepResult)
            parts += DOJO.interpret(step, result)
    return parts


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_kind_is_bought_and_understood(shape: str, kind: str) -> None:
    with Emulator(PixelDojo(SHAPES[shape])) as emulator:
        parts = asyncio.run(bought(emulator.url, SPECS[kind]))
        charged = [row.amount for row in emulator.ledger.charges]
    assert charged == {"sprite": [0.5, 0.5], "edit": [1.5], "animation": [2.1]}[kind]
    made = assemble_asset("art/thing", spec_of(SPECS[kind]), parts, slots={}, upstream={}, seed=1)
    assert isinstance(made.asset, SpriteAsset)
    if kind == "animation":
        assert len(made.asset.animations[0].frames) == 4


def test_an_edit_keeps_what_is_outside_its_mask() -> None:
    with Emulator(PixelDojo()) as emulator:
        (part,) = asyncio.run(bought(emulator.url, EDIT))
    assert isinstance(part, ImagePart)
    source = decode_still(FILES["art/knight.png"], "knight")
    changed = np.argwhere((part.pixels != source).any(axis=-1))
    assert part.pixels.shape == source.shape
    assert len(changed) > 50
    assert (changed.min(axis=0) >= (8, 4)).all()
    assert (changed.max(axis=0) < (14, 14)).all()


def test_frames_of_a_video_are_evenly_spaced() -> None:
    with Emulator(PixelDojo()) as emulator:
        (part,) = asyncio.run(bought(emulator.url, ANIMATION))
    assert isinstance(part, ClipPart)
    light = [int(frame[..., :3].astype(np.int64).mean()) for frame in part.frames]
    # Each of the twelve frames is 8 lighter than the one before, and every third is taken.
    assert all(abs(after - before - 24) <= 3 for before, after in pairwise(light)), light


@pytest.mark.parametrize("shapes", [Shapes(), Shapes(listing="data"), Shapes(listing=""), Shapes(says_input="job")])
def test_lost_orders_are_found_again(shapes: Shapes) -> None:
    async def searched(url: str) -> None:
        first, second = steps(SPRITE)
        async with line_to(url) as line:
            began = time.time()
            ids = {step.key: await ordered(line, step) for step in (first, second)}
            for step in (first, second):
                lost = LostOrder(step, DOJO.order(step, {}, {}).body, began, time.time(), frozenset())
                assert list(await DOJO.search(line, lost)) == [Remote(ids[step.key])]
                assert not await DOJO.search(line, replace(lost, taken=frozenset(ids[step.key].values())))
        async with line_to(url, OTHER_KEY) as line:
            assert not await DOJO.search(line, lost)

    with Emulator(PixelDojo(shapes)) as emulator:
        asyncio.run(searched(emulator.url))


def test_a_list_that_says_nothing_proves_nothing() -> None:
    async def searched(url: str) -> None:
        (step, _) = steps(SPRITE)
        async with line_to(url) as line:
            await ordered(line, step)
            lost = LostOrder(step, DOJO.order(step, {}, {}).body, time.time(), time.time(), frozenset())
            assert not await DOJO.search(line, lost)

    with Emulator(PixelDojo(Shapes(says_input="nowhere"))) as emulator:
        asyncio.run(searched(emulator.url))


@pytest.mark.parametrize(("status", "shown"), [(402, 402), (402, 403), (403, 402), (403, 403), (400, 402)])
def test_a_lack_of_credits_however_it_is_spelt(status: int, shown: int) -> None:
    async def refused(url: str) -> None:
        (step, _) = steps(SPRITE)
        async with line_to(url) as line:
            sent = await submitted(line, step)
        assert sent.outcome is Outcome.REJECTED
        assert sent.answer is not None
        assert DOJO.refusal(step, sent.answer).code == "no_credits"

    with Emulator(PixelDojo(Shapes(credit_status=status, credit_body=shown), credits=0.25)) as emulator:
        asyncio.run(refused(emulator.url))
        assert not emulator.ledger.charges


@pytest.mark.parametrize(
    ("text", "key", "code", "field"),
    [
        (SPRITE, "pd_wrong", "key_rejected", ""),
        (SPRITE.replace("pixel-image", "gone-image"), KEY, "provider_refused", "model"),
        (SPRITE.replace("[64, 48]", "[64, 42]"), KEY, "provider_refused", "size"),
        (EDIT + "strength = 7", KEY, "provider_refused", "provider_options.strength"),
        (EDIT + "glow = true", KEY, "provider_refused", "provider_options.glow"),
    ],
)
def test_refusals_lead_back_to_the_line(text: str, key: str, code: str, field: str) -> None:
    async def refused(url: str) -> None:
        step = steps(text)[0]
        async with line_to(url, key) as line:
            sent = await submitted(line, step)
        assert sent.outcome is Outcome.REJECTED
        assert sent.answer is not None
        refusal = DOJO.refusal(step, sent.answer)
        assert (refusal.code, refusal.field) == (code, field), refusal

    with Emulator(PixelDojo()) as emulator:
        asyncio.run(refused(emulator.url))
        assert not emulator.ledger.charges


def test_failed_and_expired_jobs() -> None:
    async def tried(emulator: Emulator[PixelDojo], clock: ManualClock) -> None:
        step, other = steps(SPRITE)
        async with line_to(emulator.url) as line:
            emulator.faults.at(0, faults.job_failed())
            ids = await ordered(line, step)
            assert isinstance(await DOJO.check(line, step, ids), Running)
            clock.advance(1)
            assert await DOJO.check(line, step, ids) == Broken(
                "The model refused the prompt", Charge("credits", Decimal("0.5"))
            )
            ids = await ordered(line, other)
            clock.advance(KEEP_SECONDS)
            assert isinstance(await DOJO.check(line, other, ids), Gone)
            assert isinstance(await DOJO.fetch(line, other, ids, {}), Gone)
            assert isinstance(await DOJO.check(line, other, {"job": "job_of_nobody"}), Gone)

    clock = ManualClock()
    with Emulator(PixelDojo(job_seconds=0.5), clock=clock) as emulator:
        asyncio.run(tried(emulator, clock))


def test_the_rate_limit_says_when_to_come_back() -> None:
    async def tried(url: str) -> None:
        step, other = steps(SPRITE)
        async with line_to(url) as line:
            await ordered(line, step)
            sent = await submitted(line, other)
        assert sent.outcome is Outcome.RATE_LIMITED
        assert sent.retry_after is not None
        assert 50 < sent.retry_after < 70

    with Emulator(PixelDojo(per_minute=1)) as emulator:
        asyncio.run(tried(emulator.url))


def test_the_catalogue_gives_prices_and_limits(tmp_path: Path) -> None:
    provider = PixelDojoProvider(tmp_path / "cache" / "models.json")

    async def listed(url: str) -> None:
        async with line_to(url) as line:
            models = (await provider.models(line, ["edit-image"])).rows
            assert [model.id for model in models] == ["pixel-image", "edit-image", "motion-video"]

    assert steps(SPRITE, provider)[0].price.amount is None
    plain = [step.params for text in SPECS.values() for step in steps(text, provider)]
    with Emulator(PixelDojo()) as emulator:
        asyncio.run(listed(emulator.url))
    prices = [str(steps(text, provider)[0].price.amount) for text in SPECS.values()]
    assert prices == ["0.5", "1.5", "2.1"]
    # What is known of a model decides what is refused and what is shown, never what is sent.
    assert [step.params for text in SPECS.values() for step in steps(text, provider)] == plain
