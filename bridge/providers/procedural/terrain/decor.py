"""Marks for variations of full tiles, and for descriptions that name them ("grass with mushrooms").

Their colours are few and shared, so that a set keeps one palette. Digits in a drawing are shades of the terrain's
own ramp; letters are the colours of `INKS`.
"""

from __future__ import annotations

from bridge.providers.procedural import noise
from bridge.providers.procedural.palette import parse_rgb
from bridge.providers.procedural.terrain.canvas import Stamp, TextureCanvas

INKS: dict[str, str] = {
    "w": "#f4efe2", "y": "#f0cb52", "r": "#d6473f", "p": "#e58aa8", "v": "#8a6fd0", "b": "#5f95d8",
    "o": "#e8913c", "g": "#4f9a46", "d": "#2f6a3a", "l": "#8fc65a", "s": "#9a9aa6", "S": "#c6c8cf", "k": "#5c5c6a",
    "t": "#7a5138", "T": "#a97f55", "n": "#e9dfc4", "m": "#6f9146", "M": "#4d6f38", "c": "#c79bf0", "C": "#7d55c4",
}  # fmt: skip

DECOR: dict[str, tuple[Stamp, ...]] = {
    "flowers": (
        [".w.", "wyw", ".w.", ".d."],
        ["r.r", ".y.", "r.r"],
        [".p.", "pyp", ".p."],
        ["b.", "bb", "d."],
        ["v.v", ".v.", ".d."],
    ),
    "tufts": (["l.l.l", "gl.lg", ".glg.", "..d.."], ["l..l", "glgl", ".dg."], ["l.l", "glg", ".d."]),
    "pebbles": ([".SS.", "Ssss", "ksSk", ".kk."], ["SS.", "ssk", ".k."], ["S.", "sk"]),
    "mushrooms": ([".rr.", "rwrr", "rrwr", ".nn.", ".nt."], [".T.", "TTT", ".n."], ["rr.", "wr.", "n.."]),
    "cracks": (["1....", ".11..", "..1..", "..111", "...1."], ["..1", ".1.", "11.", ".1."], ["1..1", ".11.", "..1."]),
    "moss": ([".mm..", "mmlmm", "MmmMm", ".MM.."], ["mm.", "mlm", ".M."], [".m", "mM"]),
    "shells": ([".w.", "wnw", "nwn", ".n."], ["n.w.n", ".www.", "nwwwn", "w...w"], ["wn", "nw"]),
    "bones": (["n...n", "nnnnn", "n...n"], [".nnn.", "nknkn", "nnnnn", ".n.n."], ["nn", ".n", ".nn"]),
    "ferns": (["..l..", "l.g.l", "glglg", ".gdg.", "..d.."], ["l.l.", "glgl", ".dd."]),
    "leaves": (["o.", ".o"], ["oy", "o."], ["r.", "or"]),
    "twigs": (["t...", ".tt.", "...T"], ["..T", "tt.", ".t."], ["Ttt"]),
    "lilies": ([".gg.", "glgg", "gg.g", ".gg."], [".ggw.", "glpww", "gggp.", ".gg.."], ["gg", "lg"]),
    "waves": ([".55.", "5..5"], ["55"], [".5.5."]),
    "embers": (["o"], ["r.", "oy"], ["y"]),
    "shards": ([".w.", "wcC", "cCC", ".C."], ["w.", "cC", "CC"]),
    "stars": ([".w.", "www", ".w."], ["w"], ["y"]),
    "snowdrift": ([".555.", "55544", "22222"], [".55.", "5544", ".22."]),
    "crust": ([".11.", "1001", "1011", ".11."], ["11.", "101", ".1."], ["11"]),
    "sprouts": (["l.l", ".g.", ".d."], ["l.", "gl", "d."], ["lgl", ".d."]),
    "knots": ([".11.", "1221", ".11."], ["11", "11"]),
    "rust": (["oT.", "TTo", ".T."], ["To", "o."], ["T"]),
    "puddles": ([".bbb.", "bwbbb", "bbbbb", ".bbb."], ["bb", "wb"]),
}


def decorate(canvas: TextureCanvas, topic: str, kind: str, per_tile: int, *, inside: bool = False) -> None:
    """Marks of one kind on a canvas, about `per_tile` on 16 × 16 brush dots; `inside` keeps them off the border."""
    drawings = DECOR[kind]
    first = noise.derive_seed(canvas.seed, "decor", topic)
    for number, middle in enumerate(canvas.spread_marks(f"decor/{topic}", per_tile, reach=3, inside=inside)):
        # A kept place of a variation must keep its drawing, so only new places take turns.
        turn = number if inside else canvas.choose_at(topic, middle, len(drawings))
        pattern = drawings[(first + turn) % len(drawings)]
        letters = {mark for row in pattern for mark in row if mark in INKS}
        canvas.stamp(pattern, middle, {mark: canvas.add_accent(parse_rgb(INKS[mark])) for mark in sorted(letters)})
