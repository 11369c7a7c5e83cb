"""Small specs of every kind, and values of every field, for the trials of `test_fields_in_use`."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Mapping, Sequence
from typing import Any

from exporters.aseprite.exporter import AsepriteExporter
from exporters.base import ExportContext
from exporters.model.asset import Animation, Frame, SpriteAsset
from tests.unit.providers.files_project import encoded, painted, png
from tests.unit.providers.pixellab_samples import FILES as LAB_FILES
from tests.unit.providers.pixellab_samples import POSES

PROJECT = """\
[project]
name = "fields"
id = "0f11e5"
[targets.godot]
output = "godot"
[targets.tiled]
output = "tiled"
[targets.unity]
output = "Assets/unity"
[targets.json]
output = "json"
[targets.aseprite]
"""
LAND = 'kind = "tileset"\n[[terrains]]\nname = "water"\n[[terrains]]\nname = "grass"\n'
GUARD = 'kind = "sprite"\nprovider = "pixellab"\ndescription = "guard"\nsize = [32, 32]\n'
TILES = [{"name": "grass"}, {"name": "stone"}]
TERRAINS = [{"name": "water"}, {"name": "grass"}]
# What a kind needs to be there at all.
BASE: Mapping[str, dict[str, Any]] = {
    "sprite": {"description": "rock", "size": [32, 32]},
    "items": {"size": [32, 32], "items": [{"name": "sword"}, {"name": "potion"}]},
    "edit": {"description": "a golden helmet", "source": "art/knight.png", "mask": [0, 0, 8, 8]},
    "turnaround": {"source": "art/knight.png", "direction": "south", "directions": 4},
    "animation": {"source": "art/knight.png", "action": "bob", "name": "bob"},
    "character": {"description": "knight", "size": [64, 64], "animations": {"walk": {}}},
    "tileset": {"tile_size": 16, "terrains": TERRAINS},
    "isometric_tiles": {"tiles": TILES},
    "map": {"tileset": "asset:art/land"},
    "music": {"preset": "battle", "duration": 8},
}
OWN_ART: Mapping[str, dict[str, Any]] = {
    "sprite": {"files": {"pattern": "art/own/rock{frame}.png"}},
    "items": {"files": {"pattern": "art/own/{item}.png"}},
    "animation": {"files": {"sheet": "art/sheet.png", "frame": [16, 16]}, "action": None, "source": None},
    "character": {"files": {"sheet": "art/sheet.png", "frame": [16, 16]}, "directions": 1, "description": None},
    "tileset": {"files": {"sheet": "art/land.png"}},
    "isometric_tiles": {"files": {"pattern": "art/own/{tile}.png"}},
    "map": {"source": "art/own.tmx", "tileset": None},
    "music": {"source": "art/own.wav", "preset": None, "duration": None},
}
# What a provider needs besides, by kind.
BESIDES: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "files": OWN_ART,
    "pixellab": {"animation": {"action": "walk"}},
    "pixeldojo": {kind: {"model": "some-model"} for kind in ("sprite", "edit", "animation")},
    "sprixen": {
        "map": {"tileset": None, "description": "an island"},
        "character": {"directions": 1},
        "music": {"preset": None, "description": "calm village"},
    },
}
# Values of fields, by pattern or by the last word of it; one of them has to say something where the field is used.
VALUES: Mapping[str, Sequence[Any]] = {
    "action": ["swing", "walk", "attack", "hop"],
    "adopt": ["abc-1"],
    "align": ["center"],
    "alpha": ["keep", "binary"],
    "animated": [2],
    "aseprite": ["art/clips.aseprite"],
    "archetype": ["humanoid", "quadruped", "winged"],
    "arms_length": [1.5],
    "audio": ["wav", "ogg"],
    "between": [["water", "sand"]],
    "bpm": [77],
    "builtin": ["Fantasy/Grass"],
    "canvas": ["trim"],
    "clip": ["art/clip.gif"],
    "color": ["#123456"],
    "colors": [8],
    "columns": [5],
    "controller": ["asset:art/guard"],
    "description": ["an old oak", "calm village"],
    "despeckle": [3],
    "detail": ["low detail", "low"],
    "direction": ["east", "north"],
    "direction_names": ["screen"],
    "directions": [["south", "east"], 8, ["south"]],
    "dither": [True],
    "duration": [9],
    "durations": [[50, 60, 70, 80], [50] * 8, [60] * 6],
    "edits": [["add a river"]],
    "encoding": ["zlib"],
    "enhance": [True],
    "export.json.frames": ["hash"],
    "export.json.layout": ["grid"],
    "export.json.names": ["clip"],
    "export.json.preset": ["pixi"],
    "export.json.trim": [True],
    "extrude": [3],
    "fps": [7],
    "force_colors": [True],
    "frame": [[8, 8]],
    "frame_ms": [90],
    "frames": [4, 6, 8],
    "files.rows.*.frames": [1],
    "retakes.*.frames": [[0, 2]],
    "from_view": ["side"],
    "grid": ["auto"],
    "isometric_tiles:grid": [[32, 20]],
    "hand": ["left", "both"],
    "head_size": [1.5],
    "hip_width": [1.5],
    "index": [3],
    "infinite": [True],
    "init": ["art/style.png"],
    "init_strength": [400],
    "json": ["art/clips.json"],
    "keep_outside": [False],
    "key": ["A dorian"],
    "layout": ["dual_grid"],
    "layouts": [["blob47"]],
    "legs_length": [1.5],
    "levels": [{"water": 0.2}],
    "loop": [False, True],
    "animations.*.provider": ["pixelengine"],
    "margin": [1],
    "mask": ["transparent", [0, 0, 4, 4]],
    "matte": ["#00ff00"],
    "max_sheet": [512],
    "mirror": [{"west": "east"}],
    "mode": ["tight"],
    "pixelate.provider": ["pixelengine"],
    "stabilize.provider": ["sprixen"],
    "process.outline": ["#000000"],
    "process.palette": [["#000000", "#ffffff"]],
    "retries": [2],
    "model": ["bitforge", "frame-engine-v1.1", "other-model"],
    "name": ["other"],
    "terrains.*.name": ["sand"],
    "negative": ["hats"],
    "octaves": [2],
    "outline": ["lineless", "fix"],
    "pack": ["Fantasy"],
    "padding": [3],
    "palette": [["#000000", "#ffffff"]],
    "pattern": ["art/own/{item}.png", "art/own/{tile}.png", "art/own/rock{frame}.png", "art/{lower}_{upper}.png"],
    "pick": [2],
    "pivot": ["top_left"],
    "pixels_per_unit": [32],
    "pose": [2],
    "poses": ["poses/walk.json"],
    "sprite:skeleton.poses": ["poses/one.json"],
    "skeleton.estimate": ["poses/one.json"],
    "prefab": [True],
    "preset": ["victory", "boss_battle"],
    "preview": [False],
    "probability": [2.0],
    "projection": ["isometric"],
    "properties": [{"danger": 3}],
    "proportions": ["chibi", "heroic"],
    "provider_options": [
        {"text_guidance_scale": 9},
        {"matte_color": "#00ff00"},
        {"quality": "high"},
        {"noBase": False},
    ],
    "reference": ["art/style.png"],
    "reference.colors": [["#000000", "#ffffff"]],
    "repeats": ["drop", "keep"],
    "role": ["wall"],
    "rotate": [45],
    "rule_tiles": [False],
    "scale": [20],
    "scene": [True],
    "seed": [4],
    "shading": ["flat shading", "flat"],
    "shape": ["thin"],
    "sheet": ["art/sheet.png", "art/other.png"],
    "shield": [True],
    "shoulder_width": [1.5],
    "size": [[64, 64], [48, 48]],
    "map:size": [[20, 10]],
    "transitions.*.size": [0.5],
    "solid": [True],
    "source": ["art/style.png", "art/other.tmx", "art/other.wav"],
    "source_clip": ["art/clip.gif"],
    "source_url": ["https://example.com/a.png"],
    "spacing": [1],
    "steady": [4],
    "strength": [0.5],
    "style": ["art/style.png"],
    "style_strength": [40],
    "style_url": ["https://example.com/a.png"],
    "take": [3],
    "targets": [["json"]],
    "template": ["walk", "idle", "walking-8-frames"],
    "tile_size": [32],
    "isometric_tiles:tile_size": [[64, 64], [48, 48]],
    "tileset": ["asset:art/other"],
    "tilt": [20],
    "to_view": ["high top-down"],
    "transition_size": [0.5],
    "transparent": [False],
    "tileset:transparent": [True],
    "type": ["sword"],
    "upscale": [2],
    "variants": [2],
    "variations": [2],
    "view": ["high top-down", "low top-down", "side"],
    "weapon": [{"type": "sword"}],
    "files.rows.*.animation": ["walk"],
    "animation:files.rows.*.direction": ["east"],
}
_PIXELATE = [{"refine": {"pixelate": {"provider": "pixelengine"}}}]
_STABILIZE = [{"refine": {"stabilize": {"provider": "sprixen"}}}]
_ROWS = [{"files": {"pattern": None, "sheet": "art/sheet.png", "frame": [16, 16]}}]
# What may have to stand beside a field; the first one that is not refused itself.
BESIDE: Mapping[str, Sequence[dict[str, Any]]] = {
    "pixelate.colors": _PIXELATE,
    "pixelate.mode": _PIXELATE,
    "pixelate.palette": _PIXELATE,
    "stabilize.colors": _STABILIZE,
    "stabilize.mode": _STABILIZE,
    "stabilize.palette": _STABILIZE,
    "rows.*.animation": _ROWS,
    "rows.*.direction": _ROWS,
    "rows.*.frames": _ROWS,
    "animated": [{"terrains": [{"name": "water", "frame_ms": 90}, {"name": "grass"}]}],
    "adopt": [{"source": None}, {"description": None}, {}],
    "description": [{}, {"preset": None}],
    "dither": [{"process": {"palette": ["#000000", "#ffffff"]}}],
    "force_colors": [{"reference": {"colors": ["#000000", "#ffffff"]}}],
    "frame_ms": [{"terrains": [{"name": "water", "animated": 2}, {"name": "grass"}]}, {}],
    "from_view": [{"directions": None, "to_view": "high top-down"}],
    "to_view": [{"directions": None, "from_view": "side"}],
    "rotate": [{"directions": None}],
    "tilt": [{"directions": None}],
    "hand": [{"weapon": {"type": "sword"}}],
    "init_strength": [{"reference": {"init": "art/style.png"}}],
    "negative": [{"model": "bitforge"}, {}],
    "pick": [{"variants": 3}, {}],
    "pose": [{"model": "bitforge", "skeleton": {"poses": "poses/two.json"}}],
    "poses": [{"action": None}],
    "sprite:skeleton.poses": [{"model": "bitforge"}],
    "skeleton.estimate": [{"action": None, "skeleton": {"poses": "poses/moved.json"}}],
    "size": [{"process": {"canvas": "size"}}, {}],
    "source": [{"files": None}],
    "source_clip": [{"source": None, "frames": 3, "retakes": [{"frames": [0, 1]}]}],
    "source_url": [{"source": None}],
    "style": [{"model": "bitforge"}, {}],
    "style_strength": [{"model": "bitforge", "reference": {"style": "art/style.png"}}],
    "view": [{}, {"directions": 1}],
    "mirror": [{}, {"directions": 4, "animations": {"walk": {}, "idle": {}}}],
    "aseprite": [{"files": None}, {"source": None}],
    "clip": [{"files": None}, {"source": None}],
    "json": [{"files": None}, {"source": None}],
    "sheet": [{"files": {"frame": [16, 16]}}, {"files": {"frame": [16, 16]}, "source": None}],
    "pattern": [{"files": None}, {"files": None, "source": None}],
    "files.source": [{"files": None}],
    "frame": [{"files": {"pattern": None, "sheet": "art/sheet.png", "frame": [16, 16]}}],
    "margin": [{"files": {"pattern": None, "sheet": "art/sheet.png", "frame": [8, 8]}}],
    "spacing": [{"files": {"pattern": None, "sheet": "art/sheet.png", "frame": [8, 8]}}],
    "between": [{"terrains": [{"name": "water"}, {"name": "grass"}, {"name": "sand"}]}],
}


def _map(tiles: int) -> bytes:
    """A Tiled map of so many tiles a side, with its tileset."""
    cells = ",".join(["1"] * tiles * tiles)
    return (
        f'<map version="1.10" orientation="orthogonal" width="{tiles}" height="{tiles}" tilewidth="16" tileheight="16">'
        '<tileset firstgid="1" name="t" tilewidth="16" tileheight="16" tilecount="16" columns="4">'
        '<image source="land.png" width="64" height="64"/></tileset>'
        f'<layer id="1" name="ground" width="{tiles}" height="{tiles}">'
        f'<data encoding="csv">{cells}</data></layer></map>'
    ).encode()


def _sound(frames: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * frames))
    return buffer.getvalue()


def _clips() -> bytes:
    frames = {f"walk_{number}.png": {"frame": {"x": 16 * number, "y": 0, "w": 16, "h": 16}} for number in range(4)}
    return json.dumps({"frames": frames, "meta": {"image": "sheet.png"}}).encode()


def _aseprite_clips() -> bytes:
    frames = tuple(Frame(painted(16, 16, number)) for number in range(4))
    asset = SpriteAsset("clips", "character", (Animation("walk", frames),))
    return AsepriteExporter().export(asset, ExportContext("clips", "", "id"))[0].data


FILES: Mapping[str, bytes] = {
    **{f"art/{name}.png": png(painted(32, 32, number)) for number, name in enumerate(("knight", "style", "mask"))},
    **{f"art/own/rock{number}.png": png(painted(32, 32, number)) for number in (1, 2, 3)},
    **{f"art/own/{name}.png": png(painted(32, 32, number)) for number, name in enumerate(("sword", "potion", "other"))},
    **{f"art/own/{name}.png": png(painted(32, 16, number)) for number, name in enumerate(("grass", "stone"))},
    "art/sheet.png": png(painted(64, 32, 7)),
    "art/other.png": png(painted(64, 32, 6)),
    "art/land.png": png(painted(64, 64, 8)),
    "art/water_grass.png": png(painted(64, 64, 9)),
    "art/clip.gif": encoded([painted(16, 16, number) for number in range(3)], "GIF"),
    "art/clips.json": _clips(),
    "art/clips.aseprite": _aseprite_clips(),
    "art/own.tmx": _map(4),
    "art/other.tmx": _map(5),
    "art/own.wav": _sound(8000),
    "art/other.wav": _sound(9000),
    "poses/walk.json": POSES,
    **{name: LAB_FILES[name] for name in ("poses/moved.json", "poses/one.json", "poses/two.json")},
}
