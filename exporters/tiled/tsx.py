"""`.tsx`: a tileset file as Tiled itself would save it, merged with what users added.

Ours: name, sizes, columns, image, grid, weights, animations, the properties `name`, `animation` and `role`, collision
objects named `assetbridge`, and the Wang set that has the tileset's name. Everything else is kept: editor settings,
offsets, transformations, classes, properties, collision shapes, further Wang sets.
Source: Tiled 1.12, manual "TMX Map Format" and `mapwriter.cpp` for the order of attributes and children.
"""

from __future__ import annotations

import hashlib
import json
from itertools import count
from typing import Any

from exporters.base import ExportError
from exporters.tiled import xml
from exporters.tiled.content import OUR_OBJECT, OUR_PROPERTIES, TilesetContent, TsxTile
from exporters.tiled.xml import Node, make_node

_OURS = ("name", "tilewidth", "tileheight", "spacing", "margin", "tilecount", "columns", "objectalignment")
_ORDER = (
    "version",
    "tiledversion",
    "name",
    "class",
    "tilewidth",
    "tileheight",
    "spacing",
    "margin",
    "tilecount",
    "columns",
    "backgroundcolor",
    "objectalignment",
    "tilerendersize",
    "fillmode",
)


def read_present(data: bytes | None, path: str) -> Node | None:
    """The present file's tree to merge with, None without a file.

    Raises:
        ExportError: the file is not a tileset of Tiled, or its tiles cannot be told apart.
    """
    root = parse_present(data, path)
    for tile in root.all("tile") if root is not None else ():
        table, group = tile.child("properties"), tile.child("objectgroup")
        numbers = [tile.attributes.get("id", "")]
        numbers += [entry.attributes.get("id", "0") for entry in (group.all("object") if group else ())]
        names = [entry.attributes.get("name") for entry in (table.all("property") if table else ())]
        if not all(number.isdecimal() for number in numbers) or None in names:
            raise ExportError(
                f"{path} has a tile with a damaged id, or without the name of a property.",
                hint="Mend or delete it, or overwrite it with --force.",
            )
    return root


def parse_present(data: bytes | None, path: str) -> Node | None:
    """The present file's tree as it is, None without a file.

    Raises:
        ExportError: the file is not a tileset of Tiled.
    """
    if data is None:
        return None
    try:
        root = xml.parse_xml(data)
    except ValueError as error:
        raise ExportError(
            f"{path} cannot be read: {error}.",
            hint="Mend or delete it, or overwrite it with --force.",
        ) from error
    if root.tag != "tileset":
        raise ExportError(f"{path} is no Tiled tileset.", hint="Move it away, or overwrite it with --force.")
    return root


def write_tsx(content: TilesetContent, image: str, present: Node | None) -> bytes:
    """The file's bytes. `image` is the picture's name beside it."""
    height, width = content.sheet.shape[:2]
    attributes: dict[str, xml.Value] = {
        "version": xml.FORMAT_VERSION,
        "tiledversion": xml.TILED_VERSION,
        "name": content.name,
        "tilewidth": content.tile_size[0],
        "tileheight": content.tile_size[1],
        "tilecount": content.columns * content.rows,
        "columns": content.columns,
    }
    if content.spacing:
        attributes["spacing"] = content.spacing
    if content.margin:
        attributes["margin"] = content.margin
    if content.alignment:
        attributes["objectalignment"] = content.alignment
    if present is not None:
        kept = {
            key: value for key, value in present.attributes.items() if key not in (*_OURS, "version", "tiledversion")
        }
        attributes |= kept
    ordered = {key: attributes[key] for key in _ORDER if key in attributes}
    children = [*_kept_nodes(present, "editorsettings"), *_kept_nodes(present, "tileoffset")]
    if content.grid is not None:
        grid: dict[str, xml.Value] = {"orientation": "isometric", "width": content.grid[0], "height": content.grid[1]}
        children.append(make_node("grid", grid))
    children += [*_kept_nodes(present, "transformations"), *_kept_nodes(present, "properties")]
    children.append(make_node("image", {"source": image, "width": width, "height": height}))
    children += _tile_nodes(content, present)
    children += _wangset_nodes(content, present)
    return xml.write_document(make_node("tileset", ordered, children))


def _kept_nodes(present: Node | None, tag: str) -> list[Node]:
    element = present.child(tag) if present is not None else None
    return [element] if element is not None else []


def _tile_nodes(content: TilesetContent, present: Node | None) -> list[Node]:
    before = {int(tile.attributes["id"]): tile for tile in present.all("tile")} if present is not None else {}
    total = content.columns * content.rows
    nodes = []
    for number in sorted({*content.tiles, *(number for number in before if 0 <= number < total)}):
        tile = _tile_node(number, content.tiles.get(number, TsxTile()), before.get(number))
        if len(tile.attributes) > 1 or tile.children:
            nodes.append(tile)
    return nodes


def _tile_node(number: int, content: TsxTile, before: Node | None) -> Node:
    attributes: dict[str, xml.Value] = {"id": number}
    if before is not None:
        attributes |= {key: value for key, value in before.attributes.items() if key not in ("id", "probability")}
    if content.probability != 1.0:
        attributes["probability"] = float(content.probability)
    children = _tile_properties(content, before)
    group = _collision_node(content, before)
    if group is not None:
        children.append(group)
    if content.animation:
        frames = [make_node("frame", {"tileid": tile, "duration": duration}) for tile, duration in content.animation]
        children.append(make_node("animation", children=frames))
    return make_node("tile", attributes, children)


