"""Which result is there for which fingerprint: asked for steps without one of their own, so kept and not searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.store.lock_entry import LockedAsset, LockedStep


class LockedSteps:
    """Every step in the lock by its fingerprint. Where several assets have it, that of the last of their ids counts."""

    def __init__(self, entries: Mapping[str, LockedAsset]) -> None:
        self._by_fingerprint: dict[str, dict[str, LockedStep]] = {}
        self._fingerprints: dict[str, tuple[str, ...]] = {}
        for asset_id, entry in entries.items():
            self.update(asset_id, entry)

    def update(self, asset_id: str, entry: LockedAsset) -> None:
        """Takes over the steps that an asset has now."""
        self.forget(asset_id)
        for step in entry.steps.values():
            self._by_fingerprint.setdefault(step.fingerprint, {})[asset_id] = step
        self._fingerprints[asset_id] = tuple(step.fingerprint for step in entry.steps.values())

    def forget(self, asset_id: str) -> None:
        """An asset has no steps any more."""
        for fingerprint in self._fingerprints.pop(asset_id, ()):
            holders = self._by_fingerprint.get(fingerprint, {})
            holders.pop(asset_id, None)
            if not holders:
                self._by_fingerprint.pop(fingerprint, None)

    def get(self, fingerprint: str) -> LockedStep | None:
        """The step of a fingerprint."""
        holders = self._by_fingerprint.get(fingerprint)
        return holders[max(holders)] if holders else None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_fingerprint)

    def __len__(self) -> int:
        return len(self._by_fingerprint)


class BoughtResults(Mapping[str, str]):
    """fingerprint → result: of the lock's steps, else of the money journal as it was when this was made."""

    def __init__(self, steps: LockedSteps, journal: Mapping[str, str]) -> None:
        self._steps = steps
        self._journal = journal

    def __getitem__(self, fingerprint: str) -> str:
        step = self._steps.get(fingerprint)
        return step.result if step is not None else self._journal[fingerprint]

    def __iter__(self) -> Iterator[str]:
        return iter({*self._steps, *self._journal})

    def __len__(self) -> int:
        return sum(1 for _ in self)
