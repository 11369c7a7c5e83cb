"""Capitals of 5 × 7 pixels, so that labels are the same pixels on every machine and need no font file."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

HEIGHT, WIDTH, ADVANCE = 7, 5, 6

# Bands of glyphs: a line that names them, then their seven rows. What has no glyph is drawn as a space.
_DRAWN = """
A     B     C     D     E     F     G     H     I     J
.###. ####. .###. ####. ##### ##### .###. #...# .###. ..###
#...# #...# #...# #...# #.... #.... #...# #...# ..#.. ...#.
#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#.
##### ####. #.... #...# ####. ####. #.### ##### ..#.. ...#.
#...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#.
#...# #...# #...# #...# #.... #.... #...# #...# ..#.. #..#.
#...# ####. .###. ####. ##### #.... .###. #...# .###. .##..
K     L     M     N     O     P     Q     R     S     T
#...# #.... #...# #...# .###. ####. .###. ####. .#### #####
#..#. #.... ##.## ##..# #...# #...# #...# #...# #.... ..#..
#.#.. #.... #.#.# #.#.# #...# #...# #...# #...# #.... ..#..
##... #.... #.#.# #..## #...# ####. #...# ####. .###. ..#..
#.#.. #.... #...# #...# #...# #.... #.#.# #.#.. ....# ..#..
#..#. #.... #...# #...# #...# #.... #..#. #..#. ....# ..#..
#...# ##### #...# #...# .###. #.... .##.# #...# ####. ..#..
U     V     W     X     Y     Z     0     1     2     3
#...# #...# #...# #...# #...# ##### .###. ..#.. .###. #####
#...# #...# #...# #...# #...# ....# #...# .##.. #...# ...#.
#...# #...# #...# .#.#. .#.#. ...#. #..## ..#.. ....# ..#..
#...# #...# #.#.# ..#.. ..#.. ..#.. #.#.# ..#.. ..##. ...#.
#...# .#.#. #.#.# .#.#. ..#.. .#... ##..# ..#.. .#... ....#
#...# .#.#. ##.## #...# ..#.. #.... #...# ..#.. #.... #...#
.###. ..#.. #...# #...# ..#.. ##### .###. .###. ##### .###.
4     5     6     7     8     9     -     .     ,     /
...#. ##### ..##. ##### .###. .###. ..... ..... ..... ....#
..##. #.... .#... ....# #...# #...# ..... ..... ..... ....#
.#.#. ####. #.... ...#. #...# #...# ..... ..... ..... ...#.
#..#. ....# ####. ..#.. .###. .#### .###. ..... ..... ..#..
##### ....# #...# ..#.. #...# ....# ..... ..... ..#.. .#...
...#. #...# #...# ..#.. #...# ...#. ..... .##.. ..#.. #....
...#. .###. .###. ..#.. .###. .##.. ..... .##.. .#... #....
"""


def _read_glyphs() -> dict[str, npt.NDArray[np.bool_]]:
    lines = _DRAWN.strip().split("\n")
    glyphs = {}
    for start in range(0, len(lines), HEIGHT + 1):
        rows = [line.split() for line in lines[start + 1 : start + 1 + HEIGHT]]
        for column, letter in enumerate(lines[start].split()):
            glyphs[letter] = np.array([[mark == "#" for mark in row[column]] for row in rows])
    return glyphs


_GLYPHS = _read_glyphs()


def width_of(text: str) -> int:
    """How wide a line of text is, in pixels."""
    return max(0, len(text) * ADVANCE - 1)


def mask_of(text: str) -> npt.NDArray[np.bool_]:
    """A line of text as a mask (7, width): letters are drawn as capitals, an underscore as a space."""
    mask = np.zeros((HEIGHT, width_of(text)), dtype=np.bool_)
    for index, letter in enumerate(text.upper()):
        glyph = _GLYPHS.get(letter)
        if glyph is not None:
            mask[:, index * ADVANCE : index * ADVANCE + WIDTH] = glyph
    return mask
