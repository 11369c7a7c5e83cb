"""Sprites and items as sheets with JSON, in the form that the options of a spec come to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from exporters.base import ExportContext, OutputFile
from exporters.generic.aseprite_json import write_aseprite_json
from exporters.generic.frame_json import (
    SheetPage,
    animation_extras,
    animation_frames,
    page_documents,
    pivot_key,
)
from exporters.generic.phaser_json import write_phaser_json
from exporters.generic.pixi_json import write_pixi_json
from exporters.generic.sheet_content import SheetClip, SheetContent, SheetFrame, document_names, name_frame, name_frames
from exporters.generic.sheet_form import SheetForm, resolve_form
from exporters.generic.texturepacker_json import write_texturepacker_json
from exporters.model.asset import ItemsAsset, Pixels, SpriteAsset
from exporters.model.png import encode_png
from exporters.packing.canvas import on_one_canvas
from exporters.packing.grid import items_grid, items_sheet
from exporters.packing.pack import Placement
from exporters.packing.sprite_layout import CellGrid, EarlierCells, lay_out_cells, pack_clips_whole
from exporters.packing.sprite_sheet import SpriteSheet, pack_sprite, page_path

ITEM_MS = 100
_OLD = "assetbridge"
_WRITERS: dict[str, Callable[[SheetContent, SheetForm], list[bytes]]] = {
    "aseprite": write_aseprite_json,
    "phaser": write_phaser_json,
    "pixi": write_pixi_json,
    "texturepacker": write_texturepacker_json,
}


def sprite_files(asset: SpriteAsset, context: ExportContext) -> list[OutputFile]:
    """The sheet of an asset and its JSON, pictures first.

    Raises:
        ExportError: the asset cannot be put on sheets of this form.
    """
    form = resolve_form(context.options.engine)
    if form.preset == _OLD:
        sheet = pack_sprite(asset, context.options)
        pages = _old_pages(context.stem, sheet)
        extras = animation_extras(sheet.animations, asset.pivot)
        files = [document.file for document in document_names(context.stem, [page.size for page in pages])]
        texts = page_documents(animation_frames(sheet.animations), pages, files, extras)
        return _output_files(context.stem, sheet.pages, texts)
    if form.one_canvas:
        asset = on_one_canvas(asset)
    sheet, cells = _lay_out(asset, context, form)
    content = SheetContent(
        asset.id,
        document_names(context.stem, [(page.shape[1], page.shape[0]) for page in sheet.pages]),
        name_frames(sheet.animations, asset.id, form),
        asset.pivot,
        cells,
        form.layout,
    )
    return _output_files(context.stem, sheet.pages, _WRITERS[form.preset](content, form))


def item_files(asset: ItemsAsset, context: ExportContext) -> list[OutputFile]:
    """The sheet of items in their cells, and its JSON.

    Raises:
        ExportError: the sheet would be larger than `max_sheet`.
    """
    form = resolve_form(context.options.engine)
    options = context.options
    grid = items_grid(asset, options.extrude)
    sheet = items_sheet(asset, extrude=options.extrude, max_side=options.max_sheet)
    items = sorted(asset.items, key=lambda item: item.slot)
    places = [Placement(0, *grid.origin(item.slot), *asset.size, 0, 0, *asset.size) for item in items]
    documents = document_names(context.stem, [grid.size])
    if form.preset == _OLD:
        frames, slices = [], []
        for item, placement in zip(items, places, strict=True):
            frames.append(SheetFrame(item.name, placement, ITEM_MS))
            key = pivot_key(0, asset.size, asset.pivot)
            key["bounds"] |= {"x": placement.x, "y": placement.y}
            slices.append({"name": item.name, "color": "#0000ffff", "keys": [key]})
        pages = [SheetPage(documents[0].image, grid.size)]
        texts = page_documents(frames, pages, [""], {"frameTags": [], "slices": slices})
        return _output_files(context.stem, (sheet,), texts)
    clips = []
    for index, (item, placement) in enumerate(zip(items, places, strict=True)):
        frame = SheetFrame(name_frame(form, asset.id, item.name, index), placement, ITEM_MS)
        clips.append(SheetClip(item.name, True, (frame,), is_item=True))
    cells = CellGrid(grid, {item.name: [item.slot] for item in items})
    content = SheetContent(asset.id, documents, tuple(clips), asset.pivot, cells, "grid")
    return _output_files(context.stem, (sheet,), _WRITERS[form.preset](content, form))


def _lay_out(asset: SpriteAsset, context: ExportContext, form: SheetForm) -> tuple[SpriteSheet, CellGrid | None]:
    if form.is_cells:
        earlier = _earlier_cells(context, form.layout)
        return lay_out_cells(asset, context.options, earlier, one_row=form.layout == "strip")
    if form.whole_clips:
        return pack_clips_whole(asset, context.options, trim=form.trim), None
    return pack_sprite(asset, context.options, trim=form.trim), None


def _earlier_cells(context: ExportContext, layout: str) -> EarlierCells:
    """The cells in the JSON that is there; none where it has no grid of this layout, or cannot be read."""
    before = context.before or context.read
    data = before(f"{context.previous_stem or context.stem}.json")
    try:
        grid: Mapping[str, Any] = json.loads(data or b"{}")["meta"]["grid"]
        if grid["layout"] != layout:
            return EarlierCells()
        cells = {str(name): [int(cell) for cell in slots] for name, slots in grid["cells"].items()}
        columns = int(grid["columns"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return EarlierCells()
    every = [cell for slots in cells.values() for cell in slots]
    is_sound = columns > 0 and len(set(every)) == len(every) and all(0 <= cell <= _MOST_CELLS for cell in every)
    return EarlierCells(columns, cells) if is_sound else EarlierCells()


_MOST_CELLS = 1 << 20


def _old_pages(stem: str, sheet: SpriteSheet) -> list[SheetPage]:
    names = document_names(stem, [(page.shape[1], page.shape[0]) for page in sheet.pages])
    return [SheetPage(document.image, document.size) for document in names]


def _output_files(stem: str, pages: tuple[Pixels, ...], texts: list[bytes]) -> list[OutputFile]:
    pictures = [OutputFile(page_path(stem, number, ".png"), encode_png(page)) for number, page in enumerate(pages)]
    # The first document may name the others, so it comes last.
    documents = [OutputFile(page_path(stem, number, ".json"), text) for number, text in enumerate(texts)]
    return pictures + documents[::-1]
