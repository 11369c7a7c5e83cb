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
from bridge.assemble.tilesets import corners_of, terrain_pairs
from bridge.providers.api import CompileContext, ResultFile, Step, StepResult
from bridge.providers.procedural import noise, palette
from bridge.providers.procedural.terrain.edges import STEEP, edge_style
from bridge.providers.procedural.terrain.materials import Edge
from bridge.providers.procedural.terrain.pair import Picture, TerrainPair, draw_pair
from bridge.providers.procedural.terrain.surface import TerrainSurface, TileStyle, paint_surface
from bridge.providers.procedural.terrain.words import (
    TerrainTexture,
    named_material,
    normalize_text,
    split_words,
    texture_of,
)
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
    _check_spec(spec, context)
    seed = context.seed(variant=spec.pick or 1)
    width, height = spec.cell
    common: dict[str, Any] = {
        "tile": [width, height],
        "style": normalize_text(spec.description or ""),
        "view": spec.view or "low top-down",
        "outline": normalize_text(spec.outline or ""),
        "shading": normalize_text(spec.shading or ""),
        "detail": normalize_text(spec.detail or ""),
        "colors": spec.colors or 0,
    }
    names = [terrain.name for terrain in spec.terrains]
    steps: list[Step] = []
    for number, (lower, upper) in enumerate(terrain_pairs(spec)):
        chained = lower is None or names.index(upper) == names.index(lower) + 1
        params = {
            **common,
            "lower": None if lower is None else _terrain_params(spec, lower, with_variations=number == 0),
            "upper": _terrain_params(spec, upper, with_variations=chained),
            "transition": _transition_params(spec, lower, upper),
        }
        key = f"set/{upper}" if lower is None else f"set/{lower}+{upper}"
        field = f"terrains.{names.index(upper)}"
        steps.append(Step(key, "procedural", OPERATION, params, seed, field=field))
    return steps


def _check_spec(spec: TilesetSpec, context: CompileContext) -> None:
    for side in spec.cell:
        if side not in SIDES:
            raise context.fail(
                "provider_limit",
                f"tiles of {side} pixels cannot be drawn",
                "tile_size",
                f"Sides of procedural tiles are {SIDES[0]} to {SIDES[-1]} pixels.",
            )
    for index, terrain in enumerate(spec.terrains):
        if terrain.animated > 1 and not _texture_of_terrain(spec, terrain).material.moves:
            raise context.fail(
                "spec_not_applicable",
                f"the terrain {terrain.name} is drawn from a material that does not move",
                f"terrains.{index}.animated",
                "Liquids, grass, ice, crystal and the void move; remove animated here.",
            )
    _check_motion(spec, context)


def _check_motion(spec: TilesetSpec, context: CompileContext) -> None:
    """Two moving terrains that meet share tiles, which can only move in step with both."""
    frames = {terrain.name: terrain.animated for terrain in spec.terrains}
    times = {terrain.name: terrain.frame_ms for terrain in spec.terrains}
    for lower, upper in terrain_pairs(spec):
        if lower is None or min(frames[lower], frames[upper]) < 2:
            continue
        index = [terrain.name for terrain in spec.terrains].index(upper)
        if lcm(frames[lower], frames[upper]) > MOST_FRAMES:
            raise context.fail(
                "provider_limit",
                f"{lower} and {upper} meet, but {frames[lower]} and {frames[upper]} frames have no short common loop",
                f"terrains.{index}.animated",
                "Give both the same number of frames, or one a multiple of the other.",
            )
        if times[lower] != times[upper]:
            raise context.fail(
                "spec_not_applicable",
                f"{lower} and {upper} meet and both move, so their frames must last equally long",
                f"terrains.{index}.frame_ms",
                f"Set frame_ms = {times[lower]} on both.",
            )


def _texture_of_terrain(spec: TilesetSpec, terrain: TerrainTable) -> TerrainTexture:
    return texture_of(_text_of_terrain(terrain), normalize_text(spec.description or ""))


def _text_of_terrain(terrain: TerrainTable) -> str:
    return normalize_text(terrain.description or terrain.name.replace("_", " "))


