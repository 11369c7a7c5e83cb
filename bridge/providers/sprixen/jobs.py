"""How jobs are doing, and their files: everything here is free and may be repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bridge.http.outcome import TransportError
from bridge.providers.api import ResultFile, ResultUrl, Step, StepResult
from bridge.providers.asking import ABSENT, answered
from bridge.providers.paid import Broken, DamagedResultError, Finished, FreeCalls, Gone, Running, Status
from bridge.providers.sprixen import responses, sheets
from bridge.providers.sprixen.compile import single
from bridge.providers.sprixen.routes import ROUTES

MOST_FILE = 64_000_000
_UNKNOWN = "it is not known there"
_AT_ONCE: Mapping[str, str] = {
    "project.create": "project",
    "character.select": "sprite",
    "character.adopt": "sprite",
}
"""What is there as soon as it is accepted → the name of its id."""


async def check(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
    """See `PaidProvider.check`."""
    family = step.operation.partition(".")[0]
    if family == "tile":
        tile = await tile_row(calls, step, ids)
        if tile is None and step.operation == "tile.builtin" and [one async for one in tiles(calls)]:
            return Broken(f"there is no tile {ids.get('tile')} in a pack {ids.get('pack')}")
        return Running() if tile is None else responses.status_of(step, tile)
    if step.operation in _AT_ONCE:
        return Finished() if ids.get(_AT_ONCE[step.operation]) else Running()
    route = ROUTES[step.operation].status
    job = ids.get("job")
    answer = await answered(calls, route.format(job)) if job else None
    return Gone(_UNKNOWN) if answer is None else responses.status_of(step, responses.fields(answer.json()))


async def fetch(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> StepResult | Running | Gone:
    """See `PaidProvider.fetch`. The addresses are asked for again each time: only the download may have failed.

    Raises:
        TransportError: it cannot be had. DamagedResultError: the finished job has no file.
    """
    family = step.operation.partition(".")[0]
    if step.operation == "project.create":
        return StepResult((), {"project": ids["project"]})
    if step.operation == "character.adopt":
        return await _adopted(calls, step, ids["sprite"])
    if step.operation == "character.select":
        return StepResult((), {"sprite": ids["sprite"]})
    if family == "tile":
        document: Mapping[str, Any] | None = await tile_row(calls, step, ids)
        if document is None:
            return Running()
    else:
        job = ids.get("job", "")
        answer = await answered(calls, ROUTES[step.operation].status.format(job)) if job else None
        if answer is None:
            return Gone(_UNKNOWN)
        document = responses.fields(answer.json())
    urls = responses.addresses(step, document)
    if not urls:
        if isinstance(responses.status_of(step, document), Finished):
            raise DamagedResultError("the finished job holds no file")
        return Running()
    files = await downloaded(calls, step, urls)
    return Running() if files is None else StepResult(files, _meta(step, document, files, ids.get("job", "")))


async def downloaded(calls: FreeCalls, step: Step, urls: list[str]) -> tuple[ResultFile, ...] | None:
    """The files of a result, as many as were paid for; None when one is not there (yet).

    The documented sample shows three pictures for an order of one: what is beyond the order is left.
    """
    wanted = step.params.get("request", {}).get("variantCount", 1)
    files = []
    for index, url in enumerate(urls[:wanted]):
        try:
            data = (await calls.download(url, most=MOST_FILE)).body
        except TransportError as error:
            if error.status in ABSENT:
                return None
            raise
        name, media_type = kind_of(data)
        # Published under a public path; no end is said.
        address = ResultUrl(url) if single(step) else None
        files.append(ResultFile(f"{index}.{name}", media_type, data, address))
    return tuple(files)


def kind_of(data: bytes) -> tuple[str, str]:
    """The suffix and the media type of a file, by its first bytes."""
    for magic, name in ((b"fLaC", "flac"), (b"OggS", "ogg")):
        if data.startswith(magic):
            return name, f"audio/{name}"
    if data.startswith(b"RIFF"):
        return ("wav", "audio/wav") if data[8:12] == b"WAVE" else ("webp", "image/webp")
    for magic, name in ((b"GIF8", "gif"), (b"\xff\xd8", "jpeg"), (b"\x89PNG", "png")):
        if data.startswith(magic):
            return name, f"image/{name}"
    return "bin", "application/octet-stream"


def _meta(step: Step, document: Mapping[str, Any], files: tuple[ResultFile, ...], job: str) -> dict[str, Any]:
    """Facts to interpret files by: the id that later steps need, and what a sheet was taken for."""
    if step.operation == "character.create":
        return {"generation": job}
    count = None
    meta: dict[str, Any] = {}
    if step.operation.startswith("clip."):
        said = document.get("frameCount")
        count = said if isinstance(said, int) and said > 0 else step.params["request"].get("frameCount")
        meta["animation"] = job
    if step.operation == "image.pack":
        count = len(step.params["request"].get("packItems", [""]))
    if count is not None:
        meta["count"] = count
        grid = sheets.guessed(files[0], count, strip=step.operation.startswith("clip."))
        if grid is not None:
            meta["grid"] = list(grid)
    return meta


async def tile_row(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Mapping[str, Any] | None:
    """A tile in the list of packs: there is no other way to one. A built-in is known by its names."""
    async for pack, tile in tiles(calls):
        if step.operation == "tile.builtin":
            names = (responses.text(pack.get("name")).lower(), responses.text(tile.get("label")).lower())
            if names == (ids.get("pack", "").lower(), ids.get("tile", "").lower()):
                return tile
        elif responses.text(tile.get("id")) == ids.get("job"):
            return tile
    return None


async def tiles(calls: FreeCalls) -> AsyncIterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """All tiles, each with its pack."""
    answer = await answered(calls, "/tile-packs")
    for pack in responses.rows(answer.json()) if answer is not None else []:
        for tile in responses.rows(pack.get("tiles")):
            yield pack, tile


async def sprites(calls: FreeCalls) -> AsyncIterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """All sprites of the library, each with its project."""
    answer = await answered(calls, "/projects")
    for project in responses.rows(answer.json()) if answer is not None else []:
        name = responses.text(project.get("id"))
        detail = await answered(calls, f"/projects/{name}") if name else None
        for sprite in responses.rows(responses.fields(detail.json()).get("sprites")) if detail is not None else []:
            yield project, sprite


async def _adopted(calls: FreeCalls, step: Step, sprite: str) -> StepResult | Running | Gone:
    """The still of a sprite that the library has; only its project shows it."""
    async for _, row in sprites(calls):
        url = responses.text(row.get("imageUrl"))
        if responses.text(row.get("id")) == sprite and url:
            files = await downloaded(calls, step, [url])
            return Running() if files is None else StepResult(files, {"sprite": sprite})
    return Gone("no project of the account has this sprite")
