"""Packing frames of any size into few, well filled pages: trim, merge equal pictures, place.

Everything is exact and deterministic: a frame is trimmed to the pixels whose alpha is not 0, pictures with
equal trimmed pixels share one place, and the order of the frames alone decides where they lie. Colour under
alpha 0 is not kept (it becomes transparent black).

Placing is the skyline bottom-left method (Jylänki, "A Thousand Ways to Pack the Bin", 2010) over boxes
sorted by height, tried for several page widths; the smallest page of a sensible shape wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exporters.base import ExportError
from exporters.model import Pixels
from exporters.sheet.grid import paste_extruded
from exporters.sheet.skyline import Box, place_boxes


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a frame is: page, its trimmed rectangle there, and where that lies in the untrimmed frame
    (pixels).
    """

    page: int
    x: int
    y: int
    width: int
    height: int
    offset_x: int
    offset_y: int
    source_width: int
    source_height: int

    @property
    def trimmed(self) -> bool:
        """Whether the rectangle is smaller than the frame."""
        return (self.width, self.height) != (self.source_width, self.source_height)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pages of pixels and one placement for every frame, in the order of the frames."""

    pages: tuple[Pixels, ...]
    placements: tuple[Placement, ...]


def pack(
    frames: Sequence[Pixels], *, padding: int = 1, extrude: int = 0, max_side: int = 2048, trim: bool = True
) -> Sheet:
    """Packs frames into pages of at most `max_side` pixels a side.

    padding: free pixels between neighbours; extrude: pixels that the border of each picture is repeated
    outwards.

    Raises:
        ExportError: there is no frame, or a frame does not fit on a page.
    """
    if not frames:
        raise ExportError("There is no frame to pack.", hint="Give the asset at least one picture.")
    pictures: dict[tuple[int, int, bytes], int] = {}
    unique: list[Pixels] = []
    crops: list[tuple[int, int, int]] = []
    for frame in frames:
        picture, left, top = trim_frame(frame) if trim else (clear_hidden(frame), 0, 0)
        key = (picture.shape[0], picture.shape[1], picture.tobytes())
        index = pictures.setdefault(key, len(unique))
        if index == len(unique):
            unique.append(picture)
        crops.append((index, left, top))
    places, sizes = _place(unique, padding, extrude, max_side)
    pages = tuple(np.zeros((height, width, 4), dtype=np.uint8) for width, height in sizes)
    for picture, (page, x, y) in zip(unique, places, strict=True):
        paste_extruded(pages[page], picture, (x, y), extrude)
    placements = []
    for frame, (index, left, top) in zip(frames, crops, strict=True):
        page, x, y = places[index]
        height, width = unique[index].shape[:2]
        placements.append(Placement(page, x, y, width, height, left, top, frame.shape[1], frame.shape[0]))
    return Sheet(pages, tuple(placements))


def unpack(sheet: Sheet, index: int) -> Pixels:
    """The untrimmed frame of that index, rebuilt from the pages."""
    place = sheet.placements[index]
    frame = np.zeros((place.source_height, place.source_width, 4), dtype=np.uint8)
    region = sheet.pages[place.page][place.y : place.y + place.height, place.x : place.x + place.width]
    frame[place.offset_y : place.offset_y + place.height, place.offset_x : place.offset_x + place.width] = region
    return frame


def trim_frame(frame: Pixels) -> tuple[Pixels, int, int]:
    """The part of a frame that is not transparent, and its left and top in the frame.

    A fully transparent frame becomes one transparent pixel: engines refuse empty regions.
    """
    visible = frame[..., 3] != 0
    columns = np.flatnonzero(visible.any(axis=0))
    if not len(columns):
        return np.zeros((1, 1, 4), dtype=np.uint8), 0, 0
    rows = np.flatnonzero(visible.any(axis=1))
    left, top = int(columns[0]), int(rows[0])
    return clear_hidden(frame[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]), left, top


def clear_hidden(frame: Pixels) -> Pixels:
    """The frame with transparent black wherever alpha is 0."""
    hidden = frame[..., 3] == 0
    if not frame[hidden].any():
        return frame
    cleared = frame.copy()
    cleared[hidden] = 0
    return cleared


def _place(
    pictures: list[Pixels], padding: int, extrude: int, max_side: int
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int]]]:
    """Page, x, y of each picture, and width, height of each page."""
    border = 2 * extrude
    boxes: list[Box] = []
    for picture in pictures:
        height, width = picture.shape[:2]
        if max(width, height) + border > max_side:
            raise ExportError(
                f"A frame of {width}x{height} pixels does not fit on a sheet of {max_side} pixels a side.",
                hint="Raise max_sheet under [export] (at most 8192) or make the art smaller with [process].",
            )
        boxes.append((width + border + padding, height + border + padding))
    # Padding lies right of and below a box, so the page may be larger by it before it is cut off.
    pages = place_boxes(boxes, max_side + padding)
    places: list[tuple[int, int, int]] = [(0, 0, 0)] * len(boxes)
    sizes: list[tuple[int, int]] = []
    for number, page in enumerate(pages):
        width = height = 0
        for index, (x, y) in page.items():
            places[index] = (number, x + extrude, y + extrude)
            width = max(width, x + boxes[index][0] - padding)
            height = max(height, y + boxes[index][1] - padding)
        sizes.append((width, height))
    return places, sizes
