"""Fetching tilesets and isometric tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.http.outcome import TransportError
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.asking import answered
from bridge.providers.paid import DamagedResultError, FreeCalls, Gone, Running
from bridge.providers.pixellab import pictures, responses, status

SIDES = ("lower", "upper")
CORNERS = ("NW", "NE", "SW", "SE")
_UNREADABLE = "a delivered tile is no picture that can be read"


async def fetch(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> StepResult | Running | Gone:
    """A tileset's tiles or an isometric tile; `Running` while it is not there (404 at first, then 423).

    Raises:
        TransportError: nobody says. DamagedResultError: the answer holds no picture.
    """
    path = status.resource_path(step, ids)
    if path is None:
        return Gone("the order's answer did not say what it made")
    try:
        answer = await answered(calls, path)
    except TransportError as error:
        if error.status == status.LOCKED:
            return Running(after=error.retry_after)
        raise
    if answer is None:
        return await status.absent(calls, ids)
    document = responses.fields(answer.json())
    if step.operation.startswith("tileset."):
        return _tileset_result(document, path.rpartition("/")[2])
    picture = pictures.read_delivered(document.get("image"), _ask(step))
    if picture is None:
        raise DamagedResultError(_UNREADABLE, pictures.damaged_files(document.get("image")))
    return StepResult((ResultFile("image.png", *picture),))


def _ask(step: Step) -> tuple[int, int] | None:
    size = step.params.get("request", {}).get("image_size")
    return (size["width"], size["height"]) if size else None


def _tileset_result(document: Mapping[str, Any], tileset: str) -> StepResult:
    """Every tile as a file; `meta` has corners and names in the same order, and the ids of the two base tiles."""
    inner = document.get("tileset")
    rows = inner.get("tiles") if isinstance(inner, dict) else None
    tiles = [tile for tile in rows if isinstance(tile, dict)] if isinstance(rows, list) else []
    size = _read_pixels(inner.get("tile_size")) if isinstance(inner, dict) else None
    files, facts = [], []
    for number, tile in enumerate(tiles):
        picture = pictures.read_delivered(tile.get("image"), size)
        if picture is None:
            raise DamagedResultError(_UNREADABLE, pictures.damaged_files([tile.get("image") for tile in tiles]))
        name = f"tile_{number:02}.png"
        files.append(ResultFile(name, *picture))
        facts.append({key: tile[key] for key in ("id", "name", "corners") if key in tile} | {"file": name})
    if not files:
        raise DamagedResultError("the finished tileset holds no tile")
    return StepResult(tuple(files), {"tileset": tileset, "tiles": facts, "bases": _base_ids(document, tiles)})


def _read_pixels(size: Any) -> tuple[int, int] | None:
    whole = isinstance(size, dict) and isinstance(size.get("width"), int) and isinstance(size.get("height"), int)
    return (size["width"], size["height"]) if whole else None


def _base_ids(document: Mapping[str, Any], tiles: list[dict[str, Any]]) -> dict[str, str]:
    """The ids of the full tiles, for sets that share a terrain: as the metadata says, else those of the tiles."""
    metadata = document.get("metadata")
    said = metadata.get("terrain_ids") if isinstance(metadata, dict) else None
    bases = {}
    for side in SIDES:
        known = said.get(f"{side}_base_tile_id") if isinstance(said, dict) else None
        whole = [tile.get("id") for tile in tiles if tile.get("corners") == dict.fromkeys(CORNERS, side)]
        base_id = responses.text(known) or next((responses.text(tile) for tile in whole), "")
        if base_id:
            bases[side] = base_id
    return bases
