"""Kind tileset: one step a pair of terrains, one sheet a step.

A sheet has a row for each mask (0 … 15; 1 … 15 where one terrain stands over nothing) and for each variation of a
full tile; columns are the frames of its animation. `meta["rows"]` lists mask, variation and number of frames.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from math import lcm
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge.assemble.parts import Part, WangTilePart
from bridge.assemble.tilesets import corners_of, pairs
from bridge.providers.api import CompileContext, ResultFile, Step, StepResult
from bridge.providers.procedural import noise, palette
from bridge.providers.procedural.terrain.edges import STEEP, edge_style
from bridge.providers.procedural.terrain.materials import Edge
from bridge.providers.procedural.terrain.pair import Ground, Picture, draw
from bridge.providers.procedural.terrain.surface import Style, Surface, paint
from bridge.providers.procedural.terrain.words import Look, look_of, named_material, normalised, tokens
from exporters.model.png import encode_png

if TYPE_CHECKING:
    from bridge.spec.model import TilesetSpec
    from bridge.spec.tiles import TerrainTable

OPERATION = "tileset.pair"
SIDES = range(8, 65)
MOST_FRAMES = 16


def compile_tileset(spec: TilesetSpec, context: CompileContext) -> list[Step]:
    """A step per pair; its params hold everything that changes a pixel, and nothing else.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    _check(spec, context)
    seed = context.seed(variant=spec.pick or 1)
    width, height = spec.cell
    common: dict[str, Any] = {
        "tile": [width, height],
        "style": normalised(spec.description or ""),
        "view": spec.view or "low top-down",
        "outline": normalised(spec.outline or ""),
        "shading": normalised(spec.shading or ""),
        "detail": normalised(spec.detail or ""),
        "colors": spec.colors or 0,
    }
    names = [terrain.name for terrain in spec.terrains]
    steps: list[Step] = []
    for number, (lower, upper) in enumerate(pairs(spec)):
        chained = lower is None or names.index(upper) == names.index(lower) + 1
        params = {
            **common,
            "lower": None if lower is None else _terrain(spec, lower, with_variations=number == 0),
            "upper": _terrain(spec, upper, with_variations=chained),
            "transition": _transition(spec, lower, upper),
        }
        key = f"set/{upper}" if lower is None else f"set/{lower}+{upper}"
        place = f"terrains.{names.index(upper)}"
        steps.append(Step(key, "procedural", OPERATION, params, seed, field=place))
    return steps


def _check(spec: TilesetSpec, context: CompileContext) -> None:
    for side in spec.cell:
        if side not in SIDES:
            raise context.fail(
                "provider_limit",
                f"tiles of {side} pixels cannot be drawn",
                "tile_size",
                f"Sides of procedural tiles are {SIDES[0]} to {SIDES[-1]} pixels.",
            )
    for place, terrain in enumerate(spec.terrains):
        if terrain.animated > 1 and not _look(spec, terrain).material.moves:
            raise context.fail(
                "spec_not_applicable",
                f"the terrain {terrain.name} is drawn from a material that does not move",
                f"terrains.{place}.animated",
                "Liquids, grass, ice, crystal and the void move; remove animated here.",
            )
    _check_motion(spec, context)


def _check_motion(spec: TilesetSpec, context: CompileContext) -> None:
    """Two moving terrains that meet share tiles, which can only move in step with both."""
    frames = {terrain.name: terrain.animated for terrain in spec.terrains}
    times = {terrain.name: terrain.frame_ms for terrain in spec.terrains}
    for lower, upper in pairs(spec):
        if lower is None or min(frames[lower], frames[upper]) < 2:
            continue
        place = [terrain.name for terrain in spec.terrains].index(upper)
        if lcm(frames[lower], frames[upper]) > MOST_FRAMES:
            raise context.fail(
                "provider_limit",
                f"{lower} and {upper} meet, but {frames[lower]} and {frames[upper]} frames have no short common loop",
                f"terrains.{place}.animated",
                "Give both the same number of frames, or one a multiple of the other.",
            )
        if times[lower] != times[upper]:
            raise context.fail(
                "spec_not_applicable",
                f"{lower} and {upper} meet and both move, so their frames must last equally long",
                f"terrains.{place}.frame_ms",
                f"Set frame_ms = {times[lower]} on both.",
            )


def _look(spec: TilesetSpec, terrain: TerrainTable) -> Look:
    return look_of(_text(terrain), normalised(spec.description or ""))


def _text(terrain: TerrainTable) -> str:
    return normalised(terrain.description or terrain.name.replace("_", " "))


