"""The answer to `plan` when nothing changed, without importing what a real plan needs.

A plan without changes is remembered together with the version that made it and a digest over every file it looked at.
It still holds when the project file, the lock, the list of specs, every spec, source and listed folder, and every
output are as they were then. The digest is over what is remembered of the files: whatever else has looked at a changed
file since then, the plan is history.

Once all of these files and folders have stood still for a moment the plan is sealed (see `plan_seal`): while the seal
holds, not even what is remembered of them is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bridge import __version__
from bridge.cache.plan_seal import FileLook, has_young, look_at, make_seal, seal_holds
from bridge.spec.scan import find_spec_files

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.cache.file_index import FileRow
    from bridge.cache.project_memory import ProjectMemory
    from bridge.config.project_config import Config

# What reading a memory may raise that holds something else than was written: a plan is made then.
_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, struct.error)
_MARK = hashlib.sha256().digest_size


class PlanSummary(NamedTuple):
    """What there is to say of a plan without changes.

    shown: (action, id, kind, reasons) of the assets worth a line. drifted: ids of assets with files edited by hand.
    """

    shown: tuple[tuple[str, str, str, str], ...]
    drifted: frozenset[str]
    notes: tuple[str, ...]
    assets: int


def remember_plan(config: Config, memory: ProjectMemory, answer: PlanSummary, document: str) -> None:
    """Keeps a plan without changes; call it after every file it depends on was looked at.

    document: its JSON text.
    """
    if not memory.files.flush():
        return
    rows = memory.files.list_rows()
    if memory.files.changed_elsewhere(rows):
        forget_plan(memory)
        return
    facts = {
        "version": __version__,
        "files": _digest_rows(rows),
        "shown": answer.shown,
        "drifted": sorted(answer.drifted),
        "notes": answer.notes,
        "assets": answer.assets,
        # The project file is among the files that have to be as they were: these are still its patterns.
        "patterns": config.spec_patterns,
    }
    text = json.dumps(facts)
    memory.facts.put_all({"plan": text, "plan_document": document})
    seal = b""
    if not has_young(_list_looks(rows)):
        specs, folders = _walk_folders(config.root, config.spec_patterns)
        # A spec that has come meanwhile is in no row.
        seal = _make_seal(text, rows, folders) if _spec_paths(rows) == specs.keys() else b""
    memory.facts.put_seal(seal)


def forget_plan(memory: ProjectMemory) -> None:
    """Something was built: the remembered plan is history."""
    memory.facts.put("plan", "")


def load_sealed(memory: ProjectMemory) -> PlanSummary | None:
    """What there is to say of the remembered plan while its seal holds."""
    text, seal = memory.facts.get("plan"), memory.facts.read_seal()
    if not text or not seal or memory.pending.read() or not seal.startswith(_hash_text(text)):
        return None
    try:
        facts = json.loads(text)
        if facts["version"] != __version__ or not seal_holds(seal[_MARK:], str(memory.root)):
            return None
        return _read_summary(facts)
    except _DAMAGE:
        return None


def load_plan(memory: ProjectMemory) -> PlanSummary | None:
    """What there is to say of the remembered plan while it holds; it is sealed then."""
    try:
        return _load_plan(memory)
    except _DAMAGE:
        return None


def _load_plan(memory: ProjectMemory) -> PlanSummary | None:
    text = memory.facts.get("plan")
    if not text or memory.pending.read():
        return None
    facts = json.loads(text)
    rows = memory.files.list_rows()
    if facts["version"] != __version__ or facts.get("files") != _digest_rows(rows) or "patterns" not in facts:
        return None
    specs, folders = _walk_folders(memory.root, facts["patterns"])
    if _spec_paths(rows) != specs.keys() or not memory.files.are_unchanged(rows, specs):
        return None
    rows = memory.files.list_rows() if memory.files.flush() else []
    # Meanwhile another process may have found something else in them.
    if facts["files"] == _digest_rows(rows):
        memory.facts.put_seal(_make_seal(text, rows, folders))
    return _read_summary(facts)


def _walk_folders(root: Path, patterns: Sequence[str]) -> tuple[dict[str, os.stat_result], list[FileLook]]:
    """The spec files, and how every folder stood before it was read: none where one could not be looked at."""
    folders: list[FileLook] = []
    lost = False

    def enter(path: str) -> None:
        nonlocal lost
        try:
            folders.append(look_at(root, path))
        except OSError:
            lost = True

    specs = dict(find_spec_files(root, patterns, enter))
    return specs, [] if lost else folders


def _spec_paths(rows: Iterable[FileRow]) -> set[str]:
    return {row.path for row in rows if row.role == "spec"}


def _list_looks(rows: Iterable[FileRow]) -> Iterator[FileLook]:
    return ((row.path, row.mark, row.changed_ns, row.checked_ns) for row in rows)


def _make_seal(text: str, rows: Iterable[FileRow], folders: Sequence[FileLook]) -> bytes:
    """The seal on a remembered plan, tied to it; empty where something is too young or could not be looked at."""
    seal = make_seal([*folders, *_list_looks(rows)])
    return _hash_text(text) + seal if seal is not None and folders else b""


def _hash_text(text: str) -> bytes:
    """Ties a seal to the plan it was put on: two processes may remember theirs at once."""
    return hashlib.sha256(text.encode()).digest()


def _read_summary(facts: dict[str, Any]) -> PlanSummary:
    shown = tuple((action, asset_id, kind, reasons) for action, asset_id, kind, reasons in facts["shown"])
    return PlanSummary(shown, frozenset(facts["drifted"]), tuple(facts["notes"]), facts["assets"])


def load_document(memory: ProjectMemory) -> str:
    """The JSON text of the remembered plan; ask only after `load_plan` has found that it holds."""
    return memory.facts.get("plan_document") or ""


def _digest_rows(rows: Iterable[FileRow]) -> str:
    """A hash over paths and contents; rows come in order of their paths."""
    return hashlib.sha256("\0".join([f"{row.path}\0{row.sha256}" for row in rows]).encode()).hexdigest()
