"""Background removal: the subject under a matte is known, and comes back."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.processing.matte import corner_colour, flooded, without_matte
from exporters.model import Pixels

WHITE, GREEN, DARK = (255, 255, 255), (0, 255, 0), (60, 30, 20)


def ring(size: int = 33) -> Pixels:
    """A dark ring with a dot in its hole, on nothing."""
    y, x = np.mgrid[:size, :size] - size // 2
    distance = x * x + y * y
    pixels = np.zeros((size, size, 4), dtype=np.uint8)
    pixels[(distance < 13**2) & (distance > 6**2)] = (*DARK, 255)
    pixels[distance < 3**2] = (200, 60, 60, 255)
    return pixels


def on(pixels: Pixels, colour: tuple[int, int, int]) -> Pixels:
    result = pixels.copy()
    result[pixels[..., 3] == 0] = (*colour, 255)
    return result


def test_a_key_colour_goes_also_where_the_flood_cannot_reach() -> None:
    assert np.array_equal(without_matte([on(ring(), GREEN)], "auto")[0], ring())


def test_white_inside_the_subject_stays() -> None:
    found = without_matte([on(ring(), WHITE)], "auto")[0]
    assert found[16, 16 + 4].tolist() == [*WHITE, 255]
    assert found[0, 0].tolist() == [0, 0, 0, 0]
    outside = ring()[..., 3] == 0
    outside[8:25, 8:25] = False
    assert not found[outside].any()


def test_a_stated_colour_goes_everywhere() -> None:
    assert np.array_equal(without_matte([on(ring(), WHITE)], "#ffffff")[0], ring())


def test_a_noisy_background_goes_and_the_subject_keeps_every_pixel() -> None:
    rng = np.random.default_rng(5)
    noisy = on(ring(), GREEN)
    back = ring()[..., 3] == 0
    noisy[back, :3] = np.clip(noisy[back, :3].astype(int) + rng.integers(-9, 10, (int(back.sum()), 3)), 0, 255)
    assert np.array_equal(without_matte([noisy], "auto")[0], ring())


@pytest.mark.parametrize("colour", [WHITE, GREEN])
def test_the_blend_along_a_soft_edge_is_undone(colour: tuple[int, int, int]) -> None:
    truth = np.zeros((40, 40, 4), dtype=np.uint8)
    y, x = np.mgrid[:40, :40] - 19.5
    share = np.clip(14.5 - np.hypot(x, y), 0, 1)[..., None]
    truth[..., :3] = np.rint(np.array(DARK) * share + np.array(colour) * (1 - share))
    truth[..., 3] = 255
    found = without_matte([truth], "auto")[0]
    kept = found[found[..., 3] > 0][:, :3].astype(int)
    assert np.abs(kept - DARK).max() <= 16
    solid = (share[..., 0] == 1).sum()
    assert solid <= (found[..., 3] > 0).sum() <= (share > 0.3).sum()


def test_light_rims_of_clean_art_stay() -> None:
    subject = np.zeros((24, 24, 4), dtype=np.uint8)
    subject[4:20, 4:20] = (*DARK, 255)
    subject[4, 4:10] = (150, 140, 130, 255)
    assert np.array_equal(without_matte([on(subject, WHITE)], "auto")[0], subject)


@pytest.mark.parametrize(
    "pixels", [ring(), np.dstack([np.indices((32, 32)).sum(0) * 4] * 3 + [np.full((32, 32), 255)])]
)
def test_transparent_and_uneven_backgrounds_are_left_alone(pixels: Pixels) -> None:
    picture = pixels.astype(np.uint8)
    assert np.array_equal(without_matte([picture], "auto")[0], picture)


def test_one_background_colour_counts_for_the_whole_clip() -> None:
    frames = [on(ring(), (250, 250, 250)), on(ring(), WHITE)]
    assert corner_colour(frames) in {(250, 250, 250), WHITE}
    first, second = without_matte(frames, "auto")
    assert np.array_equal(first[..., 3], second[..., 3])


def test_a_subject_in_one_corner_does_not_hide_the_background() -> None:
    picture = on(ring(), GREEN)
    picture[:10, :10] = (*DARK, 255)
    found = without_matte([picture], "auto")[0]
    assert not found[-1, -1].any()
    assert found[0, 0, 3] == 255


def test_floods_follow_winding_ways() -> None:
    spiral = np.array([[c == "." for c in row] for row in ("#######.", "#.....#.", "#.###.#.", "#.#...#.", "#.#####.",
                                                           "#.......", "########")])  # fmt: skip
    assert np.array_equal(flooded(spiral), spiral)
    assert not flooded(np.pad(np.ones((2, 2), dtype=bool), 1)).any()


def test_nothing_to_remove_changes_nothing() -> None:
    picture = on(ring(), WHITE)
    assert without_matte([picture], "none")[0] is picture
    assert without_matte([], "auto") == []
