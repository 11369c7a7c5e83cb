"""The adapter against the emulated PixelLab on a real socket, in every shape that the service was seen in."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from bridge.assemble.asset import assemble_asset
from bridge.assemble.parts import ImagePart, Part, WangTilePart
from bridge.core.clock import SystemClock
from bridge.http.client import ProviderConnection
from bridge.http.outcome import Outcome
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Delivered, Finished, LostOrder, Remote, Running
from bridge.providers.pixellab import PixelLabProvider
from bridge.providers.testing import spec_of
from exporters.model.asset import SpriteAsset, TilesetAsset
from tests.emulator import KEY, OBSERVED, Emulator, PixelLab, TilesetStyle, Variant, ZipStyle
from tests.unit.providers.pixellab_samples import FILES, SPECS, steps

LAB = PixelLabProvider()
VARIANTS: Mapping[str, Variant] = {
    "published": Variant(),
    "observed": OBSERVED,
    "data urls": Variant(encoding="data_url", format_key=False),
    "raw bytes": Variant(encoding="rgba"),
    "raw bytes without size": Variant(encoding="rgba_unsized"),
    "zip by template": Variant(listed=False),
    "zip by name": Variant(listed=False, zip=ZipStyle(keys="named", repeats=True, folder="Knight/")),
    "zip by uuid": Variant(listed=False, zip=ZipStyle(keys="uuid", split=True, metadata=False)),
    "late rows": Variant(row_seconds=0.1, locked_retry_after=True),
    "no plan for jobs": replace(OBSERVED, background="forbidden"),
}


@dataclass
class Purchase:
    """Everything that an asset's steps came to."""

    results: dict[str, StepResult] = field(default_factory=dict)
    ids: dict[str, Mapping[str, str]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)


async def bought(url: str, text: str) -> Purchase:
    """Buys every step of a spec one after the other, as a run would."""
    purchase = Purchase()
    async with ProviderConnection(replace(LAB.api, base_url=url), KEY, SystemClock(), "0") as line:
        for step in steps(text):
            inputs = {item.role: FILES[item.ref] for item in step.inputs}
            order = LAB.order(step, inputs, {key: purchase.results[key] for key in step.after})
            raw = json.dumps(order.body).encode()
            sent = await line.submit(order.path, raw)
            if order.fallback_path and sent.answer is not None and sent.answer.status in (403, 404):
                sent = await line.submit(order.fallback_path, raw)
            assert sent.outcome is Outcome.OK, sent.answer
            assert sent.answer is not None
            accepted = LAB.accepted(step, replace(sent.answer, request=raw))
            if isinstance(accepted, Delivered):
                result: object = accepted.result
                assert accepted.charge is not None
            else:
                assert isinstance(accepted, Remote)
                purchase.ids[step.key] = accepted.ids
                result = await collected(line, step, accepted.ids)
            assert isinstance(result, StepResult), (step.key, result)
            purchase.results[step.key] = result
            purchase.parts += LAB.interpret(step, result)
    return purchase


async def collected(line: ProviderConnection, step: Step, ids: Mapping[str, str]) -> object:
    """Waits for a job and fetches its result."""
    while isinstance(status := await LAB.check(line, step, ids), Running):
        await asyncio.sleep(0.02)
    assert isinstance(status, Finished), status
    while isinstance(result := await LAB.fetch(line, step, ids, status.facts), Running):
        await asyncio.sleep(0.02)
    return result


@pytest.mark.parametrize("kind", [name for name in SPECS if name != "adopted"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kind_is_bought_and_understood(variant: str, kind: str) -> None:
    with Emulator(PixelLab(VARIANTS[variant])) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS[kind]))
    spec = spec_of(SPECS[kind])
    made = assemble_asset("art/thing", spec, purchase.parts, slots={}, upstream={}, seed=1)
    if kind == "character":
        assert isinstance(made.asset, SpriteAsset)
        walks = [one for one in made.asset.animations if one.name == "walk"]
        assert len(walks) == 8
        assert {len(one.frames) for one in walks} == {8}
    if kind == "animation":
        assert isinstance(made.asset, SpriteAsset)
        assert len(made.asset.animations[0].frames) == 8
    if kind == "tileset":
        assert isinstance(made.asset, TilesetAsset)
        assert len(made.asset.tiles) == 16 + 15 + 14
        assert not made.notes


