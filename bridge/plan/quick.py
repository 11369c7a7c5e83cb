"""The answer to `plan` when nothing changed, without importing what a real plan needs.

A plan without changes is remembered together with the version that made it. It still holds when the project file,
the lock, the list of specs, every spec, source and listed folder, and every output are as they were then.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bridge import __version__
from bridge.spec.scan import scan

if TYPE_CHECKING:
    from bridge.config import Config
    from bridge.state import State

PROJECT_FILES = ("assetbridge.toml", "assetbridge.lock")


def remember(state: State, specs: list[str], document: dict[str, Any]) -> None:
    """Keeps a plan without changes; call it after every file it depends on was looked at."""
    state.flush()
    facts = {"version": __version__, "specs": sorted(specs), "document": document}
    state.set_meta("plan", json.dumps(facts, ensure_ascii=False))


def forget(state: State) -> None:
    """Something was built: the remembered plan is history."""
    state.set_meta("plan", "")


def recall(config: Config, state: State) -> dict[str, Any] | None:
    """The remembered plan's document while it holds."""
    text = state.meta("plan")
    if not text or state.pending():
        return None
    facts = json.loads(text)
    if facts["version"] != __version__ or not state.unchanged("project"):
        return None
    found = scan(config)
    if sorted(path for path, _ in found) != facts["specs"]:
        return None
    signatures = state.signatures("spec")
    for path, stat in found:
        signature = signatures.get(path)
        if signature is None:
            return None
        if not state.fresh(signature, stat):
            known = state.known(path)
            if known is None or state.look(path, "spec") != known.sha256:
                return None
    if not all(state.unchanged(role) for role in ("source", "folder", "output")):
        return None
    document: dict[str, Any] = facts["document"]
    return document
