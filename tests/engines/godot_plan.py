"""A Godot project with exported assets and the plan of checks that `godot_project/check.gd` runs in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exporters.base import ExportContext, ExportOptions, Link, Policy
from exporters.godot.exporter import GodotExporter
from exporters.model.asset import (
    FLIP_MASK,
    Asset,
    ItemsAsset,
    Pixels,
    SpriteAsset,
    TileLayer,
    TileMapAsset,
    TilesetAsset,
)
from exporters.model.png import encode_png
from exporters.packing.render import flip_tile

TEMPLATE = Path(__file__).with_name("godot_project")


@dataclass
class GodotProject:
    """A project folder; `export` writes assets as the bridge would, `check` adds steps to the plan."""

    root: Path
    output: str = "art/generated"
    plan: list[dict[str, Any]] = field(default_factory=list)
    _pictures: int = 0

    def __post_init__(self) -> None:
        shutil.copytree(TEMPLATE, self.root, dirs_exist_ok=True)
        (self.root / "expected").mkdir()
        (self.root / "expected/.gdignore").touch()

    def export(self, asset: Asset, *, previous: str | None = None, **engine: Any) -> str:
        """Writes the files of an asset and returns the `res://` path without suffix."""
        folder = self.root / self.output
        context = ExportContext(
            asset.id,
            self.output,
            f"0123abcd:{asset.id if previous is None else previous}",
            ExportOptions(engine=engine),
            read=_reader(folder),
            links={tiles.id: Link(tiles.id, f"0123abcd:{tiles.id}") for tiles in getattr(asset, "tilesets", ())},
            previous_stem=previous or asset.id,
        )
        for file in GodotExporter().export(asset, context):
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if file.policy is not Policy.CREATE or not path.exists():
                path.write_bytes(file.data)
        return f"res://{self.output}/{asset.id}"

    def picture(self, pixels: Pixels) -> str:
        """Stores what a check should see and returns its path."""
        self._pictures += 1
        path = f"expected/{self._pictures}.png"
        (self.root / path).write_bytes(encode_png(pixels))
        return f"res://{path}"

    def check(self, step: str, path: str, **details: Any) -> None:
        """Adds a step."""
        self.plan.append({"check": step, "path": path, **details})

    def check_sprite(self, asset: SpriteAsset, path: str, extra: Mapping[str, Any] | None = None) -> None:
        """Names, order, times, loops and every pixel of a SpriteFrames."""
        animations = {
            animation.output_name(): {
                "loop": animation.loop,
                "milliseconds": [frame.duration_ms for frame in animation.frames],
                "pictures": [self.picture(frame.pixels) for frame in animation.frames],
            }
            for animation in asset.animations
        }
        everything = dict(sorted({**animations, **(extra or {})}.items()))
        self.check("animations", f"{path}.tres", animations=everything)

    def check_items(self, asset: ItemsAsset, path: str) -> None:
        """The SpriteFrames and every icon."""
        stills = {
            item.name: {"loop": True, "milliseconds": [1000], "pictures": [self.picture(item.pixels)]}
            for item in sorted(asset.items, key=lambda item: item.name)
        }
        self.check("animations", f"{path}.tres", animations=stills)
        for item in asset.items:
            self.check("texture", f"{path}/{item.name}.tres", picture=self.picture(item.pixels))

    def check_tileset(self, asset: TilesetAsset, path: str, origin: tuple[int, int] = (0, 0)) -> None:
        """Every tile: pixels of all frames, times, probability, collision, custom data."""
        pixels = {tile.id: tile.pixels for tile in asset.tiles}
        center = (asset.grid_size[0] / 2, asset.tile_size[1] - asset.grid_size[1] / 2)
        tiles = []
        for tile in asset.tiles:
            if tile.animation_frame:
                continue
            cells = [frame.tile for frame in tile.animation] or [tile.id]
            tiles.append(
                {
                    "at": [tile.id % asset.columns, tile.id // asset.columns],
                    "pictures": [self.picture(pixels[cell]) for cell in cells],
                    "milliseconds": sum(frame.duration_ms for frame in tile.animation),
                    "probability": tile.probability,
                    "collision": [[[x - center[0], y - center[1]] for x, y in shape] for shape in tile.polygons],
                    "custom": dict(tile.properties) | ({"name": tile.name} if tile.name else {}),
                    "origin": origin,
                }
            )
        self.check("tiles", f"{path}.tres", cell=asset.grid_size, tiles=tiles)
        if asset.terrains:
            colors = ["{:02x}{:02x}{:02x}".format(*terrain.color) for terrain in asset.terrains]
            names = [terrain.name for terrain in asset.terrains]
            self.check("terrains", f"{path}.tres", names=names, colors=colors)

    def check_map(self, asset: TileMapAsset, path: str, nodes: Mapping[str, str] | None = None) -> None:
        """Every cell of every layer with its flips, and the classes of nodes."""
        layers = {
            layer.name: self.cells(asset.tilesets[layer.tileset], layer)
            for layer in asset.layers
            if isinstance(layer, TileLayer)
        }
        self.check("cells", f"{path}.tscn", layers=layers, nodes=dict(nodes or {}))

    def cells(self, tileset: TilesetAsset, layer: TileLayer) -> list[dict[str, Any]]:
        """What the cells of a layer should show."""
        tiles = {tile.id: tile.pixels for tile in tileset.tiles}
        rows, columns = layer.cells.nonzero()
        shown = []
        for x, y in zip(columns.tolist(), rows.tolist(), strict=True):
            value = int(layer.cells[y, x])
            pixels = flip_tile(tiles[(value & ~FLIP_MASK) - 1], value & FLIP_MASK)
            shown.append({"at": [x, y], "picture": self.picture(pixels)})
        return shown

    def saved_exactly(self) -> None:
        """Every text resource is saved by the editor as it is."""
        for path in sorted((self.root / self.output).rglob("*.t*")):
            if path.suffix in {".tres", ".tscn"}:
                self.check("saving", f"res://{path.relative_to(self.root).as_posix()}", exact=True)

    def write_plan(self) -> None:
        """Writes the plan, for the next run of check.gd."""
        (self.root / "plan.json").write_text(json.dumps(self.plan), encoding="utf-8")


def _reader(folder: Path) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        return (folder / path).read_bytes() if (folder / path).is_file() else None

    return read
