"""Sound inputs of every subject, made by our own code: what the fuzzer damages."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import wave
import zipfile
import zlib
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

import bridge.providers
from bridge.store.receipts import Receipt, ReceiptCost, encode_receipt
from bridge.store.shared.claims import ClaimKind, ClaimRecord
from bridge.store.shared.day_books import DayLine
from exporters import samples
from exporters.aseprite.exporter import AsepriteExporter
from exporters.base import ExportContext
from tests.unit.providers import pixeldojo_samples, pixelengine_samples, pixellab_samples, sprixen_samples

PROJECT = """\
[project]
name = "fuzz"
id = "fuzz0001"
specs = ["art/**/*.asset.toml", "*.asset.toml"]
[defaults]
provider = "procedural"
[defaults.process]
colors = 16
[targets.godot]
root = "."
output = "generated"
[targets.json]
output = "export"
[providers.pixellab]
api_key_env = "PIXELLAB_API_KEY"
base_url = "https://api.pixellab.ai/v1"
max_concurrent = 2
[budget]
pixellab = { unit = "generations", per_build = 1.5, per_day = 20 }
[lint]
palette = ["#1a1c2c", "#5d275d"]
"""
_SPECS = """\
kind = "sprite"
description = "red gem"
size = [16, 16]
variants = 2
pick = 1
seed = 7
[process]
palette = "art/colors.hex"
outline = "#000000"
[export]
pivot = [0.5, 1.0]
[export.godot]
scene = true
---
kind = "items"
size = [16, 16]
columns = 4
[[items]]
name = "key"
description = "old key"
[[items]]
name = "coin"
---
kind = "character"
description = "knight"
size = [32, 32]
directions = 4
mirror = {west = "east"}
[animations.walk]
frames = 4
fps = 8
loop = true
[animations.hit]
durations = [100, 200]
---
kind = "animation"
provider = "files"
[files]
sheet = "art/sheet.png"
frame = [8, 8]
margin = 0
spacing = 0
[[files.rows]]
animation = "walk"
direction = "south"
frames = 2
---
kind = "animation"
provider = "files"
[files]
json = "art/sheet.json"
---
kind = "animation"
provider = "files"
source = "art/clip.gif"
fps = 12
---
kind = "sprite"
provider = "files"
[files]
pattern = "art/{frame}.png"
---
kind = "tileset"
tile_size = 16
columns = 8
[[terrains]]
name = "water"
animated = 4
frame_ms = 200
[[terrains]]
name = "grass"
solid = true
probability = 0.5
[terrains.properties]
speed = 0.5
name2 = "x"
---
kind = "tileset"
provider = "files"
source = "art/sheet.png"
tile_size = 8
[files]
layout = "corner16"
[[terrains]]
name = "a"
[[terrains]]
name = "b"
---
kind = "isometric_tiles"
tile_size = [32, 32]
grid = [32, 16]
[[tiles]]
name = "floor"
shape = "thin"
role = "floor"
---
kind = "map"
size = [16, 16]
tileset = "asset:art/ground"
seed = 3
[noise]
scale = 8
octaves = 2
levels = {water = 0.4}
---
kind = "map"
provider = "files"
source = "art/map.tmx"
---
kind = "music"
preset = "calm"
bpm = 90
key = "D minor"
duration = 10
loop = true
---
kind = "edit"
description = "gold"
source = "art/0.png"
mask = [0, 0, 4, 4]
provider = "pixellab"
---
kind = "sprite"
description = "x"
provider = "pixellab"
size = [64, 64]
provider_options = {a = [1, {b = 2}]}
"""
SPECS = tuple(_SPECS.split("---\n"))
TSX = """<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.10" tiledversion="1.11" name="ground" tilewidth="8" tileheight="8" spacing="0" margin="0"
 tilecount="4" columns="2">
 <image source="sheet.png" trans="ff00ff" width="16" height="16"/>
 <tile id="0" probability="0.5"><properties><property name="speed" type="float" value="1.5"/></properties>
  <objectgroup draworder="index"><object id="1" x="0" y="0" width="8" height="8" rotation="45"/>
   <object id="2" x="1" y="1"><polygon points="0,0 4,0 4,4"/></object></objectgroup>
  <animation><frame tileid="0" duration="100"/><frame tileid="1" duration="250"/></animation></tile>
 <wangsets><wangset name="w" type="corner" tile="-1"><wangcolor name="a" color="#ff0000" tile="0" probability="1"/>
  <wangtile tileid="0" wangid="0,1,0,1,0,1,0,1"/></wangset></wangsets>
