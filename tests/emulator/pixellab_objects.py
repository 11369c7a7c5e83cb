"""Map objects in the emulated PixelLab, and the lists of what an account made with routes that are not emulated."""

from __future__ import annotations

from typing import Any

from tests.emulator import pictures
from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.pixellab_characters import gone
from tests.emulator.pixellab_requests import MapObject
from tests.emulator.pixellab_world import Account, Refusal, Terrain, World, page

LISTS = {"tilesets-sidescroller": "tilesets", "tiles-pro": "tiles", "ui-assets": "ui_assets"}
"""Route → where the rows stand in the answer."""


def create(world: World, call: Call, account: Account, body: MapObject) -> Response:
    """POST /map-objects: an object of one direction, by a job."""
    world.make_room(account)
    object_id = world.new_id()
    charge = world.pay(call, account, "map-object", remote_id=object_id)
    job = world.start(call, account, "object", charge, call.fate, {"object_id": object_id})
    world.objects[object_id] = Terrain(object_id, job, call.body_hash, body.model_dump(mode="json"))
    document = {"background_job_id": job.id, "object_id": object_id, "status": "queued", "usage": world.usage(None)}
    return json_response(200, document)


def listing(world: World, call: Call, account: Account) -> Response:
    """GET /objects, newest first."""
    mine = [
        row for row in reversed(list(world.objects.values())) if row.job.owner is account and not gone(world, row.job)
    ]
    shown = [_summary(world, row) for row in page(mine, call.request.query)]
    return json_response(200, {"objects": shown, "total": len(mine), "usage": None})


def detail(world: World, _call: Call, account: Account, object_id: str) -> Response:
    """GET /objects/ID; addresses of pictures are there when it is done."""
    row = world.objects.get(object_id)
    if row is None or gone(world, row.job):
        raise Refusal(404, "Object not found")
    if row.job.owner is not account:
        raise Refusal(403, "Object belongs to another user")
    size = row.request["image_size"]
    path = f"pixellab-objects/{account.user}/{row.id}/rotations/unknown.png"
    urls = {}
    if row.job.done(world.now):
        drawn = pictures.figure(row.look, (size["width"], size["height"]))
        urls = {"unknown": world.image_url(path, lambda: pictures.png(drawn))}
    return json_response(200, _summary(world, row) | {"rotation_urls": urls, "animations": [], "usage": None})


def others(world: World, call: Call, account: Account, route: str) -> Response:
    """A list of what nothing here makes: empty."""
    del world, account
    page((), call.request.query)
    return json_response(200, {LISTS[route]: [], "total": 0, "usage": None})


def _summary(world: World, row: Terrain) -> dict[str, Any]:
    job = row.job
    failed = job.broken and world.now >= job.ready
    return {
        "id": row.id,
        "name": row.request["description"][:50],
        "prompt": row.request["description"],
        "size": row.request["image_size"],
        "directions": 1,
        "view": row.request["view"],
        "preview_url": None,
        "tags": [],
        "created_at": world.stamp(job.created),
        "status": "failed" if failed else "completed" if job.done(world.now) else "processing",
    }