@pytest.mark.parametrize("count", [16, 23, 25])
def test_tilesets_of_every_count(count: int) -> None:
    style = TilesetStyle(tiles=count, names="corners", ids="uuid", scrambled=True, boxes=False)  # type: ignore[arg-type]
    with Emulator(PixelLab(Variant(tileset=style))) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["tileset"]))
    spec = spec_of(SPECS["tileset"])
    made = assemble_asset("art/thing", spec, purchase.parts, slots={}, upstream={}, seed=1)
    assert isinstance(made.asset, TilesetAsset)
    names = [terrain.name for terrain in made.asset.terrains]
    assert ("water_sand_edge" in names) == (count > 16)
    assert names[:3] == ["water", "sand", "grass"]


def test_sets_share_the_tile_of_a_shared_terrain() -> None:
    with Emulator(PixelLab()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["tileset"]))
    whole = [part for part in purchase.parts if isinstance(part, WangTilePart) and set(part.corners) == {"sand"}]
    assert len(whole) == 2
    assert np.array_equal(whole[0].frames[0], whole[1].frames[0])


def test_what_is_adopted_costs_nothing() -> None:
    async def adopted(url: str, character: str) -> list[Part]:
        (step, *_) = steps(SPECS["adopted"].replace("char-7", character))
        ids = LAB.adopted_ids(step)
        assert ids is not None
        async with ProviderConnection(replace(LAB.api, base_url=url), KEY, SystemClock(), "0") as line:
            assets = await LAB.assets(line)
            assert character in [asset.id for asset in assets]
            result = await collected(line, step, ids)
        assert isinstance(result, StepResult)
        assert result.meta["character"] == character
        return list(LAB.interpret(step, result))

    with Emulator(PixelLab()) as emulator:
        purchase = asyncio.run(bought(emulator.url, SPECS["character"]))
        before = emulator.ledger.total("generations")
        parts = asyncio.run(adopted(emulator.url, purchase.ids["base"]["character"]))
        assert emulator.ledger.total("generations") == before
    assert {part.name for part in parts if isinstance(part, ImagePart)} >= {"south", "south_east"}


@pytest.mark.parametrize("kind", ["character", "tileset", "isometric_tiles"])
def test_lost_orders_are_found_again(kind: str) -> None:
    """Every order of the asset, as if its answer had been lost; what other jobs have is not taken."""

    async def searched(url: str) -> None:
        began = time.time()
        purchase = await bought(url, SPECS[kind])
        async with ProviderConnection(replace(LAB.api, base_url=url), KEY, SystemClock(), "0") as line:
            for step in steps(SPECS[kind]):
                inputs = {item.role: FILES[item.ref] for item in step.inputs}
                order = LAB.order(step, inputs, {key: purchase.results[key] for key in step.after})
                others = {value for key, ids in purchase.ids.items() if key != step.key for value in ids.values()}
                lost = LostOrder(step, order.body, began, time.time(), frozenset(others))
                (found,) = await LAB.search(line, lost)
                assert set(found.ids.values()) <= set(purchase.ids[step.key].values())
                result = await collected(line, step, found.ids)
                assert isinstance(result, StepResult)
                assert [file.data for file in result.files] == [file.data for file in purchase.results[step.key].files]
                taken = replace(lost, taken=frozenset(found.ids.values()))
                assert not await LAB.search(line, taken)

    with Emulator(PixelLab()) as emulator:
        asyncio.run(searched(emulator.url))
