from __future__ import annotations

from itertools import combinations

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters import samples
from exporters.base import ExportError
from exporters.model.asset import Pixels
from exporters.packing.pack import Sheet, pack_frames, unpack_frame
from exporters.packing.skyline import place_boxes
from exporters.packing.trim import clear_hidden, trimmed

FRAMES = st.lists(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(4)),
        elements=st.sampled_from([0, 0, 80, 255]),
    ),
    min_size=1,
    max_size=12,
)


def places(sheet: Sheet) -> set[tuple[int, int, int, int, int]]:
    return {(p.page, p.x, p.y, p.width, p.height) for p in sheet.placements}


@given(FRAMES, st.integers(0, 3), st.integers(0, 2), st.booleans())
def test_every_frame_comes_back(frames: list[Pixels], padding: int, extrude: int, trim: bool) -> None:
    sheet = pack_frames(frames, padding=padding, extrude=extrude, max_side=40, trim=trim)
    for index, frame in enumerate(frames):
        assert (unpack_frame(sheet, index) == clear_hidden(frame)).all()
    assert all(max(page.shape[:2]) <= 40 for page in sheet.pages)


@given(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 9), st.integers(1, 6), st.integers(1, 6), st.just(4)),
        elements=st.sampled_from([0, 0, 80, 255]),
    )
)
def test_frames_of_one_size_are_cut_as_each_would_be_alone(clip: Pixels) -> None:
    before = clip.copy()
    together, alone = list(trimmed(clip)), [next(trimmed([frame])) for frame in clip]
    for one, other in zip(together, alone, strict=True):
        assert one.pixels.tobytes() == other.pixels.tobytes()
        assert (one.left, one.top, one.pixels.shape) == (other.left, other.top, other.pixels.shape)
    assert (clip == before).all()


@pytest.mark.parametrize("count", [1, 3])
def test_frames_are_cut_however_they_lie_in_memory(count: int) -> None:
    frame = np.zeros((5, 7, 4), dtype=np.uint8)
    frame[1:3, 2:5] = (1, 2, 3, 255)
    frame[0, 0] = (9, 9, 9, 0)
    (expected,) = trimmed([frame])
    swapped = np.ascontiguousarray(frame[..., ::-1])[..., ::-1]
    for same in (np.asfortranarray(frame), np.repeat(frame, 2, axis=1)[:, ::2], swapped, np.flip(np.flip(frame, 0), 0)):
        same.setflags(write=False)
        for cut in trimmed([same] * count):
            assert (cut.left, cut.top, cut.pixels.tobytes()) == (2, 1, expected.pixels.tobytes())


@given(FRAMES, st.integers(0, 3), st.integers(0, 2))
def test_places_keep_their_distance(frames: list[Pixels], padding: int, extrude: int) -> None:
    gap = padding + 2 * extrude
    for one, other in combinations(places(pack_frames(frames, padding=padding, extrude=extrude, max_side=40)), 2):
        if one[0] == other[0]:
            beside = one[1] + one[3] + gap <= other[1] or other[1] + other[3] + gap <= one[1]
            below = one[2] + one[4] + gap <= other[2] or other[2] + other[4] + gap <= one[2]
            assert beside or below


@given(FRAMES)
def test_equal_pictures_share_a_place(frames: list[Pixels]) -> None:
    once, twice = pack_frames(frames), pack_frames([*frames, *frames])
    assert places(once) == places(twice)
    assert [page.tobytes() for page in once.pages] == [page.tobytes() for page in twice.pages]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=40), st.integers(30, 60))
def test_boxes_are_all_placed_without_overlap(boxes: list[tuple[int, int]], side: int) -> None:
    pages = place_boxes(boxes, side)
    assert sorted(index for page in pages for index in page) == list(range(len(boxes)))
    for page in pages:
        used = np.zeros((side, side), dtype=np.uint8)
        for index, (x, y) in page.items():
            width, height = boxes[index]
            assert x + width <= side
            assert y + height <= side
            used[y : y + height, x : x + width] += 1
        assert used.max() <= 1


def test_one_pixel_wide_features_are_kept() -> None:
    frame = np.zeros((20, 20, 4), dtype=np.uint8)
    frame[8:12, 8:12] = 255
    frame[10, 2] = frame[3, 10] = (1, 2, 3, 1)
    place = pack_frames([frame]).placements[0]
    assert (place.offset_x, place.offset_y, place.width, place.height) == (2, 3, 10, 9)


def test_a_transparent_frame_is_one_transparent_pixel() -> None:
    sheet = pack_frames([np.zeros((7, 9, 4), dtype=np.uint8)])
    place = sheet.placements[0]
    assert (place.width, place.height, place.source_width, place.source_height) == (1, 1, 9, 7)
    assert not sheet.pages[0].any()


def test_extruding_repeats_the_border() -> None:
    sheet = pack_frames([np.full((2, 2, 4), 9, dtype=np.uint8)], extrude=2)
    assert sheet.pages[0].shape == (6, 6, 4)
    assert (sheet.pages[0] == 9).all()


def test_what_does_not_fit_on_a_page_goes_on_the_next() -> None:
    frames = [samples.picture(30, 30, seed) for seed in range(10)]
    sheet = pack_frames(frames, max_side=64)
    assert len(sheet.pages) == 3
    assert [place.page for place in sheet.placements] == [0] * 4 + [1] * 4 + [2] * 2


@pytest.mark.parametrize(("count", "fill"), [(52, 0.84), (205, 0.89), (820, 0.92)])
def test_pages_are_well_filled_and_not_long_strips(count: int, fill: float) -> None:
    random = np.random.default_rng(5)
    sizes = random.integers(18, 59, (count, 2)).tolist()
    pages = place_boxes([(width + 1, height + 1) for width, height in sizes], 2048)
    assert len(pages) == 1
    width = max(x + sizes[index][0] for index, (x, _) in pages[0].items())
    height = max(y + sizes[index][1] for index, (_, y) in pages[0].items())
    assert sum(w * h for w, h in sizes) / (width * height) >= fill
    assert max(width, height) <= 2 * min(width, height)


def test_too_large_a_frame_is_refused_with_a_way_out() -> None:
    with pytest.raises(ExportError, match="65x3") as caught:
        pack_frames([samples.picture(65, 3, 1)], max_side=64)
    assert "max_sheet" in caught.value.hint


def test_nothing_to_pack_is_refused() -> None:
    with pytest.raises(ExportError, match="no frame"):
        pack_frames([])


def test_the_order_of_the_frames_alone_decides() -> None:
    frames = [samples.picture(9 + seed % 4, 9, seed) for seed in range(20)]
    assert pack_frames(frames).placements == pack_frames([frame.copy() for frame in frames]).placements
