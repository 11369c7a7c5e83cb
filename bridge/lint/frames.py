"""Rules that look at one picture: half-transparent, off-palette and lone pixels, fake pixels, nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from bridge.lint.model import ArtFinding, Box, LintRules
from bridge.media.color import packed
from bridge.media.rgb import RGB
from bridge.processing.edges import neighbor_mask, opaque_mask
from bridge.processing.grid import block_side
from exporters.model.asset import Pixels

Mask = npt.NDArray[np.bool_]


def box_of(mask: Mask) -> Box:
    """Left, top, width, height of what is set; the mask must not be empty."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top


def shown_box(pixels: Pixels) -> Box:
    """Left, top, width, height of everything visible; of the whole frame where nothing is."""
    visible = pixels[..., 3] > 0
    return box_of(visible) if visible.any() else (0, 0, pixels.shape[1], pixels.shape[0])


def soft_mask(pixels: Pixels) -> Mask:
    """Pixels that are neither there nor gone."""
    mask: Mask = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    return mask


def off_palette(pixels: Pixels, palette: Sequence[RGB]) -> Mask:
    """Visible pixels with a colour that is not in the palette."""
    allowed = packed(np.array(palette, dtype=np.uint8).reshape(-1, 3))
    mask: Mask = ~np.isin(packed(pixels), allowed) & (pixels[..., 3] > 0)
    return mask


def lone_mask(pixels: Pixels) -> Mask:
    """Opaque pixels without an opaque one among their eight neighbours."""
    there = opaque_mask(pixels)
    return there & ~neighbor_mask(there, diagonal=True)


def pixel_findings(part: str, frames: Sequence[Pixels], rules: LintRules, *, soft_allowed: bool) -> list[ArtFinding]:
    """What the pixel rules find in a clip (or a single picture), one finding a rule with the worst frame first."""
    findings: list[ArtFinding] = []

    def count(rule: str, mask_of: Callable[[Pixels], Mask], message: str, fix: str) -> None:
        limit = rules.limit(rule)
        if limit is not None:
            findings.extend(_count_findings(rule, part, frames, mask_of, limit, (message, fix)))

    if not soft_allowed:
        count(
            "soft_alpha",
            soft_mask,
            "half-transparent pixels",
            'Set [process] alpha = "binary" (or "keep", if they are meant).',
        )
    if rules.palette:
        count(
            "off_palette",
            lambda pixels: off_palette(pixels, rules.palette),
            "pixels off the palette",
            "Set [process] palette to the project's palette.",
        )
    count("stray", lone_mask, "pixels without a neighbour", "Set [process] despeckle = 1.")
    findings += _empty_findings(part, frames, rules) + _fake_pixel_findings(part, frames, rules)
    return findings


def _count_findings(
    rule: str,
    part: str,
    frames: Sequence[Pixels],
    mask_of: Callable[[Pixels], Mask],
    limit: int,
    words: tuple[str, str],
) -> list[ArtFinding]:
    masks = [mask_of(pixels) for pixels in frames]
    amounts = [int(mask.sum()) for mask in masks]
    bad = [index for index, amount in enumerate(amounts) if amount > limit]
    if not bad:
        return []
    worst = max(bad, key=lambda index: (amounts[index], -index))
    others = tuple(index for index in bad if index != worst)
    what, fix = words
    amount = amounts[worst]
    message = f"{amount} {what if amount != 1 else what.replace('pixels', 'pixel')}"
    return [ArtFinding(rule, message, fix, part, worst, box_of(masks[worst]), amount, others)]


def _empty_findings(part: str, frames: Sequence[Pixels], rules: LintRules) -> list[ArtFinding]:
    limit = rules.limit("empty_frame")
    empty = [index for index, pixels in enumerate(frames) if not pixels[..., 3].any()]
    if limit is None or len(empty) <= limit:
        return []
    fix = "Reroll the asset, or leave the frame out of the clip."
    first, *others = empty
    box = shown_box(frames[first])
    return [ArtFinding("empty_frame", "nothing is drawn", fix, part, first, box, len(empty), tuple(others))]


def _fake_pixel_findings(part: str, frames: Sequence[Pixels], rules: LintRules) -> list[ArtFinding]:
    limit = rules.limit("fake_pixels")
    if limit is None:
        return []
    for shape in dict.fromkeys(pixels.shape for pixels in frames):
        places = [index for index, pixels in enumerate(frames) if pixels.shape == shape]
        side = block_side([frames[index] for index in places])
        if side > limit:
            message = f"every pixel is a block of about {side} × {side}"
            fix = 'Set [process] grid = "auto": one pixel for each block.'
            first, *others = places
            return [ArtFinding("fake_pixels", message, fix, part, first, shown_box(frames[first]), side, tuple(others))]
    return []
