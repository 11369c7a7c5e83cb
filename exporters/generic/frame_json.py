"""The sheet JSON in the hash form that Aseprite and TexturePacker share (Aseprite docs, "Sprite sheet JSON").

`frames` maps names to `frame` (place on the sheet), `spriteSourceSize` (place in the untrimmed frame),
`sourceSize` and `duration` (milliseconds); `meta.frameTags` are the animations, `from` and `to` counting
frames from 0. A tag that plays once has `"repeat": "1"`. `animations` lists frame names by animation, as
PixiJS reads them.

Several pages give several files: each has its own `frames` and `meta.image`, the first names the others in
`meta.related_multi_packs` and has all tags, which count over the frames of all pages in the order of
`animations`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exporters.generic.sheet_content import Rows, SheetFrame, encode_document, frame_entry
from exporters.packing.sprite_sheet import PlacedAnimation

APP = "assetbridge"
FORMAT_VERSION = "1"


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A page: file name of the picture and its width, height in pixels."""

    image: str
    size: tuple[int, int]


def animation_frames(animations: Sequence[PlacedAnimation]) -> list[SheetFrame]:
    """All frames in order; frame k of `walk_south` is called `walk_south_k`, counted from 0."""
    return [
        SheetFrame(f"{animation.name}_{number}", frame.placement, frame.duration_ms)
        for animation in animations
        for number, frame in enumerate(animation.frames)
    ]


def animation_extras(animations: Sequence[PlacedAnimation], pivot: tuple[float, float]) -> dict[str, Any]:
    """`frameTags`, the pivot slice and the frame names by animation."""
    tags: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    names: dict[str, list[str]] = {}
    size = None
    start = 0
    for animation in animations:
        count = len(animation.frames)
        tag = {"name": animation.name, "from": start, "to": start + count - 1, "direction": "forward"}
        tags.append(tag if animation.loop else {**tag, "repeat": "1"})
        names[animation.name] = [f"{animation.name}_{number}" for number in range(count)]
        placement = animation.frames[0].placement
        if (placement.source_width, placement.source_height) != size:
            size = (placement.source_width, placement.source_height)
            keys.append(pivot_key(start, size, pivot))
        start += count
    slices = [{"name": "pivot", "color": "#0000ffff", "keys": keys}]
    return {"frameTags": tags, "slices": slices, "animations": names}


def pivot_key(frame: int, size: tuple[int, int], pivot: tuple[float, float]) -> dict[str, Any]:
    """A slice key over the whole frame, in force from that frame on; the pivot in whole pixels."""
    width, height = size
    return {
        "frame": frame,
        "bounds": {"x": 0, "y": 0, "w": width, "h": height},
        "pivot": {"x": round(width * pivot[0]), "y": round(height * pivot[1])},
    }


def page_documents(
    frames: Sequence[SheetFrame], pages: Sequence[SheetPage], files: Sequence[str], extras: Mapping[str, Any]
) -> list[bytes]:
    """The JSON text of every page; `files` are the file names of the documents.

    extras: `frameTags` and `slices` for `meta`, `animations` beside it; they go into the first document.
    """
    documents = []
    for number, page in enumerate(pages):
        meta: dict[str, Any] = {
            "app": APP,
            "version": FORMAT_VERSION,
            "image": page.image,
            "format": "RGBA8888",
            "size": {"w": page.size[0], "h": page.size[1]},
            "scale": "1",
        }
        animations = None
        if number == 0:
            if len(pages) > 1:
                meta["related_multi_packs"] = list(files[1:])
            meta.update({key: extras[key] for key in ("frameTags", "slices") if key in extras})
            animations = extras.get("animations")
        documents.append(_encode_document([f for f in frames if f.placement.page == number], meta, animations))
    return documents


def _encode_document(frames: Sequence[SheetFrame], meta: dict[str, Any], animations: Any) -> bytes:
    """One line a frame and a tag, so that a change shows as a small difference."""
    parts: dict[str, Any] = {"frames": Rows({frame.name: frame_entry(frame) for frame in frames})}
    if animations is not None:
        parts["animations"] = Rows(animations)
    rows = {key: Rows(value) if isinstance(value, list) else value for key, value in meta.items()}
    return encode_document({**parts, "meta": Rows(rows)})
