"""Which asset owns which output file: asked for every file of every asset, so it is kept and not searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.store.lock_entry import LockedAsset


class OutputOwners:
    """Owners by path, without regard to case: two names that differ only there are one file on some systems."""

    def __init__(self, entries: Mapping[str, LockedAsset]) -> None:
        self._owner: dict[str, str] = {}
        self._paths: dict[str, set[str]] = {}
        for asset_id, entry in entries.items():
            self.update(asset_id, entry)

    def update(self, asset_id: str, entry: LockedAsset) -> None:
        """Takes over what an asset owns now."""
        self.forget(asset_id)
        paths = {path.casefold() for target in entry.targets.values() for path in target.paths()}
        self._paths[asset_id] = paths
        self._owner.update(dict.fromkeys(paths, asset_id))

    def forget(self, asset_id: str) -> None:
        """An asset owns nothing any more."""
        for path in self._paths.pop(asset_id, ()):
            if self._owner.get(path) == asset_id:
                del self._owner[path]

    def without(self, *own: str | None) -> Mapping[str, str]:
        """The owners but these assets (an asset itself, and what it was called before)."""
        return _OtherOwners(self._owner, frozenset(own))


class _OtherOwners(Mapping[str, str]):
    def __init__(self, owner: Mapping[str, str], own: frozenset[str | None]) -> None:
        self._owner, self._own = owner, own

    def __getitem__(self, path: str) -> str:
        owner = self._owner[path]
        if owner in self._own:
            raise KeyError(path)
        return owner

    def __iter__(self) -> Iterator[str]:
        return (path for path, owner in self._owner.items() if owner not in self._own)

    def __len__(self) -> int:
        return sum(1 for _ in self)
