"""Sheet JSON as PixiJS reads it: frames by name with `anchor`, and `animations`, which name frames of their own sheet.

PixiJS keeps all frames of a game in one cache, so their names carry the asset's id. Each document of several names all
others in `meta.related_multi_packs`: whichever is loaded brings the whole asset. PixiJS plays lists of textures; times
stand in `frames[name].duration` of the sheet's `data`.

Source: PixiJS API documentation, `Spritesheet`, `SpritesheetData` and `SpritesheetFrameData`.
"""

from __future__ import annotations

from exporters.generic.sheet_content import (
    Rows,
    SheetContent,
    encode_document,
    frame_entry,
    head_meta,
    other_pages,
    pivot_entry,
)
from exporters.generic.sheet_form import SheetForm

APP = "https://pixijs.com/"
VERSION = "1.0"


def write_pixi_json(content: SheetContent, form: SheetForm) -> list[bytes]:
    """A document for each page."""
    del form
    documents = []
    anchor = pivot_entry(content.pivot)
    for page in range(len(content.documents)):
        frames = {frame.name: frame_entry(frame) | {"anchor": anchor} for frame in content.frames_of(page)}
        parts = {"frames": Rows(frames)}
        clips = [clip for clip in content.clips if not clip.is_item and clip.frames[0].placement.page == page]
        if clips:
            parts["animations"] = Rows({clip.name: [frame.name for frame in clip.frames] for clip in clips})
        meta = head_meta(content, page, APP, VERSION) | other_pages(content, page)
        documents.append(encode_document({**parts, "meta": Rows(meta)}))
    return documents