def _tile_properties(content: TsxTile, before: Node | None) -> list[Node]:
    table = before.child("properties") if before is not None else None
    ours = OUR_PROPERTIES | set(content.properties)
    others = [entry for entry in table.all("property") if entry.attributes["name"] not in ours] if table else []
    own = xml.property_nodes(content.properties)
    merged = [*(own[0].children if own else []), *others]
    merged.sort(key=lambda entry: entry.attributes["name"].encode("utf-16-be"))
    return [make_node("properties", children=merged)] if merged else []


def _collision_node(content: TsxTile, before: Node | None) -> Node | None:
    """The tile's object group: the user's objects, and our polygons."""
    group = before.child("objectgroup") if before is not None else None
    objects = [entry for entry in group.all("object") if entry.attributes.get("name") != OUR_OBJECT] if group else []
    other = [child for child in group.children if child.tag != "object"] if group else []
    used = {int(entry.attributes.get("id", "0")) for entry in objects}
    free = (number for number in count(1) if number not in used)
    for number, polygon in zip(free, content.collision, strict=False):
        points = " ".join(f"{xml.write_number(float(x))},{xml.write_number(float(y))}" for x, y in polygon)
        shape = make_node("polygon", {"points": points})
        objects.append(make_node("object", {"id": number, "name": OUR_OBJECT, "x": 0, "y": 0}, [shape]))
    if content.collision:
        objects.sort(key=lambda entry: int(entry.attributes.get("id", "0")))
    if not objects and not other:
        return None
    attributes = dict(group.attributes) if group is not None else {"draworder": "index", "id": "2"}
    return Node("objectgroup", attributes, [*other, *objects])


def _wangset_nodes(content: TilesetContent, present: Node | None) -> list[Node]:
    holder = present.child("wangsets") if present is not None else None
    before = holder.all("wangset") if holder is not None else []
    by_name = {entry.attributes.get("name"): entry for entry in reversed(before)}
    # After a rename of the asset the file, and our set in it, still have the old name.
    old = by_name.get(content.name) or (by_name.get(present.attributes.get("name")) if present is not None else None)
    sets = [_merged_wangset(content.wangset, old)] if content.wangset is not None else []
    sets += [entry for entry in before if entry is not old]
    return [make_node("wangsets", children=sets)] if sets else []


def _merged_wangset(ours: Node, old: Node | None) -> Node:
    if old is None:
        return ours
    attributes = dict(ours.attributes)
    if "class" in old.attributes:
        attributes = {"name": attributes["name"], "class": old.attributes["class"], **attributes}
    colours = {entry.attributes.get("name"): entry for entry in old.all("wangcolor")}
    children = []
    for child in ours.children:
        before = colours.get(child.attributes.get("name")) if child.tag == "wangcolor" else None
        if before is None:
            children.append(child)
            continue
        own = dict(child.attributes)
        if "class" in before.attributes:
            own = {"name": own["name"], "class": before.attributes["class"], **own}
        children.append(Node("wangcolor", own, before.children))
    return Node("wangset", attributes, [*children, *old.all("properties")])


def owned_hash(data: bytes) -> str:
    """A hash over what is ours in a `.tsx`; bytes that cannot be read have a hash of their own."""
    try:
        root = xml.parse_xml(data)
        facts = _owned_facts(root)
    except (ValueError, KeyError):
        return hashlib.sha256(data).hexdigest()
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _owned_facts(root: Node) -> dict[str, Any]:
    image, grid = root.child("image"), root.child("grid")
    holder = root.child("wangsets")
    name = root.attributes.get("name")
    wangsets = [entry for entry in (holder.all("wangset") if holder else []) if entry.attributes.get("name") == name]
    return {
        "attributes": {key: root.attributes.get(key) for key in _OURS},
        "image": image.attributes if image else None,
        "grid": grid.attributes if grid else None,
        "tiles": {tile.attributes["id"]: facts for tile in root.all("tile") if (facts := _tile_facts(tile))},
        "wangsets": [_wangset_facts(entry) for entry in wangsets],
    }


def _tile_facts(tile: Node) -> list[Any]:
    table, group, animation = tile.child("properties"), tile.child("objectgroup"), tile.child("animation")
    facts: list[Any] = [
        tile.attributes.get("probability"),
        [[entry.attributes, entry.text] for entry in (table.all("property") if table else []) if _our_property(entry)],
        [
            [child.attributes for child in entry.children]
            for entry in (group.all("object") if group else [])
            if entry.attributes.get("name") == OUR_OBJECT
        ],
        [frame.attributes for frame in animation.children] if animation else [],
    ]
    return facts if any(facts) else []


def _wangset_facts(wangset: Node) -> list[Any]:
    """Its colours and tiles: classes and properties in it are the user's."""
    ours = [child for child in wangset.children if child.tag in ("wangcolor", "wangtile")]
    colours_and_tiles = [
        [child.tag, {key: value for key, value in child.attributes.items() if key != "class"}] for child in ours
    ]
    return [wangset.attributes.get("type"), wangset.attributes.get("tile"), colours_and_tiles]


def _our_property(entry: Node) -> bool:
    return entry.attributes.get("name") in OUR_PROPERTIES