def _terrain(spec: TilesetSpec, name: str, *, with_variations: bool) -> dict[str, Any]:
    terrain = next(terrain for terrain in spec.terrains if terrain.name == name)
    return {
        "name": name,
        "description": _text(terrain),
        "animated": terrain.animated,
        "variations": terrain.variations if with_variations else 0,
    }


def _transition(spec: TilesetSpec, lower: str | None, upper: str) -> dict[str, Any]:
    size, words = spec.transition_size, ""
    for transition in spec.transitions:
        if tuple(transition.between) == (lower, upper):
            size = size if transition.size is None else transition.size
            words = normalised(transition.description or "")
    return {"size": float(size), "description": words}


def run_pair(step: Step) -> StepResult:
    """Draws the sheet of a pair."""
    params = step.params
    rows = list(_pictures(params, step.seed or 0))
    width, height = params["tile"]
    columns = max(len(frames) for _, _, frames in rows)
    sheet = np.zeros((len(rows) * height, columns * width, 4), dtype=np.uint8)
    for place, (_, _, frames) in enumerate(rows):
        for column, frame in enumerate(frames):
            sheet[place * height : (place + 1) * height, column * width : (column + 1) * width] = frame
    meta = {"rows": [[mask, variation, len(frames)] for mask, variation, frames in rows]}
    return StepResult((ResultFile("tiles.png", "image/png", encode_png(sheet)),), meta)


def _pictures(params: Mapping[str, Any], seed: int) -> Iterator[tuple[int, int, Picture]]:
    """Mask, variation and frames (frames, height, width, 4) of every tile of a pair."""
    lower, upper = params["lower"], params["upper"]
    low = _surface(params, lower, seed) if lower else None
    high = _surface(params, upper, seed)
    tiles = _drawn(params, seed, low, high)
    if low is not None:
        yield 0, 0, _shown(low)
    for mask in range(1, 15):
        yield mask, 0, tiles[mask]
    yield 15, 0, _shown(high)
    for mask, terrain in ((0, lower), (15, upper)):
        for variation in range(1, (terrain["variations"] if terrain else 0) + 1):
            yield mask, variation, _shown(_surface(params, terrain, seed, variation))


def _style(params: Mapping[str, Any], seed: int) -> Style:
    # A pair has two terrains: each gets half of the colours.
    colors = max(1, params["colors"] // 2) if params["colors"] else 0
    width, height = params["tile"]
    return Style((width, height), seed, params["detail"], params["shading"], colors)


def _surface(params: Mapping[str, Any], terrain: Mapping[str, Any], seed: int, variation: int = 0) -> Surface:
    text = terrain["description"]
    look = look_of(text, params["style"])
    return paint(look, text, _style(params, seed), terrain["animated"], variation)


def _shown(surface: Surface) -> Picture:
    return palette.table(surface.colors)[surface.shades]


def _drawn(params: Mapping[str, Any], seed: int, low: Surface | None, high: Surface) -> Picture:
    upper_on_top = low is None or high.look.material.level >= low.look.material.level
    top, bottom = (high, low) if upper_on_top or low is None else (low, high)
    words, width = params["transition"]["description"], params["transition"]["size"]
    style = edge_style(
        top.look,
        bottom.look if bottom else None,
        (params["tile"][0], params["tile"][1]),
        width,
        words,
        params["view"],
        params["outline"],
    )
    strip = wall = None
    if named_material(words):
        look = look_of(words, params["style"])
        if STEEP & set(tokens(words)):
            wall = look.ramp
        elif look.material.edge is not Edge.LIQUID and width:
            strip = paint(look, words, _style(params, seed))
    colors = tuple({*top.colors, *(bottom.colors if bottom else ())}) if params["colors"] else ()
    topic = noise.derive(seed, *(params[side]["description"] for side in ("lower", "upper") if params[side]))
    return draw(
        Ground(top, bottom, upper_on_top, strip, wall, tuple(sorted(colors))),
        style,
        (params["tile"][0], params["tile"][1]),
        topic,
    )


def interpret_pair(step: Step, result: StepResult) -> list[Part]:
    """The tiles of a stored sheet."""
    from PIL import Image

    with Image.open(io.BytesIO(result.files[0].data)) as image:
        sheet = np.asarray(image.convert("RGBA"))
    width, height = step.params["tile"]
    lower = step.params["lower"]["name"] if step.params["lower"] else None
    parts: list[Part] = []
    for place, (mask, variation, count) in enumerate(result.meta["rows"]):
        row = sheet[place * height : (place + 1) * height]
        frames = tuple(row[:, column * width : (column + 1) * width] for column in range(count))
        corners = corners_of(mask, lower, step.params["upper"]["name"])
        parts.append(WangTilePart(corners, frames, variation=variation))
    return parts
