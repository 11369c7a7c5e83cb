"""Moving a given picture: each frame samples it through a scale, a shear, a turn and a shift.

Pixels are picked, never mixed, so pixel art stays pixel art. The frame keeps the size of the picture; hops and pulses
use the room that the picture leaves and squash where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from exporters.model.asset import Pixels

from .space import Array, Scalar, cosd, sample_curve, sind, sine_wave


@dataclass(slots=True)
class Move:
    """Per frame: width and height factors about the foot (or the middle), shear in pixels at the top, turn in degrees,
    shift in pixels (up is positive), light added (0–255) and the share of pixels that is gone."""

    wide: Scalar = 1.0
    tall: Scalar = 1.0
    shear: Scalar = 0.0
    turn: Scalar = 0.0
    x: Scalar = 0.0
    y: Scalar = 0.0
    light: Scalar = 0.0
    gone: Scalar = 0.0
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """The picture's content: height in pixels, free rows above it, largest factor that still fits, frame height."""

    height: int
    above: int
    factor: float
    frame: int


def _move_hop(t: Array, room: Room) -> Move:
    high = min(room.frame * 0.25, float(room.above))
    squash = sample_curve(t, ((0, 1), (0.18, 0.82), (0.35, 1), (0.65, 1), (0.84, 0.84), (1, 1)))
    return Move(tall=squash, wide=1.0 + (1.0 - squash) * 0.5,
                y=high * sample_curve(t, ((0, 0), (0.18, 0), (0.5, 1), (0.82, 0), (1, 0))))  # fmt: skip


def _move_shake(t: Array, room: Room) -> Move:
    fade = 1.0 - t
    return Move(
        x=max(room.frame / 16.0, 1.0) * fade * sine_wave(t * 2.0 + 0.25), light=170.0 * np.where(t < 0.01, 1.0, 0.0)
    )


def _move_lunge(t: Array, room: Room) -> Move:
    go = sample_curve(t, ((0, 0), (0.3, -0.5), (0.42, -0.5), (0.6, 1), (0.75, 1), (1, 0)))
    return Move(x=room.frame / 8.0 * go, shear=room.frame / 10.0 * go, tall=1.0 - 0.06 * np.abs(go))


_MOVES: dict[str, Callable[[Array, Room], Move]] = {
    "breathe": lambda t, room: Move(tall=1.0 - max(0.04, 1.0 / room.height) * (1.0 - sine_wave(t + 0.25)) / 2.0),
    "hop": _move_hop,
    "shake": _move_shake,
    "squash": lambda t, room: Move(
        tall=min(1.0, room.factor) - 0.12 - 0.12 * sine_wave(t), wide=1.0 + 0.08 * sine_wave(t)
    ),
    "sway": lambda t, room: Move(shear=max(1.0, room.height / 10.0) * sine_wave(t)),
    "spin": lambda t, _room: Move(turn=360.0 * t, centred=True),
    "dissolve": lambda t, room: Move(gone=t, y=min(float(room.above), 2.0) * t),
    "lunge": _move_lunge,
    "float": lambda t, room: Move(y=np.floor(min(room.above / 2.0, room.frame / 10.0) * (1.0 + sine_wave(t)) + 0.5)),
    "pulse": lambda t, room: Move(
        wide=min(room.factor, 1.08) - 0.2 * (1.0 - sine_wave(t)) / 2.0,
        tall=min(room.factor, 1.08) - 0.2 * (1.0 - sine_wave(t)) / 2.0,
        centred=True,
    ),
    "glow": lambda t, _room: Move(light=70.0 * (1.0 - sine_wave(t + 0.25)) / 2.0),
    "waddle": lambda t, room: Move(
        shear=max(1.0, room.height / 14.0) * sine_wave(t), tall=1.0 - 0.06 * (1.0 - sine_wave(2.0 * t + 0.25)) / 2.0
    ),
}


def move_picture(picture: Pixels, motion: str, frames: int, *, loop: bool) -> Pixels:
    """Frames (n, height, width, 4) of a picture in a motion of `pictures.MOTIONS`."""
    height, width = picture.shape[:2]
    solid = picture[:, :, 3] > 0
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if rows.size == 0:
        return np.repeat(picture[None], frames, axis=0)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    foot = (left + right) / 2.0, float(bottom)
    half = max(foot[0] - left, 1.0)
    factor = min(height / (bottom - top), min(foot[0], width - foot[0]) / half)
    t = np.arange(frames) / (frames if loop else max(frames - 1, 1))
    move = _MOVES[motion](t, Room(bottom - top, top, factor, height))
    pivot = (foot[0], (top + bottom) / 2.0) if move.centred else foot
    row, column = _sample_source(move, frames, (height, width), pivot, bottom - top)
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    out = np.where(inside[..., None], picture[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)], np.uint8(0))
    return _apply_light(out, move, frames)


def _sample_source(
    move: Move, frames: int, size: tuple[int, int], pivot: tuple[float, float], tall: int
) -> tuple[Array, Array]:
    """The source row and column of every pixel of every frame."""

    def each(value: Scalar) -> Array:
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (frames,))[:, None, None]

    x = np.arange(size[1])[None, None, :] + 0.5 - pivot[0] - np.floor(each(move.x) + 0.5)
    y = np.arange(size[0])[None, :, None] + 0.5 - pivot[1] + np.floor(each(move.y) + 0.5)
    # A lean moves whole rows by whole pixels, so no column of the picture gets torn.
    x = x - np.floor(each(move.shear) * (-y / tall) + 0.5)
    s, c = each(sind(move.turn)), each(cosd(move.turn))
    x, y = x * c + y * s, y * c - x * s
    across, down = x / each(move.wide) + pivot[0], y / each(move.tall) + pivot[1]
    return (np.floor(np.floor(down * 1024.0 + 0.5) / 1024.0).astype(np.int64),
            np.floor(np.floor(across * 1024.0 + 0.5) / 1024.0).astype(np.int64))  # fmt: skip


def _apply_light(out: Pixels, move: Move, frames: int) -> Pixels:
    """Light added and pixels taken away."""
    height, width = out.shape[1:3]
    light = np.broadcast_to(np.asarray(move.light, dtype=np.float64), (frames,)).astype(np.int64)
    color = out[..., :3].astype(np.int64)
    color = color + (255 - color) * light[:, None, None, None] // 255
    y, x = np.mgrid[0:height, 0:width]
    grain = ((x * 7919 + y * 104729 + (x * y) * 31) * 2654435761 >> 9) % 256
    gone = np.broadcast_to(np.asarray(move.gone, dtype=np.float64), (frames,)) * 256.0
    stays = (grain[None] >= np.floor(gone)[:, None, None]) & (out[..., 3] > 0)
    result = np.zeros_like(out)
    result[..., :3] = np.where(stays[..., None], color, 0)
    result[..., 3] = np.where(stays, out[..., 3], 0)
    return result
