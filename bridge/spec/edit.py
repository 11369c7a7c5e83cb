"""Edits of spec files that keep comments and layout (tomlkit), and the text of new specs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from bridge.core.errors import UserError
from bridge.core.paths import SCHEMA_FILE
from bridge.core.toml import quote_text
from bridge.spec.model import KINDS


def set_value(text: str, field: str, value: int | str) -> str:
    """The text with a dotted field set (`take`, `animations.walk.take`, `items.2.pick`); all else stays as it was.

    Raises:
        UserError: `spec_syntax` when the text is not TOML.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    try:
        document = tomlkit.parse(text.removeprefix(mark))
    except TOMLKitError as error:
        raise UserError("spec_syntax", f"the spec is not valid TOML: {error}") from error
    *path, last = field.split(".")
    table: Any = document
    for part in path:
        table = table[int(part)] if part.isdigit() else table[part]
    if last not in table and isinstance(table, tomlkit.TOMLDocument | tomlkit.items.Table):
        _add_key(table if table is document else table.value, last, value)
    else:
        table[last] = value
    return mark + _newlines_of(text, tomlkit.dumps(document))


def _newlines_of(text: str, changed: str) -> str:
    """tomlkit ends new lines with a line feed, also in a file of Windows."""
    lone = re.compile(r"(?<!\r)\n")
    return lone.sub("\r\n", changed) if "\r\n" in text and not lone.search(text) else changed


def _add_key(container: Any, key: str, value: int | str) -> None:
    """A new key after the last one of its table: what stands below it is about the next table, or is that table."""
    body = container.body
    tables = (tomlkit.items.Table, tomlkit.items.AoT)
    end = next((index for index, (name, item) in enumerate(body) if name and isinstance(item, tables)), len(body))
    before = [name for name, _ in body[:end] if name is not None]
    if before:
        container._insert_after(before[-1], key, value)
    elif body and not isinstance(container, tomlkit.TOMLDocument):
        container._insert_at(0, key, tomlkit.item(value))
    elif end < len(body):
        container._insert_at(end, key, tomlkit.item(value))
    else:
        container.add(key, value)


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


_TERRAINS = ("water", "grass")
_TILE_SIZE = 16  # pixels


def new_spec(
    kind: str,
    asset_id: str,
    *,
    description: str | None = None,
    provider: str | None = None,
    terrains: Sequence[str] = (),
    tile_size: int | None = None,
) -> str:
    """The text of a new spec: valid, commented, with the schema line for editors.

    terrains (names, low to high) and tile_size (pixels): of a `tileset`, instead of the example's.

    Raises:
        UserError: `spec_unknown_kind`; `spec_not_applicable` for terrains of another kind.
    """
    if kind not in _BODIES:
        close = difflib.get_close_matches(kind, KINDS, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Kinds: {', '.join(KINDS)}."
        raise UserError("spec_unknown_kind", f"there is no kind {kind}", hint=hint)
    if kind != "tileset" and (terrains or tile_size is not None):
        raise UserError("spec_not_applicable", f"{kind} has no terrains and no single tile size")
    words = description or _DESCRIPTIONS.get(kind)
    lines = [f"#:schema {'../' * asset_id.count('/')}{SCHEMA_FILE}", f"kind = {quote_text(kind)}"]
    if words:
        lines.append(f"description = {quote_text(words)}")
    if provider:
        lines.append(f"provider = {quote_text(provider)}")
    if terrains or tile_size is not None:
        body = _tileset_body(terrains or _TERRAINS, tile_size or _TILE_SIZE)
    else:
        body = _BODIES[kind].format(id=asset_id)
    return "\n".join(lines) + "\n" + body


def _tileset_body(terrains: Sequence[str], tile_size: int) -> str:
    tables = [f"\n[[terrains]]\nname = {quote_text(name)}\n" for name in terrains]
    tables[0] = tables[0].replace("\n[[terrains]]", "\n[[terrains]]                   # low to high", 1)
    return f"tile_size = {tile_size:<20} # pixels\n" + "".join(tables)
