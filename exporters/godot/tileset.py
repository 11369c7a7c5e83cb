"""TileSet `.tres`: one atlas source whose cells are the tiles' ids, a corner terrain set, and merging.

Ours are: shape and size, the terrains of set 0, custom data layers that our tiles need, and of the tiles of
source 0 terrain bits, extra alternatives, probability, origin and animation. Everything else that a user adds
in the editor stays: more layers, terrains, sources, alternatives, data, navigation, light, patterns.
Collision polygons are drawn for solid tiles and then belong to whoever changes them:
`metadata/assetbridge_collision` remembers what we drew.

Source: Godot class reference, "TileSet" and "TileSetAtlasSource".
"""

from __future__ import annotations

import re
import zlib
from typing import TypeAlias

from exporters.base import ExportContext
from exporters.godot import values
from exporters.godot.textures import read_present
from exporters.godot.tile_data import AtlasTile, custom_layers, tile_contents
from exporters.godot.tile_source import OWNED_CELL, OWNED_DATA, AtlasCell, AtlasSource, read_source
from exporters.godot.tres import (
    Section,
    TresDocument,
    in_saving_order,
    needed_sections,
    parse_tres,
    resource_header,
    sub_resource,
)
from exporters.godot.uid import uid_for
from exporters.model.asset import TilesetAsset
from exporters.packing.grid import SheetGrid

ROLE = "tileset"
SOURCE_ID = "TileSetAtlasSource_tiles"
SOURCE = "sources/0"
DRAWN = "metadata/assetbridge_collision"
POLYGON = re.compile(r"physics_layer_0/polygon_(\d+)/(.+)")
DEFAULT_SIZE = (16, 16)
# Tile id → digests of the polygons that we drew there last.
Drawn: TypeAlias = dict[int, list[str]]
OWNED_SET = re.compile(r"tile_shape|tile_layout|tile_size|terrain_set_0/mode")
CUSTOM_NAME = re.compile(r"custom_data_layer_(\d+)/name")
# Order of saving in the resource (Godot 4.6); layers of any number follow their group.
SET_ORDER = (
    "tile_shape",
    "tile_layout",
    "tile_offset_axis",
    "tile_size",
    "uv_clipping",
    "occlusion_layer_",
    "physics_layer_",
    "terrain_set_",
    "navigation_layer_",
    "custom_data_layer_",
    "sources/",
    "tile_proxies/",
    "pattern_",
    "metadata/",
)


def tileset_document(
    context: ExportContext, path: str, asset: TilesetAsset, grid: SheetGrid, page: Section
) -> TresDocument:
    """The TileSet for `path`, with what users added to the present one; `page` names the sheet.

    Raises:
        ExportError: an animation cannot be expressed, or the present file cannot be read.
    """
    data = read_present(context, path)
    old = parse_tres(data, path) if data is not None else None
    uid = (old.uid if old else None) or uid_for(context.identity, ROLE)
    old_set = dict(old.sections[-1].properties) if old else {}
    old_section = old.find_referred(old_set.get(SOURCE, "")) if old else None
    old_source = read_source(old_section.properties) if old_section else AtlasSource()
    contents = tile_contents(asset)
    layers = _custom_layers(asset, old_set)
    drawn = _read_drawn(old_set)
    source = _merge_source(asset, grid, page, contents, old_source)
    for tile_id, content in contents.items():
        keys = source.cells[_cell_of(asset, tile_id)].alternatives[0]
        _merge_collision(keys, content, drawn, tile_id)
        keys |= {f"custom_data_{layers[name]}": value for name, value in content.custom.items()}
    section_id = old_section.id if old_section else SOURCE_ID
    ours = sub_resource("TileSetAtlasSource", section_id, source.properties())
    properties = _resource_keys(asset, old_set, layers, drawn) | {SOURCE: f'SubResource("{section_id}")'}
    properties = dict(sorted(properties.items(), key=lambda entry: _cell_rank(entry[0])))
    others = [s for s in old.sections if s.id and s.id not in {section_id, page.id}] if old else []
    known = [page, ours, *others]
    wanted = needed_sections(known, properties.values())
    used = [section for section in known if (section.kind, section.id) in wanted]
    return TresDocument(
        [
            resource_header("TileSet", uid),
            *(s for s in used if s.kind == "ext_resource"),
            *in_saving_order([s for s in used if s.kind == "sub_resource"], properties),
            Section("resource", {}, properties),
        ]
    )


