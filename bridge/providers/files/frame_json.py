"""Sheets described by JSON: Aseprite's export (hash and array, frameTags) and TexturePacker's (hash and array).

Both write the same frames: `frame` is the place on the sheet, `spriteSourceSize` the place inside the untrimmed
picture of `sourceSize`. A `rotated` frame lies on the sheet turned by 90° clockwise, with the width and height of the
upright one. Sources: Aseprite's docs/cli (`--sheet`, `--format`), TexturePacker's "JSON (Hash/Array)" exporters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bridge.core import limits
from bridge.core.errors import UserError
from bridge.core.json_text import JsonError, parse_json
from bridge.providers.files.steps import misfit
from exporters.model.asset import Pixels

_MOST_FRAMES = limits.SHEET_FRAMES
_LARGEST = limits.PICTURE_SIDE


@dataclass(frozen=True, slots=True)
class FrameRect:
    """A frame of a sheet, pixels: where it lies, how it was trimmed, and its time (milliseconds, None if unsaid).

    x, y, w, h: on the sheet, w and h of the upright frame. left, top: inside the whole picture of width × height.
    """

    name: str
    x: int
    y: int
    w: int
    h: int
    rotated: bool
    left: int
    top: int
    width: int
    height: int
    duration_ms: int | None

    def as_list(self) -> list[int | bool | None]:
        """JSON values for the params of a step; the name is left out, it reaches no pixel."""
        return [self.x, self.y, self.w, self.h, self.rotated, self.left, self.top, self.width, self.height]

    def cut(self, sheet: Pixels, path: str) -> Pixels:
        """The whole upright picture of this frame.

        Raises:
            UserError: `source_broken` when the frame lies outside the sheet.
        """
        wide, high = (self.h, self.w) if self.rotated else (self.w, self.h)
        if self.x + wide > sheet.shape[1] or self.y + high > sheet.shape[0]:
            raise misfit(
                path,
                f"the JSON places a frame at {self.x}, {self.y}, outside the {sheet.shape[1]} × {sheet.shape[0]} sheet",
                "Export sheet and JSON together again.",
            )
        region = sheet[self.y : self.y + high, self.x : self.x + wide]
        if self.rotated:
            region = np.rot90(region)
        result = np.zeros((self.height, self.width, 4), dtype=np.uint8)
        result[self.top : self.top + self.h, self.left : self.left + self.w] = region
        return result


@dataclass(frozen=True, slots=True)
class FrameTag:
    """A clip of an Aseprite file: its name, the places of its frames in playing order, whether it goes on for ever."""

    name: str
    order: tuple[int, ...]
    loop: bool | None


@dataclass(frozen=True, slots=True)
class FrameSheet:
    """A parsed JSON file. `image` is as written there; `sequence` tells Aseprite's frames from named pictures."""

    image: str
    frames: tuple[FrameRect, ...]
    tags: tuple[FrameTag, ...]
    sequence: bool


def parse(data: bytes, path: str) -> FrameSheet:
    """The frames and tags of a JSON file.

    Raises:
        UserError: `source_broken` for other or damaged JSON, `provider_limit` for packs over several sheets.
    """
    try:
        document = parse_json(data)
    except JsonError as error:
        raise misfit(path, str(error), "Export it again.") from error
    if not isinstance(document, dict) or ("frames" not in document and "textures" not in document):
        raise misfit(path, "it has no frames", "Export from Aseprite or TexturePacker as JSON (hash or array).")
    try:
        return _sheet(document, path)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise misfit(
            path,
            f"it is no sheet of Aseprite or TexturePacker ({_reason(error)})",
            "Export it again as JSON (hash or array).",
        ) from error


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _sheet(document: Mapping[str, Any], path: str) -> FrameSheet:
    meta = document.get("meta") or {}
    if "textures" in document or meta.get("related_multi_packs"):
        raise UserError(
            "provider_limit",
            f"{path} is one of several sheets packed together",
            hint="Turn off multipack in TexturePacker, or raise its largest sheet size.",
        )
    raw = document["frames"]
    named = list(raw.items()) if isinstance(raw, dict) else [(entry.get("filename", ""), entry) for entry in raw]
    if not 0 < len(named) <= _MOST_FRAMES:
        raise ValueError(f"{len(named)} frames, there may be 1 to {_MOST_FRAMES}")
    frames = tuple(_frame(str(name), entry) for name, entry in named)
    tags = tuple(_tag(entry, len(frames)) for entry in meta.get("frameTags") or ())
    sequence = bool(tags) or "aseprite" in str(meta.get("app", "")).lower()
    _check_whole(frames, [len(tag.order) for tag in tags])
    return FrameSheet(str(meta["image"]), frames, tags, sequence)


