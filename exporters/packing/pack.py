"""Packing frames of any size into few, well filled pages: trim, merge equal pictures, place.

Everything is exact and deterministic: a frame is trimmed to the pixels whose alpha is not 0, pictures with
equal trimmed pixels share one place, and the order of the frames alone decides where they lie. Colour under
alpha 0 is not kept (it becomes transparent black).

Placing is the skyline bottom-left method (Jylänki, "A Thousand Ways to Pack the Bin", 2010) over boxes
sorted by height, tried for several page widths; the smallest page of a sensible shape wins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from exporters.base import ExportError
from exporters.model.asset import Pixels
from exporters.packing.grid import paste_extruded
from exporters.packing.skyline import Box, place_boxes
from exporters.packing.trim import Trimmed, clear_hidden, trimmed

# Most saves change what frames show and not how large they are, and the exporters of one asset ask the same.
_pages = lru_cache(maxsize=8)(place_boxes)


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


def pack_frames(
    frames: Iterable[Pixels], *, padding: int = 1, extrude: int = 0, max_side: int = 2048, trim: bool = True
) -> Sheet:
    """Packs frames into pages of at most `max_side` pixels a side; they are asked for once, one after the other.

    padding: free pixels between neighbours; extrude: pixels that the border of each picture is repeated
    outwards.

    Raises:
        ExportError: there is no frame, or a frame does not fit on a page.
    """
    pictures: dict[tuple[int, int, bytes], int] = {}
    crops: list[tuple[int, int, int, int, int]] = []
    for crop in trimmed(frames) if trim else map(_untrimmed, frames):
        height, width = crop.pixels.shape[:2]
        index = pictures.setdefault((height, width, crop.pixels.tobytes()), len(pictures))
        # Not the crop itself: it would keep the frame, and of many frames only what differs has to stay in memory.
        crops.append((index, crop.left, crop.top, crop.source_width, crop.source_height))
    if not crops:
        raise ExportError("There is no frame to pack.", hint="Give the asset at least one picture.")
    unique = [np.frombuffer(data, dtype=np.uint8).reshape(height, width, 4) for height, width, data in pictures]
    places, sizes = _place_pictures(unique, padding, extrude, max_side)
    pages = tuple(np.zeros((height, width, 4), dtype=np.uint8) for width, height in sizes)
    for picture, (page, x, y) in zip(unique, places, strict=True):
        paste_extruded(pages[page], picture, (x, y), extrude)
    placements = []
    for index, left, top, source_width, source_height in crops:
        page, x, y = places[index]
        height, width = unique[index].shape[:2]
        placements.append(Placement(page, x, y, width, height, left, top, source_width, source_height))
    return Sheet(pages, tuple(placements))


def unpack_frame(sheet: Sheet, index: int) -> Pixels:
    """The untrimmed frame of that index, rebuilt from the pages."""
    placement = sheet.placements[index]
    frame = np.zeros((placement.source_height, placement.source_width, 4), dtype=np.uint8)
    region = sheet.pages[placement.page][
        placement.y : placement.y + placement.height, placement.x : placement.x + placement.width
    ]
    frame[
        placement.offset_y : placement.offset_y + placement.height,
        placement.offset_x : placement.offset_x + placement.width,
    ] = region
    return frame


def _untrimmed(frame: Pixels) -> Trimmed:
    return Trimmed(clear_hidden(frame), 0, 0, frame.shape[1], frame.shape[0])


def _place_pictures(
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
    pages = _pages(tuple(boxes), max_side + padding)
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
