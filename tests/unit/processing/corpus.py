"""The corpus: truths, each damaged in every way that bought art is, and the step that is to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from bridge.media.color import reduced_palette, to_palette
from bridge.processing.canvas import aligned
from bridge.processing.grid import snapped
from bridge.processing.matte import without_matte
from bridge.processing.pipeline import run_stages
from bridge.processing.settings import ProcessSettings
from bridge.processing.specks import without_specks
from bridge.processing.steps.align import AlignStep
from bridge.processing.steps.alpha import AlphaStep
from bridge.processing.steps.canvas import CanvasStep
from bridge.processing.steps.despeckle import DespeckleStep
from bridge.processing.steps.grid import GridStep
from bridge.processing.steps.matte import MatteStep
from bridge.processing.steps.palette import PaletteStep
from exporters.model.asset import Pixels
from tests.unit.processing import damage
from tests.unit.processing.damage import RGB
from tests.unit.processing.truths import DRAWN_EVERY, SIDE, clip, grown, palette_of, sprites, subjects

Clip: TypeAlias = Sequence[Pixels]
Spoil: TypeAlias = Callable[[Pixels, np.random.Generator], Pixels]
CLOSE = 24
FRAMES = 4
GROUND = damage.plain((94, 110, 122))


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of damage. group: what it is counted with.

    truths: clean clips, from their number and first seed. spoil: a clip and its generator → damaged. mend: the
    damaged clip and the clean one (for what a spec would state) → what the step makes of it. tolerance: levels that a
    channel may differ by. shifts: pixels that a frame may stand aside, where a place is not to be known.
    """

    step: str
    group: str
    name: str
    truths: Callable[[int, int], Sequence[Clip]]
    spoil: Callable[[Clip, np.random.Generator], Clip]
    mend: Callable[[Clip, Clip], Clip]
    tolerance: int = 0
    shifts: int = 0

    def pairs(self, count: int, first: int = 5000) -> Iterator[tuple[Clip, Clip]]:
        """Truth and damaged clip of the first `count` seeds."""
        for number, truth in enumerate(self.truths(count, first)):
            yield truth, self.spoil(truth, np.random.default_rng([first + number, len(self.name)]))

    def before(self, bad: Clip, truth: Clip) -> float:
        """The share of pixels that are right in the middles of what are, or would be, the blocks of damaged frames."""
        return _mean([right(centred(one), wanted, self.tolerance) for one, wanted in zip(bad, truth, strict=True)])

    def after(self, found: Clip, truth: Clip) -> float:
        """The share of right pixels of what the step made; none where it has another number of them."""
        if self.step == "matte":
            return self.before(found, truth)
        if not counted_right(found, self.name):
            return 0.0
        frames = zip(found, truth, strict=True)
        return _mean([right(one, wanted, self.tolerance, self.shifts) for one, wanted in frames])


def _mean(shares: Sequence[float]) -> float:
    return sum(shares) / len(shares)


def counted_right(found: Clip, name: str) -> bool:
    """Whether each frame has the size of the truth; where a block is cut off (case E) it may count or not."""
    wanted = (SIDE - 1, SIDE) if name.startswith("E") else (SIDE,)
    return all(side in wanted for pixels in found for side in pixels.shape[:2])


