"""What automatic steps leave undecided is said, and nothing is said where they decided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.grid import GridStep
from bridge.processing.steps.matte import MatteStep
from bridge.processing.undecided import find_undecided
from exporters.model.asset import Animation, Asset, Frame, Item, ItemsAsset, Pixels, SpriteAsset, TilesetAsset
from tests.unit.processing import damage
from tests.unit.processing.truths import SIDE, subjects

AUTO = ProcessSettings.of(MatteStep("auto"), GridStep("auto", (SIDE, SIDE)))
STILL = subjects(3)[1]


def sprite(*frames: Pixels) -> SpriteAsset:
    clip = Animation("idle", tuple(Frame(pixels, 100) for pixels in frames), loop=False)
    return SpriteAsset("art/hero", "sprite", (clip,))


def said(asset: Asset, settings: ProcessSettings = AUTO) -> list[tuple[str, bool]]:
    return [(doubt.step, doubt.is_defect) for doubt in find_undecided(asset, settings)]


def test_nothing_is_said_where_the_steps_decided() -> None:
    large = damage.compressed(damage.enlarged(damage.laid_on(STILL, damage.plain((255, 0, 255))), 8))
    assert said(sprite(large)) == []
    assert said(sprite(STILL)) == []
    assert said(ItemsAsset("art/things", (SIDE, SIDE), 1, (Item("a", 0, STILL),))) == []


def scene(side: int) -> Pixels:
    """Noise without a background or blocks."""
    return damage.rounded(np.random.default_rng(1).integers(0, 256, (side, side, 3)))


def test_a_picture_without_a_background_is_a_flaw_unless_it_is_to_be_opaque() -> None:
    assert said(sprite(scene(SIDE))) == [("matte", True)]
    assert said(sprite(scene(SIDE)), ProcessSettings.of()) == []
    (doubt,) = find_undecided(sprite(scene(SIDE)), AUTO)
    assert "1 of 1" in doubt.message
    assert "#rrggbb" in doubt.fix


def test_a_painted_checkerboard_is_a_flaw_where_only_its_white_squares_go() -> None:
    squares = np.add.outer(np.arange(SIDE + 8) // 8, np.arange(SIDE + 8) // 8) % 2
    board = np.where(squares[..., None] == 0, 255, 204)[4:-4, 4:-4].repeat(3, axis=2)
    board[:4, :4] = board[-4:, :4] = board[:4, -4:] = 255
    found = find_undecided(sprite(damage.laid_on(STILL, board)), ProcessSettings.of(MatteStep("auto")))
    assert [("checkerboard" in doubt.message, doubt.is_defect) for doubt in found] == [(True, True), (False, False)]


@pytest.mark.parametrize("expected", [None, (SIDE, SIDE)])
def test_frames_that_should_have_blocks_and_have_none_are_a_flaw(expected: tuple[int, int] | None) -> None:
    settings = ProcessSettings.of(GridStep("auto", expected))
    (doubt,) = find_undecided(sprite(scene(256)), settings)
    assert (doubt.step, doubt.is_defect) == ("grid", True)
    assert "256 × 256" in doubt.message
    assert ("64 × 64" in doubt.message) == (expected is not None)
    assert said(sprite(scene(SIDE)), settings) == []


def test_gaps_that_may_be_eyes_are_a_hint_with_the_colour() -> None:
    ringed = np.zeros((SIDE, SIDE, 4), dtype=np.uint8)
    ringed[10:50, 10:50] = (90, 30, 30, 255)
    ringed[20:40, 20:40] = 0
    (doubt,) = find_undecided(sprite(damage.laid_on(ringed, damage.plain((255, 255, 255)))), AUTO)
    assert not doubt.is_defect
    assert 'matte = "#ffffff"' in doubt.fix
    assert doubt.as_dict() == {"step": "matte", "message": doubt.message, "fix": doubt.fix}


def test_other_kinds_have_no_such_steps() -> None:
    empty: Sequence[Asset] = [TilesetAsset("art/ground", (16, 16), 1, ())]
    assert [find_undecided(asset, AUTO) for asset in empty] == [[]]
