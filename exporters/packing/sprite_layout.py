"""Where the frames of a sprite go on a sheet: packed, in a grid, or in one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exporters.base import ExportError, ExportOptions
from exporters.model.asset import Pixels, SpriteAsset
from exporters.packing.cells import assign_cells
from exporters.packing.grid import SheetGrid, grid_sheet
from exporters.packing.pack import Placement, Sheet, pack_frames
from exporters.packing.sprite_sheet import PlacedAnimation, SpriteSheet, place_animations, require_animations
from exporters.packing.trim import clear_hidden


@dataclass(frozen=True, slots=True)
class CellGrid:
    """The grid of a sheet, and the cells that each clip has on it, in order of its frames."""

    grid: SheetGrid
    cells: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class EarlierCells:
    """What the sheet that is there has: its columns (0: nobody knows) and the cells of its clips."""

    columns: int = 0
    cells: Mapping[str, Sequence[int]] = field(default_factory=dict)


def pack_clips_whole(asset: SpriteAsset, options: ExportOptions, *, trim: bool) -> SpriteSheet:
    """A packed sheet on which no clip goes on from one page to the next, for readers that play one page at a time.

    Raises:
        ExportError: as for `pack_sprite`, or a clip alone does not fit on a page.
    """
    names = require_animations(asset, options.direction_names)
    pages: list[Pixels] = []
    placed: list[PlacedAnimation] = []
    for group, sheet in _page_groups(asset, options, trim):
        moved = [_on_page(placement, len(pages)) for placement in sheet.placements]
        animations = asset.animations[group.start : group.stop]
        placed += place_animations(animations, names[group.start : group.stop], moved)
        pages += sheet.pages
    return SpriteSheet(tuple(pages), tuple(placed))


def _page_groups(asset: SpriteAsset, options: ExportOptions, trim: bool) -> Iterator[tuple[range, Sheet]]:
    """Neighbouring clips that fit on a page together, each group with its sheet of one page."""
    start, count = 0, len(asset.animations)
    while start < count:
        # Nearly always everything fits at once; else as many clips as fit are looked for by halves.
        fitting, sheet = 0, None
        low, high = 1, count - start
        trial = high
        while low <= high:
            packed = _pack_range(asset, range(start, start + trial), options, trim)
            if len(packed.pages) == 1:
                fitting, sheet, low = trial, packed, trial + 1
            else:
                high = trial - 1
            trial = (low + high) // 2
        if sheet is None:
            name = asset.animations[start].output_name(options.direction_names)
            raise ExportError(
                f"The frames of {name} do not fit on one sheet of {options.max_sheet} pixels a side.",
                hint='Raise max_sheet under [export], or take preset = "phaser", which plays over several sheets.',
            )
        yield range(start, start + fitting), sheet
        start += fitting


def _pack_range(asset: SpriteAsset, group: range, options: ExportOptions, trim: bool) -> Sheet:
    frames = [frame.pixels for clip in asset.animations[group.start : group.stop] for frame in clip.frames]
    return pack_frames(frames, padding=options.padding, extrude=options.extrude, max_side=options.max_sheet, trim=trim)


def _on_page(placement: Placement, page: int) -> Placement:
    inside = (placement.offset_x, placement.offset_y, placement.source_width, placement.source_height)
    return Placement(page, placement.x, placement.y, placement.width, placement.height, *inside)


def lay_out_cells(
    asset: SpriteAsset, options: ExportOptions, earlier: EarlierCells, *, one_row: bool
) -> tuple[SpriteSheet, CellGrid]:
    """A sheet of uniform cells; all frames have one size.

    Each clip begins a row of the grid, which has as many columns as the longest clip had when the sheet was first made;
    in one row the cells follow each other. A frame that had a cell keeps it; cells of frames that are gone stay empty.

    Raises:
        ExportError: as for `pack_sprite`, or the sheet would be larger than `max_sheet`.
    """
    names = require_animations(asset, options.direction_names)
    counts = {name: len(clip.frames) for name, clip in zip(names, asset.animations, strict=True)}
    height, width = asset.animations[0].frames[0].pixels.shape[:2]
    side = max(1, options.max_sheet // (width + 2 * options.extrude))
    columns = 1 if one_row else earlier.columns or min(max(counts.values()), side)
    cells = assign_cells(counts, columns, earlier.cells)
    last = max(cell for clip in cells.values() for cell in clip)
    grid = SheetGrid(
        (width, height), last + 1 if one_row else columns, 1 if one_row else last // columns + 1, options.extrude
    )
    if max(grid.size) > options.max_sheet:
        raise ExportError(
            f"The sheet would be {grid.size[0]}x{grid.size[1]} pixels, more than max_sheet = {options.max_sheet}.",
            hint='Raise max_sheet under [export] (at most 8192), or take layout = "packed".',
        )
    frames = [frame.pixels for clip in asset.animations for frame in clip.frames]
    order = [cell for name in names for cell in cells[name]]
    page = grid_sheet(grid, ((cell, clear_hidden(pixels)) for cell, pixels in zip(order, frames, strict=True)))
    places = [Placement(0, *grid.origin(cell), width, height, 0, 0, width, height) for cell in order]
    sheet = SpriteSheet((page,), tuple(place_animations(asset.animations, names, places)))
    return sheet, CellGrid(grid, cells)
