"""What the fuzzer feeds, by name: each takes bytes, and only the errors that are meant for users may come out."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bridge.config.project_config import Config, read_config
from bridge.core import limits
from bridge.core.errors import BridgeError
from bridge.core.globs import compile_glob
from bridge.core.json_text import parse_json
from bridge.daemon.api.routes import ENDPOINTS
from bridge.http.archive import read_zip
from bridge.http.outcome import TransportError
from bridge.media.images import decode
from bridge.processing.palettes import read_palette
from bridge.project import Project
from bridge.providers.files import frame_json, names
from bridge.providers.files.aseprite import render_frames
from bridge.providers.files.audio import read_wav
from bridge.providers.files.tmx import read_map
from bridge.store import lockfile
from bridge.store.blobs import BlobStore
from bridge.store.lockfile import join_sides
from bridge.store.receipts import decode_receipt
from bridge.store.shared.claims import decode_claim
from bridge.store.shared.day_books import decode_line
from exporters.tiled import tsx
from tests.hostile.fuzz import mutate, seeds
from tests.hostile.fuzz.answers import Answers
from tests.hostile.fuzz.databases import Database, look_at_journal, look_at_memory, seed_journal, seed_memory
from tests.hostile.fuzz.projects import make_project, plan_project


class Subject(Protocol):
    """Makes the input of a number, and feeds it."""

    def make(self, chance: random.Random) -> bytes:
        """An input."""
        ...

    def feed(self, data: bytes) -> None:
        """Reads it. What is raised beyond the errors for users is a finding."""
        ...


Change = Callable[[bytes, random.Random], bytes]


@dataclass
class Plain:
    """Seeds that are damaged, a change that knows their form first; half of the inputs are damaged as bytes, too."""

    seeds: list[bytes]
    read: Callable[[bytes], object]
    change: Change | None = None

    def make(self, chance: random.Random) -> bytes:
        data = chance.choice(self.seeds)
        if self.change is not None and chance.random() < 0.7:
            data = self.change(data, chance)
            if chance.random() < 0.7:
                return data
        return mutate.mutate(data, chance, self.seeds)

    def feed(self, data: bytes) -> None:
        with contextlib.suppress(BridgeError, TransportError):
            self.read(data)


# projects


@dataclass
class InProject:
    """A file of a project, with a plan after it."""

    folder: Path
    path: str
    inner: Plain
    root: Path = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.folder / self.path.replace("/", "_")
        make_project(self.root)

    def make(self, chance: random.Random) -> bytes:
        return self.inner.make(chance)

    def feed(self, data: bytes) -> None:
        (self.root / self.path).write_bytes(data)
        with contextlib.suppress(BridgeError), Project.open(self.root) as project:
            plan_project(project)


def _config_in(folder: Path) -> Callable[[bytes], Config]:
    root = folder / "config"
    root.mkdir(parents=True)

    def read(data: bytes) -> Config:
        (root / "assetbridge.toml").write_bytes(data)
        return read_config(root)

    return read


# art


def _read_frames(data: bytes) -> None:
    sheet = frame_json.parse(data, "sheet.json")
    pixels = decode(seeds.picture(32, 32), "sheet.png")[0].pixels
    for frame in sheet.frames:
        frame.cut(pixels, "sheet.png")
        names.split_direction(frame.name)


def _read_tiles(data: bytes) -> None:
    read_map("map.tmx", {"map.tmx": seeds.tile_map("csv"), "ground.tsx": data, "sheet.png": seeds.picture(16, 16)})


def _read_map(data: bytes) -> None:
    contents = {"map.tmx": data, "ground.tsx": seeds.TSX.encode(), "sheet.png": seeds.picture(16, 16)}
    read_map("map.tmx", contents)


def _read_pattern(data: bytes) -> None:
    pattern = data.decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        compile_glob(pattern).match("art/" + "a" * 200 + "/walk_south_01.png")
    with contextlib.suppress(names.PatternError):
        names.placeholders(pattern)
        names.matches(pattern[: limits.PATTERN_LETTERS], ["art/walk_south_01.png", "a" * 200 + "1" * 50])


def _read_body(data: bytes) -> None:
    try:
        fields = parse_json(data)
    except ValueError:
        return
    for endpoint in ENDPOINTS:
        with contextlib.suppress(BridgeError):
            endpoint.request_model.read(fields if isinstance(fields, dict) else {})


def _refusing(decode: Callable[[bytes], object]) -> Callable[[bytes], None]:
    """A decoder that says what is wrong for the middle of an error's sentence."""

    def read(data: bytes) -> None:
        with contextlib.suppress(ValueError, RecursionError):
            decode(data)

    return read


