"""Outlines: adding one, and mending one that has gaps, doubled corners or several dark colours.

Mending never touches what a line needs not: features of one pixel's width, details inside the subject, and long
stretches that were left without a line on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bridge.media.color import Ints, oklab, unpacked, used_colors
from bridge.media.rgb import RGB
from bridge.processing.canvas import placed
from bridge.processing.components import Mask, label_components
from bridge.processing.edges import neighbor_mask, opaque_mask
from exporters.model.asset import Pixels

# In OKLab (black to white is 16384): how light a line may be, how much lighter what it surrounds is at least, how much
# lighter than its own colour parts of it may be, and how far off in hue they may be to be no dark fill that shows
# through a gap.
_LIGHTEST = 6200
_STEP = 1000
_LIGHTER = 3300
_OTHER_HUE = 1000
# A wider gap is a style: hair, flames and glass often have no line.
_WIDEST_GAP = 6
# Arms of a corner: two straight sides of at least so many pixels make a real one, as of a box.
_ARM = 2


def outlined(pixels: Pixels, color: RGB) -> Pixels:
    """A line of one pixel outside the subject; at the border of the frame there is no room for it."""
    there = opaque_mask(pixels)
    result = pixels.copy()
    result[neighbor_mask(there) & ~there] = (*color, 255)
    return result


def with_room_below(clips: Sequence[Sequence[Pixels]]) -> list[list[Pixels]]:
    """All frames one row higher, because feet on the lower edge leave no room for a line; unless one would be cut."""
    if any(bool(opaque_mask(pixels)[0].any()) for clip in clips for pixels in clip):
        return [list(clip) for clip in clips]
    return [[placed(pixels, pixels.shape[1], pixels.shape[0], 0, -1) for pixels in clip] for clip in clips]


def line_color(frames: Sequence[Pixels]) -> RGB | None:
    """The most frequent dark colour along the borders of all frames.

    None where less than half of the borders is dark, and where what lies behind them is no lighter: that is a dark
    subject without a line.
    """
    borders = [_border_of(opaque_mask(pixels)) for pixels in frames]
    behind = [opaque_mask(pixels) & ~rim & neighbor_mask(rim) for pixels, rim in zip(frames, borders, strict=True)]
    keys, counts = used_colors(_keep_only(frames, borders))
    colors = unpacked(keys)
    light = oklab(colors)[:, 0]
    dark = light < _LIGHTEST
    if not len(keys) or 2 * int(counts[dark].sum()) < int(counts.sum()):
        return None
    inner, inner_counts = used_colors(_keep_only(frames, behind))
    if len(inner):
        inside = int((oklab(unpacked(inner))[:, 0] * inner_counts).sum()) // int(inner_counts.sum())
        if inside - int((light * counts).sum()) // int(counts.sum()) < _STEP:
            return None
    red, green, blue = colors[int(np.where(dark, counts, 0).argmax())].tolist()
    return red, green, blue


def _keep_only(frames: Sequence[Pixels], masks: Sequence[Mask]) -> list[Pixels]:
    return [np.where(mask[..., None], pixels, np.uint8(0)) for pixels, mask in zip(frames, masks, strict=True)]


def _is_alike(lab: Ints, line: Ints) -> Mask:
    """Which OKLab colours (n, 3) may be the line's own: no lighter and of no other hue than noise would make them."""
    off = lab[:, 1:] - line[1:]
    alike: Mask = (lab[:, 0] <= line[0] + _LIGHTER) & ((off * off).sum(axis=1) <= _OTHER_HUE * _OTHER_HUE)
    return alike


def mended(frames: Sequence[Pixels], color: RGB | None = None) -> list[Pixels]:
    """The frames with one clean line of one pixel, in `colour` or in the line's own most frequent one.

    Frames without a line (see `line_color`) stay as they are.
    """
    own = line_color(frames)
    if own is None:
        return list(frames)
    return [_mend_frame(pixels, own, color or own) for pixels in frames]


def _mend_frame(pixels: Pixels, own: RGB, color: RGB) -> Pixels:
    result = pixels.copy()
    there = opaque_mask(pixels)
    border = _border_of(there)
    dark, line = _dark_rim(pixels, border | _on_edge(there), own)
    line = _keep_connected(line, border)
    closing = np.zeros_like(there)
    for window, group in _find_gaps(there, line):
        closing[window] |= _close_gap(pixels[window], group)
    line |= closing
    there |= line
    line |= dark & _border_of(there)
    doubled = _doubled_corners(there, line)
    line &= ~doubled
    result[line] = (*color, 255)
    result[doubled] = 0
    return result


def _border_of(there: Mask) -> Mask:
    return there & neighbor_mask(~there)


def _on_edge(there: Mask) -> Mask:
    """What touches the border of the frame: nobody can see whether it goes on there."""
    mask = there.copy()
    mask[1:-1, 1:-1] = False
    return mask


def _keep_connected(line: Mask, border: Mask) -> Mask:
    """The parts of a line that reach the background: along the edge of the frame, eyes are no line."""
    labels, count = label_components(line)
    reached = np.zeros(count + 1, dtype=bool)
    reached[labels[line & border]] = True
    kept: Mask = reached[labels]
    return kept


