"""Floors and walls that people made: cobbles, slabs, bricks, planks, tiles, metal, cloth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural import noise
from bridge.providers.procedural.noise import Field
from bridge.providers.procedural.palette import BASE, DARK, LIGHT, LINE, SHADE, SHINE
from bridge.providers.procedural.terrain.canvas import TextureCanvas, round_up
from bridge.providers.procedural.terrain.textures.mosaic import build_mosaic

Mask = npt.NDArray[np.bool_]


def _piece_tones(canvas: TextureCanvas, topic: str, row: Field, column: Field) -> Field:
    """0 … 65535 per piece; a variation changes the pieces that lie wholly inside."""
    seed = noise.derive_seed(canvas.seed, topic)
    tone = noise.hash_cells(seed, row, column)
    if canvas.variation:
        own = noise.hash_cells(noise.derive_seed(seed, canvas.variation), row, column)
        piece = row * 4096 + column
        outside = np.isin(piece, piece[~canvas.inside_mask(2)])
        tone = np.where(outside, tone, own)
    return tone


def _split_pieces(length: int, pieces: int) -> tuple[Field, Field, Field]:
    """Per pixel: the piece it lies in, its distance from the piece's start, and from its end (pixels)."""
    at = np.arange(length, dtype=np.int64)
    piece = at * pieces // length
    starts = -(-np.arange(pieces + 1, dtype=np.int64) * length // pieces)
    return piece, at - starts[piece], starts[piece + 1] - 1 - at


def paint_cobble(canvas: TextureCanvas) -> None:
    """Round stones with deep joints."""
    stones = build_mosaic(canvas, "stone", 5, jitter=55)
    canvas.paint(stones.tone < 16000, SHADE)
    canvas.paint(stones.tone > 56000, LIGHT)
    canvas.paint(stones.dim & (stones.tone >= 16000), SHADE)
    canvas.paint(stones.lit & (stones.tone > 20000), LIGHT)
    canvas.paint(stones.border, DARK)
    corner = np.roll(stones.border, 1, axis=0) & np.roll(stones.border, 1, axis=1)
    canvas.paint(corner & ~stones.border, DARK)


def paint_flagstone(canvas: TextureCanvas) -> None:
    """Cut slabs in rows of different width."""
    width, height = canvas.size
    row, top, bottom = _split_pieces(height, max(2, round_up(height, 8 * canvas.unit)))
    columns = round_up(width, 8 * canvas.unit)
    shifts = (row % 2) * (width // (2 * columns))
    x = (np.arange(width)[None, :] + shifts[:, None]) % width
    column, left, right = (line[x] for line in _split_pieces(width, columns))
    _paint_slabs(canvas, row[:, None] + 0 * column, column, (top[:, None], bottom[:, None], left, right))


def paint_checker(canvas: TextureCanvas) -> None:
    """Square tiles in two tones."""
    width, height = canvas.size
    row, top, bottom = _split_pieces(height, max(2, 2 * round_up(height, 16 * canvas.unit)))
    column, left, right = _split_pieces(width, max(2, 2 * round_up(width, 16 * canvas.unit)))
    rows, columns = np.broadcast_arrays(row[:, None], column[None, :])
    canvas.paint((rows + columns) % 2 == 1, SHADE)
    edge = (bottom[:, None] < canvas.unit) | (right[None, :] < canvas.unit)
    shine = ((top[:, None] < canvas.unit) | (left[None, :] < canvas.unit)) & ~edge
    odd = (rows + columns) % 2 == 1
    canvas.paint(shine & ~odd, LIGHT)
    canvas.paint(shine & odd, BASE)
    canvas.paint(edge, DARK)


def _paint_slabs(canvas: TextureCanvas, row: Field, column: Field, gaps: tuple[Field, Field, Field, Field]) -> None:
    top, bottom, left, right = gaps
    unit = canvas.unit
    tone = _piece_tones(canvas, "slab", row, column)
    joint = (bottom < unit) | (right < unit)
    canvas.paint(tone < 13000, SHADE)
    canvas.paint(((top < unit) | (left < unit)) & ~joint, LIGHT)
    canvas.paint(((bottom < 2 * unit) | (right < 2 * unit)) & ~joint & (tone >= 13000), SHADE)
    canvas.paint(joint, DARK)


def paint_brick(canvas: TextureCanvas) -> None:
    """Running bond."""
    width, height = canvas.size
    unit = canvas.unit
    row, top, bottom = _split_pieces(height, max(2, 2 * round_up(height, 8 * unit)))
    columns = round_up(width, 8 * unit)
    x = (np.arange(width)[None, :] + ((row % 2) * (width // (2 * columns)))[:, None]) % width
    column, _, right = (line[x] for line in _split_pieces(width, columns))
    rows = row[:, None] + 0 * column
    tone = _piece_tones(canvas, "brick", rows, column)
    canvas.paint(tone < 15000, SHADE)
    canvas.paint((top[:, None] < unit) & (tone >= 15000), LIGHT)
    canvas.paint((tone > 58000) & (top[:, None] >= unit), LIGHT)
    canvas.paint((bottom[:, None] < unit) | (right < unit), DARK)


def paint_planks(canvas: TextureCanvas) -> None:
    """Boards from west to east with staggered ends and nails beside them."""
    width, height = canvas.size
    unit = canvas.unit
    boards = max(2, 2 * round_up(height, 8 * unit))
    row, top, bottom = _split_pieces(height, boards)
    top, bottom = top[:, None], bottom[:, None]
    rows = row[:, None] + np.zeros((1, width), dtype=np.int64)
    # Neighbouring boards end a half tile apart, each a little off.
    nudge = noise.hash_cells(noise.derive_seed(canvas.seed, "end"), np.arange(boards)) * width // 4 >> 16
    shift = (np.arange(boards) % 2) * (width // 2) + nudge
    x = (np.arange(width)[None, :] + shift[row][:, None]) % width
    tone = _piece_tones(canvas, "board", rows, rows * 0)
    grain = canvas.smooth_noise("grain", 2, 1, stretch=4)[0]
    canvas.paint((tone < 12000) | (grain < 250), SHADE)
    canvas.paint((top < unit) & (tone >= 12000), LIGHT)
    canvas.paint((x >= 2 * unit) & (x < 3 * unit) & (top >= unit) & (top < 2 * unit), DARK)
    canvas.paint((bottom < unit) | (x < unit), DARK)


def paint_marble(canvas: TextureCanvas) -> None:
    """Large polished slabs with veins."""
    field = canvas.smooth_noise("vein", 9, 3)
    veins = np.abs(field - 512)
    levels = np.sort(veins, axis=None)
    canvas.paint(veins < int(levels[len(levels) * 12 // 100]), SHADE)
    canvas.paint(veins > int(levels[len(levels) * 86 // 100]), LIGHT)
    width, height = canvas.size
    _, top, bottom = _split_pieces(height, round_up(height, 16 * canvas.unit))
    _, left, right = _split_pieces(width, round_up(width, 16 * canvas.unit))
    joint = (bottom[:, None] < canvas.unit) | (right[None, :] < canvas.unit)
    canvas.paint(((top[:, None] < canvas.unit) | (left[None, :] < canvas.unit)) & ~joint, SHINE)
    canvas.paint(joint, DARK)


def paint_metal(canvas: TextureCanvas) -> None:
    """Riveted plates."""
    width, height = canvas.size
    unit = canvas.unit
    _, top, bottom = _split_pieces(height, round_up(height, 16 * unit))
    _, left, right = _split_pieces(width, round_up(width, 16 * unit))
    top, bottom, left, right = top[:, None], bottom[:, None], left[None, :], right[None, :]
    brushed = canvas.smooth_noise("brushed", 2, 1, stretch=6)[0]
    canvas.paint(brushed < 330, SHADE)
    canvas.paint(brushed > 760, LIGHT)
    joint = (bottom < unit) | (right < unit)
    canvas.paint(((top < unit) | (left < unit)) & ~joint, LIGHT)
    canvas.paint(((bottom < 2 * unit) | (right < 2 * unit)) & ~joint, SHADE)
    canvas.paint(joint, LINE)
    near_x, near_y = np.minimum(left, right - unit), np.minimum(top, bottom - unit)
    rivet = (near_x // unit == 2) & (near_y // unit == 2) & (near_x >= 0) & (near_y >= 0)
    canvas.paint(rivet, SHINE)
    canvas.paint(np.roll(rivet, unit, axis=0) & ~rivet, DARK)


def paint_carpet(canvas: TextureCanvas) -> None:
    """A woven lattice of diamonds with golden knots."""
    width, height = canvas.size
    period = 2 * round_up(width, 16 * canvas.unit)
    x = (np.arange(width)[None, :] * period * 8 // width) % 8
    y = (np.arange(height)[:, None] * period * 8 // height) % 8
    across = np.minimum(x, 8 - x) + np.minimum(y, 8 - y)
    canvas.paint((np.arange(height)[:, None] + np.arange(width)[None, :]) % 2 == 0, BASE)
    canvas.paint(across == 4, SHADE)
    canvas.paint((across > 4) & ((np.arange(height)[:, None] + np.arange(width)[None, :]) % 2 == 0), LIGHT)
    canvas.paint((x == 0) & (y == 0), SHINE)


PAINTERS = {
    "cobble": paint_cobble,
    "flagstone": paint_flagstone,
    "checker": paint_checker,
    "brick": paint_brick,
    "planks": paint_planks,
    "marble": paint_marble,
    "metal": paint_metal,
    "carpet": paint_carpet,
}
