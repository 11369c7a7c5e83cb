"""What is known of every asset of a project: its spec, its lock entry, and its state or what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.plan.asset_state import pixel_fingerprint
from bridge.plan.spec_graph import SpecGraph

if TYPE_CHECKING:
    from bridge.core.errors import BridgeError
    from bridge.plan.asset_state import AssetState
    from bridge.spec.load import Loaded
    from bridge.store.lock_entry import LockedAsset


@dataclass(frozen=True, slots=True)
class LockEntries:
    """Lock entries by present id, those of renamed and new assets included, and the earlier ids of renamed ones."""

    by_id: dict[str, LockedAsset] = field(default_factory=dict)
    earlier_ids: dict[str, str] = field(default_factory=dict)


class Evaluation:
    """The side for readers: nothing here changes anything. It always shows what the planner knows now."""

    def __init__(self) -> None:
        self._graph = SpecGraph()
        self._states: dict[str, AssetState] = {}
        self._failures: dict[str, BridgeError] = {}
        self._errors: tuple[BridgeError, ...] = ()
        self._entries = LockEntries()
        # Each with the state that it is of.
        self._fingerprints: dict[str, tuple[AssetState, str | None]] = {}
        self._links: dict[str, Mapping[str, str]] = {}

    @property
    def specs(self) -> Mapping[str, Loaded]:
        """Every spec that can be read, by its id."""
        return self._graph.specs

    @property
    def order(self) -> tuple[str, ...]:
        """The ids of all specs, the used before their users."""
        return self._graph.order

    @property
    def errors(self) -> tuple[BridgeError, ...]:
        """What is wrong with specs that cannot be read."""
        return self._errors

    @property
    def states(self) -> Mapping[str, AssetState]:
        """The assets that could be evaluated, by id."""
        return self._states

    @property
    def failures(self) -> Mapping[str, BridgeError]:
        """What is wrong with the others."""
        return self._failures

    @property
    def entries(self) -> Mapping[str, LockedAsset]:
        """The lock entry of every spec, with renames applied and identities of new assets minted."""
        return self._entries.by_id

    @property
    def earlier_ids(self) -> Mapping[str, str]:
        """The id that a renamed asset has in the lock, by its present one."""
        return self._entries.earlier_ids

    def with_upstream(self, ids: Iterable[str]) -> set[str]:
        """These assets and all that they use."""
        return self._graph.with_upstream(ids)

    def is_used(self, asset_id: str) -> bool:
        """Whether another asset uses this one."""
        return bool(self._graph.users_of(asset_id))

    def fingerprint_of(self, state: AssetState) -> str | None:
        """The fingerprint of an asset's pixels; None while a step of it or of its upstream has no result."""
        kept = self._fingerprints.get(state.id)
        if kept is not None and kept[0] is state:
            return kept[1]
        value = None
        if not state.missing:
            known: dict[str, str] = {}
            for used in state.upstream:
                upstream = self._states.get(used)
                fingerprint = self.fingerprint_of(upstream) if upstream is not None else None
                if fingerprint is not None:
                    known[used] = fingerprint
            if len(known) == len(state.upstream):
                value = pixel_fingerprint(state, known)
        self._fingerprints[state.id] = (state, value)
        return value


class EvaluationRecord(Evaluation):
    """The side for the planner, which alone writes what comes out."""

    @property
    def graph(self) -> SpecGraph:
        """Specs, their order, and who uses whom."""
        return self._graph

    def take_specs(self, loaded: Iterable[Loaded], errors: Iterable[BridgeError]) -> None:
        """These are all specs there are, and what is wrong with those that cannot be read."""
        self._errors = tuple(errors)
        self._graph.take_specs(loaded)
        self._failures.update(self._graph.cycles)

    def take_entries(self, entries: LockEntries) -> None:
        """These are the lock entries of all specs."""
        self._entries = entries

    def keep_state(self, state: AssetState) -> None:
        """An asset comes to this now."""
        self._states[state.id] = state
        self._links[state.id] = state.links
        self._graph.link(state.id, state.upstream)
        self._forget_fingerprint(state.id)

    def keep_lost(self, state: AssetState) -> None:
        """Stored results of an asset are gone: what its pixels are made from is the same all the same."""
        kept = self._fingerprints.get(state.id)
        if kept is not None and kept[0] is self._states.get(state.id):
            self._fingerprints[state.id] = (state, kept[1])
        self._states[state.id] = state

    def links_of(self, asset_id: str) -> Mapping[str, str]:
        """Hashes of an asset's parts that were found out so far, by what they were made from: they hold for ever."""
        return self._links.get(asset_id, {})

    def accept_state(self, state: AssetState) -> None:
        """An asset was committed: its state, and its entry as it is in the lock now."""
        self._entries.by_id[state.id] = state.entry
        if state.renamed_from is None:
            self._entries.earlier_ids.pop(state.id, None)
        self.keep_state(state)

    def keep_failure(self, asset_id: str, error: BridgeError) -> None:
        """An asset cannot be evaluated."""
        self._failures[asset_id] = error

    def drop_failure(self, asset_id: str) -> None:
        """An asset may be evaluated again, whatever was wrong with it."""
        self._failures.pop(asset_id, None)

    def drop_state(self, asset_id: str) -> None:
        """Forgets what an asset came to; others keep what they took from it until they are evaluated again."""
        self._states.pop(asset_id, None)
        self._fingerprints.pop(asset_id, None)
        self._graph.unlink(asset_id)

    def _forget_fingerprint(self, asset_id: str) -> None:
        """Of an asset and of everything that uses it."""
        self._fingerprints.pop(asset_id, None)
        for user in self._graph.users_of(asset_id):
            if user in self._fingerprints:
                self._forget_fingerprint(user)
