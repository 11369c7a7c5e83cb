"""One way in: the parts of all steps of an asset → the neutral asset."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.assemble import grids, maps, sprites, tilesets
from bridge.assemble.parts import Part
from bridge.assemble.slots import SlotTable
from exporters.model.asset import Asset, ItemsAsset, SpriteAsset, TilesetAsset

if TYPE_CHECKING:
    from bridge.spec.model import Spec

PIVOTS = {"center": (0.5, 0.5), "bottom": (0.5, 1.0), "top_left": (0.0, 0.0)}


@dataclass(frozen=True, slots=True)
class Assembled:
    """An asset before processing, its slot table, and notes for the user."""

    asset: Asset
    slots: Mapping[str, int]
    notes: tuple[str, ...] = ()


def assemble_asset(
    asset_id: str,
    spec: Spec,
    parts: Sequence[Part],
    *,
    slots: Mapping[str, int],
    upstream: Mapping[str, TilesetAsset],
    seed: int,
) -> Assembled:
    """The neutral asset of a spec.

    slots: the lock's table; the result's table has what is new. upstream: tilesets a map uses, by id.

    Raises:
        BridgeError: `assemble_failed` or `spec_invalid` when the delivery does not fit the spec.
    """
    table = SlotTable(slots)
    notes: list[str] = []
    asset: Asset
    match spec.kind:
        case "sprite" | "edit":
            asset = sprites.assemble_image(asset_id, spec, parts)
        case "turnaround":
            asset = sprites.assemble_turnaround(asset_id, spec, parts)
        case "animation":
            asset = sprites.assemble_clip(asset_id, spec, parts)
        case "character":
            asset, notes = sprites.assemble_character(asset_id, spec, parts)
        case "items":
            asset = grids.assemble_items(asset_id, spec, parts, table)
        case "isometric_tiles":
            asset = grids.assemble_isometric_tiles(asset_id, spec, parts, table)
        case "tileset":
            asset, notes = tilesets.assemble_tileset(asset_id, spec, parts, table)
        case "map":
            asset = maps.assemble_map(asset_id, spec, parts, upstream, seed)
            notes = list(maps.map_notes(parts))
        case "music":
            asset = maps.assemble_music(asset_id, spec, parts)
    return Assembled(with_pivot(asset, spec.export.pivot, spec.kind), table.table, tuple(notes))


def with_pivot(asset: Asset, pivot: str | Sequence[float] | None, kind: str) -> Asset:
    """The asset with the pivot of `[export]`; feet for characters and animations, else the centre."""
    if not isinstance(asset, SpriteAsset | ItemsAsset):
        return asset
    if pivot is None:
        pivot = "bottom" if kind in ("character", "animation", "turnaround") else "center"
    x, y = PIVOTS[pivot] if isinstance(pivot, str) else (float(pivot[0]), float(pivot[1]))
    return dataclasses.replace(asset, pivot=(x, y))
