"""Which lock entry belongs to which spec: its own, that of the name it had before, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from bridge.plan.evaluation import LockEntries
from bridge.store.lock_entry import LockedAsset, mint_identity
from bridge.store.lockfile import Lock, mint_seed

if TYPE_CHECKING:
    from bridge.core.errors import BridgeError
    from bridge.spec.load import Loaded

FindEntry = Callable[["Loaded", LockedAsset], LockedAsset]
"""The entry of an asset that the lock does not know; the minted one, where nothing else is known of it."""
SeedlessHash = Callable[["Loaded", LockedAsset], str]
"""The hash of an asset's steps without their seeds, with this entry; empty where it is not known."""


def broken_ids(errors: Iterable[BridgeError]) -> set[str]:
    """The ids of specs that are there and cannot be read."""
    return {error.where.file.removesuffix(".asset.toml") for error in errors if error.where}


def match_entries(
    lock: Lock,
    specs: Mapping[str, Loaded],
    order: Iterable[str],
    broken: Collection[str],
    hash_steps: SeedlessHash,
    find_entry: FindEntry = lambda _loaded, minted: minted,
) -> LockEntries:
    """The lock entry of every spec; the lock itself stays as it is.

    broken: ids of specs that cannot be read, whose entries are nobody else's. find_entry: for new assets.
    """
    entries = {asset_id: entry for asset_id, entry in lock.assets.items() if asset_id in specs}
    earlier_ids: dict[str, str] = {}
    vanished = {
        asset_id: entry for asset_id, entry in lock.assets.items() if asset_id not in specs and asset_id not in broken
    }
    by_hash: dict[tuple[str, str], list[str]] = {}
    for asset_id, entry in vanished.items():
        by_hash.setdefault((entry.kind, entry.seedless_hash), []).append(asset_id)
    new = [asset_id for asset_id in order if asset_id not in lock.assets]
    taken = lock.identities() if new else set()
    for asset_id in new:
        minted = _minted_entry(specs[asset_id], taken)
        source = _rename_source(specs[asset_id], by_hash, hash_steps(specs[asset_id], minted)) if vanished else None
        if source is None:
            entries[asset_id] = find_entry(specs[asset_id], minted)
        else:
            entries[asset_id] = vanished.pop(source)
            earlier_ids[asset_id] = source
    return LockEntries(entries, earlier_ids)


def _minted_entry(loaded: Loaded, taken: set[str]) -> LockedAsset:
    """New identities cannot meet, for each begins with its asset's own id."""
    identity = mint_identity(taken, loaded.id)
    return LockedAsset(kind=loaded.spec.kind, identity=identity, seed=mint_seed(identity))


def _rename_source(loaded: Loaded, by_hash: Mapping[tuple[str, str], list[str]], seedless: str) -> str | None:
    """Takes the vanished asset out of `by_hash` that this one is most likely to have been."""
    same = by_hash.get((loaded.spec.kind, seedless)) if seedless else None
    if not same:
        return None
    source = min(same, key=lambda old: (old.rpartition("/")[2] != loaded.id.rpartition("/")[2], old))
    same.remove(source)
    return source
