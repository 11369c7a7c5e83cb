"""Small inputs that would become large. `python -m tests.hostile.bombs FOLDER` reads each of them in a process with a
gigabyte of address space, and prints one line of JSON about each."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import resource
import struct
import sys
import time
import wave
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from bridge.config.project_config import read_config
from bridge.core.errors import BridgeError, ErrorGroup
from bridge.core.globs import compile_glob
from bridge.http.archive import read_zip
from bridge.http.outcome import TransportError
from bridge.media.images import decode
from bridge.processing.palettes import read_palette
from bridge.providers.files import frame_json
from bridge.providers.files.audio import read_wav
from bridge.providers.files.tmx import read_map
from bridge.spec.load import load_spec
from bridge.store import lockfile
from exporters.base import ExportError
from exporters.tiled import tsx
from tests.hostile.fuzz import seeds
from tests.hostile.stranger import PROJECT

ADDRESS_SPACE = 1_000_000_000
SPEC = 'kind = "sprite"\ndescription = "x"\n'
Case = tuple[str, Callable[[], object]]


def _map(layer: str, tileset: str = seeds.TSX) -> Callable[[], object]:
    start, end = seeds.tile_map("csv").decode().split(seeds.LAYERS["csv"])
    contents = {"map.tmx": (start + layer + end).encode(), "ground.tsx": tileset.encode()}
    return lambda: read_map("map.tmx", {**contents, "sheet.png": seeds.picture(16, 16)})


def _packed(data: bytes, compression: str) -> str:
    return f'<data encoding="base64" compression="{compression}">{base64.b64encode(data).decode()}</data>'


def _entities() -> str:
    declared = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE map [<!ENTITY e0 "lol">{declared}]>'


def tmx_cases() -> Iterator[Case]:
    zeros = zlib.compress(bytes(400_000_000), 9)
    yield "a zlib layer of 400 MB", _map(_packed(zeros, "zlib"))
    yield "a gzip layer of 400 MB", _map(_packed(gzip.compress(bytes(400_000_000), 9), "gzip"))
    yield (
        "a chunk of 65,535 × 65,535 cells",
        _map('<data encoding="csv"><chunk x="0" y="0" width="65535" height="65535">0</chunk></data>'),
    )
    yield (
        "chunks far apart",
        _map(
            '<data encoding="csv"><chunk x="-2000000000" y="0" width="1" height="1">1</chunk>'
            '<chunk x="2000000000" y="0" width="1" height="1">1</chunk></data>'
        ),
    )
    yield "a layer of more cells than it says", _map(f'<data encoding="csv">{"1," * 3_000_000}1</data>')
    yield (
        "a tileset of a million tiles",
        _map(seeds.LAYERS["csv"], seeds.TSX.replace('tilecount="4"', 'tilecount="99999999"')),
    )
    yield (
        "tiles that lie over each other",
        _map(
            seeds.LAYERS["csv"],
            seeds.TSX.replace('spacing="0"', 'spacing="-7"').replace('tilecount="4"', 'tilecount="60000"'),
        ),
    )
    for number in ("4294967295", "1e300", "nan", "inf"):
        yield (
            f"a frame of {number} ms",
            _map(seeds.LAYERS["csv"], seeds.TSX.replace('duration="250"', f'duration="{number}"')),
        )
    yield "a place that is no number", _map(seeds.LAYERS["csv"], seeds.TSX.replace('x="1" y="1"', 'x="nan" y="1"'))
    tree = f'<?xml version="1.0"?>{_entities()}<map>&e11;</map>'
    for name, data in {
        "entities": tree.encode(),
        "entities in UTF-16": tree.encode("utf-16"),
        "elements 100,000 deep": b"<map>" + b"<group>" * 100_000,
        "twelve million elements": b"<map>" + b"<a/>" * 12_000_000 + b"</map>",
    }.items():
        yield name, lambda data=data: read_map("map.tmx", {"map.tmx": data})  # type: ignore[misc]
    yield (
        "entities in an output of ours",
        lambda: tsx.parse_present(f'{_entities()}<tileset name="&e11;"/>'.encode(), "a.tsx"),
    )


def text_cases(folder: Path) -> Iterator[Case]:
    texts = {
        "a dotted key of 100 kB": SPEC + "a" + ".a" * 50_000 + " = 1\n",
        "arrays 5,000 deep": SPEC + "a = " + "[" * 5000 + "]" * 5000 + "\n",
        "inline tables 5,000 deep": SPEC + "a = " + "{a = " * 5000 + "1" + "}" * 5000 + "\n",
        "a million empty tables": SPEC + "a = [" + "{}," * 300_000 + "]\n",
        "300,000 keys": SPEC + "".join(f"k{number}=1\n" for number in range(90_000)),
        "a whole number of 5,000 digits": SPEC + f"seed = {'9' * 5000}\n",
        "a number that is not finite": SPEC + "[process]\nscale = inf\n",
        "300,000 wrong values": 'kind = "map"\nprovider = "files"\nsource = "a.tmx"\nedits = [' + "1," * 19_000 + "]\n",
    }
    for name, text in texts.items():
        path = folder / f"art/{name.replace(' ', '_').replace(',', '')}.asset.toml"
        path.write_text(text, encoding="utf-8")
        yield f"a spec with {name}", lambda path=path: load_spec(path, read_config(folder))  # type: ignore[misc]
    large = folder / "art/large.asset.toml"
    with large.open("wb") as file:
        file.truncate(200_000_000)
    yield "a spec of 200 MB", lambda: load_spec(large, read_config(folder))
    for name, text in {
        "a number that is not finite": '[project]\nid = "x"\n[budget]\npixellab = {unit = "usd", per_day = inf}\n',
        "a long pattern": f'[project]\nid = "x"\nspecs = ["{"a" * 5000}"]\n',
        "a pattern of many wildcards": f'[project]\nid = "x"\nspecs = ["{"a**" * 40}"]\n',
        "a dotted key": "a" + ".a" * 50_000 + " = 1\n",
    }.items():
        other = folder / name.replace(" ", "_")
        other.mkdir()
        (other / "assetbridge.toml").write_text(text, encoding="utf-8")
        yield f"a project file with {name}", lambda other=other: read_config(other)  # type: ignore[misc]
    for pattern in ("**/*a" * 90, "*a" * 300 + "b", "**/x/" * 100 + "y"):
        yield f"the pattern {pattern[:10]}…", lambda pattern=pattern: _no_match(pattern)  # type: ignore[misc]
    for name, lock in {
        "objects 100,000 deep": '{"version": 1, "assets": ' + '{"a":' * 100_000,
        "twenty million values": '{"version": 1, "assets": [' + "[]," * 20_000_000,
        "a version of 5,000 digits": f'{{"version": {"9" * 5000}, "assets": {{}}}}',
        "a version that is no number": '{"version": NaN, "assets": {}}',
    }.items():
        yield f"a lock with {name}", lambda lock=lock: lockfile.loads(lock)  # type: ignore[misc]


def _no_match(pattern: str) -> None:
    try:
        compile_glob(pattern).match("a/" * 1000 + "a" * 2000)
    except ValueError as error:
        raise TransportError("refused", str(error)) from None


def sheet_cases() -> Iterator[Case]:
    frame = {"frame": {"x": 0, "y": 0, "w": 1, "h": 1}, "sourceSize": {"w": 8192, "h": 8192}}
    meta = {"app": "aseprite", "image": "a.png"}
    for name, document in {
        "a million frames": {"frames": [{}] * 400_000, "meta": meta},
        "4,000 small frames of huge pictures": {"frames": [frame] * 4000, "meta": meta},
        "a frame that shows for ever": {
            "frames": [{**frame, "sourceSize": None, "duration": 4294967295}],
            "meta": meta,
        },
        "a long name": {"frames": {"_" * 100_000 + "x": {**frame, "sourceSize": None}}, "meta": meta},
        "a thousand tags of all frames": {
            "frames": [{**frame, "sourceSize": None}] * 4000,
            "meta": {**meta, "frameTags": [{"name": f"a{n}", "from": 0, "to": 3999} for n in range(1000)]},
        },
    }.items():
        yield f"JSON with {name}", lambda document=document: frame_json.parse(json.dumps(document).encode(), "a.json")  # type: ignore[misc]
    for name, text in {
        "lists 100,000 deep": "[" * 100_000,
        "a number of 5,000 digits": '{"frames": ' + "9" * 5000 + "}",
        "NaN": '{"frames": [{"duration": NaN}]}',
        "half of a surrogate pair": '{"frames": {"\\ud800": {}}}',
        "ten million lists": "[" + "[]," * 10_000_000 + "0]",
    }.items():
        yield f"JSON with {name}", lambda text=text: frame_json.parse(text.encode(), "a.json")  # type: ignore[misc]


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def picture_cases() -> Iterator[Case]:
    bomb = zlib.compress(bytes(100_000_000), 9)
    gif = seeds.clips()["gif"]
    block = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    for name, data in {
        "a PNG of 65,000 × 65,000": _png(65_000, 65_000),
        "a PNG with a text of 100 MB": _png(8, 8, *[(b"zTXt", b"k\0\0" + bomb)] * 3),
        "a PNG with a profile of 100 MB": _png(8, 8, (b"iCCP", b"k\0\0" + bomb)),
        "a PNG of a million chunks": _png(8, 8, *[(b"tEXt", b"k\0v")] * 300_000),
        "an APNG of four billion frames": _png(8, 8, (b"acTL", struct.pack(">II", 4294967295, 0))),
        "a GIF of 200,000 frames": gif[:-1] + block * 200_000 + b";",
        "a GIF of 65,535 × 65,535": gif[:6] + b"\xff\xff\xff\xff" + gif[10:],
        "a JPEG of 5,000 scans": seeds.clips()["jpeg"][:-2]
        + b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0" * 5000
        + b"\xff\xd9",
        "a WebP that is larger than it says": seeds.clips()["webp"][:4]
        + b"\xff\xff\xff\xff"
        + seeds.clips()["webp"][8:],
    }.items():
        yield name, lambda data=data: decode(data, "a.png")  # type: ignore[misc]
    buffer = io.BytesIO()
    frames = [Image.new("P", (2000, 2000), index % 2) for index in range(60)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=[10, 20] * 30)
    small = buffer.getvalue()
    yield f"a GIF of {len(small) // 1000} kB with 240 million pixels", lambda: decode(small, "a.gif")
    yield "a palette of 20 MB", lambda: read_palette(b"1a1c2c\n" * 3_000_000, "a.hex")


def sound_cases() -> Iterator[Case]:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0" * 100)
    data = buffer.getvalue()
    for name, changed in {
        "a WAV that says 4 GB": data[:40] + b"\xff\xff\xff\xff" + data[44:],
        "a WAV of 65,535 channels": data[:22] + b"\xff\xff" + data[24:],
        "a WAV of no channels": data[:22] + b"\0\0" + data[24:],
    }.items():
        yield name, lambda changed=changed: read_wav(changed, "a.wav")  # type: ignore[misc]


def _archive(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _overlapping() -> bytes:
    """Two thousand entries of one and the same megabyte (David Fifield's "A better zip bomb")."""
    data = bytearray(_archive({"a": bytes(1_000_000)}))
    end = data.rindex(b"PK\x05\x06")
    start = data.index(b"PK\x01\x02")
    entry = bytes(data[start:end])
    many = b"".join(entry[:-1] + bytes([97 + number % 26]) for number in range(1900))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1900, 1900, len(many), start, 0)
    return bytes(data[:start]) + many + tail


