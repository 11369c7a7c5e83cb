"""Clips of other hands on a character's ground, and parts by their names."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.assemble.align_clip import align_clip
from bridge.assemble.parts import ClipPart, ImagePart, Part, frames_called, join_clips, part_name
from bridge.processing.canvas import bounds_of
from exporters.model.asset import Pixels

PINK = (255, 0, 255, 255)


def canvas(width: int, height: int, left: int, top: int, right: int, below: int) -> Pixels:
    """A red figure of an arm's breadth more at the top, on nothing."""
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    pixels[top:below, left:right] = (200, 30, 30, 255)
    pixels[top, left] = (30, 30, 200, 255)
    return pixels


STILL = canvas(20, 24, 8, 4, 12, 20)


def test_frames_of_the_stills_size_stay_as_they_are() -> None:
    frames = [canvas(20, 24, 1, 1, 5, 9)]
    (same,) = align_clip(frames, STILL)
    assert same is frames[0]


@pytest.mark.parametrize("scale", [2, 3, 10])
def test_larger_clips_come_to_the_scale_and_the_feet_of_the_still(scale: int) -> None:
    large = [pixels.repeat(scale, axis=0).repeat(scale, axis=1) for pixels in (STILL, canvas(20, 24, 9, 5, 13, 20))]
    for pixels in large:
        pixels[pixels[..., 3] == 0] = PINK
    first, second = align_clip(large, STILL)
    assert bounds_of([first]) == bounds_of([STILL])
    assert bounds_of([second]) == (9, 5, 13, 20)
    assert np.array_equal(first[4, 8], STILL[4, 8])


def test_smaller_canvases_keep_their_pixels() -> None:
    (placed,) = align_clip([canvas(6, 18, 1, 1, 5, 17)], STILL)
    assert bounds_of([placed]) == bounds_of([STILL])
    assert placed.shape[:2] == (24, 20)


def test_a_wide_swing_widens_the_canvas_on_both_sides() -> None:
    frames = [canvas(60, 24, 28, 4, 32, 20), canvas(60, 24, 5, 4, 32, 20)]
    first, second = align_clip(frames, STILL)
    assert first.shape == second.shape
    assert (first.shape[1] - 20) % 2 == 0
    aside = (first.shape[1] - 20) // 2
    found = bounds_of([first])
    assert found is not None
    assert found[0] == 8 + aside
    assert int((second[..., 3] > 0).sum()) == 27 * 16


def test_nothing_to_stand_on_leaves_the_frames() -> None:
    empty = np.zeros((8, 8, 4), dtype=np.uint8)
    (kept,) = align_clip([empty], STILL)
    assert kept.shape == empty.shape


def clip(name: str, direction: str | None, *values: int, whole: bool = False) -> ClipPart:
    frames = tuple(np.full((2, 2, 4), value, dtype=np.uint8) for value in values)
    return ClipPart(name, direction, frames, whole=whole)


def values(frames: tuple[Pixels, ...]) -> list[int]:
    return [int(pixels[0, 0, 0]) for pixels in frames]


def test_parts_are_found_by_their_names() -> None:
    still = ImagePart("south", np.full((2, 2, 4), 9, dtype=np.uint8))
    parts: list[Part] = [still, clip("walk", "east", 1, 2), clip("idle", "east", 3), clip("block", None, 4)]
    assert [part_name(part) for part in parts] == ["still/south", "clip/walk/east", "clip/idle/east", "clip/block"]
    assert values(frames_called(parts, "still/south")) == [9]
    assert values(frames_called(parts, "clip/walk/east")) == [1, 2]
    # A direction without a still is shown by its idle.
    assert values(frames_called(parts, "still/east")) == [3]
    assert frames_called(parts, "still/north") == ()
    assert frames_called(parts, "clip/run") == ()
    assert values(frames_called([ImagePart("", still.pixels)], "still/1")) == [9]


def test_a_whole_clip_stands_in_for_what_came_before() -> None:
    pieces = [
        clip("walk", "east", 1),
        clip("walk", "east", 2),
        clip("run", "east", 5),
        clip("run", "east", 6, whole=True),
    ]
    assert [values(part.frames) for part in join_clips(pieces)] == [[1, 2], [6]]
