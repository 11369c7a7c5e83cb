"""Processing on damaged art whose truth is known; `python -m tests.benchmarks pixels` measures more of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bridge.media.color import to_palette
from bridge.processing.grid import block_side, snapped
from bridge.processing.matte import without_matte
from tests.unit.processing.corpus import (
    CASES,
    LETTERED,
    SMOOTH,
    STRONG,
    Case,
    centred,
    chain,
    counted_right,
    halo,
    matte_of,
    right,
)
from tests.unit.processing.damage import compressed, drifted, enlarged, grained, laid_on, worn
from tests.unit.processing.truths import SIDE, palette_of, sprites, subjects

COUNT = 6
FEW = 3
# Least mean share of right pixels over FEW sprites, for each step and group of the corpus.
FLOORS = {
    ("matte", "flat"): 0.99,
    ("matte", "grain"): 0.99,
    ("matte", "soft rim"): 0.94,
    ("matte", "JPEG"): 0.91,
    ("matte", "8 x, blur, JPEG"): 0.985,
    ("matte", "gradient"): 0.99,
    ("matte", "vignette"): 0.99,
    ("matte", "all"): 0.91,
    ("grid", "resampled"): 0.999,
    ("grid", "blur"): 0.995,
    ("grid", "JPEG"): 0.995,
    ("grid", "noise"): 0.999,
    ("grid", "jitter"): 0.999,
    ("colours", "drift"): 0.97,
    ("colours", "drift of frames"): 0.94,
    ("colours", "flicker"): 0.99,
    ("colours", "noise"): 0.99,
    ("align", "feet line"): 1.0,
    ("despeckle", "specks"): 1.0,
    ("chain", "bought character"): 0.97,
}
# Most of the rim that may still be nearer to the background than to the subject.
HALOS = {"soft rim": 0.1, "JPEG": 0.4, "all": 0.4}
UNSIZED = [case for case in CASES if "stated" not in case.group]


def named(case: Case) -> str:
    return f"{case.step} {case.name}"


@pytest.mark.parametrize("case", [case for case in UNSIZED if (case.step, case.group) in FLOORS], ids=named)
def test_each_step_mends_what_it_is_for(case: Case) -> None:
    pairs = list(case.pairs(FEW))
    before = sum(case.before(bad, truth) for truth, bad in pairs) / FEW
    after = sum(case.after(case.mend(bad, truth), truth) for truth, bad in pairs) / FEW
    assert after >= FLOORS[case.step, case.group]
    # A grid's damage leaves the middles of blocks right: what is wrong there is the number of pixels.
    assert after > before or case.step == "grid" or before > 0.99


@pytest.mark.parametrize("case", [case for case in CASES if case.step == "matte"], ids=named)
def test_no_halo_is_left(case: Case) -> None:
    colour = case.name.split(", ")[0]
    shares = [
        halo(centred(case.mend(bad, truth)[0]), truth[0], matte_of(colour, truth[0])) for truth, bad in case.pairs(FEW)
    ]
    assert sum(shares) / FEW <= HALOS.get(case.group, 0.01)


@pytest.mark.parametrize("case", [case for case in CASES if case.step == "grid" and case.group[1] == " "], ids=named)
def test_damaged_blocks_become_the_pixels_they_were(case: Case) -> None:
    for truth, bad in case.pairs(COUNT):
        found = case.mend(bad, truth)
        assert counted_right(found, case.name), found[0].shape
        assert case.after(found, truth) > 0.99


@pytest.mark.parametrize("name", [*SMOOTH, *STRONG])
def test_what_has_no_flat_blocks_is_made_right_or_left_alone(name: str) -> None:
    spoil = {**SMOOTH, **STRONG}[name]
    for number, truth in enumerate(sprites(COUNT)):
        bad = spoil(truth, np.random.default_rng(number))
        for expected in (None, (SIDE, SIDE)):
            found = snapped([bad], "auto", expected)[0]
            assert found is bad or right(found, truth, 24, 1) > 0.99


@pytest.mark.parametrize("scale", [3, 3.5, 4.6, 6])
def test_small_blocks_are_found_too(scale: float) -> None:
    for number, truth in enumerate(sprites(COUNT)):
        bad = worn(enlarged(truth, scale), np.random.default_rng(number), blur=scale / 8)
        assert snapped([bad], "auto", None)[0].shape == truth.shape


def test_real_pixels_are_never_taken_for_blocks() -> None:
    for truth in (*sprites(40), *subjects(40)):
        assert block_side([truth]) == 1
        assert snapped([truth], "auto", None)[0] is truth


def test_frames_of_a_clip_share_one_grid() -> None:
    spoil = LETTERED["D uneven lines, drift"]
    bad = [spoil(truth, np.random.default_rng(number)) for number, truth in enumerate(sprites(4))]
    frames = snapped(bad, "auto", None)
    assert {pixels.shape for pixels in frames} == {(SIDE, SIDE, 4)}


@pytest.mark.parametrize("colour", [(255, 0, 255), (0, 255, 0), (255, 255, 255), (12, 12, 12)])
def test_a_matte_goes_and_the_subject_stays(colour: tuple[int, int, int]) -> None:
    shares = []
    for number, sprite in enumerate(sprites(COUNT)):
        truth = np.where((sprite[..., :3] != sprite[0, 0, :3]).any(axis=2)[..., None], sprite, 0).astype(np.uint8)
        chance = np.random.default_rng(number)
        found = without_matte([laid_on(truth, grained(colour, chance), chance)], "auto")[0]
        shares.append(float(((found[..., 3] > 0) == (truth[..., 3] > 0)).mean()))
    assert sum(shares) / len(shares) > 0.98, shares


def test_drifting_colours_come_back_to_the_palette() -> None:
    for number, truth in enumerate(sprites(COUNT)):
        bad = drifted(truth, np.random.default_rng(number))
        found = to_palette([bad], palette_of(truth))[0]
        before, after = ((pixels[..., :3] == truth[..., :3]).all(axis=2).mean() for pixels in (bad, found))
        assert before < 0.5 < 0.97 < after


def test_every_step_of_a_bought_character_leaves_more_pixels_right() -> None:
    case = next(case for case in CASES if case.step == "chain")
    (truth, bad), *_ = case.pairs(1)
    shares = {step: case.before(clip, truth) for step, clip in chain(bad, truth).items()}
    assert case.before(bad, truth) < 0.01 < 0.6 < shares["matte"] < shares["colours"]
    ordered = list(shares.values())
    assert all(later >= earlier - 0.005 for earlier, later in pairwise(ordered))


def test_the_whole_chain_changes_nothing_in_what_it_made() -> None:
    case = next(case for case in CASES if case.step == "chain")
    (truth, bad), *_ = case.pairs(1)
    once = chain(bad, truth)["despeckle"]
    again = chain(once, truth)["despeckle"]
    assert all(np.array_equal(one, other) for one, other in zip(once, again, strict=True))


def test_files_do_not_hide_the_grid() -> None:
    for quality in (90, 60, 40):
        bad = [compressed(enlarged(truth, 7.3), quality) for truth in sprites(3)]
        assert {pixels.shape for pixels in snapped(bad, "auto", (SIDE, SIDE))} == {(SIDE, SIDE, 4)}
