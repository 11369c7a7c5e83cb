"""What the fuzzer feeds, by name: each takes bytes, and only the errors that are meant for users may come out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bridge.cache.asset_status import list_assets
from bridge.cache.plan_cache import load_plan, load_sealed
from bridge.cache.project_memory import AssetRow, ProjectMemory
from bridge.config.project_config import Config, read_config
from bridge.core import limits
from bridge.core.errors import BridgeError, Defect
from bridge.core.globs import compile_glob
from bridge.core.json_text import parse_json
from bridge.daemon.api.routes import ENDPOINTS
from bridge.http.archive import read_zip
from bridge.http.outcome import Answer, TransportError
from bridge.media.images import decode
from bridge.operations.plan import make_plan
from bridge.orders.journal import Journal
from bridge.orders.model import LIVE, OrderRequest
from bridge.processing.palettes import read_palette
from bridge.project import Project
from bridge.providers.api import Price, Step, StepResult
from bridge.providers.files import frame_json, names
from bridge.providers.files.audio import read_wav
from bridge.providers.files.tmx import read_map
from bridge.providers.paid import Delivered, LostOrder, PaidProvider, Remote
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from bridge.store import lockfile, results
from bridge.store.blobs import BlobStore
from exporters.tiled import tsx
from tests.hostile.fuzz import mutate, seeds


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


def make_project(root: Path) -> None:
    """A project with own art of every form."""
    art = root / "art"
    art.mkdir(parents=True)
    clips = seeds.clips()
    files = {
        "assetbridge.toml": seeds.PROJECT.encode(),
        "art/colors.hex": seeds.palettes()[0],
        "art/sheet.png": seeds.picture(32, 32),
        "art/0.png": seeds.picture(8, 8),
        "art/clip.gif": clips["gif"],
        "art/sheet.json": seeds.frame_sheets()[0],
        "art/map.tmx": seeds.tile_map("csv"),
        "art/ground.tsx": seeds.TSX.encode(),
        "art/ground.asset.toml": seeds.SPECS[7].encode(),
    }
    for path, data in files.items():
        (root / path).write_bytes(data)


def _plan(project: Project) -> None:
    """Plans a project; a defect of an asset is a finding, all other errors are none."""
    planner, plan = make_plan(project)
    for error in (*plan.errors, *planner.evaluation.failures.values()):
        if isinstance(error, Defect):
            raise AssertionError((project.root / ".assetbridge/crash.log").read_text(encoding="utf-8"))


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
            _plan(project)


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


# databases


@dataclass
class Database:
    """A database with damaged pages, or with other values in its rows than are ever written."""

    seed: Path
    target: Path
    look: Callable[[Path], None]

    def make(self, chance: random.Random) -> bytes:
        if chance.random() < 0.5:
            return mutate.mutate(self.seed.read_bytes(), chance, [self.seed.read_bytes()])
        self.target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.seed, self.target)
        with contextlib.closing(sqlite3.connect(self.target)) as database:
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for _ in range(chance.choice((1, 1, 3))):
                table = chance.choice(sorted(tables))
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                with contextlib.suppress(sqlite3.Error):
                    database.execute(f"UPDATE {table} SET {chance.choice(columns)} = ?", (_odd_value(chance),))
            database.commit()
        return self.target.read_bytes()

    def feed(self, data: bytes) -> None:
        folder = self.target.parent
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.target.write_bytes(data)
        with contextlib.suppress(BridgeError):
            self.look(folder.parent)


def _odd_value(chance: random.Random) -> object:
    odd = (
        None,
        0,
        -1,
        2**62,
        0.5,
        float("nan"),
        float("inf"),
        "",
        "nan",
        "{}",
        "[]",
        "null",
        "\ud7ff",
        b"",
        b"\xff" * 9,
    )
    deep = ("[" * 2000, '{"a":' * 500, "9" * 5000, '{"entry": 3}', '{"entry": {}}', "x" * 100_000)
    return chance.choice((*odd, *deep))


def _memory_seed(folder: Path) -> Path:
    make_project(folder / "seed_memory")
    with Project.open(folder / "seed_memory") as project:
        make_plan(project)
        memory = project.memory
        memory.assets.save(
            [AssetRow("art/gem", "sprite", "art/gem.asset.toml", "ready", {"code": "x"}, {"kind": "sprite"})]
        )
        entry = lockfile.loads(seeds.lock_text().decode()).assets["art/gem"]
        memory.pending.put("art/gem", {"entry": lockfile.asset_as_dict(entry)})
        memory.results.remember("f", "0" * 64)
        memory.facts.put_all({"plan": json.dumps({"version": "x"}), "plan_document": "{}"})
        memory.facts.put_seal(b"\0" * 60)
    return _checkpointed(folder / "seed_memory/.assetbridge/state.db")


def _checkpointed(path: Path) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    return path


def _look_at_memory(root: Path) -> None:
    if not (root / "assetbridge.toml").is_file():
        (root / "assetbridge.toml").write_text(seeds.PROJECT, encoding="utf-8")
        (root / "art").mkdir(exist_ok=True)
        (root / "art/gem.asset.toml").write_text(seeds.SPECS[0], encoding="utf-8")
    memory = ProjectMemory(root)
    try:
        load_sealed(memory)
        load_plan(memory)
        list_assets(memory)
        memory.assets.list_rows()
        memory.results.get("f")
        memory.files.get("art/gem.asset.toml")
    finally:
        memory.close()
    with Project.open(root) as project:
        len(project.lock.assets)
        _plan(project)


def _journal_seed(folder: Path) -> Path:
    root = folder / "seed_journal"
    journal = Journal(root)
    step = Step("still/", "pixellab", "image.create", {"request": {"a": 1}}, 5, price=Price("usd", None))
    job = journal.jobs.plan(OrderRequest("art/gem", step, "f1", "plan"))
    journal.accounts.save_balance("pixellab", "me", {"usd": "3"})
    journal.accounts.save_rate_limit("pixellab", "me", 1.0, [1.0])
    journal.events.append("note", "art/gem", {"why": "x"}, job=job.id)
    with contextlib.closing(sqlite3.connect(journal.path)) as database:
        database.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, kind, unit, amount, reported) VALUES "
            "(1, '2026-01-01', 1, 'pixellab', 'me', 'art/gem', 'still/', 'charge', 'usd', '0.5', 1)"
        )
        database.execute("INSERT INTO address VALUES ('p', 'pixellab', 'https://x.example/a', NULL, 1)")
        database.commit()
    journal.close()
    return _checkpointed(journal.path)


def _look_at_journal(root: Path) -> None:
    journal = Journal(root)
    try:
        for job in (*journal.jobs.list_all(), *journal.jobs.list_in(LIVE)):
            job.as_dict()
        journal.jobs.list_results()
        journal.jobs.list_remote_ids()
        journal.jobs.has_unfinished()
        journal.jobs.find_live("f1")
        journal.jobs.sum_reserved("pixellab", "usd")
        for entry in journal.ledger.list_entries():
            str(entry.amount)
        journal.ledger.sum_spent("pixellab", "usd", "2026-01-01")
        journal.ledger.last_number()
        for event in journal.events.list_after():
            json.dumps(event.as_dict())
        journal.accounts.load_balance("pixellab", "me")
        journal.accounts.load_rate_limit("pixellab", "me")
        journal.kept_urls.list_for("p")
    finally:
        journal.close()


# answers of providers


class _Line:
    """Free calls whose answers are the input: documents, and files behind their addresses."""

    def __init__(self, chance: random.Random, body: bytes, files: list[bytes]) -> None:
        self._chance, self._body, self._files = chance, body, files
        self._left = 200

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise AssertionError(f"more than 200 requests; the last is {path}")
        if self._chance.random() < 0.05:
            raise TransportError("refused", "no", status=self._chance.choice((404, 410, 423, 409, 400)))
        return Answer(200, {"date": "Mon, 30 Nov 2026 10:00:00 GMT"}, self._body)

    async def download(self, url: str, *, most: int = limits.ANSWER_BYTES) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise AssertionError(f"more than 200 downloads; the last is {url[:80]}")
        return Answer(200, {}, self._chance.choice(self._files)[:most])


@dataclass
class Answers:
    """Everything that a provider's adapter reads: answers of orders, jobs, lists, accounts; what it stores is kept."""

    provider: PaidProvider
    name: str
    store: BlobStore
    steps: list[Step] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        _, specs, files = seeds.SAMPLES[self.name]
        for text in specs.values():
            self.steps += compile_checked(self.provider, spec_of(text), SpecContext(files=files))
        clips = list(seeds.clips().values())
        self.files = [seeds.picture(), *clips, *seeds.archives(), seeds.tile_map("zlib"), *seeds.sounds(), b"", b"{}"]

    def make(self, chance: random.Random) -> bytes:
        document = _document(chance, seeds.answer_fields(self.name), 0)
        data = json.dumps(document).encode()
        if chance.random() < 0.4:
            data = mutate.mutate_json(data, chance)
        return mutate.mutate(data, chance, [data]) if chance.random() < 0.2 else data

    def feed(self, data: bytes) -> None:
        chance = random.Random(len(data))
        step = chance.choice(self.steps)
        files = [mutate.mutate(file, chance, self.files) if chance.random() < 0.5 else file for file in self.files]
        line = _Line(chance, data, files)
        answer = Answer(200, {}, data, request=json.dumps(dict(step.params.get("request", {}))).encode())
        accepted = self.provider.accepted(step, answer)
        if isinstance(accepted, Delivered):
            self._keep(step, accepted.result)
        self.provider.refusal(step, Answer(chance.choice((400, 402, 403, 422)), {}, data)).message.encode()
        ids = dict.fromkeys(("job", "character", "tileset", "tile", "sprite", "map", "project", "pack", "clip"), "1")
        ids |= {"before": "x", "edit": "y"}
        ids |= accepted.ids if isinstance(accepted, Remote) else {}
        asyncio.run(self._ask(line, step, ids))

    async def _ask(self, line: _Line, step: Step, ids: Mapping[str, str]) -> None:
        with contextlib.suppress(BridgeError, TransportError):
            await self.provider.check(line, step, ids)
        with contextlib.suppress(BridgeError, TransportError):
            delivered = await self.provider.fetch(line, step, ids, {})
            if isinstance(delivered, StepResult):
                self._keep(step, delivered)
        with contextlib.suppress(BridgeError, TransportError):
            if self.provider.abilities.can_search:
                origin = {"sprite": "1", "map": "1", "before": "x"}
                await self.provider.search(line, LostOrder(step, {"prompt": "x"}, 0.0, 1.0, frozenset(), origin))
        for ask in (self.provider.balance, self.provider.assets, self.provider.models):
            with contextlib.suppress(BridgeError, TransportError):
                await ask(line)

    def _keep(self, step: Step, result: StepResult) -> None:
        """What was paid for can be stored, and read again; what it means may be an error."""
        kept = results.load(self.store, results.save(self.store, result))
        assert [file.data for file in kept.files] == [file.data for file in result.files]
        with contextlib.suppress(BridgeError):
            self.provider.interpret(step, kept)


