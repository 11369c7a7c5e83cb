"""What the real Godot makes of exported files: pixels, times, terrains, maps, sound, and saving them again."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from exporters import samples
from exporters.godot.tile_map import cell_bytes
from exporters.godot.tres import parse_tres
from exporters.model.asset import Animation, Frame, TileLayer, TilesetAsset
from tests.engines.engine import Engine
from tests.engines.godot_plan import GodotProject

HERO = "res://art/generated/art/hero.tres"
GROUND = "res://art/generated/art/ground.tres"
RUN = ["--headless", "--editor", "--path", ".", "--script", "check.gd"]


def run(godot: Engine, project: GodotProject) -> None:
    """Imports everything and runs the plan in one start of the editor."""
    project.write_plan()
    done = godot.run(RUN, cwd=project.root, timeout=90)
    report = done.stdout + done.stderr
    failures = [line for line in report.splitlines() if line.startswith("FAIL")]
    complaints = [
        line
        for line in report.splitlines()
        if "SCRIPT ERROR" in line or "Error importing" in line or "invalid UID" in line
    ]
    assert not failures, "\n".join(failures[:20])
    assert not complaints, "\n".join(complaints[:20])
    assert done.returncode == 0, report[-3000:]
    assert "RESULT 0" in report


def variation(asset: TilesetAsset) -> TilesetAsset:
    """The tileset with a second picture of its last full tile."""
    full = next(tile for tile in asset.tiles if tile.id == asset.terrains[-1].tile)
    extra = dataclasses.replace(full, id=60, pixels=samples.picture(16, 16, 77), probability=0.1)
    return dataclasses.replace(asset, tiles=(*asset.tiles, extra))


def cornered(asset: TilesetAsset) -> TilesetAsset:
    """The tileset with two more collision polygons in its first tile."""
    corners = (((0, 0), (4, 0), (0, 4)), ((16, 16), (8, 16), (16, 8)))
    first = dataclasses.replace(asset.tiles[0], further_collision=corners)
    return dataclasses.replace(asset, tiles=(first, *asset.tiles[1:]))


def test_godot_shows_what_was_exported(godot: Engine, tmp_path: Path) -> None:
    project = GodotProject(tmp_path / "game")
    hero, icons = samples.character(), samples.items()
    project.check_sprite(hero, project.export(hero, scene=True))
    project.check(
        "scene",
        "res://art/generated/art/hero.tscn",
        node=".",
        animation="idle_south_east",
        autoplay="idle_south_east",
        picture=project.picture(hero.animations[0].frames[0].pixels),
        corner=[-16, -32],
    )
    project.check_items(icons, project.export(icons))
    chain = variation(samples.tileset(terrains=3, animated=3))
    project.check_tileset(chain, project.export(chain))
    four = cornered(samples.tileset("art/four", terrains=4))
    project.check_tileset(four, project.export(four))
    diamonds = samples.tileset("art/diamonds", isometric=True, size=(32, 16))
    project.check_tileset(diamonds, project.export(diamonds))
    blocks = samples.blocks()
    project.check_tileset(blocks, project.export(blocks), origin=(0, 12))
    town = samples.tile_map(tiles=chain)
    nodes = {
        "things/start": "Marker2D",
        "things/zone/shape": "CollisionPolygon2D",
        "things/road": "Path2D",
        "things/pond": "Area2D",
    }
    project.check_map(town, project.export(town), nodes)
    for number, loop in enumerate((True, False)):
        track = samples.track(f"music/track_{number}", loop=loop)
        details = {"loop": loop, "begin": 100, "end": 2204, "seconds": 0.1}
        project.check("sound", f"{project.export(track)}.wav", **details)
    project.saved_exactly()
    run(godot, project)


def test_references_survive_regeneration_packing_and_a_moved_folder(godot: Engine, tmp_path: Path) -> None:
    hero, ground = samples.character(), samples.tileset()
    first = GodotProject(tmp_path / "first")
    first.export(hero, scene=True)
    first.export(ground)
    layer = samples.tile_map().layers[0]
    user_scenes(first)
    still = first.picture(samples.picture(8, 8, 3))
    shutil.copy(first.root / still.removeprefix("res://"), first.root / "own.png")
    first.check("add_animation", HERO, animation="walk_south_east", texture="res://own.png")
    first.check("edit_tiles", GROUND, at=[3, 0])
    run(godot, first)

    second = GodotProject(tmp_path / "second", output="game/art")
    shutil.copytree(first.root / "art/generated", second.root / "game/art", dirs_exist_ok=True)
    for name in ("user_hero.tscn", "user_map.tscn", "own.png", "own.png.import"):
        shutil.copy(first.root / name, second.root / name)
    jump = Animation("a_jump", tuple(Frame(samples.picture(32, 32, seed)) for seed in range(20, 23)))
    changed = dataclasses.replace(hero, animations=(jump, *reversed(hero.animations)))
    grown = samples.tileset(terrains=3, animated=2)
    custom = {
        "loop": True,
        "milliseconds": [1000 / 7, 2000 / 7],
        "pictures": [
            second.picture(hero.animations[1].frames[0].pixels),
            second.picture(samples.picture(8, 8, 3)),
        ],
    }
    second.check_sprite(changed, second.export(changed, scene=True), {"custom": custom})
    second.check_tileset(grown, second.export(grown))
    second.check("edited_tiles", "res://game/art/art/ground.tres", at=[3, 0])
    picture = second.picture(hero.animations[1].frames[0].pixels)
    shown = {"animation": "walk_south_east", "autoplay": "walk_south_east", "picture": picture}
    second.check("scene", "res://user_hero.tscn", node="Sprite", corner=[-16, -16], **shown)
    assert isinstance(layer, TileLayer)
    cells = {"Ground": second.cells(grown, layer)}
    second.check("cells", "res://user_map.tscn", layers=cells)
    second.saved_exactly()
    run(godot, second)


def user_scenes(project: GodotProject) -> None:
    """Two scenes as a user saves them: a sprite that plays our frames, a layer painted with our tiles."""
    folder = project.root / project.output / "art"
    frames, tiles = (parse_tres((folder / name).read_bytes(), name).uid for name in ("hero.tres", "ground.tres"))
    layer = samples.tile_map().layers[0]
    assert isinstance(layer, TileLayer)
    data = ", ".join(map(str, cell_bytes(layer, samples.tileset())))
    (project.root / "user_hero.tscn").write_text(
        f'[gd_scene format=3]\n\n[ext_resource type="SpriteFrames" uid="{frames}" path="{HERO}" id="1_a"]\n\n'
        '[node name="Player" type="Node2D"]\n\n[node name="Sprite" type="AnimatedSprite2D" parent="."]\n'
        'texture_filter = 1\nsprite_frames = ExtResource("1_a")\nanimation = &"walk_south_east"\n'
        'autoplay = "walk_south_east"\n'
    )
    (project.root / "user_map.tscn").write_text(
        f'[gd_scene format=3]\n\n[ext_resource type="TileSet" uid="{tiles}" path="{GROUND}" id="1_b"]\n\n'
        '[node name="Level" type="Node2D"]\n\n[node name="Ground" type="TileMapLayer" parent="."]\n'
        f'tile_map_data = PackedByteArray({data})\ntile_set = ExtResource("1_b")\n'
    )
