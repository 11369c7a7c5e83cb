"""Background removal: the subject under a matte is known, and comes back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.media.rgb import RGB
from bridge.processing.background import background_of, corner_color
from bridge.processing.matte import enclosed_color, without_matte
from bridge.processing.regions import flooded, widened
from exporters.model.asset import Pixels
from tests.unit.processing import damage
from tests.unit.processing.truths import palette_of, subjects

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
    assert corner_color(frames) in {(250, 250, 250), WHITE}
    first, second = without_matte(frames, "auto")
    assert np.array_equal(first[..., 3], second[..., 3])


def test_frames_of_several_sizes_are_cut_out_each_with_its_own() -> None:
    frames = [on(ring(33), GREEN), on(ring(41), GREEN), on(ring(33), WHITE)]
    found = without_matte(frames, "#00ff00")
    assert [pixels.shape for pixels in found] == [pixels.shape for pixels in frames]
    assert np.array_equal(found[0], ring(33))
    assert np.array_equal(found[1], ring(41))
    assert np.array_equal(found[2], frames[2])


def test_a_subject_in_one_corner_does_not_hide_the_background() -> None:
    picture = on(ring(), GREEN)
    picture[:10, :10] = (*DARK, 255)
    found = without_matte([picture], "auto")[0]
    assert not found[-1, -1].any()
    assert found[0, 0, 3] == 255


@given(st.integers(0, 17), st.tuples(*[st.integers(0, 255)] * 3))
def test_clean_art_on_any_plain_colour_that_it_lacks_comes_back_exactly(number: int, colour: RGB) -> None:
    truth = subjects(18)[number]
    own = np.array(palette_of(truth))
    # A key colour may by chance lie in one line with two colours of the rim, as a blend would.
    assume(np.abs(own - np.array(colour)).max(axis=1).min() >= 8 and max(colour) - min(colour) < 96)
    stated = "#{:02x}{:02x}{:02x}".format(*colour)
    assert np.array_equal(without_matte([damage.laid_on(truth, damage.plain(colour))], stated)[0], truth)


@pytest.mark.parametrize("colour", [(255, 0, 255), (0, 255, 0), (0, 0, 255), (0, 255, 255)])
def test_clean_art_on_any_key_colour_comes_back_exactly(colour: RGB) -> None:
    for truth in subjects(24):
        assert np.array_equal(without_matte([damage.laid_on(truth, damage.plain(colour))], "auto")[0], truth)


@given(st.integers(0, 8), st.sampled_from([(255, 0, 255), (255, 255, 255), (9, 9, 9), (130, 90, 60)]), st.booleans())
def test_a_second_pass_changes_nothing(number: int, colour: RGB, soft: bool) -> None:
    chance = np.random.default_rng(number)
    laid = damage.laid_on(subjects(9)[number], damage.grained(colour, chance), chance if soft else None)
    once = without_matte([laid], "auto")[0]
    assert np.array_equal(without_matte([once], "auto")[0], once)


def test_a_colour_of_the_subject_near_the_background_stays() -> None:
    subject = ring()
    for noise in (0, 4):
        chance = np.random.default_rng(3)
        ground = damage.plain((DARK[0] + 22, *DARK[1:]), 33) + chance.integers(-noise, noise + 1, (33, 33, 3))
        found = without_matte([damage.laid_on(subject, ground)], "auto")[0]
        assert ((found[..., 3] > 0) == (subject[..., 3] > 0))[ring_outside()].all()
        assert found[16, 16 - 10].tolist() == [*DARK, 255]


def ring_outside() -> np.ndarray:
    """Everything but the hole of the ring."""
    y, x = np.mgrid[:33, :33] - 16
    return np.asarray(x * x + y * y > 6**2)


@pytest.mark.parametrize("paint", [damage.sloping, damage.vignette])
@pytest.mark.parametrize("colour", [(255, 0, 255), (90, 120, 200), (235, 235, 235), (74, 60, 78)])
def test_a_background_that_changes_slowly_goes(paint: object, colour: RGB) -> None:
    assert callable(paint)
    for number, truth in enumerate(subjects(6)):
        ground = paint(colour, np.random.default_rng(number))
        found = without_matte([damage.laid_on(truth, ground)], "auto")[0]
        border = flooded(truth[..., 3] == 0)
        assert not found[border].any()
        assert np.array_equal(found[truth[..., 3] > 0], truth[truth[..., 3] > 0])


def test_the_hue_of_a_key_that_ran_into_the_rim_is_taken_out_again() -> None:
    shield = np.zeros((256, 256, 4), dtype=np.uint8)
    shield[60:200, 60:200] = (200, 180, 150, 255)
    laid = damage.laid_on(shield, damage.plain((255, 0, 255), 256))
    found = without_matte([damage.compressed(damage.blurred(laid, 1.5), 75)], "auto")[0]
    kept = found[found[..., 3] > 0].astype(int)
    purple = np.minimum(kept[:, 0], kept[:, 2]) - kept[:, 1]
    assert (purple > 24).sum() <= 8  # of some thousand along the rim
    assert abs(len(kept) - 140 * 140) <= 4 * 140


@pytest.mark.parametrize("colour", [(0, 255, 0), (255, 0, 255)])
def test_a_narrow_blur_of_one_dark_line_leaves_no_fringe_of_the_key(colour: RGB) -> None:
    """A line of one colour blurs into few others: fewer than the rim of a shaded subject has."""
    block = np.zeros((20, 20, 4), dtype=np.uint8)
    block[4:16, 5:15] = (31, 69, 45, 255)
    block[5:15, 6:14] = (150, 160, 190, 255)
    blurred = damage.blurred(on(damage.enlarged(block, 4.6), colour), 0.575)
    (found,) = without_matte([blurred], "auto")
    left = found[found[..., 3] > 0][:, :3].astype(np.int64)
    assert int(np.abs(left - np.array(colour)).max(axis=1).min()) > 128
    assert len(left)


def test_nothing_but_background_is_left_alone_when_it_changes() -> None:
    ramp = damage.rounded(damage.sloping((120, 120, 120), np.random.default_rng(1)))
    assert background_of([ramp]) is not None
    assert without_matte([ramp], "auto")[0] is ramp


def test_scenes_have_no_background() -> None:
    chance = np.random.default_rng(8)
    blocks = damage.enlarged(damage.rounded(chance.integers(0, 256, (8, 8, 3))), 8)
    assert background_of([blocks]) is None
    assert without_matte([blocks], "auto")[0] is blocks


def test_what_the_subject_encloses_is_named_where_it_stays() -> None:
    assert enclosed_color([on(ring(), WHITE)]) == WHITE
    assert enclosed_color([on(ring(), GREEN)]) is None
    assert enclosed_color([ring()]) is None
    whole = ring()
    whole[ring_outside() == 0] = (*DARK, 255)
    assert enclosed_color([on(whole, WHITE)]) is None


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4))),
    st.sampled_from(["auto", "#ff00ff", "#000000"]),
)
def test_any_picture_keeps_its_size_and_only_loses_alpha(picture: Pixels, matte: str) -> None:
    before = picture.copy()
    for frames in ([picture], [picture[:, ::-1], picture]):
        for one, found in zip(frames, without_matte(frames, matte), strict=True):
            assert found.shape == one.shape
            assert bool(((found[..., 3] == one[..., 3]) | (found[..., 3] == 0)).all())
    assert np.array_equal(picture, before)


MASKS = arrays.arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


@given(MASKS, st.data())
def test_floods_reach_what_steps_over_four_neighbours_reach(mask: np.ndarray, data: st.DataObject) -> None:
    seeds = data.draw(st.none() | arrays.arrays(np.bool_, mask.shape))
    reached = np.zeros_like(mask)
    reached[0], reached[-1], reached[:, 0], reached[:, -1] = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    if seeds is not None:
        reached |= seeds & mask
    for _ in range(mask.size):
        padded = np.pad(reached, 1)
        reached |= mask & (padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:])
    assert np.array_equal(flooded(mask, seeds), reached)


@given(MASKS, st.integers(1, 3))
def test_a_mask_grows_by_squares(mask: np.ndarray, by: int) -> None:
    grown = [
        [bool(mask[max(0, y - by) : y + by + 1, max(0, x - by) : x + by + 1].any()) for x in range(mask.shape[1])]
        for y in range(mask.shape[0])
    ]
    assert np.array_equal(widened(mask, by), np.array(grown))
    assert np.array_equal(widened(np.stack([mask, mask]), by)[1], np.array(grown))


def test_floods_follow_winding_ways() -> None:
    spiral = np.array([[c == "." for c in row] for row in ("#######.", "#.....#.", "#.###.#.", "#.#...#.", "#.#####.",
                                                           "#.......", "########")])  # fmt: skip
    assert np.array_equal(flooded(spiral), spiral)
    assert not flooded(np.pad(np.ones((2, 2), dtype=bool), 1)).any()


def test_nothing_to_remove_changes_nothing() -> None:
    picture = on(ring(), WHITE)
    assert without_matte([picture], "none")[0] is picture
    assert without_matte([], "auto") == []
