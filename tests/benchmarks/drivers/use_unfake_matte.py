"""unfake's removal of backgrounds on a folder of PNGs: `python use_unfake_matte.py FOLDER OUT`.

It floods from all edges. Its usual tolerance of 1 leaves every worn background, so it gets the one that ours has.
Prints a JSON list of milliseconds of processor time.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from unfake.pixel import make_background_transparent  # type: ignore[import-not-found]

spent = []
for path in sorted(Path(sys.argv[1]).glob("*.png")):
    picture = np.array(Image.open(path).convert("RGBA"))
    began = time.process_time()
    found = make_background_transparent(picture, tolerance=28, mode="edges")
    spent.append((time.process_time() - began) * 1000)
    Image.fromarray(np.asarray(found)).save(Path(sys.argv[2]) / path.name)
print(json.dumps(spent))
