"""What one spec comes to against its lock entry: its steps, and what of them is at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.plan import targets
from bridge.plan.step_inputs import StepFacts, is_at_hand, with_part_hashes
from bridge.providers import registry
from bridge.providers.fingerprint import digest, step_fingerprint
from bridge.store.results import complete
from exporters.base import Link

if TYPE_CHECKING:
    from bridge.processing.settings import ProcessSettings
    from bridge.project import Project
    from bridge.providers.api import Step
    from bridge.spec.load import Loaded
    from bridge.store.blobs import BlobStore
    from bridge.store.lock_entry import LockedAsset, LockedParts
    from bridge.store.receipts import Receipt


@dataclass(frozen=True, slots=True)
class AssetState:
    """What is known of one asset while a plan is made or carried out.

    entry: its lock entry. fingerprints: by step key, None while an input is not made. results: step key → result hash
    at hand. links, slots, parts: as in the entry, with what has been found out since. upstream: ids of the assets it
    uses. sources, folders: the project files and folders looked at. lost: steps whose stored result is gone.
    """

    loaded: Loaded
    entry: LockedAsset
    renamed_from: str | None
    steps: tuple[Step, ...]
    fingerprints: Mapping[str, str | None]
    results: Mapping[str, str]
    links: Mapping[str, str]
    slots: Mapping[str, int]
    parts: LockedParts
    seedless_hash: str
    process: ProcessSettings
    upstream: tuple[str, ...]
    sources: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The asset's id."""
        return self.loaded.id

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever made of it."""
        return not (self.entry.targets or self.entry.steps)

    @property
    def missing(self) -> list[Step]:
        """Steps without a result at hand."""
        return [step for step in self.steps if step.key not in self.results]

    def step(self, key: str) -> Step:
        """A step by its key, as it is now."""
        return next(step for step in self.steps if step.key == key)

    @property
    def is_offline(self) -> bool:
        """Whether every step is made on this machine for nothing."""
        return all(registry.get(step.provider).offline for step in self.steps)

    @property
    def needs_buying(self) -> bool:
        """Whether a step without a result, or one whose result is gone, is not made on this machine."""
        needed = (step for step in self.steps if step.key not in self.results or step.key in self.lost)
        return any(not registry.get(step.provider).offline for step in needed)


def hash_without_seeds(steps: Iterable[Step], fingerprints: Mapping[str, str | None]) -> str:
    """A hash over all steps without their seeds: equal for an asset that only changed its id. Empty if unknown."""
    seedless: dict[str, str] = {}
    for step in steps:
        bare = dataclasses.replace(step, seed=None)
        fingerprint = step_fingerprint(bare, seedless, with_seed=False)
        if fingerprint is None or fingerprints.get(step.key) is None:
            return ""
        seedless[step.key] = fingerprint
    return digest(seedless)[:40]


@dataclass(frozen=True, slots=True)
class StepsAtHand:
    """Steps with what they take up of each other, their fingerprints, results at hand, and the hashes of parts.

    lost: keys of steps that a receipt has a result for, which is not in the store.
    """

    steps: tuple[Step, ...]
    fingerprints: Mapping[str, str | None]
    results: Mapping[str, str]
    links: Mapping[str, str]
    lost: frozenset[str]


def find_results(
    project: Project,
    entry: LockedAsset,
    steps: Sequence[Step],
    bought: Mapping[str, str],
    links: Mapping[str, str],
) -> StepsAtHand:
    """Looks, in order of need, for what is at hand of the steps.

    bought: fingerprint → result of every step in the lock and the money journal. links: see `LockedAsset.links`.

    Raises:
        WorkFailed: `receipt_damaged`.
    """
    facts = StepFacts({}, {}, dict(links))
    lost: set[str] = set()
    hashed: list[Step] = []
    for planned in steps:
        step = with_part_hashes(project.store, entry, planned, hashed, facts)
        hashed.append(step)
        needed = {key: known for key in step.after if (known := facts.fingerprints.get(key)) is not None}
        fingerprint = facts.fingerprints[step.key] = step_fingerprint(step, needed)
        result = _find_result(project, entry, step, fingerprint, bought)
        if result is None:
            receipt = find_receipt(project.store, step, fingerprint)
            result = receipt.result if receipt is not None else None
            if result is not None and not complete(project.store, result):
                lost.add(step.key)
                continue
        if result is not None:
            facts.results[step.key] = result
    return StepsAtHand(tuple(hashed), facts.fingerprints, facts.results, facts.links, frozenset(lost))


def _find_result(
    project: Project, entry: LockedAsset, step: Step, fingerprint: str | None, bought: Mapping[str, str]
) -> str | None:
    if fingerprint is None:
        return None
    locked = entry.steps.get(step.key)
    if locked is not None and locked.fingerprint == fingerprint:
        return locked.result
    for result in (bought.get(fingerprint), project.memory.results.get(fingerprint)):
        if result is not None and complete(project.store, result):
            return result
    return None


def find_receipt(store: BlobStore, step: Step, fingerprint: str | None) -> Receipt | None:
    """The receipt of a step; none of what is made on this machine, which is made again for nothing.

    Raises:
        WorkFailed: `receipt_damaged`.
    """
    if fingerprint is None or registry.get(step.provider).offline:
        return None
    return store.receipts.find(fingerprint)


def with_result(project: Project, state: AssetState, key: str, result: str, bought: Mapping[str, str]) -> AssetState:
    """The state after a step was made: what waited for it has a fingerprint, and may be at hand already."""
    made = dataclasses.replace(state, results={**state.results, key: result}, lost=state.lost - {key})
    waiting = {waits for waits, fingerprint in made.fingerprints.items() if fingerprint is None}
    if not waiting:
        return made
    now = find_results(project, made.entry, made.steps, bought, made.links)
    fingerprints = {**made.fingerprints, **{waits: now.fingerprints[waits] for waits in waiting}}
    return dataclasses.replace(
        made,
        steps=now.steps,
        fingerprints=fingerprints,
        lost=made.lost | (now.lost & waiting),
        results={**made.results, **{waits: now.results[waits] for waits in waiting if waits in now.results}},
        links=now.links,
        seedless_hash=hash_without_seeds(now.steps, fingerprints),
    )


def without_lost_results(store: BlobStore, state: AssetState) -> AssetState:
    """The state when outputs have to be made, so that blobs are needed: results whose blobs are gone are lost, but for
    those that a receipt knows another result of.

    Raises:
        WorkFailed: `receipt_damaged`.
    """
    gone = {key for key, result in state.results.items() if not is_at_hand(store, state.entry, key, result)}
    if not gone:
        return state
    results = {key: result for key, result in state.results.items() if key not in gone}
    for step in state.steps:
        receipt = find_receipt(store, step, state.fingerprints[step.key]) if step.key in gone else None
        if receipt is not None and complete(store, receipt.result):
            results[step.key] = receipt.result
    return dataclasses.replace(state, results=results, lost=state.lost | (gone - results.keys()))


def pixel_fingerprint(state: AssetState, upstream: Mapping[str, str]) -> str:
    """A hash of everything that an asset's pixels are made from. upstream: the same of the assets it uses."""
    return digest(
        {
            "id": state.entry.identity,
            "seed": state.entry.seed,
            "results": dict(state.results),
            "slots": dict(state.slots),
            "upstream": dict(upstream),
            **targets.free_facts(state.loaded, state.process),
        }
    )[:40]


def links_to_upstream(
    upstream: Collection[str], project_id: str, entries: Mapping[str, LockedAsset]
) -> dict[str, Link]:
    """Where the files of the assets are that an asset refers to."""
    return {
        asset_id: Link(asset_id, f"{project_id}:{entries[asset_id].identity}")
        for asset_id in upstream
        if asset_id in entries
    }
