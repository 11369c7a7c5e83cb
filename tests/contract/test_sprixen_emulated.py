"""The adapter against the emulated Sprixen on a real socket, in every shape that the service may have."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from bridge.assemble.asset import assemble_asset
from bridge.assemble.parts import ImagePart, Part
from bridge.core.clock import SystemClock
from bridge.http.client import ProviderConnection
from bridge.http.outcome import Outcome, TransportError
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Finished, LostOrder, Remote, Running
from bridge.providers.testing import spec_of
from exporters.model.asset import AudioAsset, ItemsAsset, SpriteAsset, TileLayer, TileMapAsset, TilesetAsset
from tests.emulator import Emulator
from tests.emulator.pictures import figure
from tests.emulator.sprixen import KEY, Sprixen
from tests.emulator.sprixen_world import Style
from tests.unit.providers.sprixen_samples import ADOPTED, ITEMS, SPECS, SPRIXEN, steps

STYLES: Mapping[str, Style] = {
    "observed": Style(),
    "documented": Style(accepted=200, relative=False, extra_urls=True, reset="absolute", export="zip"),
    "grids": Style(accepted=202, sheet="grid", process_async=True, reset="absent", export="url", nested=False),
    "columns": Style(sheet="column", export="names"),
}


@dataclass
class Purchase:
    """Everything that an asset's steps came to."""

    results: dict[str, StepResult] = field(default_factory=dict)
    ids: dict[str, Mapping[str, str]] = field(default_factory=dict)
    bodies: dict[str, Mapping[str, object]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)


def line_to(url: str) -> ProviderConnection:
    return ProviderConnection(replace(SPRIXEN.api, base_url=url), KEY, SystemClock(), "0")


async def bought(url: str, text: str) -> Purchase:
    """Buys every step of a spec one after the other, as a run would."""
    purchase = Purchase()
    async with line_to(url) as line:
        for step in steps(text):
            ids = SPRIXEN.adopted_ids(step)
            if ids is None:
                ids = await _ordered(line, step, purchase)
            purchase.ids[step.key] = ids
            result = await collected(line, step, ids)
            assert isinstance(result, StepResult), (step.key, result)
            purchase.results[step.key] = result
            purchase.parts += SPRIXEN.interpret(step, result)
    return purchase


async def _ordered(line: ProviderConnection, step: Step, purchase: Purchase) -> Mapping[str, str]:
    order = SPRIXEN.order(step, {}, {key: purchase.results[key] for key in step.after})
    purchase.bodies[step.key] = order.body
    raw = json.dumps(order.body).encode()
    sent = await line.submit(order.path, raw, method=order.method)
    assert sent.outcome is Outcome.OK, sent.answer
    assert sent.answer is not None
    accepted = SPRIXEN.accepted(step, replace(sent.answer, request=raw))
    assert isinstance(accepted, Remote)
    return {**order.origin, **accepted.ids}


async def collected(line: ProviderConnection, step: Step, ids: Mapping[str, str]) -> object:
    """Waits for a job and fetches its result."""
    while isinstance(status := await SPRIXEN.check(line, step, ids), Running):
        await asyncio.sleep(0.02)
    assert isinstance(status, Finished), status
    while isinstance(result := await SPRIXEN.fetch(line, step, ids, status.facts), Running):
        await asyncio.sleep(0.02)
    return result


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize("style", STYLES)
def test_every_kind_is_bought_and_understood(style: str, kind: str) -> None:
    with Emulator(Sprixen(STYLES[style])) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS[kind]))
        charged = emulator.ledger.total("credits")
    # What the documentation gives no price for: processed copies cost nothing here, edits of maps one credit.
    edits = sum(step.operation == "map.edit" for step in steps(SPECS[kind]))
    assert charged == sum(step.price.amount or 0 for step in steps(SPECS[kind])) + edits
    spec = spec_of(SPECS[kind])
    asset = assemble_asset("art/thing", spec, purchase.parts, slots={}, upstream={}, seed=1).asset
    if kind == "items":
        assert isinstance(asset, ItemsAsset)
        assert [item.name for item in asset.items] == list(ITEMS)
        assert {item.pixels.shape for item in asset.items} == {(32, 32, 4)}
    if kind == "character":
        assert isinstance(asset, SpriteAsset)
        clips = {(one.name, one.direction): len(one.frames) for one in asset.animations}
        assert clips == {
            **{("walk", direction): 8 for direction in ("south", "east", "north", "west")},
            **{("attack", direction): 6 for direction in ("south", "east", "west")},
            **{("idle", direction): 1 for direction in ("south", "east", "north", "west")},
        }
    if kind == "animation":
        assert isinstance(asset, SpriteAsset)
        assert [(one.name, one.direction, len(one.frames)) for one in asset.animations] == [("block", "south", 6)]
    if kind == "map":
        assert isinstance(asset, TileMapAsset)
        assert (asset.size, asset.orientation) == ((12, 10), "isometric")
        assert asset.tilesets[0].tile_size == (130, 230)
        ground = asset.layers[0]
        assert isinstance(ground, TileLayer)
        assert {1, 2, 3} == set(np.unique(ground.cells).tolist())
    if kind == "isometric_tiles":
        assert isinstance(asset, TilesetAsset)
        assert [tile.pixels.shape for tile in asset.tiles] == [(230, 130, 4)] * 3
    if kind == "music":
        assert isinstance(asset, AudioAsset)
        assert asset.samples.shape == (16000, 1)


