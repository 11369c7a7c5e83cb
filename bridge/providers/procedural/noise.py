"""Seeded integer noise: the same numbers on every machine.

Everything here is integer arithmetic modulo 2^64 and shifts; no float is involved, so pictures made from it do not
depend on a processor or a maths library. The mixing step is the SplitMix64 finaliser (Steele, Lea and Flood, "Fast
splittable pseudorandom number generators", 2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Field: TypeAlias = npt.NDArray[np.int64]
Choice = TypeVar("Choice")

ONE = 1024
_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


def _mix_bits(value: int) -> int:
    value = ((value ^ (value >> 30)) * _FIRST) & _MASK
    value = ((value ^ (value >> 27)) * _SECOND) & _MASK
    return value ^ (value >> 31)


def derive_seed(seed: int, *topics: str | int) -> int:
    """A seed of its own for a topic: changing one topic leaves the numbers of all others alone."""
    state = seed & _MASK
    for topic in topics:
        for byte in str(topic).encode() + b"\0":
            state = _mix_bits((state + byte + _STEP) & _MASK)
    return state


def hash_cells(seed: int, *coordinates: Field | int) -> Field:
    """Noise without any smoothness: 0 … 65535 for each place of the (broadcast) integer coordinates."""
    state = np.asarray(seed & _MASK, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for coordinate in coordinates:
            # Negative coordinates wrap to the same 64 bits on every platform.
            state = state + np.asarray(coordinate, dtype=np.int64).astype(np.uint64) + np.uint64(_STEP)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(_FIRST)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(_SECOND)
            state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(48)).astype(np.int64)


def _locate_cells(length: int, cells: int) -> tuple[Field, Field]:
    """For each of `length` steps: the cell it lies in, and the smooth weight (0 … 256) of the next cell."""
    position = (2 * np.arange(length, dtype=np.int64) + 1) * cells * 128 // length
    part = position & 255
    return position >> 8, (part * part * (768 - 2 * part)) >> 16


def periodic_noise(seed: int, size: tuple[int, int], cells: tuple[int, int], phases: int = 1) -> Field:
    """Smooth noise of 0 … ONE − 1 that repeats after `size` (width, height) and after `phases` frames.

    Shape (phases, height, width). `cells` (across, down) is how many bumps fit into the tile: at least 1 each.
    """
    width, height = size
    across, down = max(1, cells[0]), max(1, cells[1])
    columns, right = _locate_cells(width, across)
    rows, below = _locate_cells(height, down)
    turns = max(1, min(phases, 3)) if phases > 1 else 1
    layers, later = _locate_cells(phases, turns)

    def knots(layer: Field, row: Field, column: Field) -> Field:
        at = (layer % turns)[:, None, None], (row % down)[None, :, None], (column % across)[None, None, :]
        return hash_cells(seed, *at) >> 6

    def plane(layer: Field) -> Field:
        def line(row: Field) -> Field:
            near, far = knots(layer, row, columns), knots(layer, row, columns + 1)
            return near + (((far - near) * right[None, None, :]) >> 8)

        upper, lower = line(rows), line(rows + 1)
        return upper + (((lower - upper) * below[None, :, None]) >> 8)

    first = plane(layers)
    if turns == 1:
        return first
    second = plane(layers + 1)
    return first + (((second - first) * later[:, None, None]) >> 8)


def layered_noise(seed: int, size: tuple[int, int], cells: tuple[int, int], octaves: int, phases: int = 1) -> Field:
    """Several octaves of `periodic_noise`, each twice as fine and half as strong; 0 … ONE − 1."""
    total = np.zeros((phases, size[1], size[0]), dtype=np.int64)
    weight, weights = 1 << octaves, 0
    for octave in range(octaves):
        finer = (cells[0] << octave, cells[1] << octave)
        total += periodic_noise(derive_seed(seed, octave), size, finer, phases) * weight
        weights += weight
        weight >>= 1
    return total // weights


class Dice:
    """A stream of choices from a seed and a topic."""

    def __init__(self, seed: int, *topics: str | int) -> None:
        self._state = derive_seed(seed, *topics)

    def number(self, below: int) -> int:
        """A whole number from 0 to `below` − 1."""
        self._state = (self._state + _STEP) & _MASK
        return _mix_bits(self._state) % below

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of the choices."""
        return choices[self.number(len(choices))]

    def chance(self, percent: int) -> bool:
        """True in so many of 100 throws."""
        return self.number(100) < percent


def scatter_points(dice: Dice, size: tuple[int, int], count: int, distance: int) -> list[tuple[int, int]]:
    """Up to `count` places on a torus of `size`, each at least `distance` pixels from the others where room allows.

    Best of some candidates (Mitchell 1991), so that the places are even and no clump shows as a repeating blob.
    """
    width, height = size
    places: list[tuple[int, int]] = []
    for _ in range(count):
        best, best_gap = (0, 0), -1
        for _ in range(12):
            x, y = dice.number(width), dice.number(height)
            gap = min((torus_gap(size, (x, y), other) for other in places), default=width * width + height * height)
            if gap > best_gap:
                best, best_gap = (x, y), gap
        if best_gap < distance * distance:
            break
        places.append(best)
    return places


def torus_gap(size: tuple[int, int], one: tuple[int, int], two: tuple[int, int]) -> int:
    """The squared distance of two places when the picture repeats."""
    across, down = abs(one[0] - two[0]), abs(one[1] - two[1])
    across, down = min(across, size[0] - across), min(down, size[1] - down)
    return across * across + down * down