def _cell_of(asset: TilesetAsset, tile_id: int) -> tuple[int, int]:
    return tile_id % asset.columns, tile_id // asset.columns


def _merge_source(
    asset: TilesetAsset, grid: SheetGrid, page: Section, contents: dict[int, AtlasTile], old: AtlasSource
) -> AtlasSource:
    keys = {"texture": f'ExtResource("{page.id}")'}
    if grid.margin:
        keys["margins"] = values.vector2i(grid.margin, grid.margin)
    if grid.spacing:
        keys["separation"] = values.vector2i(grid.spacing, grid.spacing)
    if asset.tile_size != DEFAULT_SIZE:
        keys["texture_region_size"] = values.vector2i(*asset.tile_size)
    owned = {"texture", "margins", "separation", "texture_region_size"}
    before = {key: value for key, value in old.keys.items() if key not in owned and key == "resource_name"}
    after = {key: value for key, value in old.keys.items() if key not in owned and key != "resource_name"}
    source = AtlasSource(before | keys | after)
    for tile_id, content in contents.items():
        position = _cell_of(asset, tile_id)
        source.cells[position] = _merged_cell(content, old.cells.get(position, AtlasCell()))
    return source


def _merged_cell(content: AtlasTile, old: AtlasCell) -> AtlasCell:
    """Our keys, then those of the old cell that are not ours; alternatives of ours keep their numbers."""
    head = {k: v for k, v in old.head.items() if not OWNED_CELL.fullmatch(k) and k != "next_alternative_id"}
    cell = AtlasCell(content.head | head)
    kept = {number: _unowned_keys(keys) for number, keys in old.alternatives.items()}
    cell.alternatives[0] = content.base | kept.get(0, {})
    brushes = old.brushes()
    users = {number: old.alternatives[number] for number in kept if number and number not in brushes.values()}
    cell.alternatives |= users
    for terrain, keys in sorted(content.brushes.items()):
        number = brushes.get(terrain)
        if number is None or number in cell.alternatives:
            number = max([*cell.alternatives, *old.alternatives, 0]) + 1
        cell.alternatives[number] = keys | kept.get(number, {})
    return cell


def _unowned_keys(keys: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in keys.items() if not OWNED_DATA.fullmatch(key)}


def _merge_collision(keys: dict[str, str], content: AtlasTile, drawn: Drawn, tile_id: int) -> None:
    """Draws, redraws or takes away our polygons, unless a user changed or deleted one. The user's come after them."""
    ours, new = drawn.get(tile_id, []), [_digest_text(points) for points in content.collision]
    places = [_polygon_key(number) for number in range(max(1, len(ours or new)))]
    here = [_digest_text(keys[position]) for position in places if position in keys]
    deleted = bool(ours) and not here
    if (here and here != (ours or new)) or (deleted and new == ours):
        return
    for position in places:
        keys.pop(position, None)
    if len(here) != len(new):
        _make_room(keys, len(here), len(new))
    drawn.pop(tile_id, None)
    if new:
        keys |= {_polygon_key(number): points for number, points in enumerate(content.collision)}
        drawn[tile_id] = new


def _make_room(keys: dict[str, str], before: int, after: int) -> None:
    """Moves the polygons of the user behind as many of ours as there will be."""
    polygons = {key: (int(match[1]), match[2]) for key in keys if (match := POLYGON.fullmatch(key))}
    values_of = {position: keys.pop(key) for key, position in polygons.items()}
    for (number, name), value in values_of.items():
        # What a user set for one of ours besides its points (one way) stays with it.
        position = number - before + after if number >= before else number
        if number >= before or number < after:
            keys[f"physics_layer_0/polygon_{position}/{name}"] = value


def _polygon_key(number: int) -> str:
    return f"physics_layer_0/polygon_{number}/points"