</tileset>
"""
_CELLS = struct.pack("<16I", *(number % 5 for number in range(16)))
LAYERS = {
    "csv": '<data encoding="csv">' + ",".join(str(number % 5) for number in range(16)) + "</data>",
    "base64": f'<data encoding="base64">{base64.b64encode(_CELLS).decode()}</data>',
    "zlib": f'<data encoding="base64" compression="zlib">{base64.b64encode(zlib.compress(_CELLS)).decode()}</data>',
    "chunks": '<data encoding="csv"><chunk x="-4" y="0" width="4" height="4">'
    "1,2,3,4,0,0,0,0,1,1,1,1,2,2,2,2</chunk></data>",
}


def picture(width: int = 16, height: int = 16, seed: int = 1) -> bytes:
    """A PNG with colours and holes."""
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    values[..., 3] = (values[..., 3] > 60) * np.uint8(255)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


@cache
def clips() -> dict[str, bytes]:
    """An APNG, a GIF and a WebP of three frames, and a JPEG."""
    frames = [Image.open(io.BytesIO(picture(seed=number))).convert("RGBA") for number in range(3)]
    made = {}
    for name, form in (("apng", "PNG"), ("gif", "GIF"), ("webp", "WEBP")):
        buffer = io.BytesIO()
        frames[0].save(buffer, form, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
        made[name] = buffer.getvalue()
    buffer = io.BytesIO()
    frames[0].convert("RGB").save(buffer, "JPEG")
    return {**made, "jpeg": buffer.getvalue()}


def tile_map(layer: str) -> bytes:
    """A map with a layer of cells in one of the encodings, objects, and a group with an image layer."""
    infinite = int(layer == "chunks")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" tiledversion="1.11" orientation="orthogonal" renderorder="right-down"
 width="4" height="4" tilewidth="8" tileheight="8" infinite="{infinite}" nextlayerid="4" nextobjectid="5" parallaxoriginx="1">
 <properties><property name="wind" type="float" value="0.5"/></properties>
 <tileset firstgid="1" source="ground.tsx"/>
 <layer id="1" name="floor" width="4" height="4" opacity="0.5" tintcolor="#80ff0000">{LAYERS[layer]}</layer>
 <objectgroup id="2" name="things"><object id="1" name="door" class="exit" gid="2" x="8" y="8" width="8" height="8" rotation="90"/>
  <object id="2" x="1" y="2"><polyline points="0,0 5,5"/></object><object id="3" x="0" y="0"><text wrap="1">hello</text></object></objectgroup>
 <group id="3" name="sky" offsetx="2"><imagelayer id="4" name="cloud" repeatx="1"><image source="sheet.png" width="16" height="16"/></imagelayer></group>
</map>
""".encode()  # noqa: E501


