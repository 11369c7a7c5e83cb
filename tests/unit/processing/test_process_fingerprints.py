"""What `[process]` adds to the fingerprint of an asset's files: a stored one must stay what it was, or a project that
nobody touched would be written anew.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from bridge.spec.model import KINDS
from bridge.spec.process_rules import process_settings

OWN = {"provider": "files", "source": "a.png"}
BOUGHT = {"provider": "pixellab", "description": "knight"}
ITEMS = {"provider": "pixellab", "items": [{"name": "key"}]}
GROUND = {"provider": "pixellab", "terrains": [{"name": "grass"}]}
EVERYTHING = {
    "matte": "#ff00ff", "grid": 4, "steady": 3, "canvas": "trim", "align": "center", "palette": "a.hex", "dither": True,
    "alpha": "keep", "despeckle": 2, "outline": "fix #102030", "upscale": 3, "repeats": "drop",
}  # fmt: skip
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    # name: kind, fields, [process], sha256 of the JSON before the steps were classes
    "drawn sprite": ("sprite", {"description": "rock"}, {}, "376699a0fa56e60c"),
    "own sprite": ("sprite", OWN, {}, "44136fa355b3678a"),
    "own sprite of a stated size": ("sprite", {**OWN, "size": [16, 24]}, {"grid": "auto"}, "285af8de245570b9"),
    "bought sprite": ("sprite", BOUGHT, {}, "a33c170bcdcff61a"),
    "bought opaque sprite": ("sprite", {**BOUGHT, "transparent": False}, {"outline": "fix"}, "9ee58daeb9fd6a51"),
    "bought character": ("character", BOUGHT, {}, "8e875c1302f8d423"),
    "bought character, everything": ("character", BOUGHT, EVERYTHING, "5a21ad30e31eabd2"),
    "drawn character, everything": ("character", {"description": "knight"}, EVERYTHING, "5a21ad30e31eabd2"),
    "own animation": ("animation", OWN, {"grid": "auto", "canvas": [20, 12]}, "0dd25620ce9d8751"),
    "bought animation": (
        "animation",
        {**BOUGHT, "source": "a.png", "action": "bob"},
        {"repeats": "keep"},
        "678b6d8bd7ed14b5",
    ),
    "bought items": ("items", ITEMS, {"colors": 12, "dither": True, "outline": "#0a0b0c"}, "5116562f8f8945d1"),
    "bought edit": ("edit", {**BOUGHT, "source": "a.png", "mask": "m.png"}, {"canvas": "native"}, "678b6d8bd7ed14b5"),
    "turnaround": (
        "turnaround",
        {**BOUGHT, "source": "a.png", "directions": 4},
        {"align": "feet", "grid": 1},
        "46a922d623b5498f",
    ),
    "a default of clips under a sprite": ("sprite", BOUGHT, {"steady": 2, "repeats": "drop"}, "d4f7dabf2cb78266"),
    "tiles": ("tileset", GROUND, {"palette": ["#ffffff", "#000000", "#FFFFFF"], "alpha": "binary"}, "e9b95825e1e8d980"),
    "tiles, everything": ("tileset", GROUND, EVERYTHING, "4f8c4ccde2559489"),
    "isometric tiles": (
        "isometric_tiles",
        {"tiles": [{"name": "grass"}]},
        {"colors": 8, "upscale": 2},
        "779b2c250439386e",
    ),
    "map": ("map", {"tileset": "asset:ground"}, {"palette": "a.hex", "alpha": "binary"}, "44136fa355b3678a"),
    "music": ("music", {"preset": "calm"}, EVERYTHING, "44136fa355b3678a"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_fingerprint_of_processing_is_what_it_always_was(name: str) -> None:
    kind, fields, process, expected = CASES[name]
    spec: Any = KINDS[kind].model_validate({"kind": kind, **fields, "process": process})
    data = process_settings(spec, lambda _: b"000000\nffffff\n").fingerprint_data()
    assert hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16] == expected, data
