"""What sheet JSON says of an asset, whatever its form: pages, clips, and frames with names, times and pivots."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exporters.generic.sheet_form import SheetForm
from exporters.packing.pack import Placement
from exporters.packing.sprite_layout import CellGrid
from exporters.packing.sprite_sheet import PlacedAnimation, page_path
from exporters.texts import json_text


@dataclass(frozen=True, slots=True)
class SheetFrame:
    """A frame under the name that the form gives it; duration in milliseconds."""

    name: str
    placement: Placement
    duration_ms: int


@dataclass(frozen=True, slots=True)
class SheetClip:
    """A clip, or an item: then it has one frame and does not play."""

    name: str
    loop: bool
    frames: tuple[SheetFrame, ...]
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class SheetDocument:
    """A page: names of its JSON file and of its picture, and the picture's width and height in pixels."""

    file: str
    image: str
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class SheetContent:
    """All that a writer needs. pivot: x, y in 0..1 of a frame; cells: `meta.grid` where frames lie in cells."""

    asset_id: str
    documents: tuple[SheetDocument, ...]
    clips: tuple[SheetClip, ...]
    pivot: tuple[float, float]
    cells: CellGrid | None = None
    layout: str = "packed"

    def frames(self) -> Iterator[SheetFrame]:
        """All frames in the order of the clips."""
        return (frame for clip in self.clips for frame in clip.frames)

    def frames_of(self, page: int) -> list[SheetFrame]:
        """The frames of one page, in the order of the clips."""
        return [frame for frame in self.frames() if frame.placement.page == page]


def document_names(stem: str, sizes: Sequence[tuple[int, int]]) -> tuple[SheetDocument, ...]:
    """The pages of an asset by their sizes: `hero.json` with `hero.png`, then `hero_2.json` …"""
    stem = posixpath.basename(stem)
    return tuple(
        SheetDocument(page_path(stem, number, ".json"), page_path(stem, number, ".png"), size)
        for number, size in enumerate(sizes)
    )


def name_frames(animations: Sequence[PlacedAnimation], asset_id: str, form: SheetForm) -> tuple[SheetClip, ...]:
    """Clips with their frames named as the form says."""
    clips = []
    start = 0
    for animation in animations:
        frames = tuple(
            SheetFrame(
                name_frame(form, asset_id, f"{animation.name}_{number}", start + number),
                frame.placement,
                frame.duration_ms,
            )
            for number, frame in enumerate(animation.frames)
        )
        clips.append(SheetClip(animation.name, animation.loop, frames))
        start += len(frames)
    return tuple(clips)


def name_frame(form: SheetForm, asset_id: str, name: str, index: int) -> str:
    """The name of a frame: its number among all, its own name, or that behind the asset's id."""
    match form.names:
        case "index":
            return str(index)
        case "asset":
            return f"{asset_id}/{name}"
    return name


def frame_entry(frame: SheetFrame) -> dict[str, Any]:
    """What Aseprite and TexturePacker both write of a frame."""
    placement = frame.placement
    size = {"w": placement.width, "h": placement.height}
    return {
        "frame": {"x": placement.x, "y": placement.y, **size},
        "rotated": False,
        "trimmed": placement.trimmed,
        "spriteSourceSize": {
            "x": placement.offset_x,
            "y": placement.offset_y,
            "w": placement.width,
            "h": placement.height,
        },
        "sourceSize": {"w": placement.source_width, "h": placement.source_height},
        "duration": frame.duration_ms,
    }


def pivot_entry(pivot: tuple[float, float]) -> dict[str, float]:
    """A pivot as x and y in 0..1 from the top left of the untrimmed frame."""
    return {"x": round(pivot[0], 6), "y": round(pivot[1], 6)}


def head_meta(content: SheetContent, page: int, app: str, version: str) -> dict[str, Any]:
    """The beginning of `meta`: who reads it, the picture, and the grid where there is one."""
    document = content.documents[page]
    meta: dict[str, Any] = {
        "app": app,
        "version": version,
        "generator": "assetbridge",
        "image": document.image,
        "format": "RGBA8888",
        "size": {"w": document.size[0], "h": document.size[1]},
        "scale": "1",
    }
    if content.cells is not None:
        meta["grid"] = grid_entry(content.cells, content.layout)
    return meta


def other_pages(content: SheetContent, page: int) -> dict[str, Any]:
    """`related_multi_packs` of a page: the documents of all others; nothing where there are none."""
    others = [document.file for number, document in enumerate(content.documents) if number != page]
    return {"related_multi_packs": others} if others else {}


def grid_entry(cells: CellGrid, layout: str) -> dict[str, Any]:
    """The grid for those who cut by cells: sizes in pixels, and the cells of each clip, counted row by row from 0."""
    grid = cells.grid
    return {
        "layout": layout,
        "columns": grid.columns,
        "rows": grid.rows,
        "cellwidth": grid.cell[0],
        "cellheight": grid.cell[1],
        "margin": grid.margin,
        "spacing": grid.spacing,
        "cells": {name: list(slots) for name, slots in cells.cells.items()},
    }


@dataclass(frozen=True, slots=True)
class Rows:
    """An object or a list of which each entry has a line of its own, so that a change shows as a small difference."""

    entries: Mapping[str, Any] | Sequence[Any]


def encode_document(parts: Mapping[str, Any]) -> bytes:
    """A JSON document with a line for each of its parts, and for each entry of `Rows`."""
    return (_encode(Rows(parts), 1) + "\n").encode()


def _encode(value: Any, depth: int) -> str:
    if not isinstance(value, Rows):
        return json_text(value)
    margin, end = "\n" + " " * depth, "\n" + " " * (depth - 1)
    if isinstance(value.entries, Mapping):
        rows = [f"{json_text(key)}: {_encode(entry, depth + 1)}" for key, entry in value.entries.items()]
        return "{" + ",".join(margin + row for row in rows) + end + "}" if rows else "{}"
    rows = [_encode(entry, depth + 1) for entry in value.entries]
    return "[" + ",".join(margin + row for row in rows) + end + "]" if rows else "[]"
