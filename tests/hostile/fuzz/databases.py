"""state.db and the journal with damaged pages, and with values that are never written."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.cache.asset_status import list_assets
from bridge.cache.plan_cache import load_plan, load_sealed
from bridge.cache.project_memory import AssetRow, ProjectMemory
from bridge.core.errors import BridgeError
from bridge.operations.plan import make_plan
from bridge.orders.journal import Journal
from bridge.orders.model import LIVE, OrderRequest
from bridge.orders.tables.accounts import RequestWindow
from bridge.project import Project
from bridge.providers.api import Price, Step
from bridge.store import lockfile
from tests.hostile.fuzz import mutate, seeds
from tests.hostile.fuzz.projects import make_project, plan_project


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


def seed_memory(folder: Path) -> Path:
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


def look_at_memory(root: Path) -> None:
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
        plan_project(project)


def seed_journal(folder: Path) -> Path:
    root = folder / "seed_journal"
    journal = Journal(root)
    step = Step("still/", "pixellab", "image.create", {"request": {"a": 1}}, 5, price=Price("usd", None))
    job = journal.jobs.plan(OrderRequest("art/gem", step, "f1", "plan"))
    journal.accounts.save_balance("pixellab", "me", {"usd": "3"})
    journal.accounts.hold_until("pixellab", "me", 1.0)
    journal.accounts.take_turn("pixellab", "me", RequestWindow(1.0, 60.0, 5))
    journal.events.append("note", "art/gem", {"why": "x"}, job=job.id)
    with contextlib.closing(sqlite3.connect(journal.path)) as database:
        database.execute(
            "INSERT INTO ledger (at, day, job, provider, account, asset, step, unit, charged, reported) VALUES "
            "(1, '2026-01-01', 1, 'pixellab', 'me', 'art/gem', 'still/', 'usd', '0.5', 1)"
        )
        database.execute("INSERT INTO address VALUES ('p', 'pixellab', 'https://x.example/a', NULL, 1)")
        database.commit()
    journal.close()
    return _checkpointed(journal.path)


def look_at_journal(root: Path) -> None:
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
            str(entry.change.charged)
        journal.ledger.sum_spent("pixellab", "usd", "2026-01-01")
        journal.ledger.last_number()
        for event in journal.events.list_after():
            json.dumps(event.as_dict())
        journal.accounts.load_balance("pixellab", "me")
        journal.accounts.find_wait("pixellab", "me", RequestWindow(1.0, 60.0, 5))
        journal.jobs.list_bad_endings()
        journal.jobs.list_of("f1")
        journal.ledger.list_of_job(1)
        journal.kept_urls.list_for("p")
    finally:
        journal.close()