def _digest_text(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def _read_drawn(old_set: dict[str, str]) -> Drawn:
    polygons: Drawn = {}
    for tile, digest in re.findall(r'"(\d+)=([0-9a-f]{8})"', old_set.get(DRAWN, "")):
        polygons.setdefault(int(tile), []).append(digest)
    return polygons


def _custom_layers(asset: TilesetAsset, old_set: dict[str, str]) -> dict[str, int]:
    """Custom data layer name → its number; new layers come after those of the user."""
    numbers: dict[str, int] = {}
    for key, value in old_set.items():
        match = CUSTOM_NAME.fullmatch(key)
        if match:
            numbers[values.unquote(value)] = int(match[1])
    for name in custom_layers(asset):
        if name not in numbers:
            numbers[name] = max(numbers.values(), default=-1) + 1
    return numbers


def _resource_keys(
    asset: TilesetAsset, old_set: dict[str, str], layers: dict[str, int], drawn: Drawn
) -> dict[str, str]:
    keys: dict[str, str] = {}
    if asset.orientation == "isometric":
        keys |= {"tile_shape": "1", "tile_layout": "5"}
    if asset.grid_size != DEFAULT_SIZE:
        keys["tile_size"] = values.vector2i(*asset.grid_size)
    if drawn:
        keys["physics_layer_0/collision_layer"] = old_set.get("physics_layer_0/collision_layer", "1")
    if asset.terrains:
        keys["terrain_set_0/mode"] = "1"
    for number, terrain in enumerate(asset.terrains):
        keys[f"terrain_set_0/terrain_{number}/name"] = values.write_string(terrain.name)
        keys[f"terrain_set_0/terrain_{number}/color"] = values.write_color(*terrain.color)
    for name, kind in custom_layers(asset).items():
        keys[f"custom_data_layer_{layers[name]}/name"] = values.write_string(name)
        keys[f"custom_data_layer_{layers[name]}/type"] = kind
    if drawn:
        entries = (f"{tile}={digest}" for tile, digests in sorted(drawn.items()) for digest in digests)
        keys[DRAWN] = values.packed_strings(entries)
    kept = {k: v for k, v in old_set.items() if k not in keys and k != DRAWN and not OWNED_SET.fullmatch(k)}
    return keys | kept


def _cell_rank(key: str) -> tuple[int, int]:
    for number, name in enumerate(SET_ORDER):
        if key == name or (name[-1] in "_/" and key.startswith(name)):
            digits = re.match(r"\d+", key[len(name) :])
            return number, int(digits[0]) if digits else 0
    return len(SET_ORDER), 0


def owned_lines(document: TresDocument) -> list[str]:
    """What is ours in a TileSet, as text without ids and without what users add."""
    properties = document.sections[-1].properties
    section = document.find_referred(properties.get(SOURCE, ""))
    source = read_source(section.properties) if section else AtlasSource()
    texture = document.find_referred(source.keys.get("texture", ""))
    texture_identity = [texture.attributes.get("uid"), texture.attributes.get("path")] if texture else []
    lines = [f"uid {document.uid}", f"texture {texture_identity}"]
    lines += [f"{k}={source.keys.get(k)}" for k in ("margins", "separation", "texture_region_size")]
    terrains = 0
    for (x, y), cell in sorted(source.cells.items()):
        lines += [f"{x}:{y}/{k}={v}" for k, v in sorted(cell.head.items()) if OWNED_CELL.fullmatch(k)]
        for number in [0, *cell.brushes().values()]:
            keys = {k: v for k, v in cell.alternatives.get(number, {}).items() if OWNED_DATA.fullmatch(k)}
            lines.append(f"{x}:{y} {sorted(keys.items())}")
            corners = [int(value) for key, value in keys.items() if key.startswith("terrains_peering_bit/")]
            terrains = max([terrains, *(corner + 1 for corner in corners)])
    for key, value in sorted(properties.items()):
        terrain = re.fullmatch(r"terrain_set_0/terrain_(\d+)/.+", key)
        if OWNED_SET.fullmatch(key) or (terrain and int(terrain[1]) < terrains):
            lines.append(f"{key}={value}")
    return lines
