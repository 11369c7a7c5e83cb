"""Whether a server can hold claims: it has to let the first of two win, whoever they are.

Several servers that speak like S3 take `If-None-Match: *` and overwrite all the same, without a word. So it is tried:
one name twice, and then one name by many at once. What is tried is put away again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from bridge.core import limits
from bridge.core.errors import NeedsDecision, UserError, WorkFailed
from bridge.core.json_text import parse_json
from bridge.store.shared.bucket import RemoteRefusedError

if TYPE_CHECKING:
    from bridge.store.shared.shared_store import SharedStore

_FOLDER = "probe"
_RIVALS = 8
_MARK = "store.json"
VERSION = 1


def probe_store(shared: SharedStore) -> str:
    """Tries the server, marks the store as one of assetbridge where it is new, and returns the store's id.

    Raises:
        UserError: `remote_unsafe`: it lets a second one win, or does not show what was written.
        NeedsDecision: `remote_read_only`.
        WorkFailed, UserError: as `Bucket.create`.
    """
    bucket, name = shared.bucket, f"{_FOLDER}/{uuid.uuid4().hex}"
    rivals = [json.dumps({"rival": number}).encode() for number in range(_RIVALS)]
    try:
        try:
            first, second = bucket.create(f"{name}-a", b"first\n"), bucket.create(f"{name}-a", b"second\n")
        except RemoteRefusedError as error:
            raise describe_read_only(shared) from error
        if not first or second or bucket.get(f"{name}-a", limits.SHARED_RECORD_BYTES) != b"first\n":
            raise _describe_unsafe(shared, "it let the second of two overwrite the first")
        won = list(shared.executor.map(lambda data: bucket.create(f"{name}-b", data), rivals))
        there = bucket.get(f"{name}-b", limits.SHARED_RECORD_BYTES)
        if won.count(True) != 1 or there != rivals[won.index(True)]:
            raise _describe_unsafe(shared, f"of {_RIVALS} at once, {won.count(True)} were told that they were first")
        if {entry.name for entry in bucket.list(_FOLDER) if entry.name.startswith(name)} != {f"{name}-a", f"{name}-b"}:
            raise _describe_unsafe(shared, "it does not list what was just written")
    finally:
        _put_away(lambda: bucket.delete([f"{name}-a", f"{name}-b"]))
    mark = json.dumps({"assetbridge": "store", "version": VERSION, "id": uuid.uuid4().hex}, sort_keys=True)
    bucket.create(_MARK, f"{mark}\n".encode())
    store_id = read_store_id(shared)
    if not store_id:
        raise _describe_unsafe(shared, "it does not show what was just written")
    return store_id


def read_store_id(shared: SharedStore) -> str:
    """The id of the store, minted when it was first used; empty where there is no mark.

    Raises:
        UserError: `remote_unusable`: a newer assetbridge, or something else, wrote the mark.
        WorkFailed, UserError: as `Bucket.get`.
    """
    data = shared.bucket.get(_MARK, limits.SHARED_RECORD_BYTES)
    if data is None:
        return ""
    try:
        mark = parse_json(data, limits.SHARED_RECORD_BYTES)
        version, store_id = mark["version"], mark["id"]
        if version != VERSION or not isinstance(store_id, str) or not store_id:
            raise ValueError("another version")
    except (ValueError, KeyError, TypeError):
        raise UserError(
            "remote_unusable",
            f"{_MARK} in {shared.bucket.address} is not of this version of assetbridge",
            hint="Upgrade assetbridge, or use a folder of its own for the store.",
        ) from None
    return store_id


def describe_read_only(shared: SharedStore) -> NeedsDecision:
    """What is said where these keys may read and not write."""
    return NeedsDecision(
        "remote_read_only",
        f"{shared.bucket.address} can only be read with these keys: what is there is collected, nothing is bought",
        hint="Buy it on a machine whose keys may write there; then build here again.",
    )


def _describe_unsafe(shared: SharedStore, why: str) -> UserError:
    return UserError(
        "remote_unsafe",
        f"{shared.bucket.address} cannot hold claims: {why}, so two machines could buy the same; nothing is bought",
        hint="Use a server that keeps to If-None-Match, as Amazon S3, Google, Azure and Ceph do, or a folder; without "
        "[store] remote each machine buys for itself.",
    )


def _put_away(delete: Callable[[], None]) -> None:
    try:
        delete()
    except (WorkFailed, UserError, NeedsDecision):
        # Keys that may create and not delete: two small files stay there, and harm nobody.
        return
