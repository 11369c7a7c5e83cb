"""A TileSetAtlasSource as a tree: cell → keys of the cell, alternative → keys, so that merging is set
arithmetic.

Keys in the file are `x:y/key` for a cell, `x:y/n = n` and `x:y/n/key` for its alternative n. What else a
source has (texture, region size …) has no colon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

CELL_KEY = re.compile(r"(\d+):(\d+)/(.+)")
ALTERNATIVE_KEY = re.compile(r"(\d+)(?:/(.+))?")

# Orders of saving (TileSetAtlasSource and TileData of Godot 4.6); `*` stands for any number or name.
CELL_ORDER = (
    "size_in_atlas",
    "next_alternative_id",
    "animation_columns",
    "animation_separation",
    "animation_speed",
    "animation_mode",
    "animation_frame_",
)
DATA_ORDER = (
    "flip_h",
    "flip_v",
    "transpose",
    "texture_origin",
    "modulate",
    "material",
    "z_index",
    "y_sort_origin",
    "terrain_set",
    "terrain",
    "probability",
    "occlusion_layer_",
    "physics_layer_",
    "terrains_peering_bit/",
    "navigation_layer_",
    "custom_data_",
)

OWNED_CELL = re.compile(r"animation_(columns|separation|speed|frame_\d+/duration)")
OWNED_DATA = re.compile(r"texture_origin|terrain_set|terrain|probability|terrains_peering_bit/.+")


@dataclass(slots=True)
class AtlasCell:
    """A tile: its keys, and the keys of its alternatives (0 is the tile itself)."""

    head: dict[str, str] = field(default_factory=dict)
    alternatives: dict[int, dict[str, str]] = field(default_factory=dict)

    def brushes(self) -> dict[int, int]:
        """Terrain → the alternative that paints it over corners of another terrain."""
        brushes: dict[int, int] = {}
        for number, keys in sorted(self.alternatives.items()):
            corners = {value for key, value in keys.items() if key.startswith("terrains_peering_bit/")}
            terrain = keys.get("terrain", "")
            if number and terrain.isdecimal() and corners and terrain not in corners:
                brushes.setdefault(int(terrain), number)
        return brushes


@dataclass(slots=True)
class AtlasSource:
    """All keys of a TileSetAtlasSource; `cells` by x, y in the sheet."""

    keys: dict[str, str] = field(default_factory=dict)
    cells: dict[tuple[int, int], AtlasCell] = field(default_factory=dict)

    def properties(self) -> dict[str, str]:
        """The keys in the order in which Godot saves them."""
        result = dict(self.keys)
        for (x, y), cell in self.cells.items():
            at = f"{x}:{y}/"
            head = dict(cell.head)
            if len(cell.alternatives) > 1:
                head["next_alternative_id"] = str(max(cell.alternatives) + 1)
            result |= {at + key: head[key] for key in _sort_keys(head, CELL_ORDER)}
            for number, keys in sorted(cell.alternatives.items()):
                result[f"{at}{number}"] = str(number)
                result |= {f"{at}{number}/{key}": keys[key] for key in _sort_keys(keys, DATA_ORDER)}
        return result


def read_source(properties: dict[str, str]) -> AtlasSource:
    """The tree of a source's properties."""
    source = AtlasSource()
    for key, value in properties.items():
        match = CELL_KEY.fullmatch(key)
        if match is None:
            source.keys[key] = value
            continue
        cell = source.cells.setdefault((int(match[1]), int(match[2])), AtlasCell())
        alternative = ALTERNATIVE_KEY.fullmatch(match[3])
        if alternative is None:
            cell.head[match[3]] = value
            continue
        keys = cell.alternatives.setdefault(int(alternative[1]), {})
        if alternative[2]:
            keys[alternative[2]] = value
    return source


def _sort_keys(keys: dict[str, str], order: tuple[str, ...]) -> list[str]:
    def rank(key: str) -> int:
        for number, name in enumerate(order):
            if key == name or (name[-1] in "_/" and key.startswith(name)):
                return number
        return len(order)

    return sorted(keys, key=rank)
