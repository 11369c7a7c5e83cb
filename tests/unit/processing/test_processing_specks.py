"""Stray pixels go, the subject and everything that touches it stays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.processing.pipeline import process_clips
from bridge.processing.settings import ProcessSettings
from bridge.processing.specks import without_specks
from bridge.processing.steps.despeckle import DespeckleStep
from bridge.processing.steps.outline import OutlineStep
from bridge.processing.steps.upscale import UpscaleStep
from exporters.model.asset import Pixels

MASKS = arrays.arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def painted(*rows: str) -> Pixels:
    """`#` is opaque."""
    mask = np.array([[cell == "#" for cell in row] for row in rows])
    return picture(mask)


def picture(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Pixels:
    pixels = np.zeros((*mask.shape, 4), dtype=np.uint8)
    pixels[mask] = (200, 100, 50, 255)
    return pixels


def shown(pixels: Pixels) -> list[str]:
    return ["".join("#" if cell else "." for cell in row) for row in pixels[..., 3] > 0]


SUBJECT = ("#..##..", "..####.", ".#####.", "#..##..", ".....##", "#......", "#.....#")


def test_groups_up_to_the_size_go_and_corners_connect() -> None:
    assert shown(without_specks(painted(*SUBJECT), 1)) == [
        "...##..", "..####.", ".#####.", "#..##..", ".....##", "#......", "#......"
    ]  # fmt: skip
    assert shown(without_specks(painted(*SUBJECT), 2))[5:] == [".......", "......."]


def test_nothing_goes_where_nothing_larger_is() -> None:
    spark = painted("#..", "...", "..#")
    assert without_specks(spark, 4) is spark


def connected(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[set[tuple[int, int]]]:
    """Groups over eight neighbours, the slow and simple way."""
    left = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    groups = []
    while left:
        group, edge = set(), [left.pop()]
        while edge:
            row, column = edge.pop()
            group.add((row, column))
            near = {(row + y, column + x) for y in (-1, 0, 1) for x in (-1, 0, 1)} & left
            left -= near
            edge += near
        groups.append(group)
    return groups


@given(MASKS, st.integers(1, 6))
def test_exactly_the_small_groups_go(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], most: int) -> None:
    groups = connected(mask)
    large = [group for group in groups if len(group) > most]
    wanted = set.union(*large) if large else set.union(set(), *groups)
    found = without_specks(picture(mask), most)
    assert {(int(row), int(column)) for row, column in np.argwhere(found[..., 3] > 0)} == wanted


def test_specks_go_before_the_outline_and_pixels_grow_last() -> None:
    settings = ProcessSettings.of(DespeckleStep(1), OutlineStep((1, 2, 3)), UpscaleStep(3))
    (frame,) = process_clips([[painted(".....#", "......", ".##...", ".##...", "......")]], settings)[0]
    assert frame.shape == (15, 18, 4)
    small = frame[::3, ::3]
    assert np.array_equal(small.repeat(3, axis=0).repeat(3, axis=1), frame)
    assert shown(small) == ["......", ".##...", "####..", "####..", ".##..."]
    assert set(settings.fingerprint_data()) == {"despeckle", "outline", "upscale"}