_WORDS = (
    "completed",
    "success",
    "succeeded",
    "failed",
    "pending",
    "1",
    "x",
    "south",
    "walk",
    "https://cdn.example/a.png",
)


def _document(chance: random.Random, names: tuple[str, ...], depth: int) -> Any:
    kind = chance.randrange(12) if depth else 0
    if kind <= 2 and depth < 6:
        keys = chance.sample(names, min(len(names), chance.choice((1, 3, 8, 20))))
        return {key: _document(chance, names, depth + 1) for key in keys}
    if kind <= 4 and depth < 6:
        return [_document(chance, names, depth + 1) for _ in range(chance.choice((0, 1, 2, 5)))]
    if kind == 5:
        return chance.choice((*mutate.WORST_NUMBERS, -0.5, 1e300, 10**50, float("nan"), float("inf")))
    if kind == 6:
        return chance.choice((None, True, False))
    if kind == 7:
        return chance.choice((*mutate.WORST_TEXTS, "\ud800", "x\udfff"))
    return chance.choice(_WORDS)


def make_subjects(folder: Path) -> dict[str, Subject]:
    """All subjects by name; they work in a folder of their own."""
    clips = seeds.clips()
    toml, text = mutate.mutate_toml, mutate.mutate_json
    specs = Plain([spec.encode() for spec in seeds.SPECS], bytes.decode, toml)
    maps = [seeds.tile_map(layer) for layer in ("csv", "base64", "zlib", "chunks")]
    memory, journal = _memory_seed(folder), _journal_seed(folder)
    store = BlobStore(folder / "store")
    subjects: dict[str, Subject] = {
        "spec": InProject(folder, "art/thing.asset.toml", specs),
        "config": Plain([seeds.PROJECT.encode()], _config_in(folder), toml),
        "lock": Plain([seeds.lock_text()], lambda data: lockfile.loads(data.decode("utf-8", "replace")), text),
        "lock_in_project": InProject(folder, "assetbridge.lock", Plain([seeds.lock_text()], bytes.decode, text)),
        "state_db": Database(memory, folder / "memory/.assetbridge/state.db", _look_at_memory),
        "journal_db": Database(journal, folder / "journal/.assetbridge/journal.db", _look_at_journal),
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
        "pattern": Plain([b"art/**/*.asset.toml", b"art/{animation}_{direction}_{frame}.png"], _read_pattern),
        "api_body": Plain(
            [b'{"ids": ["art/gem"], "force": true, "caps": {"usd": "20"}, "plan": "x"}'], _read_body, text
        ),
    }
    for name, (provider, _, _) in seeds.SAMPLES.items():
        subjects[f"answers_{name}"] = Answers(provider, name, store)
    return subjects
