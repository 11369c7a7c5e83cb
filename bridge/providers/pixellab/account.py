"""What an account has: its balance, its characters and tilesets, and orders whose answer was lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from bridge.http.outcome import Answer, TransportError
from bridge.providers import values
from bridge.providers.asking import answered, recent
from bridge.providers.paid import Balance, FreeCalls, LostOrder, Remote, RemoteAsset
from bridge.providers.pixellab import figures, responses, status
from bridge.providers.pixellab.character import remote_name

PAGE = 100
_MOST_PAGES = 50
_NOT_FOR_ASKING = 405
_EARLIER = 60.0
"""Seconds by which a row may be older than the order: clocks and the time of its creation are not exact."""
# Characters come on a canvas of the size asked for, or about 1.4 times as large and rounded up.
_GROWTH = 2.0
_LISTS: Mapping[str, tuple[str, str]] = {
    "character": ("/characters", "characters"),
    "tileset": ("/tilesets", "tilesets"),
    "isometric": ("/isometric-tiles", "tiles"),
}


async def balance(calls: FreeCalls) -> Balance:
    """See `PaidProvider.balance`; the balance of the older API is a bare `{"type": "usd", "usd": …}`."""
    document = responses.fields((await calls.get("/balance")).json())
    credit, plan = document.get("credits"), document.get("subscription")
    if not isinstance(credit, dict) and not isinstance(plan, dict):
        credit = document
    amounts: dict[str, Decimal] = {}
    name = ""
    if isinstance(plan, dict):
        name = responses.text(plan.get("plan"))
        generations = values.number(plan.get("generations"))
        if generations is not None:
            amounts["generations"] = generations
    if isinstance(credit, dict):
        dollars = values.number(credit.get("usd"))
        if dollars is not None:
            amounts["usd"] = dollars
    return Balance(amounts, name)


async def assets(calls: FreeCalls) -> Sequence[RemoteAsset]:
    """See `PaidProvider.assets`: characters and tilesets that are finished."""
    remote_assets = []
    for family in ("character", "tileset"):
        async for row, _ in _list_rows(calls, family):
            if responses.text(row.get("status")).lower() in ("", *status.DONE) and responses.text(row.get("id")):
                remote_assets.append(RemoteAsset(family, row["id"], _title_of(row), _details_of(row)))
    return remote_assets


def _title_of(row: Mapping[str, Any]) -> str:
    pair = [responses.text(row.get(f"{side}_description")) for side in ("lower", "upper")]
    return responses.text(row.get("name")) or responses.text(row.get("prompt")) or " → ".join(filter(None, pair))


def _details_of(row: Mapping[str, Any]) -> str:
    said = []
    size = row.get("size") or row.get("tile_size")
    if isinstance(size, dict):
        said.append(f"{size.get('width')}×{size.get('height')}")
    if row.get("directions"):
        said.append(f"{row['directions']} directions")
    if row.get("animation_count"):
        said.append(f"{row['animation_count']} animations")
    return ", ".join(said)


async def _list_rows(calls: FreeCalls, family: str) -> AsyncIterator[tuple[Mapping[str, Any], Answer]]:
    """The rows of a list with the answer that held them; none where the list is not there."""
    path, key = _LISTS[family]
    for page in range(_MOST_PAGES):
        answer = await _answered_list(calls, path, page)
        rows = responses.fields(answer.json()).get(key) if answer is not None else None
        if answer is None or not isinstance(rows, list):
            return
        for row in rows:
            if isinstance(row, dict):
                yield row, answer
        if len(rows) < PAGE:
            return


async def _answered_list(calls: FreeCalls, path: str, page: int) -> Answer | None:
    """A page of a list; None where the service has none under this path: the path may exist for orders alone (405)."""
    try:
        return await answered(calls, path, {"limit": PAGE, "offset": page * PAGE})
    except TransportError as error:
        if error.status == _NOT_FOR_ASKING:
            return None
        raise


async def search(calls: FreeCalls, lost: LostOrder) -> Sequence[Remote]:
    """See `PaidProvider.search`. What the routes that deliver at once made is kept nowhere and cannot be found."""
    if lost.step.operation == "character.animate":
        return await _search_clips(calls, lost)
    family = lost.step.operation.partition(".")[0]
    if family not in _LISTS:
        return []
    remotes = []
    async for row, answer in _list_rows(calls, family):
        remote = responses.text(row.get("id"))
        if remote and remote not in lost.taken and _is_recent(row, answer, lost) and _fits_order(family, row, lost):
            remotes.append(Remote({responses.ID_NAMES[family]: remote}))
    return remotes


def _is_recent(row: Mapping[str, Any], answer: Answer, lost: LostOrder) -> bool:
    return recent(responses.text(row.get("created_at")), answer, lost, _EARLIER)


def _fits_order(family: str, row: Mapping[str, Any], lost: LostOrder) -> bool:
    body = lost.body
    if family == "character":
        count = 4 if lost.step.operation == "character.create_4" else 8
        return (
            row.get("prompt") == body.get("description")
            and row.get("directions") in (None, count)
            and _canvas_of(row, body)
        )
    words = ("lower_description", "upper_description") if family == "tileset" else ("description",)
    if any(name in row and row[name] != body.get(name) for name in words) or not any(name in row for name in words):
        return False
    return row.get("tile_size") in (None, body.get("tile_size")) if family == "tileset" else True


def _canvas_of(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    size, asked = row.get("size"), body.get("image_size")
    if not isinstance(size, dict) or not isinstance(asked, dict):
        return True
    sides = [(values.number(size.get(name)), asked.get(name)) for name in ("width", "height")]
    return all(
        got is None or not isinstance(want, int) or want <= got <= want * Decimal(_GROWTH) for got, want in sides
    )


async def _search_clips(calls: FreeCalls, lost: LostOrder) -> list[Remote]:
    character = responses.text(lost.body.get("character_id"))
    name = responses.text(lost.body.get("animation_name")) or remote_name(lost.step)
    remote = responses.clip_id(character, name)
    if not character or remote in lost.taken:
        return []
    answer = await answered(calls, f"/characters/{character}")
    if answer is None:
        return []
    groups = responses.fields(answer.json()).get("animations")
    return [Remote({"clip": remote})] if figures.listed_frames(lost.step, groups) else []
