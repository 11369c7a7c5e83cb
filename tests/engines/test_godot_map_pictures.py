"""The real Godot draws our maps as Tiled does: squares and diamonds, flipped, tall, on several layers."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from exporters import samples
from exporters.model.asset import FLIP_D, FLIP_V, TileLayer, TileMapAsset, TilesetAsset
from exporters.model.wang import solve
from exporters.packing.render import map_size, render_map
from tests.engines import tiled_assets
from tests.engines.display import Display
from tests.engines.engine import Engine
from tests.engines.godot_plan import GodotProject
from tests.engines.godot_runs import import_project
from tests.engines.test_tiled_exports import flipped

DRAWING = ("--path", ".", "--rendering-driver", "opengl3", "--audio-driver", "Dummy", "--script", "render_maps.gd")


def maps() -> list[TileMapAsset]:
    """The kinds of map there are. Godot turns what is no square about another point, so only squares are turned."""
    tall = dataclasses.replace(samples.tileset("art/tall", size=(16, 24)), grid=(16, 16))
    diamonds = samples.tileset("art/diamonds", isometric=True, size=(32, 16))
    return [
        named("squares", flipped(samples.tileset("art/squares", size=(16, 16)), (9, 7), 1)),
        named("tall", mirrored(flipped(tall, (6, 5), 4))),
        named("diamonds", mirrored(flipped(diamonds, (5, 8), 2))),
        named("blocks", mirrored(flipped(samples.blocks(), (6, 4), 3))),
        named("painted", painted(diamonds)),
        named("dressed", tiled_assets.dressed(flipped(samples.tileset("art/cloth", size=(16, 16)), (9, 7), 5))),
        named("gems", tiled_assets.dressed(mirrored(flipped(diamonds, (5, 8), 6)))),
    ]


def named(name: str, asset: TileMapAsset) -> TileMapAsset:
    return dataclasses.replace(asset, id=f"maps/{name}")


def mirrored(asset: TileMapAsset) -> TileMapAsset:
    """The map with left and right exchanged in some of its tiles, and no tile turned otherwise."""
    layers = [
        dataclasses.replace(layer, cells=layer.cells & np.uint32(~(FLIP_V | FLIP_D) & 0xFFFFFFFF))
        for layer in asset.layers
        if isinstance(layer, TileLayer)
    ]
    return dataclasses.replace(asset, layers=tuple(layers))


def painted(tileset: TilesetAsset) -> TileMapAsset:
    """Diamonds of two terrains by their corners."""
    vertices = tiled_assets.vertices(random.Random(7), 2, 9, 6)
    layer = TileLayer("ground", solve(tileset, vertices))
    return TileMapAsset("maps/painted", (9, 6), tileset.grid_size, (tileset,), (layer,), "isometric")


def origin(asset: TileMapAsset) -> tuple[float, float]:
    """Where Godot's place 0, 0 lies in the picture: the cell 0, 0 of diamonds is half a map away from the left."""
    rows, width = asset.size[1], asset.tile_size[0]
    return ((rows - 1) * width / 2 if asset.orientation == "isometric" else 0.0, 0.0)


def test_godot_draws_maps_as_we_do(godot: Engine, screen: Display, tmp_path: Path) -> None:
    project = GodotProject(tmp_path / "game")
    entries: list[dict[str, Any]] = []
    wanted = {tmp_path / f"{asset.id}.png": asset for asset in maps()}
    (tmp_path / "maps").mkdir()
    for picture, asset in wanted.items():
        for tileset in asset.tilesets:
            project.export(tileset)
        scene = f"{project.export(asset)}.tscn"
        entries.append(
            {"scene": scene, "size": map_size(asset), "origin": origin(asset), "picture": picture.as_posix()}
        )
    (project.root / "maps.json").write_text(json.dumps(entries), encoding="utf-8")
    import_project(godot, project.root)
    done = godot.run(DRAWING, cwd=project.root, timeout=90, settings=screen.settings)
    assert f"DRAWN {len(entries)}" in done.stdout, done.stdout + done.stderr
    for picture, asset in wanted.items():
        with Image.open(picture) as image:
            theirs = np.array(image.convert("RGBA"))
        ours = render_map(asset)
        assert ours[..., 3].any()
        theirs[theirs[..., 3] == 0] = 0
        # A viewport without a background keeps colours multiplied by their alpha.
        ours[..., :3] = (ours[..., :3].astype(np.uint16) * ours[..., 3:] + 127) // 255
        # A graphics card blends with floats.
        blended = any(layer.opacity < 1 for layer in asset.layers)
        assert np.abs(theirs.astype(int) - ours).max() <= 2 * blended, asset.id
