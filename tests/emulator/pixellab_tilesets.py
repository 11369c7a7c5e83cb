"""Top-down tilesets and isometric tiles in the emulated PixelLab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.emulator import pictures, terrain_pictures
from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.pictures import Pixels
from tests.emulator.pixellab_characters import gone
from tests.emulator.pixellab_images import opened
from tests.emulator.pixellab_requests import IsometricTile, Tileset
from tests.emulator.pixellab_world import Account, Job, Refusal, Terrain, World, page
from tests.emulator.terrain_pictures import CORNERS

SHEET = (13, 10, 4, 12, 6, 8, 0, 1, 11, 3, 2, 5, 15, 14, 9, 7)  # N = NW*8 + NE*4 + SW*2 + SE*1, 1 is upper
SHEET_COLUMNS = 4
LOWER, UPPER = 0, 15
LEVELS = {"lower": 0, "upper": 1, "transition": 2}
WILDCARD = 255
# Sets with a whole tile of transition: the published count is 25, with 21 different corner sets and four twins.
SLOPES = ("TTLL", "LTLL", "TLLL", "TTLU", "TTUL")
LETTERS = {"L": "lower", "U": "upper", "T": "transition"}
COLOUR_IMAGE = 64  # pixels: other sizes are accepted and then the job fails
WALLS = {"thin tile": 15, "thick tile": 25, "block": 50}  # percent of the canvas


def create(world: World, call: Call, account: Account, body: Tileset) -> Response:
    """POST /create-tileset and its alias /tilesets."""
    size = body.tile_size
    if size.width != size.height:
        raise Refusal(422, "Tiles must be square")
    colours = None if body.color_image is None else opened(body.color_image, "color_image")
    world.make_room(account)
    tileset_id = world.new_id()
    charge = world.pay(call, account, f"tileset-{size.width}", remote_id=tileset_id)
    job = world.start(call, account, "tileset", charge, call.fate, {"tileset_id": tileset_id})
    if colours is not None and colours.shape[:2] != (COLOUR_IMAGE, COLOUR_IMAGE):
        job.error = f"Expected image of size {COLOUR_IMAGE}x{COLOUR_IMAGE}"
    base = {
        "lower": body.lower_base_tile_id or world.new_id(),
        "upper": body.upper_base_tile_id or world.new_id(),
    }
    terrain = Terrain(tileset_id, job, call.body_hash, body.model_dump(mode="json"), base)
    world.tilesets[tileset_id] = terrain
    if world.variant.tileset.previews:
        job.result["image"] = world.image(_sheet([_pixels(terrain, tile) for tile in _corner_sets(world, terrain)]))
    return _accepted(world, job, tileset_id=tileset_id)


def create_isometric(world: World, call: Call, account: Account, body: IsometricTile) -> Response:
    """POST /create-isometric-tile."""
    world.make_room(account)
    tile_id = world.new_id()
    charge = world.pay(call, account, "isometric", remote_id=tile_id)
    job = world.start(call, account, "isometric", charge, call.fate, {"tile_id": tile_id})
    world.tiles[tile_id] = Terrain(tile_id, job, call.body_hash, body.model_dump(mode="json"))
    return _accepted(world, job, tile_id=tile_id)


def _accepted(world: World, job: Job, **ids: str) -> Response:
    return json_response(202, {"background_job_id": job.id, **ids, "status": "processing", "usage": world.usage(None)})


def tileset(world: World, _call: Call, account: Account, tileset_id: str) -> Response:
    """GET /tilesets/ID: 404 until the row is stored, 423 while it is made, then all tiles."""
    terrain = _ready(world, account, world.tilesets.get(tileset_id), "Tileset")
    tiles = [_tile(world, terrain, number, corners) for number, corners in enumerate(_corner_sets(world, terrain))]
    request = terrain.request
    document = {
        "tileset": {
            "total_tiles": len(tiles),
            "tile_size": request["tile_size"],
            "terrain_types": list(LEVELS)[: 2 if len(tiles) == len(SHEET) else 3],
            "tiles": tiles,
        },
        "metadata": {
            "terrain_prompts": {name: request[f"{name}_description"] for name in ("lower", "upper", "transition")},
            "terrain_ids": {f"{name}_base_tile_id": tile_id for name, tile_id in terrain.base_tiles.items()},
            "edge_types": ["lower", "upper"],
            "transition_size": request["transition_size"],
            "view": request["view"] or "high top-down",
            "generation_parameters": {name: request[name] for name in ("text_guidance_scale", "seed")},
            "created_at": world.stamp(terrain.job.created),
        },
        "usage": world.usage(terrain.job.charge),
    }
    return json_response(200, document)


def isometric(world: World, _call: Call, account: Account, tile_id: str) -> Response:
    """GET /isometric-tiles/ID."""
    terrain = _ready(world, account, world.tiles.get(tile_id), "Isometric tile")
    size = terrain.request["image_size"]
    drawn = terrain_pictures.block(
        terrain.look, (size["width"], size["height"]), WALLS[terrain.request["isometric_tile_shape"]]
    )
    return json_response(200, {"image": world.image(drawn), "usage": world.usage(terrain.job.charge)})


def listing(world: World, call: Call, account: Account) -> Response:
    """GET /tilesets, newest first."""
    return _listing(world, call, account, world.tilesets, "tilesets")


def isometric_listing(world: World, call: Call, account: Account) -> Response:
    """GET /isometric-tiles, newest first."""
    return _listing(world, call, account, world.tiles, "tiles")


def _listing(world: World, call: Call, account: Account, all_of: Mapping[str, Terrain], key: str) -> Response:
    mine = [terrain for terrain in reversed(list(all_of.values())) if _stored(world, account, terrain)]
    shown = [_summary(world, terrain) for terrain in page(mine, call.request.query)]
    return json_response(200, {key: shown, "total": len(mine), "usage": None})


def _summary(world: World, terrain: Terrain) -> dict[str, Any]:
    names = ("description", "lower_description", "upper_description", "tile_size", "view")
    job = terrain.job
    failed = job.broken and world.now >= job.ready
    return {
        "id": terrain.id,
        "name": None,
        **{name: terrain.request[name] for name in names if name in terrain.request},
        "created_at": world.stamp(job.created),
        "status": "failed" if failed else "completed" if job.done(world.now) else "processing",
    }


def _stored(world: World, account: Account, terrain: Terrain) -> bool:
    job = terrain.job
    return job.owner is account and not gone(world, job) and world.now >= job.created + world.variant.row_seconds


def _ready(world: World, account: Account, terrain: Terrain | None, what: str) -> Terrain:
    if terrain is None or not _stored(world, account, terrain):
        raise Refusal(404, f"{what} not found")
    if world.now < terrain.job.ready:
        raise world.locked(what)
    if terrain.job.broken:
        raise Refusal(404, f"{what} not found")
    return terrain


def _corner_sets(world: World, terrain: Terrain) -> list[dict[str, str]]:
    """The corners of every tile, in the order of the sheet; twins repeat the corners of a slope."""
    pairs = [{name: "upper" if n >> 3 - place & 1 else "lower" for place, name in enumerate(CORNERS)} for n in SHEET]
    count = 25 if terrain.request["transition_size"] == 1 else world.variant.tileset.tiles
    slopes = [dict(zip(CORNERS, (LETTERS[letter] for letter in text), strict=True)) for text in SLOPES]
    return (pairs + slopes + slopes)[:count]


def _tile(world: World, terrain: Terrain, number: int, corners: dict[str, str]) -> dict[str, Any]:
    style = world.variant.tileset
    size = terrain.request["tile_size"]
    column, row = number % SHEET_COLUMNS, number // SHEET_COLUMNS
    twin = number >= len(SHEET) + len(SLOPES)
    tile = {
        "id": _tile_id(world, terrain, number),
        "name": _name(world, number, corners),
        "description": None,
        "image": world.image(_pixels(terrain, corners)),
        "corners": corners,
        "pattern_4x4": _pattern(corners, twin=twin, scrambled=style.scrambled),
        # Only the box says where a tile lies in the sheet; this field disagreed with it in real sets.
        "original_position": {"col": (column * 3 + row) % SHEET_COLUMNS, "row": (row * 3 + 1) % 7},
    }
    if style.boxes:
        place = {"x": column * size["width"], "y": row * size["height"]}
        tile["bounding_box"] = place | size
    return tile


def _tile_id(world: World, terrain: Terrain, number: int) -> str:
    n = SHEET[number] if number < len(SHEET) else number
    if n in (LOWER, UPPER):
        return terrain.base_tiles["lower" if n == LOWER else "upper"]
    if world.variant.tileset.ids == "mixed":
        return str(n)
    digits = "".join(f"{pictures.digit(terrain.id, n, part):08x}" for part in range(4))
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def _name(world: World, number: int, corners: dict[str, str]) -> str:
    if world.variant.tileset.names == "wang":
        return f"wang_{SHEET[number] if number < len(SHEET) else number}"
    return "+".join(name for name in CORNERS if corners[name] == "lower") or "none"


def _pattern(corners: dict[str, str], *, twin: bool, scrambled: bool) -> dict[str, list[int]]:
    """Corner values in the middle of 4 x 4 cells; twins differ from their slope in row 0, scrambled ones throughout."""
    level = {name: LEVELS[corner] for name, corner in corners.items()}
    if scrambled:
        level = {name: (value + 1) % 2 for name, value in level.items()}
    edge = 1 if twin else WILDCARD
    return {
        "row_0": [WILDCARD, edge, edge, WILDCARD],
        "row_1": [WILDCARD, level["NW"], level["NE"], WILDCARD],
        "row_2": [WILDCARD, level["SW"], level["SE"], WILDCARD],
        "row_3": [WILDCARD] * 4,
    }


def _pixels(terrain: Terrain, corners: dict[str, str]) -> Pixels:
    """A base tile id decides the look of its terrain, so that sets which share the id share the tile."""
    looks = dict(terrain.base_tiles, transition=f"{terrain.look}/transition")
    band = round(100 * terrain.request["transition_size"]) % 100
    return terrain_pictures.tile(corners, terrain.request["tile_size"]["width"], looks, band)


def _sheet(tiles: list[Pixels]) -> Pixels:
    side = tiles[0].shape[0]
    sheet = np.zeros((-(-len(tiles) // SHEET_COLUMNS) * side, SHEET_COLUMNS * side, 4), np.uint8)
    for number, picture in enumerate(tiles):
        top, left = number // SHEET_COLUMNS * side, number % SHEET_COLUMNS * side
        sheet[top : top + side, left : left + side] = picture
    return sheet
