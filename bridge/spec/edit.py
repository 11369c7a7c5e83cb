"""Edits of spec files that keep comments and layout (tomlkit), and the text of new specs."""

from __future__ import annotations

import difflib
import json
from typing import Any

from bridge.errors import UserError
from bridge.spec.model import KINDS

SCHEMA = ".assetbridge/spec.schema.json"


def set_value(text: str, field: str, value: int | str) -> str:
    """The text with a dotted field set (`take`, `animations.walk.take`, `items.2.pick`); all else stays as it was.

    Raises:
        UserError: `spec_syntax` when the text is not TOML.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise UserError("spec_syntax", f"the spec is not valid TOML: {error}") from error
    *path, last = field.split(".")
    table: Any = document
    for part in path:
        table = table[int(part)] if part.isdigit() else table[part]
    if table is document and last not in document:
        _add_at_top(document, last, value)
    else:
        table[last] = value
    return tomlkit.dumps(document)


def _add_at_top(document: Any, key: str, value: int | str) -> None:
    """A new top-level key must stand before the first table, or it would belong to that table."""
    import tomlkit

    body = document.body
    place = next(
        (
            number
            for number, (name, item) in enumerate(body)
            if name is not None and isinstance(item, tomlkit.items.Table | tomlkit.items.AoT)
        ),
        None,
    )
    if place is None:
        document.add(key, value)
        return
    before = [name for name, _ in body[:place] if name is not None]
    if before:
        document._insert_after(before[-1], key, value)
    else:
        document._insert_at(place, key, tomlkit.item(value))


_BODIES: dict[str, str] = {
    "sprite": """\
size = [32, 32]                # pixels
# variants = 3                 # draw several, then: assetbridge pick {id} 2
""",
    "items": """\
size = [32, 32]                # of every item, pixels
columns = 8                    # fixed for life once exported

[[items]]
name = "health_potion"
description = "red potion in a round flask"

[[items]]
name = "iron_sword"
""",
    "character": """\
size = [48, 48]                # pixels
directions = 4                 # 1, 4, 8 or a list
# mirror = {{ west = "east" }}   # flipped, costs nothing

[animations.idle]

[animations.walk]
fps = 10

[animations.attack]
""",
    "animation": """\
source = "art/picture.png"     # a path, or asset:art/hero#south
action = "bob"                 # the motion in words
frames = 6
fps = 10
loop = true
""",
    "turnaround": """\
source = "art/front.png"
direction = "south"            # what the source shows
directions = 4
""",
    "edit": """\
source = "art/picture.png"
mask = "art/mask.png"          # white = repaint
""",
    "tileset": """\
tile_size = 16                 # pixels
transition_size = 0.25         # 0, 0.25, 0.5 or 1.0

[[terrains]]                   # low to high
name = "water"
animated = 4                   # frames
solid = true                   # collision

[[terrains]]
name = "grass"
variations = 2                 # extra full tiles
""",
    "isometric_tiles": """\
tile_size = [32, 32]           # canvas of a tile, pixels
shape = "block"                # thin, thick or block

[[tiles]]
name = "grass"
description = "grass block"

[[tiles]]
name = "stone"
""",
    "map": """\
size = [48, 32]                # tiles
tileset = "asset:art/ground"   # one of your tilesets
seed = 1

[noise]
scale = 12                     # tiles per feature
octaves = 3
""",
    "music": """\
preset = "peaceful_village"    # or a description
bpm = 96
key = "D minor"
duration = 30                  # seconds
loop = true
""",
}
_DESCRIPTIONS = {
    "sprite": "mossy boulder",
    "items": "fantasy icon",
    "character": "brave knight with shining armor",
    "edit": "a golden helmet",
}


def new_spec(kind: str, asset_id: str, *, description: str | None = None, provider: str | None = None) -> str:
    """The text of a new spec: valid, commented, with the schema line for editors.

    Raises:
        UserError: `spec_unknown_kind`.
    """
    if kind not in _BODIES:
        close = difflib.get_close_matches(kind, KINDS, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Kinds: {', '.join(KINDS)}."
        raise UserError("spec_unknown_kind", f"there is no kind {kind}", hint=hint)
    words = description or _DESCRIPTIONS.get(kind)
    lines = [f"#:schema {'../' * asset_id.count('/')}{SCHEMA}", f"kind = {json.dumps(kind)}"]
    if words:
        lines.append(f"description = {json.dumps(words, ensure_ascii=False)}")
    if provider:
        lines.append(f"provider = {json.dumps(provider)}")
    return "\n".join(lines) + "\n" + _BODIES[kind].format(id=asset_id)
