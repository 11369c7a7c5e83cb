"""Sheet JSON as Phaser reads it: one document for all pages (`load.multiatlas`), which is also its animations.

`textures` has a page each with its frames, whose `anchor` is the origin of a sprite. `anims` is what `load.animation`
and `anims.fromJSON` take: keys are the same for the whole game and so carry the asset's id, which is also the key that
the texture has to be loaded under. `repeat` -1 is for ever.

Source: Phaser API documentation, `LoaderPlugin#multiatlas`, `LoaderPlugin#animation`, `Types.Animations.Animation`.
"""

from __future__ import annotations

from typing import Any

from exporters.generic.sheet_content import (
    Rows,
    SheetClip,
    SheetContent,
    encode_document,
    frame_entry,
    grid_entry,
    pivot_entry,
)
from exporters.generic.sheet_form import SheetForm

FOR_EVER = -1
ONCE = 0


def write_phaser_json(content: SheetContent, form: SheetForm) -> list[bytes]:
    """The one document of an asset."""
    del form
    anchor = pivot_entry(content.pivot)
    textures = [
        Rows(
            {
                "image": document.image,
                "format": "RGBA8888",
                "size": {"w": document.size[0], "h": document.size[1]},
                "scale": 1,
                "frames": Rows(
                    [
                        {"filename": frame.name, **frame_entry(frame), "anchor": anchor}
                        for frame in content.frames_of(page)
                    ]
                ),
            }
        )
        for page, document in enumerate(content.documents)
    ]
    anims = [_animation(clip, content.asset_id) for clip in content.clips if not clip.is_item]
    meta: dict[str, Any] = {"app": "https://phaser.io/", "version": "3.0", "generator": "assetbridge"}
    if content.cells is not None:
        meta["grid"] = grid_entry(content.cells, content.layout)
    parts = {"textures": Rows(textures), "anims": Rows(anims), "globalTimeScale": 1, "meta": Rows(meta)}
    return [encode_document(parts)]


def _animation(clip: SheetClip, asset_id: str) -> dict[str, Any]:
    return {
        "key": f"{asset_id}/{clip.name}",
        "type": "frame",
        "repeat": FOR_EVER if clip.loop else ONCE,
        "frames": [{"key": asset_id, "frame": frame.name, "duration": frame.duration_ms} for frame in clip.frames],
    }
