"""Sheet JSON as Aseprite writes it (`--sheet --data`, formats json-hash and json-array).

Frames in playing order, `meta.frameTags` with `from` and `to` counting them from 0, `repeat` on tags that end, and a
slice with the pivot in whole pixels. Phaser's `createFromAseprite` looks frames up by their numbers, KAPLAY wants a
list, melonJS knows the format by `app`. `pivot` of a frame is no word of Aseprite's, but Phaser and melonJS read it.

Source: Aseprite's documentation, "Command Line Interface" (--data, --format, --list-tags, --list-slices).
"""

from __future__ import annotations

from typing import Any

from exporters.base import ExportError
from exporters.generic.sheet_content import (
    Rows,
    SheetContent,
    encode_document,
    frame_entry,
    head_meta,
    pivot_entry,
)
from exporters.generic.sheet_form import SheetForm

APP = "https://www.aseprite.org/"
VERSION = "1.3"
COLOR = "#000000ff"
PIVOT_COLOR = "#0000ffff"


def write_aseprite_json(content: SheetContent, form: SheetForm) -> list[bytes]:
    """The one document of an asset.

    Raises:
        ExportError: the frames need more than one sheet, which Aseprite's format cannot say.
    """
    if len(content.documents) > 1:
        raise ExportError(
            f"The frames need {len(content.documents)} sheets, and Aseprite's JSON has one.",
            hint='Raise max_sheet under [export] (at most 8192), write trim = true, or preset = "phaser" or "pixi".',
        )
    pivot = pivot_entry(content.pivot)
    entries = [(frame.name, frame_entry(frame) | {"pivot": pivot}) for frame in content.frames()]
    frames: dict[str, Any] | list[Any] = dict(entries)
    if form.frames == "array":
        frames = [{"filename": name, **entry} for name, entry in entries]
    layers = [{"name": "Layer 1", "opacity": 255, "blendMode": "normal"}]
    meta = head_meta(content, 0, APP, VERSION) | {
        "frameTags": Rows(_tags(content)),
        "layers": Rows(layers),
        "slices": Rows([_pivot_slice(content)]),
    }
    return [encode_document({"frames": Rows(frames), "meta": Rows(meta)})]


def _tags(content: SheetContent) -> list[dict[str, Any]]:
    tags = []
    start = 0
    for clip in content.clips:
        end = start + len(clip.frames)
        tag = {"name": clip.name, "from": start, "to": end - 1, "direction": "forward", "color": COLOR}
        tags.append(tag if clip.loop else {**tag, "repeat": "1"})
        start = end
    return tags


def _pivot_slice(content: SheetContent) -> dict[str, Any]:
    """A slice over the whole canvas."""
    placement = content.clips[0].frames[0].placement
    width, height = placement.source_width, placement.source_height
    key = {
        "frame": 0,
        "bounds": {"x": 0, "y": 0, "w": width, "h": height},
        "pivot": {"x": int(width * content.pivot[0] + 0.5), "y": int(height * content.pivot[1] + 0.5)},
    }
    return {"name": "pivot", "color": PIVOT_COLOR, "keys": [key]}
