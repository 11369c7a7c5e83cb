"""Steps that take up parts of earlier steps of the same asset: what those parts are, once they are made.

The hash of a part is kept in the lock (`links`), so that a clone without the store knows the fingerprints of what was
bought from it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bridge.assemble.parts import ClipPart, frames_called
from bridge.core.errors import UserError, WorkFailed
from bridge.media.images import pixel_hash
from bridge.plan.provider_clips import MARK
from bridge.providers import registry
from bridge.providers.api import Input, Step, StepResult
from bridge.providers.fingerprint import digest
from bridge.store import results

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.store.blobs import BlobStore
    from bridge.store.lock_entry import LockedAsset
    from exporters.model.asset import Pixels


def load_result(store: BlobStore, entry: LockedAsset, key: str, sha256: str) -> StepResult:
    """The result of a step: one without files stands in the lock itself.

    Raises:
        WorkFailed: `store_missing` or `store_corrupt`.
    """
    locked = entry.steps.get(key)
    if locked is not None and locked.meta and locked.result == sha256:
        return StepResult((), locked.meta)
    return results.load(store, sha256)


def is_at_hand(store: BlobStore, entry: LockedAsset, key: str, sha256: str) -> bool:
    """Whether a result can be used: its files are in the store, or it has none and stands in the lock."""
    try:
        load_result(store, entry, key, sha256)
    except WorkFailed:
        return False
    return True


def interpret_step(step: Step, result: StepResult) -> Sequence[Part]:
    """What a result means; clips of one direction of a character know it from their key (`provider_clips`)."""
    key, mark, direction = step.key.partition(MARK)
    provider = registry.get(step.provider)
    if not mark:
        return provider.interpret(step, result)
    parts = provider.interpret(dataclasses.replace(step, key=key), result)
    return [dataclasses.replace(part, direction=direction) for part in parts if isinstance(part, ClipPart)]


def read_pictures(
    store: BlobStore, entry: LockedAsset, steps: Sequence[Step], results_by_key: Mapping[str, str], item: Input
) -> tuple[Pixels, ...]:
    """The pictures behind an input that is a part of the same asset. results_by_key: those at hand.

    Raises:
        WorkFailed: `store_missing`, `store_corrupt`; `assemble_failed`: the part was not delivered.
        UserError: a stored file is not what its step says of it.
    """
    parts = [
        part
        for step in steps
        if step.key in item.steps
        for part in interpret_step(step, load_result(store, entry, step.key, results_by_key[step.key]))
    ]
    pictures = frames_called(parts, item.ref)
    if not pictures:
        message = f"{' and '.join(item.steps)} did not deliver {item.ref.partition('/')[2]}"
        raise WorkFailed("assemble_failed", message, hint="Raise `take` for another result.")
    return pictures


@dataclasses.dataclass(frozen=True, slots=True)
class StepFacts:
    """What is known of an asset's steps, by key: fingerprints, and results at hand. links: hashes of their parts."""

    fingerprints: dict[str, str | None]
    results: dict[str, str]
    links: dict[str, str]


def with_part_hashes(store: BlobStore, entry: LockedAsset, step: Step, steps: Sequence[Step], facts: StepFacts) -> Step:
    """The step with the hashes of those of its inputs that earlier steps have made by now; added to `facts.links`."""
    if not any(item.steps for item in step.inputs):
        return step
    inputs = tuple(_hash_input(store, entry, item, steps, facts) if item.steps else item for item in step.inputs)
    return dataclasses.replace(step, inputs=inputs)


def _hash_input(store: BlobStore, entry: LockedAsset, item: Input, steps: Sequence[Step], facts: StepFacts) -> Input:
    link = _link_key(item, facts.fingerprints)
    if link is None:
        return item
    if link not in facts.links:
        if not all(key in facts.results for key in item.steps):
            return item
        try:
            pictures = read_pictures(store, entry, steps, facts.results, item)
        except (WorkFailed, UserError):
            # Said when the asset is built; a plan only does not know what it will cost from here on.
            return item
        hashes = [pixel_hash(pixels) for pixels in pictures]
        facts.links[link] = hashes[0] if item.ref.startswith("still/") else digest(hashes)
    return dataclasses.replace(item, sha256=facts.links[link])


def select_used_links(
    steps: Iterable[Step], fingerprints: Mapping[str, str | None], links: Mapping[str, str]
) -> dict[str, str]:
    """Those of an asset's links that its steps use now."""
    used = {_link_key(item, fingerprints) for step in steps for item in step.inputs if item.steps}
    return {link: sha256 for link, sha256 in links.items() if link in used}


def _link_key(item: Input, fingerprints: Mapping[str, str | None]) -> str | None:
    """What a part was made from: its name and the fingerprints of its steps; None while one is not known."""
    made = [fingerprints.get(key) for key in item.steps]
    return None if None in made else digest([item.ref, made])[:16]
