"""All kinds by name."""

from __future__ import annotations

from typing import TypeAlias

from bridge.spec.base_spec import BaseSpec
from bridge.spec.character import AnimationSpec, CharacterSpec
from bridge.spec.music import MusicSpec
from bridge.spec.sprite import EditSpec, ItemsSpec, SpriteSpec, TurnaroundSpec
from bridge.spec.tiles import IsometricTilesSpec, MapSpec, TilesetSpec

Spec: TypeAlias = (
    SpriteSpec
    | ItemsSpec
    | CharacterSpec
    | AnimationSpec
    | TurnaroundSpec
    | EditSpec
    | TilesetSpec
    | IsometricTilesSpec
    | MapSpec
    | MusicSpec
)
KINDS: dict[str, type[BaseSpec]] = {
    "sprite": SpriteSpec,
    "items": ItemsSpec,
    "character": CharacterSpec,
    "animation": AnimationSpec,
    "turnaround": TurnaroundSpec,
    "edit": EditSpec,
    "tileset": TilesetSpec,
    "isometric_tiles": IsometricTilesSpec,
    "map": MapSpec,
    "music": MusicSpec,
}

__all__ = [
    "KINDS",
    "AnimationSpec",
    "BaseSpec",
    "CharacterSpec",
    "EditSpec",
    "IsometricTilesSpec",
    "ItemsSpec",
    "MapSpec",
    "MusicSpec",
    "Spec",
    "SpriteSpec",
    "TilesetSpec",
    "TurnaroundSpec",
]
