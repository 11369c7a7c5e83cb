"""Fake pixels: clean sprites are enlarged, blurred and compressed; the real pixels come back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from bridge.processing.grid import estimate_cells, is_unclear, snapped
from exporters.model.asset import Pixels


def sprite(size: int, seed: int) -> Pixels:
    """Boxes of eight colours with scattered single pixels."""
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (8, 3))
    cells = np.zeros((size, size), dtype=np.int64)
    for _ in range(14):
        x, y = rng.integers(2, size - 4, 2)
        width, height = rng.integers(2, size // 3, 2)
        cells[y : y + height, x : x + width] = rng.integers(1, 8)
    cells = (cells + (rng.random((size, size)) < 0.08)) % 8
    return np.dstack([palette[cells], np.full((size, size), 255)]).astype(np.uint8)


def enlarged(pixels: Pixels, scale: float) -> Pixels:
    size = pixels.shape[0]
    places = np.minimum((np.arange(round(size * scale)) / scale).astype(int), size - 1)
    found: Pixels = pixels[places][:, places]
    return found


def damaged(pixels: Pixels, scale: float, blur: float) -> Pixels:
    """Enlarged, blurred, compressed as JPEG, with noise."""
    image = Image.fromarray(enlarged(pixels, scale)).convert("RGB").filter(ImageFilter.GaussianBlur(blur))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    with Image.open(buffer) as compressed:
        found = np.array(compressed.convert("RGBA"))
    noise = np.random.default_rng(1).integers(-8, 9, (*found.shape[:2], 3))
    found[..., :3] = np.clip(found[..., :3].astype(int) + noise, 0, 255)
    return found


@pytest.mark.parametrize("scale", [2, 3, 8])
@pytest.mark.parametrize("expected", [None, (48, 48)])
def test_clean_blocks_come_back_exactly(scale: int, expected: tuple[int, int] | None) -> None:
    truth = sprite(48, 3)
    assert np.array_equal(snapped([enlarged(truth, scale)], "auto", expected)[0], truth)


@pytest.mark.parametrize(("scale", "blur"), [(16, 2.0), (15.3, 2.0), (6, 0.7), (5.5, 0.7)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_damaged_blocks_come_back_when_the_size_is_stated(scale: float, blur: float, seed: int) -> None:
    truth = sprite(48, seed)
    found = snapped([damaged(truth, scale, blur)], "auto", (48, 48))[0]
    assert found.shape == truth.shape
    assert (np.abs(found.astype(int) - truth).max(axis=2) <= 24).mean() > 0.97


def test_damaged_blocks_are_found_without_a_stated_size() -> None:
    truth = sprite(48, 4)
    found = snapped([damaged(truth, 12, 1.2)], "auto", None)[0]
    assert found.shape == truth.shape


@pytest.mark.parametrize("expected", [None, (64, 64)])
def test_real_pixels_are_left_alone(expected: tuple[int, int] | None) -> None:
    truth = sprite(64, 5)
    assert np.array_equal(snapped([truth], "auto", expected)[0], truth)


def test_a_plain_area_has_no_blocks() -> None:
    plain = np.full((64, 64, 4), 200, dtype=np.uint8)
    assert snapped([plain], "auto", None)[0].shape == plain.shape
    assert estimate_cells([plain]) is None


def test_a_stated_block_takes_the_most_frequent_colour() -> None:
    truth = sprite(16, 6)
    large = enlarged(truth, 5)
    large[::5, ::5] = (1, 2, 3, 255)
    assert np.array_equal(snapped([large], 5, None)[0], truth)
    assert np.array_equal(snapped([truth], 1, None)[0], truth)


def test_a_cut_off_block_counts_from_half_of_it() -> None:
    large = enlarged(sprite(16, 1), 8)
    assert snapped([large[:, : 15 * 8 + 4]], 8, None)[0].shape[1] == 16
    assert snapped([large[:, : 15 * 8 + 3]], 8, None)[0].shape[1] == 15


def test_all_frames_get_one_grid() -> None:
    truths = [sprite(32, seed) for seed in (1, 2, 3)]
    frames = snapped([damaged(truth, 9.4, 1.0) for truth in truths], "auto", (32, 32))
    assert {frame.shape for frame in frames} == {(32, 32, 4)}


@pytest.mark.parametrize("expected", [(32, 32), (40, 40), (56, 56), (60, 60), (96, 96)])
def test_clear_blocks_win_over_a_stated_size_that_is_not_the_arts(expected: tuple[int, int]) -> None:
    found = snapped([damaged(sprite(48, 3), 12, 1.2)], "auto", expected)[0]
    # Twice the size is wrong for nobody: each pixel is four equal ones.
    assert found.shape[:2] in {(48, 48), (96, 96)}


def test_the_stated_size_decides_whether_cut_off_blocks_count() -> None:
    large = enlarged(sprite(32, 4), 12.5)
    for cut in (4, 6, 8):
        assert snapped([large[cut:, cut:]], "auto", (31, 31))[0].shape[:2] == (31, 31)
        assert snapped([large[cut:, cut:]], "auto", (32, 32))[0].shape[:2] == (32, 32)


def test_frames_that_jitter_by_half_a_block_have_lines_of_their_own() -> None:
    truth = sprite(32, 7)
    large = np.pad(damaged(truth, 10, 1.0), ((10, 10), (10, 10), (0, 0)), mode="edge")
    frames = [
        large[10 - down : 330 - down, 10 - right : 330 - right] for down, right in ((0, 0), (5, 0), (0, 5), (5, 5))
    ]
    for found in snapped(frames, "auto", (32, 32)):
        assert found.shape == truth.shape
        shares = [
            (np.abs(np.roll(found, (y, x), (0, 1)).astype(int) - truth).max(axis=2) <= 24)[2:-2, 2:-2].mean()
            for y in (-1, 0, 1)
            for x in (-1, 0, 1)
        ]
        assert max(shares) > 0.97


def test_what_should_have_blocks_and_has_none_is_unclear() -> None:
    noise = np.random.default_rng(2).integers(0, 256, (256, 256, 4)).astype(np.uint8)
    assert is_unclear([noise], None)
    assert is_unclear([noise], (64, 64))
    assert not is_unclear([noise], (256, 256))
    assert not is_unclear([noise[:64, :64]], None)
    assert not is_unclear([enlarged(sprite(32, 1), 8)], None)


def test_transparent_surroundings_stay_transparent() -> None:
    truth = sprite(32, 2)
    truth[:6], truth[-6:] = 0, 0
    assert np.array_equal(snapped([enlarged(truth, 7.5)], "auto", (32, 32))[0], truth)
