"""Kinds map and music."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bridge.assemble.parts import AudioPart, Part, TileMapPart, VertexMapPart
from bridge.core.errors import UserError, WorkFailed
from exporters.model.asset import AudioAsset, TileLayer, TileMapAsset, TilesetAsset
from exporters.model.wang import solve

if TYPE_CHECKING:
    from bridge.spec.model import MapSpec, MusicSpec


def assemble_map(
    asset_id: str, spec: MapSpec, parts: Sequence[Part], upstream: Mapping[str, TilesetAsset], seed: int
) -> TileMapAsset:
    """A map: as read from a file (the last one, where edits follow each other), or terrain vertices solved with the
    tileset's corner tiles."""
    read = _read_from_file(parts)
    if read is not None:
        return dataclasses.replace(read.map, id=asset_id, infinite=read.map.infinite or spec.infinite)
    vertices = next((part for part in parts if isinstance(part, VertexMapPart)), None)
    if vertices is None or not upstream:
        raise WorkFailed("assemble_failed", f"{asset_id}: no map was delivered", hint="Build it again.")
    tileset = next(iter(upstream.values()))
    names = [terrain.name for terrain in tileset.terrains]
    missing = [name for name in vertices.terrains if name not in names]
    if missing:
        raise UserError(
            "assemble_failed",
            f"{asset_id}: its tileset has no terrain {', '.join(missing)}",
            hint="Build the tileset first, or name its terrains.",
        )
    lookup = np.array([names.index(name) for name in vertices.terrains], dtype=np.uint8)
    cells = solve(tileset, lookup[vertices.vertices], seed)
    height, width = cells.shape
    return TileMapAsset(
        asset_id,
        (width, height),
        tileset.grid_size,
        (tileset,),
        (TileLayer("ground", cells),),
        orientation=tileset.orientation,
        infinite=spec.infinite,
    )


def map_notes(parts: Sequence[Part]) -> tuple[str, ...]:
    """What the user is told of a map."""
    read = _read_from_file(parts)
    return read.notes if read is not None else ()


def _read_from_file(parts: Sequence[Part]) -> TileMapPart | None:
    return next((part for part in reversed(parts) if isinstance(part, TileMapPart)), None)


def assemble_music(asset_id: str, spec: MusicSpec, parts: Sequence[Part]) -> AudioAsset:
    """A track."""
    for part in parts:
        if isinstance(part, AudioPart):
            return AudioAsset(asset_id, part.samples, part.rate, loop=bool(spec.loop))
    raise WorkFailed("assemble_failed", f"{asset_id}: no sound was delivered", hint="Build it again.")
