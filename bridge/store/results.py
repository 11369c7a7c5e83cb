"""A step's raw result in the store: one manifest blob that names the files' blobs.

The manifest is canonical JSON, `{"files": [{"name", "type", "sha256"}], "meta": {…}}`; its hash is what the lock keeps.
"""

from __future__ import annotations

import json
from typing import Any, cast

from bridge.core.errors import WorkFailed
from bridge.providers.api import ResultFile, StepResult
from bridge.store.blobs import BlobStore


def save(store: BlobStore, result: StepResult) -> str:
    """Stores the files, then the manifest; returns the manifest's sha256."""
    files = [{"name": file.name, "sha256": store.put(file.data), "type": file.media_type} for file in result.files]
    manifest = json.dumps(
        {"files": files, "meta": result.meta}, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    # Halves of surrogate pairs, which a provider may send, become escapes of JSON: what is paid for is kept.
    return store.put(manifest.encode(errors="backslashreplace"))


def load(store: BlobStore, sha256: str) -> StepResult:
    """The result behind a manifest hash (provider ids live in the lock and are not part of it).

    Raises:
        WorkFailed: `store_missing` or `store_corrupt`.
    """
    manifest = _read_manifest(store, sha256)
    return StepResult(
        files=tuple(
            ResultFile(entry["name"], entry["type"], store.get(entry["sha256"])) for entry in manifest["files"]
        ),
        meta=manifest["meta"],
    )


def _read_manifest(store: BlobStore, sha256: str) -> dict[str, Any]:
    """The manifest of a result.

    Raises:
        WorkFailed: `store_missing`, or `store_corrupt` where the blob is whole but no manifest.
    """
    data = store.get(sha256)
    try:
        manifest = json.loads(data)
        texts = [entry[key] for entry in manifest["files"] for key in ("name", "type", "sha256")]
        if not all(isinstance(text, str) for text in texts) or not isinstance(manifest["meta"], dict):
            raise TypeError("a manifest has texts and a table")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WorkFailed(
            "store_corrupt",
            f"the stored blob {sha256[:12]}… is no result",
            hint="Take assetbridge.lock and .assetbridge/store from version control, or build again.",
        ) from error
    return cast("dict[str, Any]", manifest)


def list_files(store: BlobStore, sha256: str) -> list[str]:
    """The blobs that a result's manifest names; none where the manifest is not here, or is none."""
    try:
        return [entry["sha256"] for entry in _read_manifest(store, sha256)["files"]]
    except WorkFailed:
        return []


def whole(store: BlobStore, sha256: str) -> dict[str, Any]:
    """The facts of a result that has no files, which is all of it; empty for any other, and where it is not here."""
    try:
        manifest = _read_manifest(store, sha256)
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
