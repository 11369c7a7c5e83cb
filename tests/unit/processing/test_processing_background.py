"""Backgrounds are found where there is one, with their colour at every place, and the same on every machine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.processing.background import background_of, refitted
from bridge.processing.scatter import scatter_of
from exporters.model.asset import Pixels
from tests.unit.processing import damage
from tests.unit.processing.truths import SIDE, subjects


def surface(weights: list[float]) -> Pixels:
    """1, x, y, xx, xy, yy over a picture, x and y from -1 to 1, round a middle grey."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1) * 2 - 1
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    return damage.rounded(np.repeat((terms @ np.array([120, *weights]))[..., None], 3, axis=2))


@given(st.lists(st.integers(-16, 16), min_size=5, max_size=5))
def test_slow_backgrounds_are_known_to_a_level_at_every_place(weights: list[int]) -> None:
    picture = surface([float(weight) for weight in weights])
    ground = background_of([picture])
    assert ground is not None
    most = 1 if ground.weights is not None else 28
    assert int(ground.distance(picture).max()) <= most
    rows, columns = np.array([0, 5, SIDE - 1]), np.array([3, SIDE - 1, 0])
    known = np.abs(picture[rows, columns, :3].astype(int) - ground.at((SIDE, SIDE), rows, columns)).max(axis=1)
    assert np.array_equal(known, ground.distance(picture)[rows, columns])


def test_the_place_of_a_figure_on_the_border_does_not_bend_the_surface() -> None:
    ramp = surface([20, 0, 0, 0, 0])
    for top in (0, 24, 40):
        picture = ramp.copy()
        picture[top:, 20:34] = (200, 30, 30, 255)
        ground = background_of([picture])
        assert ground is not None
        assert ground.weights is not None
        assert int(ground.distance(ramp).max()) <= 2


def test_more_of_the_background_makes_the_surface_better() -> None:
    y, x = np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1) * 2 - 1
    # A glow is no surface of the second degree.
    glow = damage.rounded(np.repeat((150 + 60 * np.exp(-(x * x + y * y)))[..., None], 3, axis=2))
    ground = background_of([glow])
    assert ground is not None
    better = refitted(ground, [glow], [np.ones((SIDE, SIDE), dtype=bool)])
    assert int(better.distance(glow).max()) < int(ground.distance(glow).max())


def test_a_plain_background_stays_plain() -> None:
    for colour in ((255, 0, 255), (255, 255, 255), (13, 200, 90)):
        ground = background_of([damage.laid_on(still, damage.plain(colour)) for still in subjects(3)])
        assert ground is not None
        assert (ground.color, ground.weights) == (colour, None)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (5, 3)])
def test_tiny_pictures_have_a_colour_or_nothing(size: tuple[int, int]) -> None:
    picture = np.full((*size, 4), 255, dtype=np.uint8)
    ground = background_of([picture])
    assert ground is None or ground.color == (255, 255, 255)
    assert background_of([np.zeros((*size, 4), dtype=np.uint8)]) is None


def test_only_mixed_rims_are_soft() -> None:
    for number, still in enumerate(subjects(9)):
        chance = np.random.default_rng(number)
        for colour in ((255, 0, 255), (240, 240, 240)):
            grounds = damage.plain(colour), damage.grained(colour, chance)
            hard = [damage.laid_on(still, ground) for ground in grounds]
            soft = [damage.compressed(damage.laid_on(still, ground, chance), 90) for ground in grounds]
            key = colour == (255, 0, 255)
            assert not any(_soft(picture, key=key) for picture in hard)
            assert all(_soft(picture, key=key) for picture in soft)


def _soft(picture: Pixels, *, key: bool) -> bool:
    ground = background_of([picture])
    assert ground is not None
    distance = ground.distance(picture)
    return scatter_of([picture], [distance], [distance <= 28], slow=False, key=key).soft
