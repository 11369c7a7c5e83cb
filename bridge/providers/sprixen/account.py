"""What an account has: its balance, its sprites, and orders whose answer was lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from bridge.http.outcome import Answer
from bridge.providers import values
from bridge.providers.asking import answered, recent
from bridge.providers.paid import Balance, FreeCalls, LostOrder, Remote, RemoteAsset
from bridge.providers.sprixen import jobs, map_jobs, projects, responses
from bridge.providers.sprixen.routes import UNIT

PAGE = 20
_SHOWN = ("frameCount", "direction", "customDescription")
_MOST_PAGES = 10
_EARLIER = 60.0
"""Seconds by which a row may be older than the order: clocks and the time of its creation are not exact."""
_LISTS: Mapping[str, str] = {"image": "/generations", "character": "/generations", "music": "/music"}


async def balance(calls: FreeCalls) -> Balance:
    """See `PaidProvider.balance`."""
    document = responses.fields((await calls.get("/billing/status")).json())
    credits_left = values.number(document.get("credits"))
    amounts: dict[str, Decimal] = {} if credits_left is None else {UNIT: credits_left}
    return Balance(amounts, responses.text(responses.fields(document.get("subscription")).get("plan")))


async def assets(calls: FreeCalls) -> Sequence[RemoteAsset]:
    """See `PaidProvider.assets`: the sprites of all projects, which characters and animations can adopt, and maps."""
    remote_assets = []
    async for project, sprite in jobs.sprites(calls):
        name = responses.text(sprite.get("id"))
        if name:
            title = responses.text(sprite.get("name")) or responses.text(sprite.get("prompt"))
            remote_assets.append(RemoteAsset("character", name, title, responses.text(project.get("name"))))
    answer = await answered(calls, "/maps")
    for row in responses.rows(answer.json()) if answer is not None else []:
        if responses.text(row.get("id")):
            kind = responses.text(row.get("projectionType"))
            remote_assets.append(
                RemoteAsset("map", responses.text(row.get("id")), responses.text(row.get("name")), kind)
            )
    return remote_assets


async def search(calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
    """See `PaidProvider.search`. Promoted sprites and processed copies are not found again: no list says what they were
    ordered with."""
    match lost.step.operation:
        case "project.create":
            return await projects.found(calls, lost.body)
        case "tile.create":
            return await _search_tiles(calls, lost)
        case "clip.create":
            return await _search_clips(calls, lost)
        case "map.edit":
            return await map_jobs.search(calls, lost)
    path = _LISTS.get(lost.step.operation.partition(".")[0])
    if path is None or lost.step.operation == "character.select":
        return []
    remotes = []
    async for row, answer in _list_rows(calls, path):
        remote = responses.text(row.get("id"))
        if remote and remote not in lost.taken and _asks_the_same(row, lost) and _is_recent(row, answer, lost):
            remotes.append(Remote({"job": remote}))
    return remotes


def _asks_the_same(row: Mapping[str, Any], lost: LostOrder) -> bool:
    """Whether a row has the prompt of the order, and no fewer pictures than it asked for."""
    urls = row.get("resultUrls")
    few = isinstance(urls, list) and 0 < len(urls) < lost.body.get("variantCount", 1)
    return responses.text(row.get("prompt")) == lost.body.get("prompt") and not few


async def _search_tiles(calls: FreeCalls, lost: LostOrder) -> list[Remote]:
    remotes = []
    async for _, tile in jobs.tiles(calls):
        remote = responses.text(tile.get("id"))
        if remote and remote not in lost.taken and responses.text(tile.get("label")) == lost.body.get("tileLabel"):
            remotes.append(Remote({"job": remote}))
    return remotes


async def _search_clips(calls: FreeCalls, lost: LostOrder) -> list[Remote]:
    """Clips of the sprite that could be the lost one: every field that the list shows is as it was ordered."""
    sprite = lost.origin.get("sprite")
    answer = await answered(calls, f"/sprites/{sprite}/animations") if sprite else None
    remotes = []
    for row in responses.rows(answer.json()) if answer is not None else []:
        remote = responses.text(row.get("id"))
        alike = all(row.get(name) in (None, lost.body[name]) for name in _SHOWN if name in lost.body)
        alike = alike and row.get("type") == lost.body.get("type")
        if remote and remote not in lost.taken and alike and answer is not None and _is_recent(row, answer, lost):
            remotes.append(Remote({"job": remote}))
    return remotes


async def _list_rows(calls: FreeCalls, path: str) -> AsyncIterator[tuple[Mapping[str, Any], Answer]]:
    """The rows of a list with the answer that held them. Their order is not published: several pages are read."""
    seen: set[str] = set()
    for page in range(1, _MOST_PAGES + 1):
        answer = await answered(calls, path, {"page": page, "limit": PAGE})
        rows = responses.rows(answer.json()) if answer is not None else []
        fresh = [row for row in rows if responses.text(row.get("id")) not in seen]
        for row in fresh:
            seen.add(responses.text(row.get("id")))
            if answer is not None:
                yield row, answer
        # A list that knows no pages gives the same rows again.
        if len(rows) < PAGE or not fresh:
            return


def _is_recent(row: Mapping[str, Any], answer: Answer, lost: LostOrder) -> bool:
    return recent(responses.text(row.get("createdAt")), answer, lost, _EARLIER)
