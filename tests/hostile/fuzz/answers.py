"""Answers of providers: documents with the fields that an adapter asks for, and anything in them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.core import limits
from bridge.core.errors import BridgeError
from bridge.http.outcome import Answer, TransportError
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Delivered, LostOrder, PaidProvider, Remote
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from bridge.store import results
from bridge.store.blobs import BlobStore
from tests.hostile.fuzz import mutate, seeds


class _Line:
    """Free calls whose answers are the input: documents, and files behind their addresses."""

    def __init__(self, chance: random.Random, body: bytes, files: list[bytes]) -> None:
        self._chance, self._body, self._files = chance, body, files
        self._left = 200

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise AssertionError(f"more than 200 requests; the last is {path}")
        if self._chance.random() < 0.05:
            raise TransportError("refused", "no", status=self._chance.choice((404, 410, 423, 409, 400)))
        return Answer(200, {"date": "Mon, 30 Nov 2026 10:00:00 GMT"}, self._body)

    async def download(self, url: str, *, most: int = limits.ANSWER_BYTES) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise AssertionError(f"more than 200 downloads; the last is {url[:80]}")
        return Answer(200, {}, self._chance.choice(self._files)[:most])


@dataclass
class Answers:
    """Everything that a provider's adapter reads: answers of orders, jobs, lists, accounts; what it stores is kept."""

    provider: PaidProvider
    name: str
    store: BlobStore
    steps: list[Step] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        _, specs, files = seeds.SAMPLES[self.name]
        for text in specs.values():
            self.steps += compile_checked(self.provider, spec_of(text), SpecContext(files=files))
        clips = list(seeds.clips().values())
        self.files = [seeds.picture(), *clips, *seeds.archives(), seeds.tile_map("zlib"), *seeds.sounds(), b"", b"{}"]

    def make(self, chance: random.Random) -> bytes:
        document = _document(chance, seeds.answer_fields(self.name), 0)
        data = json.dumps(document).encode()
        if chance.random() < 0.4:
            data = mutate.mutate_json(data, chance)
        return mutate.mutate(data, chance, [data]) if chance.random() < 0.2 else data

    def feed(self, data: bytes) -> None:
        chance = random.Random(len(data))
        step = chance.choice(self.steps)
        files = [mutate.mutate(file, chance, self.files) if chance.random() < 0.5 else file for file in self.files]
        line = _Line(chance, data, files)
        answer = Answer(200, {}, data, request=json.dumps(dict(step.params.get("request", {}))).encode())
        accepted = self.provider.accepted(step, answer)
        if isinstance(accepted, Delivered):
            self._keep(step, accepted.result)
        self.provider.refusal(step, Answer(chance.choice((400, 402, 403, 422)), {}, data)).message.encode()
        ids = dict.fromkeys(("job", "character", "tileset", "tile", "sprite", "map", "project", "pack", "clip"), "1")
        ids |= {"before": "x", "edit": "y"}
        ids |= accepted.ids if isinstance(accepted, Remote) else {}
        asyncio.run(self._ask(line, step, ids))

    async def _ask(self, line: _Line, step: Step, ids: Mapping[str, str]) -> None:
        with contextlib.suppress(BridgeError, TransportError):
            await self.provider.check(line, step, ids)
        with contextlib.suppress(BridgeError, TransportError):
            delivered = await self.provider.fetch(line, step, ids, {})
            if isinstance(delivered, StepResult):
                self._keep(step, delivered)
        with contextlib.suppress(BridgeError, TransportError):
            if self.provider.abilities.can_search:
                origin = {"sprite": "1", "map": "1", "before": "x"}
                await self.provider.search(line, LostOrder(step, {"prompt": "x"}, 0.0, 1.0, frozenset(), origin))
        for ask in (self.provider.balance, self.provider.assets, self.provider.models):
            with contextlib.suppress(BridgeError, TransportError):
                await ask(line)

    def _keep(self, step: Step, result: StepResult) -> None:
        """What was paid for can be stored, and read again; what it means may be an error."""
        kept = results.load(self.store, results.save(self.store, result))
        assert [file.data for file in kept.files] == [file.data for file in result.files]
        with contextlib.suppress(BridgeError):
            self.provider.interpret(step, kept)


_WORDS = (
    "completed",
    "success",
    "succeeded",
    "failed",
    "pending",
    "1",
    "x",
    "south",
    "walk",
    "https://cdn.example/a.png",
)


def _document(chance: random.Random, names: tuple[str, ...], depth: int) -> Any:
    kind = chance.randrange(12) if depth else 0
    if kind <= 2 and depth < 6:
        keys = chance.sample(names, min(len(names), chance.choice((1, 3, 8, 20))))
        return {key: _document(chance, names, depth + 1) for key in keys}
    if kind <= 4 and depth < 6:
        return [_document(chance, names, depth + 1) for _ in range(chance.choice((0, 1, 2, 5)))]
    if kind == 5:
        return chance.choice((*mutate.WORST_NUMBERS, -0.5, 1e300, 10**50, float("nan"), float("inf")))
    if kind == 6:
        return chance.choice((None, True, False))
    if kind == 7:
        return chance.choice((*mutate.WORST_TEXTS, "\ud800", "x\udfff"))
    return chance.choice(_WORDS)
