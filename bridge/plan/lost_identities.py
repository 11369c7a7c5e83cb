"""Who an asset was, where the lock is gone: what was bought for it knows the seed, which comes from the identity.

A renamed asset keeps its first identity and with it its seed. Without the lock it would get new ones, and another seed
is another order: so the identities that receipts know are tried before one is minted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from bridge.core.errors import WorkFailed
from bridge.providers import registry
from bridge.store.lockfile import mint_seed

if TYPE_CHECKING:
    from bridge.plan.asset_state import AssetState
    from bridge.spec.load import Loaded
    from bridge.store.lock_entry import LockedAsset
    from bridge.store.receipts import Receipt, Receipts

StateWith = Callable[["Loaded", "LockedAsset"], "AssetState | None"]
"""The state of an asset by itself, with this entry; None where it cannot be compiled."""

_MOST_NUMBERS = 9
_MOST_TRIED = 200


class LostIdentities:
    """Finds entries of assets that the lock does not know. specs: all there are. state_with: compiles one."""

    def __init__(self, receipts: Receipts, specs: Collection[str], state_with: StateWith) -> None:
        self._receipts = receipts
        self._specs = specs
        self._state_with = state_with
        self._known: set[str] = set()
        self._claimed: set[str] = set()
        # A folder that cannot be read is told by whatever needs a receipt of it.
        with suppress(WorkFailed):
            self._known.update(receipts.list_fingerprints())

    def find_entry(self, loaded: Loaded, minted: LockedAsset) -> LockedAsset:
        """The entry with which what was bought for an asset is found again; the minted one where there is none."""
        bought = (entry for entry in self._list_candidates(loaded, minted) if self._is_bought(loaded, entry))
        entry = next(bought, minted)
        self._claimed.add(entry.identity)
        return entry

    def _list_candidates(self, loaded: Loaded, minted: LockedAsset) -> Iterator[LockedAsset]:
        if not self._known:
            return
        yield minted
        wanted = self._list_operations(loaded, minted)
        names = [loaded.id] if loaded.id in self._operations else []
        names += [name for name, made in self._operations.items() if name not in self._specs and made & wanted]
        for name in names[:_MOST_TRIED]:
            for number in range(1, _MOST_NUMBERS + 1):
                identity = name if number == 1 else f"{name}#{number}"
                if identity != minted.identity and identity not in self._claimed:
                    yield replace(minted, identity=identity, seed=mint_seed(identity))

    def _is_bought(self, loaded: Loaded, entry: LockedAsset) -> bool:
        state = self._state_with(loaded, entry)
        return state is not None and not self._known.isdisjoint(filter(None, state.fingerprints.values()))

    def _list_operations(self, loaded: Loaded, minted: LockedAsset) -> set[tuple[str, str]]:
        state = self._state_with(loaded, minted)
        steps = state.steps if state is not None else ()
        return {(step.provider, step.operation) for step in steps if not registry.get(step.provider).offline}

    @cached_property
    def _operations(self) -> Mapping[str, set[tuple[str, str]]]:
        """What was bought, by the asset it was ordered for. Receipts that cannot be read are told elsewhere."""
        made: dict[str, set[tuple[str, str]]] = {}
        receipts: list[Receipt] = self._receipts.list_all()[0]
        for receipt in receipts:
            made.setdefault(receipt.asset, set()).add((receipt.provider, receipt.operation))
        return made
