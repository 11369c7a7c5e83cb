"""PyTexturePacker on a folder: `python use_pytexturepacker.py FRAMES OUT guillotine|maxrects`."""

import sys

from PyTexturePacker import Packer  # type: ignore[import-not-found]
from PyTexturePacker.GuillotinePacker import GuillotinePacker  # type: ignore[import-not-found]
from PyTexturePacker.MaxRectsPacker import MaxRectsPacker  # type: ignore[import-not-found]

frames, out, which = sys.argv[1:]
Packer.create(
    {"guillotine": GuillotinePacker, "maxrects": MaxRectsPacker}[which],
    max_width=4096,
    max_height=4096,
    enable_rotated=False,
    atlas_format="json",
    trim_mode=1,
    border_padding=0,
    shape_padding=1,
).pack(frames, f"{out}/sheet%d")
