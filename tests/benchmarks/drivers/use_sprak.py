"""sprak on a folder of PNGs: `python use_sprak.py FRAMES OUT`. It has no settings for padding and size."""

import sys

from sprak import pack  # type: ignore[import-not-found]
from sprak.atlas import Atlas  # type: ignore[import-not-found]


def _nothing(_atlas: Atlas) -> None: ...


# It asks for the program Aseprite even when no file of it is there.
Atlas._process_aseprite_batch = _nothing
pack(sys.argv[1], dst_json=f"{sys.argv[2]}/sheet.json", dst_png=f"{sys.argv[2]}/sheet.png")
