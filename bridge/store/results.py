"""A step's raw result in the store: one manifest blob that names the files' blobs.

The manifest is canonical JSON, `{"files": [{"name", "type", "sha256"}], "meta": {…}}`; its hash is what the lock keeps.
"""

from __future__ import annotations

import json

from bridge.providers.base import ResultFile, StepResult
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


def complete(store: BlobStore, sha256: str) -> bool:
    """Whether the manifest and every file it names are in the store."""
    if not store.has(sha256):
        return False
    try:
        manifest = json.loads(store.get(sha256))
    except Exception:  # noqa: BLE001  a damaged manifest is as good as none: the step is made again
        return False
    return all(store.has(entry["sha256"]) for entry in manifest["files"])
