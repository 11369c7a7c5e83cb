"""What the emulated Sprixen does on each route."""

from __future__ import annotations

import io
import json
import math
from functools import partial
from typing import Any

import numpy as np

from tests.emulator import pictures, sprixen_maps
from tests.emulator import sprixen_requests as bodies
from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.pictures import Pixels
from tests.emulator.sprixen_maps import GameMap
from tests.emulator.sprixen_requests import Animation, Generation, Music, Process, Select, Tile
from tests.emulator.sprixen_world import Account, Job, Project, Refusal, Sprite, Style, World

TILE = (130, 230)
FACING = {
    "down": "south",
    "down-right": "south-east",
    "right": "east",
    "up-right": "north-east",
    "up": "north",
    "up-left": "north-west",
    "left": "west",
    "down-left": "south-west",
}
RATE = 8000
PROJECT = "cmproject0000000000000001"
"""What is drawn outside of projects goes into this one."""


def _begun(world: World, job: Job, **said: Any) -> Response:
    document = {"id": job.id, "status": "pending", **said, "createdAt": world.stamp(job.created)}
    return json_response(world.style.accepted, document)


def _state(world: World, job: Job) -> dict[str, Any]:
    status = job.status(world.now)
    document: dict[str, Any] = {"id": job.id, "status": status, "createdAt": world.stamp(job.created)}
    if status == "failed":
        document["error"] = "The model returned nothing usable"
    if status == "completed":
        document["completedAt"] = world.stamp(job.created + job.seconds)
    return document


def billing(world: World, call: Call, account: Account) -> Response:
    """GET /billing/status."""
    del world, call
    plan = {"status": "active", "plan": "pro", "currentPeriodEnd": "2026-02-15T00:00:00.000Z"}
    return json_response(200, {"credits": account.left, "subscription": plan})


def generate(world: World, call: Call, account: Account, body: Generation) -> Response:
    """POST /generations."""
    own = world.projects.get(body.projectId or "")
    if body.projectId is not None and (own is None or own.owner is not account) and body.projectId != PROJECT:
        raise Refusal(404, "Project not found")
    job = world.start(call, account, "generation", body.model_dump(), body.variantCount)
    for variant in range(3 if world.style.extra_urls else body.variantCount):
        look = f"{body.prompt}/{job.id}/{variant}"
        draw = partial(_picture, look, _size(body.resolution), body.packItems, world.style.scale)
        job.urls.append(world.address(f"generations/{PROJECT}/{job.id}_{variant}.png", draw))
    return _begun(world, job, prompt=body.prompt)


def _size(resolution: str | None) -> tuple[int, int]:
    width, height = map(int, (resolution or "64x64").split("x"))
    return width, height


def _picture(look: str, size: tuple[int, int], items: list[str] | None, scale: int) -> bytes:
    if not items:
        return pictures.png(_enlarged(pictures.figure(look, size), scale))
    columns = math.ceil(math.sqrt(len(items)))
    cells = [_enlarged(pictures.figure(f"{look}/{item}", size, share=80), scale) for item in items]
    return pictures.png(_laid_out(cells, columns))


def _enlarged(pixels: Pixels, scale: int) -> Pixels:
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


