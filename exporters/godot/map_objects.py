"""Objects of a map as Godot nodes.

A point becomes a Marker2D; a rectangle, an ellipse and a polygon an Area2D with a CollisionPolygon2D; a
polyline a Path2D; a placed tile a Marker2D with the tile's number as metadata. Kind and properties are
metadata of the node.

Source: Godot class reference, "Marker2D", "CollisionPolygon2D", "Curve2D".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from exporters.godot import values
from exporters.godot.tres import Section, sub_resource
from exporters.godot.uid import node_id_for
from exporters.model.asset import MapObject, ObjectLayer, TileMapAsset

Point = tuple[float, float]

ELLIPSE_CORNERS = 16
METADATA_NAME = re.compile(r"[^A-Za-z0-9_]+")


def node_attributes(identity: str, name: str, kind: str, parent: str) -> dict[str, str]:
    """The attributes of a node; `parent` is a node path from the root (`.`), empty for the root itself."""
    attributes = {"name": values.write_string(name), "type": values.write_string(kind)}
    if parent:
        attributes["parent"] = values.write_string(parent)
    return attributes | {"unique_id": str(node_id_for(identity, f"node {parent}/{name}"))}


def unique_name(name: str, taken: set[str]) -> str:
    """A node name that Godot takes and that no sibling has; `taken` learns it."""
    plain = "".join("_" if char in '.:@/"%' else char for char in name).strip() or "node"
    number, result = 2, plain
    while result in taken:
        result, number = f"{plain}{number}", number + 1
    taken.add(result)
    return result


def object_nodes(
    asset: TileMapAsset, layer: ObjectLayer, identity: str, parent: str
) -> tuple[list[Section], list[Section]]:
    """The nodes of a layer below the node `parent`, and the sub_resources that they need."""
    nodes: list[Section] = []
    resources: list[Section] = []
    names: set[str] = set()
    for entry in layer.objects:
        name = unique_name(entry.name or f"object_{entry.id}", names)
        kind = _node_kind(entry)
        properties = _position_keys(asset, entry) | _add_curve(asset, entry, kind, resources) | _metadata_keys(entry)
        nodes.append(Section("node", node_attributes(identity, name, kind, parent), properties))
        if kind == "Area2D":
            attributes = node_attributes(identity, "shape", "CollisionPolygon2D", f"{parent}/{name}")
            polygon = values.packed_vector2(_outline_points(asset, entry))
            nodes.append(Section("node", attributes, {"polygon": polygon}))
    return nodes, resources


def _node_kind(entry: MapObject) -> str:
    if entry.gid is not None or entry.shape == "point" or not (entry.width or entry.height or entry.points):
        return "Marker2D"
    return "Path2D" if entry.shape == "polyline" else "Area2D"


def _position_keys(asset: TileMapAsset, entry: MapObject) -> dict[str, str]:
    x, y = _to_screen(asset, entry.x, entry.y)
    left = asset.tile_size[0] / 2 if asset.orientation == "isometric" else 0.0
    properties = (
        {} if (x + left, y) == (0, 0) else {"position": values.vector2(_round_to_grid(x + left), _round_to_grid(y))}
    )
    if entry.rotation:
        properties["rotation"] = values.write_real(round(math.radians(entry.rotation), 6))
    return properties


def _add_curve(asset: TileMapAsset, entry: MapObject, kind: str, resources: list[Section]) -> dict[str, str]:
    if kind != "Path2D":
        return {}
    # Every point of a curve has its two handles before it; ours are straight.
    points = [pair for point in _outline_points(asset, entry) for pair in ((0, 0), (0, 0), point)]
    data = values.write_value({'"points"': values.packed_vector2(points)})
    count = {"point_count": str(len(entry.points))}
    resources.append(sub_resource("Curve2D", f"Curve2D_{entry.id}", {"_data": data, **count}))
    return {"curve": f'SubResource("Curve2D_{entry.id}")'}


def _metadata_keys(entry: MapObject) -> dict[str, str]:
    data = {} if entry.gid is None else {"metadata/gid": str(entry.gid)}
    if entry.kind:
        data["metadata/kind"] = values.write_string(entry.kind)
    for key, value in sorted(entry.properties):
        data[f"metadata/{METADATA_NAME.sub('_', key)}"] = values.write_variant(value)
    return dict(sorted(data.items()))


def _outline_points(asset: TileMapAsset, entry: MapObject) -> list[Point]:
    """The corners of an object relative to its position, in pixels of the screen."""
    points: Sequence[Point] = entry.points
    if entry.shape == "ellipse":
        angles = [2 * math.pi * number / ELLIPSE_CORNERS for number in range(ELLIPSE_CORNERS)]
        half = (entry.width / 2, entry.height / 2)
        points = [(half[0] * (1 + math.cos(angle)), half[1] * (1 + math.sin(angle))) for angle in angles]
    elif not points:
        points = [(0, 0), (entry.width, 0), (entry.width, entry.height), (0, entry.height)]
    screen = [_to_screen(asset, x, y) for x, y in points]
    return [(_round_to_grid(x), _round_to_grid(y)) for x, y in screen]


def _to_screen(asset: TileMapAsset, x: float, y: float) -> Point:
    """Isometric maps count both axes in units of the tile height, along the edges of the diamond."""
    if asset.orientation != "isometric":
        return x, y
    width, height = asset.tile_size
    return (x - y) / height * width / 2, (x + y) / 2


def _round_to_grid(number: float) -> float:
    """Hundredths of a pixel: what sine and cosine of two processors agree on."""
    return round(number, 2) + 0.0