def _dark_rim(pixels: Pixels, rim: Mask, own: RGB) -> tuple[Mask, Mask]:
    """What of the rim is dark enough for the line, and what of that is also of its hue."""
    lab, line = oklab(pixels[rim][:, :3]), oklab(np.array([own]))[0]
    dark, sure = np.zeros_like(rim), np.zeros_like(rim)
    dark[rim] = lab[:, 0] <= min(_LIGHTEST, int(line[0]) + _LIGHTER)
    sure[rim] = _is_alike(lab, line)
    return dark, dark & sure


def _find_gaps(there: Mask, line: Mask) -> Iterator[tuple[tuple[slice, slice], Mask]]:
    """Short stretches of border without a line, between two ends of it: each as a mask in a window round it."""
    labels, count = label_components(_border_of(there) & ~line & _thick_parts(there))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    short = sizes <= _WIDEST_GAP
    short[0] = False
    places = np.argwhere(short[labels])
    numbers = labels[tuple(places.T)]
    places = places[np.argsort(numbers, kind="stable")]
    ends = np.cumsum(sizes[short])
    for number, start, end in zip(np.flatnonzero(short).tolist(), [0, *ends.tolist()], ends.tolist(), strict=False):
        group = places[start:end]
        (top, left), (bottom, right) = group.min(axis=0).tolist(), group.max(axis=0).tolist()
        window = slice(max(0, top - 2), bottom + 3), slice(max(0, left - 2), right + 3)
        mask = labels[window] == number
        if label_components(line[window] & neighbor_mask(mask, diagonal=True))[1] > 1:
            yield window, mask


def _thick_parts(there: Mask) -> Mask:
    """What is part of a full square of 2 × 2 pixels."""
    squares = there[:-1, :-1] & there[:-1, 1:] & there[1:, :-1] & there[1:, 1:]
    mask = np.zeros_like(there)
    for down in (0, 1):
        for right in (0, 1):
            mask[down : down + squares.shape[0], right : right + squares.shape[1]] |= squares
    return mask


def _close_gap(pixels: Pixels, group: Mask) -> Mask:
    """The pixels that close a gap: outside where the line is missing, else the stretch itself, which lost its colour.

    What needs fewer pixels is it, then what leaves the shorter silhouette: a missing pixel of a straight line is a
    dent. Where a line might run either way, a stretch in the colour of what lies beside it is no part of it. One that
    has nothing behind it is a detail of its own and stays.
    """
    there = opaque_mask(pixels)
    outside = neighbor_mask(group) & ~there
    ranks = [
        (int(outside.sum()), _border_length(there | outside), 0),
        (int(group.sum()), _border_length(there), 1 if _goes_on(pixels, group) else -1),
    ]
    if ranks[0] < ranks[1]:
        return outside
    whole = neighbor_mask(there & ~group)
    return group if bool(whole[group].all()) else np.zeros_like(group)


def _goes_on(pixels: Pixels, group: Mask) -> bool:
    """Whether any pixel of the group has the colour of a neighbour that is not of it."""
    height, width = group.shape
    for down, right in ((0, 1), (1, 0)):
        one, other = slice(0, height - down), slice(0, width - right)
        next_one, next_other = slice(down, height), slice(right, width)
        same = (pixels[one, other] == pixels[next_one, next_other]).all(axis=2)
        if bool((same & (group[one, other] != group[next_one, next_other])).any()):
            return True
    return False


def _border_length(there: Mask) -> int:
    """Sides of pixels between subject and background."""
    padded = np.pad(there, 1)
    return int((padded[1:] != padded[:-1]).sum()) + int((padded[:, 1:] != padded[:, :-1]).sum())


def _doubled_corners(there: Mask, line: Mask) -> Mask:
    """Outer corners that a line takes where the diagonal step would do, before a filled inside."""
    corners = np.zeros_like(line)
    for turns in range(4):
        turned = _convex_corners(np.rot90(there, turns), np.rot90(line, turns))
        corners |= np.rot90(turned, -turns)
    return corners


def _convex_corners(there: Mask, line: Mask) -> Mask:
    """Doubled corners at the upper right: nothing above and to the right, the line going on left and down."""
    sky, room = np.pad(there, _ARM), np.pad(line, _ARM)

    def moved(mask: Mask, down: int, right: int) -> Mask:
        height, width = line.shape
        return mask[_ARM + down : _ARM + down + height, _ARM + right : _ARM + right + width]

    corner = line & ~moved(sky, -1, 0) & ~moved(sky, 0, 1) & ~moved(sky, -1, 1)
    corner &= moved(room, 0, -1) & moved(room, 1, 0) & moved(sky, 1, -1) & ~moved(room, 1, -1)
    straight = np.ones_like(line)
    for step in range(1, _ARM + 1):
        straight &= moved(room, 0, -step) & ~moved(sky, -1, -step)
        straight &= moved(room, step, 0) & ~moved(sky, step, 1)
    return corner & ~straight
