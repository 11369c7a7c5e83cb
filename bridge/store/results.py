"""A step's raw result in the store: one manifest blob that names the files' blobs.

The manifest is canonical JSON, `{"files": [{"name", "type", "sha256"}], "meta": {…}}`; its hash is what the lock keeps.
"""

from __future__ import annotations

import json
from typing import Any

from bridge.core.errors import WorkFailed
from bridge.providers.api import ResultFile, StepResult
from bridge.store.blobs import BlobStore


def save(store: BlobStore, result: StepResult) -> str:
    """Stores the files, then the manifest; returns the manifest's sha256."""
    files = [{"name": file.name, "sha256": store.put(file.data), "type": file.media_type} for file in result.files]
    manifest = json.dumps(
        {"files": files, "meta": result.meta}, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return store.put(manifest.encode())


def load(store: BlobStore, sha256: str) -> StepResult:
    """The result behind a manifest hash (provider ids live in the lock and are not part of it).

    Raises:
        WorkFailed: `store_missing` or `store_corrupt`.
    """
    manifest = json.loads(store.get(sha256))
    return StepResult(
        files=tuple(
            ResultFile(entry["name"], entry["type"], store.get(entry["sha256"])) for entry in manifest["files"]
        ),
        meta=manifest["meta"],
    )


def whole(store: BlobStore, sha256: str) -> dict[str, Any]:
    """The facts of a result that has no files, which is all of it; empty for any other, and where it is not here."""
    try:
        manifest = json.loads(store.get(sha256))
    except WorkFailed:
        return {}
    return {} if manifest["files"] else dict(manifest["meta"])


def complete(store: BlobStore, sha256: str) -> bool:
    """Whether the manifest and every file it names are in the store and undamaged: else the step is made again."""
    try:
        load(store, sha256)
    except WorkFailed:
        return False
    return True