def _terrain_params(spec: TilesetSpec, name: str, *, with_variations: bool) -> dict[str, Any]:
    terrain = next(terrain for terrain in spec.terrains if terrain.name == name)
    return {
        "name": name,
        "description": _text_of_terrain(terrain),
        "animated": terrain.animated,
        "variations": terrain.variations if with_variations else 0,
    }


def _transition_params(spec: TilesetSpec, lower: str | None, upper: str) -> dict[str, Any]:
    size, words = spec.transition_size, ""
    for transition in spec.transitions:
        if tuple(transition.between) == (lower, upper):
            size = size if transition.size is None else transition.size
            words = normalize_text(transition.description or "")
    return {"size": float(size), "description": words}


def run_pair(step: Step) -> StepResult:
    """Draws the sheet of a pair."""
    params = step.params
    rows = list(_draw_tiles(params, step.seed or 0))
    width, height = params["tile"]
    columns = max(len(frames) for _, _, frames in rows)
    sheet = np.zeros((len(rows) * height, columns * width, 4), dtype=np.uint8)
    for index, (_, _, frames) in enumerate(rows):
        for column, frame in enumerate(frames):
            sheet[index * height : (index + 1) * height, column * width : (column + 1) * width] = frame
    meta = {"rows": [[mask, variation, len(frames)] for mask, variation, frames in rows]}
    return StepResult((ResultFile("tiles.png", "image/png", encode_png(sheet)),), meta)


def _draw_tiles(params: Mapping[str, Any], seed: int) -> Iterator[tuple[int, int, Picture]]:
    """Mask, variation and frames (frames, height, width, 4) of every tile of a pair."""
    lower, upper = params["lower"], params["upper"]
    low = _paint_terrain(params, lower, seed) if lower else None
    high = _paint_terrain(params, upper, seed)
    tiles = _draw_mask(params, seed, low, high)
    if low is not None:
        yield 0, 0, _color_surface(low)
    for mask in range(1, 15):
        yield mask, 0, tiles[mask]
    yield 15, 0, _color_surface(high)
    for mask, terrain in ((0, lower), (15, upper)):
        for variation in range(1, (terrain["variations"] if terrain else 0) + 1):
            yield mask, variation, _color_surface(_paint_terrain(params, terrain, seed, variation))


def _tile_style(params: Mapping[str, Any], seed: int) -> TileStyle:
    # A pair has two terrains: each gets half of the colours.
    colors = max(1, params["colors"] // 2) if params["colors"] else 0
    width, height = params["tile"]
    return TileStyle((width, height), seed, params["detail"], params["shading"], colors)


def _paint_terrain(
    params: Mapping[str, Any], terrain: Mapping[str, Any], seed: int, variation: int = 0
) -> TerrainSurface:
    text = terrain["description"]
    look = texture_of(text, params["style"])
    return paint_surface(look, text, _tile_style(params, seed), terrain["animated"], variation)


def _color_surface(surface: TerrainSurface) -> Picture:
    return palette.color_table(surface.colors)[surface.shades]


def _draw_mask(params: Mapping[str, Any], seed: int, low: TerrainSurface | None, high: TerrainSurface) -> Picture:
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
        look = texture_of(words, params["style"])
        if STEEP & set(split_words(words)):
            wall = look.ramp
        elif look.material.edge is not Edge.LIQUID and width:
            strip = paint_surface(look, words, _tile_style(params, seed))
    colors = tuple({*top.colors, *(bottom.colors if bottom else ())}) if params["colors"] else ()
    topic = noise.derive_seed(seed, *(params[side]["description"] for side in ("lower", "upper") if params[side]))
    return draw_pair(
        TerrainPair(top, bottom, upper_on_top, strip, wall, tuple(sorted(colors))),
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
    for number, (mask, variation, count) in enumerate(result.meta["rows"]):
        row = sheet[number * height : (number + 1) * height]
        frames = tuple(row[:, column * width : (column + 1) * width] for column in range(count))
        corners = corners_of(mask, lower, step.params["upper"]["name"])
        parts.append(WangTilePart(corners, frames, variation=variation))
    return parts
