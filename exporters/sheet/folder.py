"""The PNG files of a folder as a sheet with JSON, without a project."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from PIL.PngImagePlugin import PngImageFile

from exporters.base import ExportError
from exporters.generic.frame_json import SheetPage, page_documents
from exporters.generic.sheet_content import SheetFrame
from exporters.model.asset import Pixels
from exporters.model.png import encode_png
from exporters.packing.pack import pack_frames
from exporters.packing.sprite_sheet import page_path

FRAME_MS = 100


def pack_folder(folder: Path, out: Path, padding: int = 1, extrude: int = 0, max_sheet: int = 2048) -> None:
    """Writes the sheet and its JSON; further pages are called `OUT_2.png`, `OUT_2.json` …

    Raises:
        ExportError: the folder holds no PNG file, one cannot be read, or one is larger than a page.
        OSError: reading or writing failed.
    """
    files = sorted((path for path in folder.iterdir() if path.suffix.lower() == ".png"), key=lambda path: path.name)
    if not files:
        raise ExportError(f"{folder} holds no PNG file.", hint="Name the folder that holds the frames.")
    sheet = pack_frames(map(_read_png, files), padding=padding, extrude=extrude, max_side=max_sheet)
    frames = [
        SheetFrame(path.stem, placement, FRAME_MS) for path, placement in zip(files, sheet.placements, strict=True)
    ]
    pages = []
    for number, pixels in enumerate(sheet.pages):
        image = page_path(out.name, number, ".png")
        _replace_file(out.with_name(image), encode_png(pixels))
        pages.append(SheetPage(image, (pixels.shape[1], pixels.shape[0])))
    names = [page_path(out.name, number, ".json") for number in range(len(pages))]
    for name, document in zip(names, page_documents(frames, pages, names, {}), strict=True):
        _replace_file(out.with_name(name), document)


def _replace_file(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all. A link in its place is replaced and not followed."""
    handle, temp = tempfile.mkstemp(prefix=".", suffix=".assetbridge-tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # The mode of any new file, which a temporary one does not have.
        mask = os.umask(0)
        os.umask(mask)
        Path(temp).chmod(0o666 & ~mask)
        Path(temp).replace(path)
    except BaseException:
        Path(temp).unlink(missing_ok=True)
        raise


def _read_png(path: Path) -> Pixels:
    # The PNG class itself: Image.open would first import and try the plug-ins of all common formats.
    try:
        with PngImageFile(path) as image:
            return np.asarray(image if image.mode == "RGBA" else image.convert("RGBA"))
    except (SyntaxError, ValueError, EOFError) as error:
        raise ExportError(f"{path} is not a PNG that can be read.", hint="Save the file anew.") from error
