"""`python -m tests.benchmarks.contact FOLDER [CASE…]`: what to look at, truth / damaged / result of the pixel corpus.

One PNG a case of the corpus (all whose name or step contains a word of CASE), with the first of its sprites.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

from bridge.preview.panels import INK, draw_text
from bridge.preview.pixels import blend_onto, filled, join_below, join_beside
from exporters.model.asset import Pixels
from exporters.model.png import encode_png
from tests.benchmarks.pixels import TUNED
from tests.unit.processing.corpus import CASES, Case

SPRITES, ROWS, GAP = 6, 2, 8
_SHOWN = 192
_CHECK = 8
_DARK, _LIGHT = (58, 66, 84), (84, 94, 116)


def main() -> None:
    """Writes the pictures; prints a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.contact")
    parser.add_argument("folder", type=Path, help="where the pictures go, for example build/corpus")
    parser.add_argument("cases", nargs="*", help="only cases with one of these words; default: all")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        title = f"{case.step}: {case.name}"
        if options.cases and not any(word in title for word in options.cases):
            continue
        path = options.folder / (re.sub(r"[^a-z0-9.]+", "-", title.lower()) + ".png")
        path.write_bytes(encode_png(sheet(case)))
        print(path)


def sheet(case: Case) -> Pixels:
    """The first sprites of a case, each as truth, damaged and result side by side."""
    triples = [
        join_beside([_tile(one[0]) for one in (truth, bad, case.mend(bad, truth))], GAP // 2)
        for truth, bad in case.pairs(SPRITES, TUNED)
    ]
    rows = [join_beside(triples[start : start + ROWS], 2 * GAP) for start in range(0, len(triples), ROWS)]
    picture = join_below([draw_text(f"{case.step} - {case.name}: TRUTH, DAMAGED, RESULT", INK), *rows], GAP)
    canvas = filled(picture.shape[1] + 2 * GAP, picture.shape[0] + 2 * GAP, _DARK)
    blend_onto(canvas, picture, GAP, GAP)
    return canvas


def _tile(pixels: Pixels) -> Pixels:
    """The picture at about one size whatever its own is, on checks that let holes show."""
    places = [np.arange(_SHOWN) * length // _SHOWN for length in pixels.shape[:2]]
    checks = filled(_SHOWN, _SHOWN, _DARK)
    odd = (np.indices((_SHOWN, _SHOWN)) // _CHECK).sum(axis=0) % 2 == 1
    checks[odd] = (*_LIGHT, 255)
    blend_onto(checks, pixels[places[0]][:, places[1]], 0, 0)
    return checks


if __name__ == "__main__":
    main()
