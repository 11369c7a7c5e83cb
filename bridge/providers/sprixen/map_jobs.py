"""Maps as the service keeps them: what is on them, when an edit is done, and their export. Everything here is free.

The documentation gives no shape for the layers of a map, no route for the job of an edit, and no form for the export.
So the layers are whatever fields hold some; an edit is done when they are others than before; and the export may be the
map itself, an archive, or an address of one of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bridge.http.outcome import TransportError
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.asking import answered
from bridge.providers.paid import Broken, Finished, FreeCalls, Gone, LostOrder, Remote, Running, Status
from bridge.providers.sprixen import map_files, responses

DOCUMENT = "map.json"
_LAYERS = ("layers", "terrain", "decorations", "entities")
_EDITS = ("aiEdit", "edit", "job")
_UNKNOWN = "the account has no such map"


def layers(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a map that hold its layers."""
    return {name: document[name] for name in _LAYERS if isinstance(document.get(name), list | dict)}


def state(document: Mapping[str, Any]) -> str:
    """A digest of what is on the map; where it shows no layers, of when it was changed."""
    shown = layers(document) or {"updatedAt": document.get("updatedAt")}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


async def check(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> Status:
    """See `PaidProvider.check`."""
    if step.operation == "map.pack":
        return await _check_pack(calls, ids.get("pack", ""))
    document = await _fetch_document(calls, ids)
    if document is None:
        return Gone(_UNKNOWN) if ids.get("map") else Running()
    if not responses.text(document.get("id")):
        return Running()
    if step.operation != "map.edit":
        return Finished()
    if state(document) != ids.get("before"):
        return Finished()
    # Words without the id of the job may be about an earlier edit: to believe them could lose one that was paid for.
    for said in (responses.fields(document.get(name)) for name in _EDITS):
        if ids.get("job") not in (said.get("id"), said.get("jobId")):
            continue
        word = responses.text(said.get("status")).lower()
        if word in responses.FAILED:
            return Broken(responses.complaint(said.get("error")) or responses.complaint(said) or "no reason was given")
        if word in responses.DONE:
            return Finished()
    # An edit may change nothing that is on the map; that it was written all the same is all that tells of its end.
    if ids.get("updated") and responses.text(document.get("updatedAt")) not in ("", ids["updated"]):
        return Finished()
    return Running()


async def fetch(calls: FreeCalls, step: Step, ids: Mapping[str, str]) -> StepResult | Running | Gone:
    """See `PaidProvider.fetch`: the map as it is, and for edits and adopted maps its export."""
    if step.operation == "map.pack":
        packs = await _fetch_packs(calls)
        pack = packs.get(ids["pack"].lower())
        return StepResult((), {"pack": pack}) if pack else Gone("the account has no such pack")
    document = await _fetch_document(calls, ids)
    if document is None:
        return Gone(_UNKNOWN)
    meta: dict[str, Any] = {"map": ids["map"], "state": state(document), **_pack_field(document)}
    if responses.text(document.get("updatedAt")):
        meta["updated"] = document["updatedAt"]
    if step.operation == "map.update":
        return StepResult((), meta)
    raw = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    kept = (ResultFile(DOCUMENT, "application/json", raw),)
    if step.operation == "map.create":
        return StepResult(kept, meta)
    exported = await map_files.exported(calls, f"/maps/{ids['map']}/export/tmx")
    return Running() if exported is None else StepResult((*kept, *exported.files), meta | {"refs": exported.refs})


async def search(calls: FreeCalls, lost: LostOrder) -> list[Remote]:
    """A lost edit did arrive where the layers are no longer what they were before it."""
    document = await _fetch_document(calls, lost.origin)
    before = lost.origin.get("before")
    if document is None or not before or state(document) == before:
        return []
    return [Remote({"edit": f"{lost.origin['map']}@{before}"})]


async def _fetch_document(calls: FreeCalls, ids: Mapping[str, str]) -> Mapping[str, Any] | None:
    answer = await answered(calls, f"/maps/{ids['map']}") if ids.get("map") else None
    if answer is None:
        return None
    document = responses.fields(answer.json())
    if "id" not in document:
        # A page of a proxy is no map; taken for one, it would look like an edit that is done.
        raise TransportError("interrupted", "the answer is no map")
    return document


def _pack_field(document: Mapping[str, Any]) -> dict[str, Any]:
    """Which field of a map holds its packs, and whether it is a list."""
    name = next((name for name in sorted(document) if "pack" in name.lower()), "tilePackIds")
    return {"pack_field": name, "packs": name not in document or isinstance(document[name], list)}


async def _check_pack(calls: FreeCalls, name: str) -> Status:
    packs = await _fetch_packs(calls)
    if name.lower() in packs:
        return Finished()
    return Broken(f"there is no tile pack {name}; there are {', '.join(packs)}") if packs else Running()


async def _fetch_packs(calls: FreeCalls) -> dict[str, str]:
    """Names of tile packs in small letters → their ids."""
    answer = await answered(calls, "/tile-packs")
    rows = responses.rows(answer.json()) if answer is not None else []
    return {responses.text(row.get("name")).lower(): responses.text(row.get("id")) for row in rows if row.get("id")}
