"""Objects and custom properties of Tiled in the words of the neutral model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exporters.model.asset import MapObject

_SHAPES = {
    "Ellipse": "ellipse",
    "Point": "point",
    "Polygon": "polygon",
    "Polyline": "polyline",
}
Property = tuple[str, str | int | float | bool]


def properties(raw_values: Mapping[str, Any] | None) -> tuple[Property, ...]:
    """Custom properties in order of their names; colours as `#aarrggbb`, paths as text."""
    return tuple((name, _value(value)) for name, value in sorted((raw_values or {}).items()))


def _value(value: Any) -> str | int | float | bool:
    if isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "alpha"):
        return f"#{value.alpha:02x}{value.red:02x}{value.green:02x}{value.blue:02x}"
    return value.as_posix() if hasattr(value, "as_posix") else str(value)


def map_object(source: Any, moved: tuple[int, int], renumbered: Callable[[int], int]) -> MapObject:
    """An object; `moved` is what the map's origin was shifted by (pixels)."""
    gid = getattr(source, "gid", None)
    points = tuple((float(point.x), float(point.y)) for point in getattr(source, "points", ()))
    text = getattr(source, "text", None)
    extra: tuple[Property, ...] = (("text", str(text)),) if text is not None else ()
    return MapObject(
        int(source.id),
        name=source.name or "",
        kind=source.class_ or "",
        x=float(source.coordinates.x) - moved[0],
        y=float(source.coordinates.y) - moved[1],
        width=float(source.size.width),
        height=float(source.size.height),
        rotation=float(source.rotation),
        shape=_SHAPES.get(type(source).__name__, "rectangle"),
        points=points,
        gid=renumbered(int(gid)) if gid is not None else None,
        properties=properties(source.properties) + extra,
    )
