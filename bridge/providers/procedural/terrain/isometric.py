"""Kind isometric_tiles: one step a tile, blocks of ground on a diamond, and props that stand on it.

The ground diamond lies at the bottom of the canvas. Its pixels follow the two axes of the grid, half-open like the
cells of a lattice, so that neighbouring tiles leave no gap and never overlap, for any even grid size.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bridge.assemble.parts import ImagePart, Part
from bridge.providers.api import CompileContext, ResultFile, Step, StepResult
from bridge.providers.procedural import noise, palette
from bridge.providers.procedural.palette import DARK, LIGHT, LINE, SHADE, SHADES, Ramp
from bridge.providers.procedural.terrain import props
from bridge.providers.procedural.terrain.materials import Edge
from bridge.providers.procedural.terrain.surface import TerrainSurface, TileStyle, paint_surface
from bridge.providers.procedural.terrain.words import TerrainTexture, normalize_text, texture_of, word_set
from exporters.model.png import encode_png

if TYPE_CHECKING:
    from bridge.spec.model import IsometricTilesSpec

# Earth in the side of a block: rows and columns of a course of stones, and how many of 100 places hold one.
_COURSE, _STONE, _STONES = 4, 6, 55
OPERATION = "isometric.tile"
SIDES = range(16, 257)
# Textures of straight pieces follow the grid; loose ones look better upright.
_ON_GRID = word_set("cobble flagstone checker brick planks marble metal carpet rock crystal cracked farmland lava")
Picture = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def compile_tiles(spec: IsometricTilesSpec, context: CompileContext) -> list[Step]:
    """A step per tile.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    width, height = spec.tile_size
    grid = list(spec.grid) if spec.grid else [width, width // 2]
    for field, sides in (("tile_size", (width, height)), ("grid", tuple(grid))):
        if field == "tile_size" and not all(side in SIDES for side in sides):
            raise context.fail(
                "provider_limit",
                f"isometric tiles of {width} × {height} pixels cannot be drawn",
                field,
                f"Sides are {SIDES[0]} to {SIDES[-1]} pixels.",
            )
        if field == "grid" and (any(side % 2 or side < 8 for side in sides) or sides[1] > height or sides[0] > width):
            raise context.fail(
                "provider_limit",
                f"a grid of {grid[0]} × {grid[1]} pixels leaves gaps between tiles",
                field if spec.grid else "tile_size",
                "Both sides of the grid must be even, at least 8, and fit into tile_size.",
            )
    seed = context.seed(variant=spec.pick or 1)
    steps = []
    for index, tile in enumerate(spec.tiles):
        params = {
            "tile": [width, height],
            "grid": grid,
            "shape": tile.shape or spec.shape,
            "description": normalize_text(tile.description or tile.name.replace("_", " ")),
            "style": normalize_text(spec.description or ""),
            "outline": normalize_text(spec.outline or ""),
            "shading": normalize_text(spec.shading or ""),
            "detail": normalize_text(spec.detail or ""),
            "colors": spec.colors or 0,
        }
        steps.append(Step(f"tile/{tile.name}", "procedural", OPERATION, params, seed, field=f"tiles.{index}"))
    return steps


def run_tile(step: Step) -> StepResult:
    """Draws one tile."""
    pixels = draw_tile(step.params, step.seed or 0)
    return StepResult((ResultFile("tile.png", "image/png", encode_png(pixels)),))


def interpret_tile(step: Step, result: StepResult) -> list[Part]:
    """The tile, by the name in its key."""
    from PIL import Image

    with Image.open(io.BytesIO(result.files[0].data)) as image:
        return [ImagePart(step.key.removeprefix("tile/"), np.asarray(image.convert("RGBA")))]


@dataclass(frozen=True, slots=True)
class IsometricBlock:
    """A block in its canvas (height, width): the masks of its three visible sides and how far below the rim a pixel
    of the left or right side lies; `rise` is the block's height in pixels.
    """

    top: Mask
    left: Mask
    right: Mask
    depth: npt.NDArray[np.int64]
    rise: int


def diamond_mask(grid: tuple[int, int]) -> Mask:
    """The cell's pixels (height, width): 2, 6, 10 … W − 2, W − 2 … 6, 2 wide for a grid of W × W/2."""
    along, across = _grid_axes(grid, np.arange(grid[0])[None, :], np.arange(grid[1])[:, None])
    whole = 2 * grid[0] * grid[1]
    return (along >= 0) & (along < whole) & (across >= 0) & (across < whole)


def _grid_axes(
    grid: tuple[int, int], x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pixel centres on the two grid axes; a cell is 2·W·H long on each."""
    width, height = grid
    right, down = (2 * x + 1 - width) * height, (2 * y + 1 - height) * width
    return down + right + width * height, down - right + width * height


def build_block(tile: tuple[int, int], grid: tuple[int, int], rise: int) -> IsometricBlock:
    """A block of some height over the ground diamond at the bottom middle of the canvas."""
    width, height = tile
    cell = np.zeros((height, width), dtype=bool)
    left = (width - grid[0]) // 2
    start = height - grid[1] - rise
    cell[start : start + grid[1], left : left + grid[0]] = diamond_mask(grid)
    body, depth = cell.copy(), np.zeros((height, width), dtype=np.int64)
    for step in range(1, rise + 1):
        lower = np.zeros_like(cell)
        lower[step:] = cell[:-step]
        depth[lower & ~body] = step
        body |= lower
    sides = body & ~cell
    middle = np.arange(width)[None, :] < width // 2
    return IsometricBlock(cell, sides & middle, sides & ~middle, depth, rise)


def rise_of(shape: str, tile: tuple[int, int], grid: tuple[int, int]) -> int:
    """How high a shape stands: a block fills the canvas, thick is half of it, thin an eighth of the grid."""
    room = tile[1] - grid[1]
    wanted = {"block": room, "thick": max(room // 2, grid[1] // 4), "thin": max(1, grid[1] // 8)}[shape]
    return min(room, wanted)


def draw_tile(params: Mapping[str, Any], seed: int) -> Picture:
    """The picture (height, width, 4) of a tile's params."""

    tile, grid = tuple(params["tile"]), tuple(params["grid"])
    text = params["description"]
    prop, ground = props.find_prop(text)
    result = np.zeros((tile[1], tile[0], 4), dtype=np.uint8)
    if prop is None or ground:
        look = texture_of(ground or text, params["style"])
        block = build_block(tile, grid, rise_of("thin" if prop else params["shape"], tile, grid))
        result = draw_block(block, look, ground or text, grid, _tile_style(params, seed))
    if prop is not None:
        standing = props.draw_prop(prop, text, tile, grid, noise.derive_seed(seed, text))
        result = np.where(standing[..., 3:] > 0, standing, result)
    return _limit_colors(_draw_outline(result, params["outline"]), params["colors"])


def _tile_style(params: Mapping[str, Any], seed: int) -> TileStyle:
    side = max(8, params["grid"][0] // 2)
    return TileStyle((side, side), seed, params["detail"], params["shading"])


def draw_block(
    block: IsometricBlock, look: TerrainTexture, text: str, grid: tuple[int, int], style: TileStyle
) -> Picture:
    """Top, left and right side of a block of one material; light comes from the upper left."""
    height, width = block.top.shape
    result = np.zeros((height, width, 4), dtype=np.uint8)
    surface = paint_surface(look, text, style)
    _draw_top(result, block, surface, text, grid, style)
    if block.rise:
        _draw_sides(result, block, surface, style.seed)
    return result


def _draw_top(
    result: Picture, block: IsometricBlock, surface: TerrainSurface, text: str, grid: tuple[int, int], style: TileStyle
) -> None:
    rows, columns = np.nonzero(block.top)
    y, x = rows - rows.min(), columns - (block.top.shape[1] - grid[0]) // 2
    if surface.look.material.texture in _ON_GRID:
        along, across = _grid_axes(grid, x, y)
        height, width = surface.shades.shape[1:]
        whole = 2 * grid[0] * grid[1]
        shades = surface.shades[0, across * height // whole, along * width // whole]
    else:
        surface = paint_surface(
            surface.look, text, TileStyle(grid, style.seed, style.detail, style.shading), diamond=True
        )
        shades = surface.shades[0, y, x]
    result[rows, columns] = palette.color_table(surface.colors)[shades]
    rim = block.top & (_shift_up(block.left) | _shift_up(block.right))
    if block.rise > grid[1] // 4 and surface.look.material.edge is not Edge.LIQUID:
        result[rim] = (*surface.colors[LIGHT], 255)


def _shift_up(mask: Mask) -> Mask:
    """One pixel higher."""
    moved = np.zeros_like(mask)
    moved[:-1] = mask[1:]
    return moved


def _draw_sides(result: Picture, block: IsometricBlock, surface: TerrainSurface, seed: int) -> None:
    """The texture upright on both sides, darker on the right; plants hang over a wall of earth."""
    material = surface.look.material
    height, width = block.top.shape
    along = np.broadcast_to(np.abs(2 * np.arange(width) + 1 - width) // 2, (height, width))
    for mask, change in ((block.left, -1), (block.right, -2)):
        y, x = block.depth[mask] - 1, along[mask]
        if material.wall is not None or material.edge in (Edge.SOFT, Edge.TUFT, Edge.LIQUID):
            colors = _paint_layers(
                surface, material.wall or surface.look.ramp, y, x + (mask is block.right) * 97, change, block.rise, seed
            )
        else:
            shades = surface.shades[0, y % surface.shades.shape[1], x % surface.shades.shape[2]].astype(np.int64)
            steps = np.where(shades < SHADES, np.clip(shades + change, LINE, SHADES - 1), shades)
            colors = palette.color_table(surface.colors)[steps]
        result[mask] = colors


def _paint_layers(
    surface: TerrainSurface,
    ramp: Ramp,
    depth: npt.NDArray[np.int64],
    along: npt.NDArray[np.int64],
    change: int,
    rise: int,
    seed: int,
) -> Picture:
    """Earth or sand in uneven layers; growth hangs over it in a fringe of up to a third of the height."""
    own = surface.look.material.wall is None
    wall = palette.color_table(ramp)
    shades = SHADE + 1 + change + _place_pebbles(depth, along, rise, noise.derive_seed(seed, "layer"))
    shades = np.where(depth >= rise - max(1, rise // 6), shades - 1, shades)
    colors = wall[np.clip(shades, LINE, SHADES - 1)]
    if own:
        return colors
    fringe = 1 + noise.hash_cells(noise.derive_seed(seed, "fringe"), along) % max(1, min(rise - 1, 2 + rise // 6))
    green = palette.color_table(surface.colors)[
        np.where(depth + 1 >= fringe, DARK, SHADE + 1 + change + (change == -1))
    ]
    return np.where((depth < fringe)[:, None], green, colors)


def _place_pebbles(
    depth: npt.NDArray[np.int64], along: npt.NDArray[np.int64], rise: int, seed: int
) -> npt.NDArray[np.int64]:
    """Steps of light: short stones, lit above and dark below, in staggered rows; specks would only be noise."""
    unit = max(1, rise // 16)
    row, column = depth // unit, along // unit
    course = row // _COURSE
    position = column + course % 2 * (_STONE // 2)
    luck = noise.hash_cells(seed, course, position // _STONE)
    wide = 2 + luck // 7 % 2
    start = luck // 11 % (_STONE - wide + 1)
    inside = (luck % 100 < _STONES) & (position % _STONE >= start) & (position % _STONE < start + wide)
    top = luck // 37 % (_COURSE - 1)
    return np.where(inside & (row % _COURSE == top), 1, np.where(inside & (row % _COURSE == top + 1), -1, 0))


def _draw_outline(pixels: Picture, outline: str) -> Picture:
    """A line on the inside of the silhouette where the spec asks for one."""
    if not outline or "lineless" in outline or "no outline" in outline or outline == "none":
        return pixels
    opaque = pixels[..., 3] > 0
    padded = np.pad(opaque, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    result = pixels.copy()
    if "black" in outline:
        result[opaque & ~inner] = (20, 18, 26, 255)
    else:
        result[opaque & ~inner, :3] = pixels[opaque & ~inner, :3] // 2
    return result


def _limit_colors(pixels: Picture, most: int) -> Picture:
    """At most so many colours: the most frequent stay, the others become the nearest of them."""
    if not most:
        return pixels
    codes = pixels.astype(np.int64) @ np.array([1, 256, 65536, 16777216])
    values, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    ranked = sorted(zip((-counts).tolist(), values.tolist(), strict=True))
    kept = [_unpack_rgb(code) for _, code in ranked if code >> 24][:most]
    table = np.zeros((len(values), 4), dtype=np.uint8)
    for index, code in enumerate(values.tolist()):
        if code >> 24:
            table[index] = (*palette.nearest_color(_unpack_rgb(code), kept), 255)
    return table[inverse].reshape(pixels.shape)


def _unpack_rgb(code: int) -> palette.RGB:
    return code & 255, code >> 8 & 255, code >> 16 & 255
