"""Packing algorithms on boxes alone: `python use_boxes.py BOXES.json`; prints what each makes of them.

BOXES.json is a list of [width, height]. Printed is {name: [milliseconds, width, height]} of each one's best page whose
sides are at most 1:2.
"""

import json
import math
import sys
import time
from pathlib import Path

import rectpack  # type: ignore[import-not-found]
import rpack  # type: ignore[import-not-found]

boxes = [tuple(box) for box in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))]
square = math.isqrt(sum(width * height for width, height in boxes))
found = {}
for algorithm in ("SkylineBl", "MaxRectsBl", "MaxRectsBssf", "GuillotineBssfSas"):
    began, pages = time.perf_counter(), []
    for factor in (76, 94, 106, 118, 137):
        packer = rectpack.newPacker(pack_algo=getattr(rectpack, algorithm), rotation=False)
        packer.add_bin(square * factor // 100, 4096)
        for width, height in boxes:
            packer.add_rect(width, height)
        packer.pack()
        placed = packer.rect_list()
        if len(placed) == len(boxes):
            pages.append((max(x + w for _, x, _, w, _, _ in placed), max(y + h for _, _, y, _, h, _ in placed)))
    spent = (time.perf_counter() - began) * 1000
    flat = [page for page in pages if max(page) <= 2 * min(page)]
    found[f"rectpack 0.2.2 {algorithm}"] = [spent, *min(flat or pages, key=math.prod)]
began = time.perf_counter()
places = rpack.pack(boxes)
spent = (time.perf_counter() - began) * 1000
found["rectangle-packer 2.1.1"] = [spent, *rpack.bbox_size(boxes, places)]
print(json.dumps(found))