def make_subjects(folder: Path) -> dict[str, Subject]:
    """All subjects by name; they work in a folder of their own."""
    clips = seeds.clips()
    toml, text = mutate.mutate_toml, mutate.mutate_json
    specs = Plain([spec.encode() for spec in seeds.SPECS], bytes.decode, toml)
    maps = [seeds.tile_map(layer) for layer in ("csv", "base64", "zlib", "chunks")]
    memory, journal = seed_memory(folder), seed_journal(folder)
    store = BlobStore(folder, "store")
    subjects: dict[str, Subject] = {
        "spec": InProject(folder, "art/thing.asset.toml", specs),
        "config": Plain([seeds.PROJECT.encode()], _config_in(folder), toml),
        "lock": Plain([seeds.lock_text()], lambda data: lockfile.loads(data.decode("utf-8", "replace")), text),
        "lock_in_project": InProject(folder, "assetbridge.lock", Plain([seeds.lock_text()], bytes.decode, text)),
        "state_db": Database(memory, folder / "memory/.assetbridge/state.db", look_at_memory),
        "journal_db": Database(journal, folder / "journal/.assetbridge/journal.db", look_at_journal),
        "tmx": Plain(maps, _read_map, mutate.mutate_xml),
        "tsx": Plain([seeds.TSX.encode()], _read_tiles, mutate.mutate_xml),
        "tsx_output": Plain([seeds.TSX.encode()], tsx.owned_hash, mutate.mutate_xml),
        "png": Plain([seeds.picture(), clips["apng"]], lambda data: decode(data, "a.png"), mutate.mutate_png),
        "gif": Plain([clips["gif"]], lambda data: decode(data, "a.gif")),
        "webp": Plain([clips["webp"], clips["jpeg"]], lambda data: decode(data, "a.webp")),
        "zip": Plain(seeds.archives(), read_zip),
        "wav": Plain(seeds.sounds(), lambda data: read_wav(data, "a.wav")),
        "frames_json": Plain(seeds.frame_sheets(), _read_frames, text),
        "palette": Plain(seeds.palettes(), lambda data: read_palette(data, "a.ase")),
        "aseprite": Plain(seeds.aseprite_files(), lambda data: render_frames(data, "a.aseprite")),
        "lock_conflict": Plain([seeds.lock_conflict()], lambda data: join_sides(data.decode("utf-8", "replace")), text),
        "receipt": Plain([seeds.receipt()], _refusing(decode_receipt), text),
        "claim": Plain([seeds.claim()], _refusing(decode_claim), text),
        "book_line": Plain([seeds.book_line()], _refusing(decode_line), text),
        "pattern": Plain([b"art/**/*.asset.toml", b"art/{animation}_{direction}_{frame}.png"], _read_pattern),
        "api_body": Plain(
            [b'{"ids": ["art/gem"], "force": true, "caps": {"usd": "20"}, "plan": "x"}'], _read_body, text
        ),
    }
    for name, (provider, _, _) in seeds.SAMPLES.items():
        subjects[f"answers_{name}"] = Answers(provider, name, store)
    return subjects