def centred(pixels: Pixels) -> Pixels:
    """SIDE × SIDE pixels, each from the middle of what it would be a block of: what a resize without care makes."""
    if pixels.shape[:2] == (SIDE, SIDE):
        return pixels
    rows, columns = ((2 * np.arange(SIDE) + 1) * length // (2 * SIDE) for length in pixels.shape[:2])
    found: Pixels = pixels[rows][:, columns]
    return found


def right(found: Pixels, truth: Pixels, tolerance: int, shifts: int = 0) -> float:
    """The share of pixels that are there as in the truth and within `tolerance` levels, at the best of the shifts."""
    best = 0.0
    for down in range(-shifts, shifts + 1):
        for aside in range(-shifts, shifts + 1):
            y, x, v, u = max(0, down), max(0, aside), max(0, -down), max(0, -aside)
            one, other = found[v:, u:], truth[y:, x:]
            high, wide = min(len(one), len(other)), min(one.shape[1], other.shape[1])
            one, other = one[:high, :wide], other[:high, :wide]
            there = other[..., 3] > 0
            close = np.abs(one[..., :3].astype(int) - other[..., :3]).max(axis=2) <= tolerance
            best = max(best, float((((one[..., 3] > 0) == there) & (close | ~there)).mean()))
    return best


def halo(found: Pixels, truth: Pixels, ground: RGB) -> float:
    """The share of rim pixels that belong to the ground, or are nearer to its colour than to their own."""
    there = found[..., 3] > 0
    rim = there & ~(~grown(~there) & there)
    if not rim.any():
        return 0.0
    own = found[rim][:, :3].astype(int)
    from_ground = np.abs(own - np.array(ground)).max(axis=1)
    from_truth = np.abs(own - truth[rim][:, :3]).max(axis=1)
    return float(((truth[rim][:, 3] == 0) | (from_ground < from_truth)).mean())


def near_to(truth: Pixels) -> RGB:
    """A colour 40 levels from the most frequent one of a subject."""
    colours, counts = np.unique(truth[truth[..., 3] > 0][:, :3], axis=0, return_counts=True)
    red, green, blue = (int(value) for value in colours[counts.argmax()])
    return red, green + 40 if green < 128 else green - 40, blue


MATTES: Mapping[str, RGB | None] = {
    "magenta": (255, 0, 255),
    "green": (0, 255, 0),
    "white": (255, 255, 255),
    "black": (12, 12, 12),
    "grey": (128, 128, 128),
    "near one of its own": None,
}
Lay: TypeAlias = Callable[[Pixels, RGB, np.random.Generator], Pixels]
FINISHES: Mapping[str, Lay] = {
    "flat": lambda truth, colour, _: damage.laid_on(truth, damage.plain(colour)),
    "grain": lambda truth, colour, chance: damage.laid_on(truth, damage.grained(colour, chance)),
    "soft rim": lambda truth, colour, chance: damage.laid_on(truth, damage.plain(colour), chance),
    "JPEG": lambda truth, colour, _: damage.compressed(damage.laid_on(truth, damage.plain(colour)), 92),
    "8 x, blur, JPEG": lambda truth, colour, _: damage.compressed(
        damage.blurred(damage.enlarged(damage.laid_on(truth, damage.plain(colour)), 8), 1)
    ),
    "gradient": lambda truth, colour, chance: damage.laid_on(truth, damage.sloping(colour, chance)),
    "vignette": lambda truth, colour, chance: damage.laid_on(truth, damage.vignette(colour, chance)),
    "all": lambda truth, colour, chance: damage.compressed(
        damage.laid_on(truth, damage.sloping(colour, chance) + chance.integers(-4, 5, (SIDE, SIDE, 3)), chance), 92
    ),
}


def matte_of(name: str, truth: Pixels) -> RGB:
    """The colour of a matte of MATTES under a subject."""
    return MATTES[name] or near_to(truth)


def _matte(colour: str, finish: str) -> Case:
    def spoil(truth: Clip, chance: np.random.Generator) -> Clip:
        return [FINISHES[finish](pixels, matte_of(colour, pixels), chance) for pixels in truth]

    rough = finish in ("JPEG", "soft rim", "8 x, blur, JPEG", "all")
    return Case("matte", finish, f"{colour}, {finish}", _stills, spoil, _cut, tolerance=2 * CLOSE if rough else 0)


def _cut(bad: Clip, _: Clip) -> Clip:
    return without_matte(bad, "auto")


def _stills(count: int, first: int) -> list[Clip]:
    return [[pixels] for pixels in subjects(count, first)]


def _clips(count: int, first: int) -> list[Clip]:
    return [clip(FRAMES, first + 3 * number) for number in range(count)]


def _grounded(count: int, first: int) -> list[Clip]:
    """Opaque pictures: blobs and drawings by turns, on a colour that they do not have."""
    blobs = sprites(count, first)
    drawn = [pixels for place, pixels in enumerate(subjects(2 * count, first)) if place % DRAWN_EVERY]
    return [[damage.laid_on(drawn[place], GROUND) if place % 2 else blobs[place]] for place in range(count)]


def uneven(pixels: Pixels, chance: np.random.Generator, scale: float) -> Pixels:
    """Wavering lines, drifting colours, and worn."""
    return damage.worn(damage.drifted(damage.enlarged(pixels, scale, chance), chance), chance)


LETTERED: Mapping[str, Spoil] = {
    "A clean, 16 x": lambda pixels, _: damage.enlarged(pixels, 16),
    "B blur, JPEG, noise": lambda pixels, chance: damage.worn(damage.enlarged(pixels, 16), chance),
    "C fractional, 15.3 x": lambda pixels, chance: damage.worn(damage.enlarged(pixels, 15.3), chance),
    "D uneven lines, drift": lambda pixels, chance: uneven(pixels, chance, 15.3),
    "E cut off, 12.4 x": lambda pixels, chance: uneven(pixels, chance, 12.4)[6:, 6:],
}


def _filtered(kind: str, by: float, scale: float) -> Spoil:
    """Blocks of `by` pixels a side, resized to `scale` by a filter."""
    return lambda pixels, _: damage.resized(damage.enlarged(pixels, by), round(SIDE * scale), kind)


def _blurry(radius: float) -> Spoil:
    return lambda pixels, _: damage.blurred(damage.enlarged(pixels, 10), radius)


def _compressed(quality: int) -> Spoil:
    return lambda pixels, _: damage.compressed(damage.enlarged(pixels, 10), quality)


def _noisy(most: int) -> Spoil:
    return lambda pixels, chance: damage.noisy(damage.enlarged(pixels, 10), chance, most)


RESAMPLED: Mapping[str, Spoil] = {
    **{f"nearest {scale} x": _filtered("nearest", 1, scale) for scale in (3.5, 5.3, 7.7, 11.25)},
    **{f"{kind}, 4 to 9.2 x": _filtered(kind, 4, 9.2) for kind in ("bilinear", "bicubic", "lanczos", "area")},
    **{f"{kind}, 16 to 6.7 x": _filtered(kind, 16, 6.7) for kind in ("bilinear", "bicubic", "lanczos", "area")},
}
STRONG: Mapping[str, Spoil] = {"noise 32, 10 x": _noisy(32)}
# Enlarged by a smooth filter only, so that no block is flat: these may be refused, but never be guessed wrong.
SMOOTH: Mapping[str, Spoil] = {
    f"{kind}, 1 to 8 x": _filtered(kind, 1, 8) for kind in ("bilinear", "bicubic", "lanczos")
}
BLURRED: Mapping[str, Spoil] = {f"blur {radius}, 10 x": _blurry(radius) for radius in (0.7, 1.5, 2.5)}
COMPRESSED: Mapping[str, Spoil] = {f"JPEG {quality}, 10 x": _compressed(quality) for quality in (95, 75, 50, 30)}
NOISY: Mapping[str, Spoil] = {f"noise {most}, 10 x": _noisy(most) for most in (8, 16)}
GRIDS: Mapping[str, Mapping[str, Spoil]] = {
    **{name: {name: spoil} for name, spoil in LETTERED.items()},
    "resampled": RESAMPLED,
    "blur": BLURRED,
    "JPEG": COMPRESSED,
    "noise": NOISY,
    "strong noise": STRONG,
    "smooth": SMOOTH,
}


def _grid(group: str, name: str, spoil: Spoil, expected: tuple[int, int] | None) -> Case:
    stated = ", size stated" if expected else ""
    return Case(
        "grid",
        group + stated,
        name + stated,
        _grounded,
        lambda truth, chance: [spoil(pixels, chance) for pixels in truth],
        lambda bad, _: snapped(bad, "auto", expected),
        tolerance=CLOSE,
        shifts=1,
    )


def _to_truth(bad: Clip, truth: Clip) -> Clip:
    return to_palette(bad, palette_of(*truth))


def _to_count(bad: Clip, truth: Clip) -> Clip:
    return to_palette(bad, reduced_palette(bad, len(palette_of(*truth))))


def _each(spoil: Spoil) -> Callable[[Clip, np.random.Generator], Clip]:
    return lambda truth, chance: [spoil(pixels, chance) for pixels in truth]


def _jittering(truth: Clip, chance: np.random.Generator, parts: int, scale: int = 8) -> Clip:
    """Frames moved by up to one fake pixel, in steps of a part of one."""
    most = parts
    by = [chance.integers(-most, most + 1, 2) * scale // parts for _ in truth]
    return [damage.moved(damage.enlarged(pixels, scale), *step) for pixels, step in zip(truth, by, strict=True)]


def _delivered(truth: Clip, chance: np.random.Generator, *, jitter: bool = False) -> Clip:
    """As an image model delivers a clip: large blurred blocks on magenta, drift, flicker, JPEG."""
    found = []
    for pixels in truth:
        large = damage.enlarged(damage.laid_on(pixels, damage.plain((255, 0, 255))), 10.6)
        if jitter:
            large = damage.moved(large, *(int(step) for step in chance.integers(-5, 6, 2)))
        worn = damage.compressed(damage.blurred(damage.drifted(large, chance, 6), 1.2))
        found.append(damage.brighter(worn, int(chance.integers(-4, 5))))
    return found


def settings_of(truth: Clip) -> ProcessSettings:
    """What a spec of a bought character of this size and palette resolves to."""
    return ProcessSettings.of(
        MatteStep("auto"),
        GridStep("auto", (SIDE, SIDE)),
        CanvasStep((SIDE, SIDE)),
        AlignStep("feet"),
        PaletteStep(palette_of(*truth)),
        AlphaStep(),
        DespeckleStep(2),
    )


def chain(bad: Clip, truth: Clip) -> dict[str, Clip]:
    """The clip after each step of a bought character, in their order."""
    return {step: clips[0] for step, clips in run_stages([list(bad)], settings_of(truth))}


def _chained(bad: Clip, truth: Clip) -> Clip:
    return list(chain(bad, truth).values())[-1]


def _lifted(truth: Clip, chance: np.random.Generator) -> Clip:
    """The figure above its line, all frames alike."""
    up = int(chance.integers(1, 4))
    return [damage.moved(pixels, 0, -up) for pixels in truth]


def _standing(count: int, first: int) -> list[Clip]:
    return [aligned(frames, "feet") for frames in _clips(count, first)]


def cases() -> Iterator[Case]:
    """Every kind of damage, steps in the order of processing."""
    for finish in FINISHES:
        yield from (_matte(colour, finish) for colour in MATTES)
    for expected in (None, (SIDE, SIDE)):
        for group, kinds in GRIDS.items():
            yield from (_grid(group, name, spoil, expected) for name, spoil in kinds.items())
    for parts, name in ((1, "jitter of whole pixels, 8 x"), (2, "jitter of half pixels, 8 x")):
        yield Case(
            "grid",
            "jitter",
            name,
            _clips_grounded,
            partial(_jittering, parts=parts),
            lambda bad, _: snapped(bad, "auto", (SIDE, SIDE)),
            tolerance=CLOSE,
            shifts=2,
        )
    for most in (6, 10, 16):
        yield Case(
            "colours", "drift", f"drift {most}, palette", _stills, _each(partial(damage.drifted, most=most)), _to_truth
        )
    for most in (6, 16):
        spoil = _each(partial(damage.shifted, most=most))
        yield Case("colours", "drift of frames", f"drift of frames {most}, palette", _clips, spoil, _to_truth)
    flicker = _each(lambda pixels, chance: damage.brighter(pixels, int(chance.integers(-6, 7))))
    yield Case("colours", "flicker", "flicker, palette", _clips, flicker, _to_truth)
    yield Case("colours", "flicker", "flicker, count", _clips, flicker, _to_count, tolerance=CLOSE)
    grain = _each(partial(damage.noisy, most=6))
    yield Case("colours", "noise", "noise 6, palette", _stills, grain, _to_truth)
    yield Case("colours", "noise", "noise 6, count", _stills, grain, _to_count, tolerance=CLOSE)
    yield Case("align", "feet line", "lifted", _standing, _lifted, lambda bad, _: aligned(bad, "feet"))
    yield Case(
        "despeckle",
        "specks",
        "12 specks a frame",
        _stills,
        _each(damage.specked),
        lambda bad, _: [without_specks(pixels, 2) for pixels in bad],
    )
    yield Case("chain", "bought character", "as delivered", _standing, _delivered, _chained, shifts=1)
    yield Case(
        "chain",
        "bought character",
        "as delivered, jitter",
        _standing,
        partial(_delivered, jitter=True),
        _chained,
        shifts=1,
    )


def _clips_grounded(count: int, first: int) -> list[Clip]:
    return [[damage.laid_on(pixels, GROUND) for pixels in frames] for frames in _clips(count, first)]


CASES = tuple(cases())