def archive_cases() -> Iterator[Case]:
    inner = _archive({f"{number}.bin": bytes(3_000_000) for number in range(20)})
    for name, data in {
        "a ZIP of 300 MB of zeros": _archive({"a": bytes(300_000_000)}),
        "a ZIP of ZIPs of zeros": _archive({f"{number}.zip": inner * 40 for number in range(60)}),
        "a ZIP whose entries overlap": _overlapping(),
        "a ZIP of 5,000 files": _archive({str(number): b"" for number in range(5000)}),
    }.items():
        yield name, lambda data=data: read_zip(data)  # type: ignore[misc]


def all_cases(folder: Path) -> Iterator[Case]:
    """Every bomb with what reads it; each is refused."""
    (folder / "art").mkdir(parents=True)
    (folder / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    for group in (tmx_cases(), text_cases(folder), sheet_cases(), picture_cases(), sound_cases(), archive_cases()):
        yield from group


def main(folder: Path) -> int:
    """Reads all bombs."""
    cases = list(all_cases(folder))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE + _address_space(), resource.RLIM_INFINITY))
    for name, read in cases:
        began, told = time.process_time(), "nothing was refused"
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                read()
        except (BridgeError, TransportError, ExportError) as error:
            told = f"refused: {(error.errors[0] if isinstance(error, ErrorGroup) else error)}"
        except Exception as error:  # noqa: BLE001  whatever else comes out is the finding
            told = f"{type(error).__name__}: {error}"
        print(
            json.dumps({"name": name, "told": told[:300], "seconds": round(time.process_time() - began, 2)}), flush=True
        )
    return 0


def _address_space() -> int:
    """What the process has without having read anything: libraries reserve much that they never use."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[0]) * resource.getpagesize() if status.exists() else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
