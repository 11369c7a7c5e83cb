"""Names with quotes, brackets, tags and line ends are names for the real Godot and the real Tiled, and run nothing."""

from __future__ import annotations

import json
from pathlib import Path

from exporters import samples
from exporters.base import ExportContext
from exporters.godot.map_objects import unique_name
from exporters.model.asset import ObjectLayer, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.tiled.exporter import TiledExporter
from tests.engines.engine import Engine
from tests.engines.godot_plan import GodotProject
from tests.engines.test_godot_exports import run
from tests.engines.test_tiled_exports import SCRIPTS, evaluate
from tests.hostile.hostile_assets import ASSETS, rename

# Names of files are made of it, too: no longer than they may be.
NAME = '"\n[evil]\nscript = ExtResource("9")&<script>--> %s \\ \u202eres://evil.gd'

# What a resource or a node would run that had it as its script.
EVIL = """@tool
extends Resource
func _init():
	FileAccess.open("res://owned", FileAccess.WRITE)
"""


def hostile(old: str) -> str:
    return f"n{NAME}{old}"


def test_godot_reads_hostile_names_as_names(godot: Engine, tmp_path: Path) -> None:
    project = GodotProject(tmp_path / "game")
    # The check of terrains paints with every combination of them.
    for asset in [*(asset for asset, kind in ASSETS if kind != "tileset"), samples.tileset()]:
        named = rename(asset, hostile)
        path = project.export(named)
        if isinstance(named, SpriteAsset):
            project.check_sprite(named, path)
        elif isinstance(named, TilesetAsset):
            project.check_tileset(named, path, origin=(0, 12) if named.grid else (0, 0))
        elif isinstance(named, TileMapAsset):
            layers: set[str] = set()
            nodes = {}
            for layer in named.layers:
                name = unique_name(layer.name, layers)
                nodes[name] = "Node2D" if isinstance(layer, ObjectLayer) else "TileMapLayer"
                taken: set[str] = set()
                for thing in layer.objects if isinstance(layer, ObjectLayer) else ():
                    child = unique_name(thing.name, taken)
                    nodes[f"{name}/{child}"] = {"point": "Marker2D", "polyline": "Path2D"}.get(thing.shape, "Area2D")
            project.check("cells", f"{path}.tscn", layers={}, nodes=nodes)
    (project.root / "evil.gd").write_text(EVIL, encoding="utf-8")
    run(godot, project)
    assert not (project.root / "owned").exists()


def test_tiled_reads_hostile_names_as_names(tiled: Engine, tmp_path: Path) -> None:
    assets = {asset.id: rename(asset, hostile) for asset, _ in ASSETS}
    suffixes = {".tmx": "maps.txt", ".tsx": "tilesets.txt"}
    listed: dict[str, list[str]] = {name: [] for name in suffixes.values()}
    for asset in assets.values():
        if not isinstance(asset, TilesetAsset | TileMapAsset):
            continue
        for file in TiledExporter().export(asset, ExportContext(asset.id, "", "identity-1")):
            path = tmp_path / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
            if path.suffix in suffixes and path.stem == asset.id.rpartition("/")[2]:
                listed[suffixes[path.suffix]].append(file.path)
    for name, paths in listed.items():
        (tmp_path / name).write_text("\n".join(paths), encoding="utf-8")
    evaluate(tiled, tmp_path, SCRIPTS / "read_names.js", sum(map(len, listed.values())))
    seen = json.loads((tmp_path / "names.json").read_text(encoding="utf-8"))

    [town] = [asset for asset in assets.values() if isinstance(asset, TileMapAsset)]
    expected: list[object] = [dict(town.properties)]
    for layer in town.layers:
        expected.append(layer.name)
        things = layer.objects if isinstance(layer, ObjectLayer) else ()
        expected += [[thing.name, thing.kind, dict(thing.properties)] for thing in things]
    assert seen["maps"] == [expected]
    for name, (colors, properties) in zip(listed["tilesets.txt"], seen["tilesets"], strict=True):
        asset = assets[name.removesuffix(".tsx")]
        assert isinstance(asset, TilesetAsset)
        assert colors == [terrain.name for terrain in asset.terrains]
        for tile in asset.tiles:
            read = properties[str(tile.id)]
            assert {key: read.get(key) for key, _ in tile.properties} == dict(tile.properties)