def frame_sheets() -> list[bytes]:
    """JSON of Aseprite and TexturePacker, hash and array."""
    frames = {
        f"walk_{number}.png": {
            "frame": {"x": 8 * (number % 2), "y": 8 * (number // 2), "w": 8, "h": 8},
            "rotated": number == 3,
            "trimmed": False,
            "spriteSourceSize": {"x": 0, "y": 0, "w": 8, "h": 8},
            "sourceSize": {"w": 8, "h": 8},
            "duration": 100,
        }
        for number in range(4)
    }
    listed = [{"filename": name, **frame} for name, frame in frames.items()]
    tags = [{"name": "walk", "from": 0, "to": 3, "direction": "pingpong", "repeat": "2"}]
    meta = {"app": "https://www.aseprite.org/", "image": "sheet.png", "frameTags": tags}
    return [
        json.dumps({"frames": frames, "meta": meta}).encode(),
        json.dumps({"frames": listed, "meta": {"app": "TexturePacker", "image": "sheet.png"}}).encode(),
    ]


def sounds() -> list[bytes]:
    """WAV files of 8, 16 and 24 bits."""
    made = []
    for width in (1, 2, 3):
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(width)
            file.setframerate(8000)
            file.writeframes(bytes(range(240)) * width)
        made.append(buffer.getvalue())
    return made


def archives() -> list[bytes]:
    """ZIPs as PixelLab delivers them."""
    made = []
    for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", packing) as archive:
            archive.writestr("rotations/south.png", picture(8, 8))
            archive.writestr("animations/walk/south/frame_000.png", picture(8, 8))
            archive.writestr("metadata.json", json.dumps({"frames": {"animations": {"walk": {"south": ["a.png"]}}}}))
        made.append(buffer.getvalue())
    return made


def palettes() -> list[bytes]:
    """Palettes in all formats."""
    swatch = (
        struct.pack(">HIH", 1, 34, 6) + "red\0\0\0".encode("utf-16-be") + b"RGB " + struct.pack(">3fH", 1, 0, 0.5, 0)
    )
    chunk = struct.pack("<IIIII8x", 0, 2, 0, 1, 0)[:20] + struct.pack("<H4BH4B", 0, 1, 2, 3, 255, 0, 4, 5, 6, 255)
    body = struct.pack("<IH", len(chunk) + 6, 0x2019) + chunk
    frame = struct.pack("<IHHHHI", len(body) + 16, 0xF1FA, 1, 100, 0, 1) + body
    return [
        b"1a1c2c\n5d275d\n#ffffff\n",
        b"GIMP Palette\nName: x\nColumns: 4\n26 28 44 a\n93 39 93 b\n",
        picture(4, 4),
        b"ASEF" + struct.pack(">HHI", 1, 0, 1) + swatch,
        struct.pack("<IH", len(frame) + 128, 0xA5E0) + bytes(122) + frame,
    ]


SAMPLES = {
    "pixellab": (pixellab_samples.LAB, pixellab_samples.SPECS, pixellab_samples.FILES),
    "pixelengine": (pixelengine_samples.ENGINE, pixelengine_samples.SPECS, pixelengine_samples.FILES),
    "pixeldojo": (pixeldojo_samples.DOJO, pixeldojo_samples.SPECS, pixeldojo_samples.FILES),
    "sprixen": (sprixen_samples.SPRIXEN, sprixen_samples.SPECS, {}),
}


@cache
def answer_fields(provider: str) -> tuple[str, ...]:
    """The names of fields that a provider's adapter asks answers for, read from its source."""
    folder = Path(bridge.providers.__path__[0]) / provider
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    return tuple(sorted(set(re.findall(r'"([A-Za-z][A-Za-z_]{1,30})"', text))))


def lock_text() -> bytes:
    """A lock with an asset that has everything."""
    step = {"fingerprint": "f" * 40, "provider": "procedural", "operation": "draw", "result": "0" * 64, "seed": 5}
    bought = {
        **step,
        "ids": {"job": "x"},
        "cost": {"unit": "usd", "amount": "0.1"},
        "meta": {"keypoints": [{"x": 0.5}]},
    }
    asset = {
        "kind": "sprite",
        "identity": "art/gem",
        "seed": 7,
        "wish": "w" * 40,
        "steps": {"still/": step, "clip/walk": bought},
        "slots": {"a": 0},
        "parts": {":of": "x", "": "y"},
        "links": {"l": "h"},
        "targets": {
            "json": {"made": "m", "output": "export", "files": {"art/gem.png": "0" * 64}, "left": {"o": {"p": "h"}}}
        },
    }
    return json.dumps(
        {"version": 1, "assets": {"art/gem": asset, "art/two": {**asset, "identity": "art/two"}}}
    ).encode()


def lock_conflict() -> bytes:
    """A lock in which version control left both sides."""
    text = f"{lock_text().decode().rstrip()}\n"
    return f"<<<<<<< ours\n{text}||||||| base\n{text}=======\n{text}>>>>>>> theirs\n".encode()


def aseprite_files() -> list[bytes]:
    """A file as the target writes it, and one whose only picture is not compressed, with a layer that is not shown."""
    files = AsepriteExporter().export(samples.character(), ExportContext("art/hero", "art", "identity-1"))
    written = [file.data for file in files if file.path.endswith(".aseprite")]
    layers = [struct.pack("<HHHHHHB3xH", visible, 0, 0, 0, 0, 0, 255, 1) + b"a" for visible in (0, 1)]
    cel = struct.pack("<HhhBHh5x", 1, 0, 0, 255, 0, 0) + struct.pack("<HH", 2, 2) + bytes(range(16))
    chunks = b"".join(
        struct.pack("<IH", len(body) + 6, kind) + body
        for kind, body in [*((0x2004, layer) for layer in layers), (0x2005, cel)]
    )
    frame = struct.pack("<IHHH2xI", len(chunks) + 16, 0xF1FA, 3, 100, 3) + chunks
    head = struct.pack("<IHHHHHI", len(frame) + 128, 0xA5E0, 1, 2, 2, 32, 1)
    return [*written, head.ljust(128, b"\0") + frame]


_PRINT = "sha256:" + "ab" * 32


def receipt() -> bytes:
    """What somebody bought."""
    facts = Receipt(_PRINT, "cd" * 32, "pixellab", "create", "art/gem", "base", "2026-03-01T12:00:00Z", 7)
    return encode_receipt(replace(facts, ids={"job": "x"}, cost=ReceiptCost("usd", Decimal("0.1"), True), by="Ann"))


def claim() -> bytes:
    """A record of the team's store."""
    record = ClaimRecord(ClaimKind.CLAIMED, "owner", "key", 1_800_000_000.0, 600.0, by="Ann", unit="usd", amount="0.1")
    return replace(record, ids={"job": "x"}).encode()


def book_line() -> bytes:
    """A line of a book of the team's store."""
    return DayLine("key", Decimal("0.1"), True, by="Ann", asset="art/gem", fingerprint=_PRINT).encode()
