"""Layers of a Tiled map without the groups round them: each looks as its groups make it look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from exporters.model.asset import NO_TINT, MapLayer, Tint


@dataclass(frozen=True, slots=True)
class FlatLayer:
    """A layer as the reader gave it, and how it looks inside its groups."""

    layer: Any
    look: MapLayer


def flat_layers(layers: Sequence[Any], group: MapLayer | None = None) -> Iterator[FlatLayer]:
    """All layers that are no groups, first to last; their names begin with those of their groups (`group/layer`)."""
    for layer in layers:
        shown = _inside(group, layer)
        if hasattr(layer, "layers"):
            yield from flat_layers(layer.layers or (), shown)
        else:
            yield FlatLayer(layer, shown)


def look(flat: FlatLayer) -> dict[str, Any]:
    """How a layer looks, as keywords of the model's layers."""
    values = {field.name: getattr(flat.look, field.name) for field in fields(MapLayer) if field.name != "name"}
    return values | {"opacity": round(flat.look.opacity, 6)}


def _inside(group: MapLayer | None, layer: Any) -> MapLayer:
    """Opacity, tint and parallax of a group are factors, its offset is a summand (Tiled manual, "Layers")."""
    own = MapLayer(
        layer.name,
        visible=bool(layer.visible),
        opacity=float(layer.opacity),
        tint=_tint_of(layer.tint_color),
        offset=(float(layer.offset.x), float(layer.offset.y)),
        parallax=(float(layer.parallax_factor.x), float(layer.parallax_factor.y)),
    )
    if group is None:
        return own
    return MapLayer(
        f"{group.name}/{own.name}",
        visible=group.visible and own.visible,
        opacity=group.opacity * own.opacity,
        tint=_multiplied(group.tint, own.tint),
        offset=(group.offset[0] + own.offset[0], group.offset[1] + own.offset[1]),
        parallax=(group.parallax[0] * own.parallax[0], group.parallax[1] * own.parallax[1]),
    )


def _tint_of(color: Any) -> Tint:
    return NO_TINT if color is None else (color.red, color.green, color.blue, color.alpha)


def _multiplied(one: Tint, other: Tint) -> Tint:
    red, green, blue, alpha = ((a * b + 127) // 255 for a, b in zip(one, other, strict=True))
    return red, green, blue, alpha
