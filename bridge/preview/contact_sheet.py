"""One picture of everything that was made: what a README shows and a person looks at first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bridge.media.rgb import RGB
from bridge.preview.font import HEIGHT, width_of
from bridge.preview.layout import Box, lay_out
from bridge.preview.panels import SCALE, Panel, draw_header, panels_of
from bridge.preview.pixels import blend_onto, enlarged, filled
from exporters.model.asset import Asset, Pixels

WIDTH = 1200
GAP = 10
PADDING = 8
BACKGROUND: RGB = (28, 33, 48)
TITLE_BAR: RGB = (42, 50, 70)
PANEL: RGB = (84, 104, 124)
CHECK: RGB = (80, 99, 119)
BAR = (HEIGHT + 6) * SCALE
CHECK_SIZE = 16 * SCALE


def contact_sheet(assets: Sequence[Asset]) -> Pixels:
    """All assets on one opaque sheet, WIDTH pixels wide, a titled panel each (stills of a folder share one).

    Pictures are shown whole, at SCALE times their size; only maps that are too wide for it are shown smaller. A
    picture wider than the sheet makes the sheet wider.
    """
    panels = [panel for panel in panels_of(assets) if panel.pictures]
    shapes = [[_least_size(panel, picture) for picture in panel.pictures] for panel in panels]
    width = max([WIDTH, *(min(size[0] for size in sizes) + 2 * GAP for sizes in shapes)])
    boxes, height = lay_out(shapes, width, GAP) if panels else ([], 2 * GAP)
    sheet = filled(width, height, BACKGROUND)
    for panel, box in zip(panels, boxes, strict=True):
        _draw_panel(sheet, panel, box)
    return sheet


def _least_size(panel: Panel, picture: Pixels) -> tuple[int, int]:
    inside = max(picture.shape[1], width_of(panel.title) * SCALE)
    return inside + 2 * PADDING, picture.shape[0] + 2 * PADDING + BAR


def _draw_panel(sheet: Pixels, panel: Panel, box: Box) -> None:
    right, bottom = box.x + box.width, box.y + box.height
    sheet[box.y : bottom, box.x : right, :3] = _checkered_floor(box.width, box.height)
    sheet[box.y : box.y + BAR, box.x : right, :3] = TITLE_BAR
    for x in (box.x, right - SCALE):
        for y in (box.y, bottom - SCALE):
            sheet[y : y + SCALE, x : x + SCALE, :3] = BACKGROUND
    title = enlarged(draw_header(panel, (box.width - 2 * PADDING) // SCALE), SCALE)
    blend_onto(sheet, title, box.x + PADDING, box.y + (BAR - title.shape[0]) // 2)
    picture = panel.pictures[box.shape]
    room = box.height - BAR
    x = box.x + (box.width - picture.shape[1]) // 2
    blend_onto(sheet, picture, x, box.y + BAR + (room - picture.shape[0]) // 2)


def _checkered_floor(width: int, height: int) -> Pixels:
    """Quiet checks, so that a panel does not look empty between its pictures."""
    rows, columns = np.arange(height) // CHECK_SIZE, np.arange(width) // CHECK_SIZE
    odd = (rows[:, None] + columns[None, :]) % 2 == 1
    return np.where(odd[..., None], np.array(CHECK, dtype=np.uint8), np.array(PANEL, dtype=np.uint8))
