"""A finder of grids on a folder of PNGs: `python use_grids.py NAME FOLDER`.

Prints a JSON list: file name, width, height and milliseconds of processor time of every picture; 0 × 0 where nothing
was found. Each finder does its whole work, down to the small picture, with its own settings; where a number of colours
has to be said it is 16, or 40 where that did better.
"""

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Size = tuple[int, int]


def _perfect_pixel() -> Callable[[Path], Size]:
    import numpy as np
    from perfect_pixel import get_perfect_pixel  # type: ignore[import-not-found]
    from PIL import Image

    def find(path: Path) -> Size:
        width, height, _ = get_perfect_pixel(np.asarray(Image.open(path).convert("RGB")))
        return width or 0, height or 0

    return find


def _pixel_snapper() -> Callable[[Path], Size]:
    from PIL import Image
    from pixel_snapper import PixelSnapperConfig, process_image  # type: ignore[import-not-found]

    def find(path: Path) -> Size:
        return Image.open(io.BytesIO(process_image(path.read_bytes(), PixelSnapperConfig(k_colors=16)))).size

    return find


def _proper_pixel_art() -> Callable[[Path], Size]:
    from PIL import Image
    from proper_pixel_art import pixelate  # type: ignore[import-not-found]

    def find(path: Path) -> Size:
        found: Any = pixelate(Image.open(path))
        size: Size = getattr(found, "image", found).size
        return size

    return find


def _unfake() -> Callable[[Path], Size]:
    from unfake import process_image_sync  # type: ignore[import-not-found]

    def find(path: Path) -> Size:
        size: Size = process_image_sync(str(path), max_colors=40)["image"].size
        return size

    return find


def _spritegrid() -> Callable[[Path], Size]:
    from PIL import Image
    from spritegrid.main import create_downsampled_image, detect_grid  # type: ignore[import-not-found]

    def find(path: Path) -> Size:
        picture = Image.open(path)
        width, height = detect_grid(picture)
        columns, rows = round(picture.width / width), round(picture.height / height)
        size: Size = create_downsampled_image(picture, width, height, columns, rows).size
        return size

    return find


FINDERS = {
    "perfect-pixel": _perfect_pixel,
    "pixel-snapper": _pixel_snapper,
    "proper-pixel-art": _proper_pixel_art,
    "unfake": _unfake,
    "spritegrid": _spritegrid,
}


def main() -> None:
    """Runs the finder on every picture; one that fails on a picture found nothing there."""
    find = FINDERS[sys.argv[1]]()
    rows = []
    for path in sorted(Path(sys.argv[2]).glob("*.png")):
        began = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                width, height = find(path)
            except Exception:  # noqa: BLE001  (whatever it raises, it found nothing)
                width = height = 0
        rows.append([path.name, int(width), int(height), (time.process_time() - began) * 1000])
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
