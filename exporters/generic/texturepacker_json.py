"""Sheet JSON as TexturePacker writes it: "JSON (Hash)" and "JSON (Array)", with pivots in 0..1 of the untrimmed frame.

Several sheets give several documents, each of which names all others in `meta.related_multi_packs`. `duration` is no
word of TexturePacker's: whoever does not know it passes it over.

Source: TexturePacker's documentation, "JSON data formats".
"""

from __future__ import annotations

from typing import Any

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

APP = "https://www.codeandweb.com/texturepacker"
VERSION = "1.0"


def write_texturepacker_json(content: SheetContent, form: SheetForm) -> list[bytes]:
    """A document for each page."""
    documents = []
    pivot = pivot_entry(content.pivot)
    for page in range(len(content.documents)):
        entries = [(frame.name, frame_entry(frame) | {"pivot": pivot}) for frame in content.frames_of(page)]
        frames: dict[str, Any] | list[Any] = dict(entries)
        if form.frames == "array":
            frames = [{"filename": name, **entry} for name, entry in entries]
        meta = head_meta(content, page, APP, VERSION) | other_pages(content, page)
        documents.append(encode_document({"frames": Rows(frames), "meta": Rows(meta)}))
    return documents