def _laid_out(cells: list[Pixels], columns: int) -> Pixels:
    height, width = cells[0].shape[:2]
    sheet = np.zeros((height * -(-len(cells) // columns), width * columns, 4), np.uint8)
    for number, cell in enumerate(cells):
        top, left = number // columns * height, number % columns * width
        sheet[top : top + height, left : left + width] = cell
    return sheet


def _generation(world: World, job: Job) -> dict[str, Any]:
    document = _state(world, job) | {"prompt": job.request["prompt"], "error": None}
    if job.status(world.now) == "failed":
        document["error"] = "The model returned nothing usable"
    return document | ({"resultUrls": job.urls} if job.status(world.now) == "completed" else {"resultUrls": []})


def generation(world: World, call: Call, account: Account, name: str) -> Response:
    """GET /generations/:id."""
    del call
    return json_response(200, _generation(world, world.job(account, "generation", name)))


def generations(world: World, call: Call, account: Account) -> Response:
    """GET /generations."""
    page, limit = (int(call.request.query.get(name, standard)) for name, standard in (("page", "1"), ("limit", "20")))
    jobs = world.of(account, "generation")
    rows = [_generation(world, job) for job in jobs[(page - 1) * limit : page * limit]]
    return json_response(200, {"data": rows, "total": len(jobs), "page": page, "limit": limit})


def select(world: World, call: Call, account: Account, body: Select) -> Response:
    """POST /generations/select."""
    del call
    job = world.job(account, "generation", body.generationId)
    if job.status(world.now) != "completed" or body.variationIndex >= len(job.urls):
        raise Refusal(400, ["variationIndex must point at a finished variation"])
    name = world.new_id()
    url = job.urls[body.variationIndex]
    look = f"{job.request['prompt']}/{job.id}/{body.variationIndex}"
    home = job.request["projectId"] or PROJECT
    world.sprites[name] = Sprite(name, account, look, url, home, _size(job.request["resolution"]))
    return json_response(world.style.accepted, {"spriteId": name, "projectId": home, "imageUrl": url})


def animate(world: World, call: Call, account: Account, body: Animation, sprite: str) -> Response:
    """POST /sprites/:spriteId/animations."""
    known = world.sprites.get(sprite)
    if known is None or known.owner is not account:
        raise Refusal(404, "Sprite not found")
    job = world.start(call, account, "animation", {**body.model_dump(), "sprite": sprite}, 1)
    draw = partial(_sheet, known, body, world.style)
    job.urls.append(world.address(f"animations/{job.id}.png", draw))
    return _begun(world, job, type=body.type, frameCount=body.frameCount)


def _sheet(sprite: Sprite, body: Animation, style: Style) -> bytes:
    frames = [
        pictures.figure(
            sprite.look, sprite.size, direction=FACING[body.direction], frame=frame, belt=body.type, share=80
        )
        for frame in range(body.frameCount)
    ]
    frames = [_enlarged(pixels, style.scale) for pixels in frames]
    columns = {"strip": len(frames), "column": 1, "grid": math.ceil(math.sqrt(len(frames)))}[style.sheet]
    return pictures.png(_laid_out(frames, columns))


def animation(world: World, call: Call, account: Account, name: str) -> Response:
    """GET /animations/:id."""
    del call
    job = world.job(account, "animation", name)
    document = _state(world, job)
    if job.status(world.now) == "completed":
        document["spriteSheetUrl"] = job.urls[0]
    shown = ("type", "frameCount", "fps", "direction")
    return json_response(200, document | {name: job.request[name] for name in shown})


def process(world: World, call: Call, account: Account, body: Process, name: str) -> Response:
    """POST /animations/:id/process: a new animation, at once where the sample is right."""
    source = world.job(account, "animation", name)
    job = world.start(call, account, "animation", {**source.request, "mode": body.mode}, 0)
    job.urls = list(source.urls)
    if world.style.process_async:
        return _begun(world, job)
    job.seconds = 0
    document = {key: source.request[key] for key in ("type", "frameCount", "fps")}
    return json_response(world.style.accepted, {"id": job.id, "spriteSheetUrl": job.urls[0], **document})


def projects(world: World, call: Call, account: Account) -> Response:
    """GET /projects: a bare list."""
    del call
    homes = [sprite.project for sprite in world.sprites.values() if sprite.owner is account]
    own = [_project(one) for one in world.projects.values() if one.owner is account]
    listed = [{"id": PROJECT, "name": "My first project"}, *own]
    return json_response(200, [{**one, "spriteCount": homes.count(one["id"])} for one in listed])


def _project(project: Project) -> dict[str, Any]:
    return {"id": project.id, **project.fields}


def create_project(world: World, call: Call, account: Account, body: bodies.Project) -> Response:
    """POST /projects."""
    del call
    made = Project(world.new_id(), account, body.model_dump(exclude_none=True))
    world.projects[made.id] = made
    return json_response(world.style.accepted, {**_project(made), "createdAt": world.stamp(world.now)})


def project(world: World, call: Call, account: Account, name: str) -> Response:
    """GET /projects/:id."""
    del call
    own = world.projects.get(name)
    if name != PROJECT and (own is None or own.owner is not account):
        raise Refusal(404, "Project not found")
    sprites = [
        {"id": sprite.id, "imageUrl": sprite.url}
        for sprite in world.sprites.values()
        if sprite.owner is account and sprite.project == name
    ]
    shown = _project(own) if own is not None else {"id": name, "name": "My first project"}
    return json_response(200, {**shown, "sprites": sprites})


def sprite_animations(world: World, call: Call, account: Account, sprite: str) -> Response:
    """GET /sprites/:spriteId/animations."""
    rows = [job.id for job in world.of(account, "animation") if job.request.get("sprite") == sprite]
    return json_response(200, [json.loads(animation(world, call, account, name).body) for name in rows])


def tile(world: World, call: Call, account: Account, body: Tile) -> Response:
    """POST /tile-packs/generate."""
    job = world.start(call, account, "tile", body.model_dump(), 1)
    job.urls.append(world.address(f"tiles/{job.id}.png", partial(_tile, f"{body.prompt}/{job.id}")))
    return _begun(world, job, label=body.tileLabel)


def _tile(look: str) -> bytes:
    return pictures.png(pictures.figure(look, TILE))


def tile_packs(world: World, call: Call, account: Account) -> Response:
    """GET /tile-packs: the only place where a finished tile shows up."""
    del call
    built_in = [
        {"id": f"t{number}", "label": name, "imageUrl": _built_in(world, name), **_solid(world, _BUILT_IN[name])}
        for number, name in enumerate(sprixen_maps.TILES, 1)
    ]
    own = [
        {"id": job.id, "label": job.request["tileLabel"], "imageUrl": job.urls[0], **_solid(world, job.request)}
        for job in world.of(account, "tile")
        if job.status(world.now) == "completed"
    ]
    packs = [
        {"id": "p1", "name": "Fantasy Terrain", "isBuiltIn": True, "tiles": built_in},
        {"id": "p2", "name": "My Tiles", "isBuiltIn": False, "tiles": own},
    ]
    return json_response(200, packs)


_BUILT_IN = {name: {"collision": name in ("Water", "Tree")} for name in sprixen_maps.TILES}
"""What built-in tiles are marked as; the sample of the list does not show the mark."""


def _solid(world: World, request: dict[str, Any]) -> dict[str, bool]:
    return {"collision": request["collision"]} if world.style.collision else {}


def _built_in(world: World, name: str) -> str:
    return world.address(f"builtin/{name.lower()}.png", partial(sprixen_maps.tile_picture, name, flat=False))


def _owned(world: World, account: Account, name: str) -> GameMap:
    owner, found = world.maps.get(name, (None, None))
    if found is None or owner is not account:
        raise Refusal(404, "Map not found")
    found.settle(world.now)
    return found


def _shown(world: World, found: GameMap) -> dict[str, Any]:
    return sprixen_maps.document(found, nested=world.style.nested, stamp=world.stamp)


def create_map(world: World, call: Call, account: Account, body: bodies.Map) -> Response:
    """POST /maps."""
    del call
    name = world.new_id()
    made = GameMap(name, body.name, body.projectionType, body.gridWidth, body.gridHeight, world.now)
    world.maps[name] = (account, made)
    sample = {"id": name, "name": body.name, "projectionType": body.projectionType}
    return json_response(world.style.accepted, {**sample, "createdAt": world.stamp(world.now)})


def maps(world: World, call: Call, account: Account) -> Response:
    """GET /maps."""
    del call
    own = [found for owner, found in world.maps.values() if owner is account]
    return json_response(200, [{"id": one.id, "name": one.name, "projectionType": one.projection} for one in own])


def game_map(world: World, call: Call, account: Account, name: str) -> Response:
    """GET /maps/:id."""
    del call
    return json_response(200, _shown(world, _owned(world, account, name)))


def change_map(world: World, call: Call, account: Account, body: bodies.MapChange, name: str) -> Response:
    """PATCH /maps/:id."""
    del call
    found = _owned(world, account, name)
    found.updated = world.now
    layers = body.layers or {"terrain": body.terrain, "decorations": body.decorations}
    found.terrain = layers.get("terrain") or found.terrain
    found.decorations = layers.get("decorations") or found.decorations
    found.name = body.name or found.name
    found.packs = body.tilePackIds if body.tilePackIds is not None else found.packs
    return json_response(200, _shown(world, found))


def edit_map(world: World, call: Call, account: Account, body: bodies.MapEdit, name: str) -> Response:
    """POST /maps/:id/ai-edit: the job has no route of its own."""
    found = _owned(world, account, name)
    job = world.new_id()
    world.pay(call, account, world.style.edit_price, job)
    found.due.append((world.now + world.job_seconds, body.prompt, call.fate.partition("@")[0], job))
    return json_response(world.style.accepted, {"id": job, "status": "pending"})


def export_map(world: World, call: Call, account: Account, name: str, form: str) -> Response:
    """GET /maps/:id/export/:format, for Tiled."""
    del call
    if form != "tmx":
        raise Refusal(400, "Unsupported export format")
    found = _owned(world, account, name)
    flat = found.projection != "isometric"
    sources = sprixen_maps.source_of(world.address, world.style.export, flat=flat)
    if world.style.export == "zip":
        return Response(200, sprixen_maps.archive(found), "application/zip")
    data = sprixen_maps.tmx(found, sources)
    if world.style.export == "url":
        return json_response(200, {"url": world.address(f"exports/{name}.tmx", lambda: data)})
    return Response(200, data, "application/xml")


def compose(world: World, call: Call, account: Account, body: Music) -> Response:
    """POST /music."""
    job = world.start(call, account, "music", body.model_dump(), 3)
    job.urls.append(world.address(f"music/{job.id}.flac", partial(_flac, body.duration)))
    return _begun(world, job, prompt=body.prompt, duration=body.duration)


def _flac(seconds: int) -> bytes:
    import soundfile

    wave = np.arange(seconds * RATE, dtype=np.int64) % 40 * 400 - 8000
    target = io.BytesIO()
    soundfile.write(target, wave.astype(np.int16), RATE, format="FLAC", subtype="PCM_16")
    return target.getvalue()


def _track(world: World, job: Job) -> dict[str, Any]:
    document = _state(world, job) | {"prompt": job.request["prompt"], "duration": job.request["duration"]}
    return document | ({"audioUrl": job.urls[0]} if job.status(world.now) == "completed" else {})


def track(world: World, call: Call, account: Account, name: str) -> Response:
    """GET /music/:id."""
    del call
    return json_response(200, _track(world, world.job(account, "music", name)))


def tracks(world: World, call: Call, account: Account) -> Response:
    """GET /music."""
    del call
    return json_response(200, [_track(world, job) for job in world.of(account, "music")])
