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
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from bridge import __version__
from bridge.cache.plan_seal import Looked, holds, look, sealed, young
from bridge.spec.scan import find_spec_files

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.cache.file_index import FileRow, State
    from bridge.config.project_config import Config

_MARK = hashlib.sha256().digest_size


class Answer(NamedTuple):
    """What there is to say of a plan without changes.

    shown: (action, id, kind, reasons) of the assets worth a line. drifted: ids of assets with files edited by hand.
    """

    shown: tuple[tuple[str, str, str, str], ...]
    drifted: frozenset[str]
    notes: tuple[str, ...]
    assets: int


def remember(config: Config, state: State, answer: Answer, document: str) -> None:
    """Keeps a plan without changes; call it after every file it depends on was looked at.

    document: its JSON text.
    """
    if not state.flush():
        return
    rows = state.files()
    if state.overtaken(rows):
        forget(state)
        return
    facts = {
        "version": __version__,
        "files": _digest(rows),
        "shown": answer.shown,
        "drifted": sorted(answer.drifted),
        "notes": answer.notes,
        "assets": answer.assets,
        # The project file is among the files that have to be as they were: these are still its patterns.
        "patterns": config.spec_patterns,
    }
    text = json.dumps(facts)
    state.set_metas({"plan": text, "plan_document": document})
    seal = b""
    if not young(_looked(rows)):
        specs, folders = _walked(config.root, config.spec_patterns)
        # A spec that has come meanwhile is in no row.
        seal = _seal(text, rows, folders) if _specs(rows) == specs.keys() else b""
    state.set_seal(seal)


def forget(state: State) -> None:
    """Something was built: the remembered plan is history."""
    state.set_meta("plan", "")


def unbroken(state: State) -> Answer | None:
    """What there is to say of the remembered plan while its seal holds."""
    text, seal = state.meta("plan"), state.seal()
    if not text or not seal or state.pending() or not seal.startswith(_mark(text)):
        return None
    facts = json.loads(text)
    if facts["version"] != __version__ or not holds(seal[_MARK:], str(state.root)):
        return None
    return _answer(facts)


def recall(state: State) -> Answer | None:
    """What there is to say of the remembered plan while it holds; it is sealed then. The project file is not read."""
    text = state.meta("plan")
    if not text or state.pending():
        return None
    facts = json.loads(text)
    rows = state.files()
    if facts["version"] != __version__ or facts.get("files") != _digest(rows) or "patterns" not in facts:
        return None
    specs, folders = _walked(state.root, facts["patterns"])
    if _specs(rows) != specs.keys() or not state.all_same(rows, specs):
        return None
    rows = state.files() if state.flush() else []
    # Meanwhile another process may have found something else in them.
    if facts["files"] == _digest(rows):
        state.set_seal(_seal(text, rows, folders))
    return _answer(facts)


def _walked(root: Path, patterns: Sequence[str]) -> tuple[dict[str, os.stat_result], list[Looked]]:
    """The spec files, and how every folder stood before it was read: none where one could not be looked at."""
    folders: list[Looked] = []
    lost = False

    def enter(path: str) -> None:
        nonlocal lost
        try:
            folders.append(look(root, path))
        except OSError:
            lost = True

    specs = dict(find_spec_files(root, patterns, enter))
    return specs, [] if lost else folders


def _specs(rows: Iterable[FileRow]) -> set[str]:
    return {row[0] for row in rows if row[1] == "spec"}


def _looked(rows: Iterable[FileRow]) -> Iterator[Looked]:
    return ((path, mark, changed, seen) for path, _, changed, mark, _, seen in rows)


def _seal(text: str, rows: Iterable[FileRow], folders: Sequence[Looked]) -> bytes:
    """The seal on a remembered plan, tied to it; empty where something is too young or could not be looked at."""
    seal = sealed([*folders, *_looked(rows)])
    return _mark(text) + seal if seal is not None and folders else b""


def _mark(text: str) -> bytes:
    """Ties a seal to the plan it was put on: two processes may remember theirs at once."""
    return hashlib.sha256(text.encode()).digest()


def _answer(facts: dict[str, Any]) -> Answer:
    shown = tuple((action, asset_id, kind, reasons) for action, asset_id, kind, reasons in facts["shown"])
    return Answer(shown, frozenset(facts["drifted"]), tuple(facts["notes"]), facts["assets"])


def remembered_document(state: State) -> str:
    """The JSON text of the remembered plan; ask only after `recall` has found that it holds."""
    return state.meta("plan_document") or ""


def _digest(rows: Iterable[FileRow]) -> str:
    """A hash over paths and contents; rows come in order of their paths."""
    return hashlib.sha256("\0".join([f"{row[0]}\0{row[4]}" for row in rows]).encode()).hexdigest()