def test_a_pack_is_cut_into_its_items() -> None:
    """Each item is the picture that was drawn for its words."""
    with Emulator(Sprixen()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["items"]))
    pictures = {part.name: part.pixels for part in purchase.parts if isinstance(part, ImagePart)}
    assert list(pictures) == list(ITEMS)
    for step in steps(SPECS["items"]):
        request, job = step.params["request"], purchase.ids[step.key]["job"]
        for name, words in zip(step.key.removeprefix("pack/").split("+"), request["packItems"], strict=True):
            drawn = figure(f"{request['prompt']}/{job}/0/{words}", (32, 32), share=80)
            assert np.array_equal(pictures[name], drawn), name


def test_variants_of_a_sprite_differ() -> None:
    with Emulator(Sprixen(Style(extra_urls=True))) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["sprite"]))
    pictures = {part.name: part.pixels.tobytes() for part in purchase.parts if isinstance(part, ImagePart)}
    assert set(pictures) == {"1", "2", "3", "4"}
    assert len(set(pictures.values())) == 4


def test_what_is_adopted_is_not_drawn_again() -> None:
    with Emulator(Sprixen()) as emulator:
        sprite = asyncio.run(bought(emulator.url, SPECS["refined"])).ids["sprite"]["sprite"]
        before = emulator.ledger.total("credits")
        purchase = asyncio.run(bought(emulator.url, ADOPTED.replace("spr-7", sprite)))
        assert emulator.ledger.total("credits") == before + 1
        assert purchase.results["sprite"].files

        async def listed() -> list[str]:
            async with line_to(emulator.url) as line:
                return [asset.id for asset in await SPRIXEN.assets(line)]

        assert asyncio.run(listed()) == [sprite]


def purchase_ids(purchase: Purchase) -> set[str]:
    """Everything that the provider has given a name."""
    return {value for ids in purchase.ids.values() for value in ids.values()}


@pytest.mark.parametrize("kind", ["sprite", "items", "isometric_tiles", "music"])
def test_lost_orders_are_found_again(kind: str) -> None:
    """Every order of the asset, as if its answer had been lost; what other jobs have is not taken."""

    async def searched(url: str) -> None:
        began = time.time()
        purchase = await bought(url, SPECS[kind])
        async with line_to(url) as line:
            for step in steps(SPECS[kind]):
                if step.key not in purchase.bodies:
                    continue
                others = {value for key, ids in purchase.ids.items() if key != step.key for value in ids.values()}
                lost = LostOrder(step, purchase.bodies[step.key], began, time.time(), frozenset(others))
                (found,) = await SPRIXEN.search(line, lost)
                assert found.ids == purchase.ids[step.key]
                assert not await SPRIXEN.search(line, replace(lost, taken=frozenset(purchase_ids(purchase))))

    with Emulator(Sprixen()) as emulator:
        asyncio.run(searched(emulator.url))


@pytest.mark.parametrize("reset", ["relative", "absolute", "absent"])
def test_a_sixth_job_is_refused_for_now(reset: str) -> None:
    """429 means that nothing was taken, whatever form the reset has."""

    async def ordered(url: str) -> list[Outcome]:
        async with line_to(url) as line:
            body = json.dumps({"prompt": "a stone"}).encode()
            return [(await line.submit("/generations", body)).outcome for _ in range(6)]

    with Emulator(Sprixen(Style(reset=reset), job_seconds=60)) as emulator:  # type: ignore[arg-type]
        outcomes = asyncio.run(ordered(emulator.url))
        assert emulator.ledger.total("credits") == 5
    assert outcomes == [Outcome.OK] * 5 + [Outcome.RATE_LIMITED]


def test_refusals_lead_to_the_line() -> None:
    step = next(step for step in steps(SPECS["sprite"]))

    async def refused(url: str, body: object) -> tuple[str, str]:
        async with line_to(url) as line:
            sent = await line.submit("/generations", json.dumps(body).encode())
            assert sent.outcome is Outcome.REJECTED
            assert sent.answer is not None
            refusal = SPRIXEN.refusal(step, sent.answer)
            return refusal.code, refusal.field

    with Emulator(Sprixen(credits=0)) as emulator:
        assert asyncio.run(refused(emulator.url, {"prompt": "a"})) == ("provider_refused", "description")
        assert asyncio.run(refused(emulator.url, {"prompt": "a stone", "variantCount": 4})) == (
            "provider_refused",
            "variants",
        )
        assert asyncio.run(refused(emulator.url, {"prompt": "a stone"})) == ("no_credits", "")
        assert not emulator.ledger.charges


def test_a_path_may_not_name_another_host() -> None:
    async def downloaded(url: str) -> None:
        async with line_to(url) as line:
            await line.download("//example.com/picture.png")

    with Emulator(Sprixen()) as emulator, pytest.raises(TransportError) as caught:
        asyncio.run(downloaded(emulator.url))
    assert caught.value.kind == "unsafe"