def _check_whole(frames: Sequence[FrameRect], orders: Sequence[int]) -> None:
    """Trimmed frames take little of a sheet, but are whole pictures when they are cut out."""
    pixels = sum(frame.width * frame.height for frame in frames)
    if pixels > limits.CLIP_PIXELS:
        raise ValueError(f"its frames have more than {limits.CLIP_PIXELS:,} pixels together")
    if sum(orders) > limits.SHEET_FRAMES * 2:
        raise ValueError(f"its tags have more than {limits.SHEET_FRAMES * 2:,} frames together")


def _frame(name: str, entry: Mapping[str, Any]) -> FrameRect:
    _check_name(name)
    frame = entry["frame"]
    x, y, w, h = (int(frame[key]) for key in ("x", "y", "w", "h"))
    inside = entry.get("spriteSourceSize") or {"x": 0, "y": 0}
    whole = entry.get("sourceSize") or {"w": w, "h": h}
    left, top, width, height = int(inside["x"]), int(inside["y"]), int(whole["w"]), int(whole["h"])
    if min(x, y, left, top) < 0 or w < 1 or h < 1 or max(width, height) > _LARGEST:
        raise ValueError(f"the place of {name or 'a frame'} is impossible")
    if left + w > width or top + h > height:
        raise ValueError(f"{name or 'a frame'} is larger than its sourceSize")
    duration = entry.get("duration")
    time = None if duration is None else max(1, round(float(duration)))
    if time is not None and time > limits.FRAME_MS:
        raise ValueError(f"{name or 'a frame'} shows for {time:,} milliseconds; there may be {limits.FRAME_MS:,}")
    return FrameRect(name, x, y, w, h, bool(entry.get("rotated")), left, top, width, height, time)


def _check_name(name: str) -> None:
    if len(name) > limits.FRAME_NAME_LETTERS:
        raise ValueError(f"a name has {len(name):,} characters; there may be {limits.FRAME_NAME_LETTERS}")


def _tag(entry: Mapping[str, Any], count: int) -> FrameTag:
    _check_name(str(entry["name"]))
    first, last = int(entry["from"]), int(entry["to"])
    if not 0 <= first <= last < count:
        raise ValueError(f"the tag {entry['name']} goes from {first} to {last} of {count} frames")
    way = str(entry.get("direction", "forward"))
    # Aseprite writes `repeat` only for tags that end after so many rounds.
    loop = False if int(entry.get("repeat") or 0) else None
    return FrameTag(str(entry["name"]), order_frames(first, last, way), loop)


def order_frames(first: int, last: int, way: str) -> tuple[int, ...]:
    """The frames of a tag in playing order; way: as Aseprite calls it."""
    order = list(range(first, last + 1))
    if way in ("reverse", "pingpong_reverse"):
        order.reverse()
    if way.startswith("pingpong"):
        order += order[-2:0:-1]
    return tuple(order)


def rects_of(values: Sequence[Sequence[Any]]) -> list[FrameRect]:
    """The frames from the params of a step, see `FrameRect.as_list`."""
    rects = []
    for x, y, w, h, rotated, left, top, width, height in values:
        rects.append(FrameRect("", x, y, w, h, rotated, left, top, width, height, None))
    return rects
