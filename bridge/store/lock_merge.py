"""Joining two versions of the lock entry by entry, as version control cannot.

Two people who each add an asset change neighbouring lines, which a merge by lines calls a conflict. By entries there is
none: what only one side changed is taken from that side, and where both changed the same entry its parts are joined in
the same way. What is left is an asset that was truly changed on both sides: its identity, seed and places in sheets
stay as they were, the results of both sides are kept under their fingerprints (so that neither is bought again), and
its files count as outdated until the next build.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bridge.store.lock_entry import LockedAsset, LockedParts, LockedStep, LockedTarget, mint_identity

Value = TypeVar("Value")

_NUMBER = re.compile(r"#(\d+)$")
# A step that the other side has under the same key; the next build finds it by its fingerprint.
_OTHER = "{} (other side)"


@dataclass(frozen=True, slots=True)
class MergedEntries:
    """The joined entries by id. both_changed: ids that both sides changed, with what was decided, a sentence each."""

    assets: Mapping[str, LockedAsset]
    both_changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def notes(self) -> list[str]:
        """The decisions as sentences, each with its asset."""
        return [f"{asset_id}: {note}" for asset_id, notes in self.both_changed.items() for note in notes]


def merge_entries(
    base: Mapping[str, LockedAsset],
    ours: Mapping[str, LockedAsset],
    theirs: Mapping[str, LockedAsset],
    has_spec: Callable[[str], bool] = lambda _asset_id: True,
) -> MergedEntries:
    """Joins two versions that came from `base` (empty where that is not known).

    has_spec: whether an asset is still asked for, where that is known: one of two that are the same was renamed.
    """
    base, ours, theirs = _follow_renames(base, ours, theirs)
    assets: dict[str, LockedAsset] = {}
    decided: dict[str, tuple[str, ...]] = {}
    for asset_id in sorted(ours.keys() | theirs.keys()):
        before, our, their = base.get(asset_id), ours.get(asset_id), theirs.get(asset_id)
        if our == their or their == before:
            entry = our
        elif our == before:
            entry = their
        elif our is None or their is None:
            # Removed on one side and changed on the other: a result that was paid for is never dropped.
            entry = our or their
            decided[asset_id] = ("it was removed on one side and changed on the other: it is kept",)
        else:
            entry, notes = _merge_asset(before, our, their)
            decided[asset_id] = tuple(notes)
        if entry is not None:
            assets[asset_id] = entry
    _part_identities(assets, decided, lambda asset_id: (not has_spec(asset_id), asset_id not in base, asset_id))
    return MergedEntries(assets, {asset_id: decided[asset_id] for asset_id in sorted(decided) if decided[asset_id]})


def _follow_renames(
    base: Mapping[str, LockedAsset], ours: Mapping[str, LockedAsset], theirs: Mapping[str, LockedAsset]
) -> tuple[Mapping[str, LockedAsset], Mapping[str, LockedAsset], Mapping[str, LockedAsset]]:
    """The three versions with an asset that one side has renamed under its new name in all of them."""
    our_names, their_names = _find_renames(base, ours), _find_renames(base, theirs)
    if not our_names and not their_names:
        return base, ours, theirs
    # Renamed to two names: both are there, and neither comes from what was there before.
    torn = {old for old, new in our_names.items() if their_names.get(old, new) != new}
    names = {old: new for old, new in {**their_names, **our_names}.items() if old not in torn}
    before = {names.get(old, old): entry for old, entry in base.items() if old not in torn}
    return before, _with_names(ours, names), _with_names(theirs, names)


def _find_renames(base: Mapping[str, LockedAsset], side: Mapping[str, LockedAsset]) -> dict[str, str]:
    """Earlier id → present one of the assets that a side has renamed: their identities followed them."""
    new = {entry.identity: asset_id for asset_id, entry in side.items() if asset_id not in base}
    gone = (old for old in base if old not in side) if new else ()
    return {old: new[base[old].identity] for old in gone if base[old].identity in new}


def _with_names(side: Mapping[str, LockedAsset], names: Mapping[str, str]) -> Mapping[str, LockedAsset]:
    renamed = {old: new for old, new in names.items() if old in side and new not in side}
    return {renamed.get(old, old): entry for old, entry in side.items()}


def _part_identities(
    assets: dict[str, LockedAsset], decided: dict[str, tuple[str, ...]], order: Callable[[str], tuple[bool, bool, str]]
) -> None:
    """Sees to it that no two assets have one identity: who was there before keeps it.

    What is not asked for any more was renamed to the one that is, and its results go there.
    """
    holders: dict[str, list[str]] = {}
    for asset_id, entry in assets.items():
        holders.setdefault(entry.identity, []).append(asset_id)
    for identity, ids in holders.items():
        first, *others = sorted(ids, key=order)
        for other in others:
            if order(other)[0] and not order(first)[0]:
                assets[first], notes = _merge_asset(None, assets[first], assets.pop(other))
                decided[first] = (*decided.get(first, ()), f"it was {other} on one side", *notes)
                continue
            taken = {entry.identity for entry in assets.values()}
            assets[other] = replace(assets[other], identity=mint_identity(taken, other))
            note = f"{first} has the identity {identity}, too, and keeps it: this one gets {assets[other].identity}"
            decided[other] = (*decided.get(other, ()), note)


def _merge_asset(before: LockedAsset | None, our: LockedAsset, their: LockedAsset) -> tuple[LockedAsset, list[str]]:
    notes: list[str] = []
    older = _older(before, our, their)
    if our.identity != their.identity:
        notes.append(f"both sides named its identity: {older.identity}, the older, stays")
    slots, moved = _merge_slots(before.slots if before else {}, our.slots, their.slots)
    if moved:
        notes.append(f"both sides gave away the same place: {', '.join(moved)} of the other side get new ones")
    steps = _merge_steps(before.steps if before else {}, our.steps, their.steps)
    if steps.keys() - our.steps.keys() - their.steps.keys():
        notes.append("both sides made it anew: the results of both are kept, the spec decides at the next build")
    parts = _merge_known(before.parts.hashes if before else {}, our.parts.hashes, their.parts.hashes)
    return (
        replace(
            our,
            kind=_pick(before.kind if before else None, our.kind, their.kind),
            identity=older.identity,
            seed=older.seed,
            seedless_hash=_pick(before.seedless_hash if before else None, our.seedless_hash, their.seedless_hash),
            steps=steps,
            slots=slots,
            parts=LockedParts(our.parts.of if our.parts.of == their.parts.of else "", parts),
            links=_merge_known(before.links if before else {}, our.links, their.links),
            targets=_merge_targets(before.targets if before else {}, our.targets, their.targets),
        ),
        notes,
    )


def _older(before: LockedAsset | None, our: LockedAsset, their: LockedAsset) -> LockedAsset:
    """The side whose identity and seed stay: the one that kept those of before, else the one that was minted first."""
    if before is not None:
        for side in (our, their):
            if (side.identity, side.seed) == (before.identity, before.seed):
                return side
    return min(our, their, key=lambda side: (_count_minted(side.identity), side.identity, side.seed))


def _count_minted(identity: str) -> int:
    """How many assets had this identity before: it ends with `#2` where another one already carried the name."""
    match = _NUMBER.search(identity)
    return int(match[1]) if match else 1


def _pick(before: Value | None, our: Value, their: Value) -> Value:
    """The value that one side changed; ours where both did."""
    return their if our == before else our


def _merge_known(before: Mapping[str, str], our: Mapping[str, str], their: Mapping[str, str]) -> dict[str, str]:
    """What was found out of an asset, as far as both sides agree or one changed it; the rest is found out again."""
    return _merge_keys(before, our, their, lambda _key, _our, _their: None)


def _merge_steps(
    before: Mapping[str, LockedStep], our: Mapping[str, LockedStep], their: Mapping[str, LockedStep]
) -> dict[str, LockedStep]:
    others: dict[str, LockedStep] = {}

    def keep_both(key: str, ours: LockedStep, theirs: LockedStep) -> LockedStep:
        if theirs.fingerprint != ours.fingerprint:
            others[_OTHER.format(key)] = theirs
        return ours

    return {**_merge_keys(before, our, their, keep_both), **others}


def _merge_slots(
    before: Mapping[str, int], our: Mapping[str, int], their: Mapping[str, int]
) -> tuple[dict[str, int], list[str]]:
    """Places of tiles and items; and the names of the other side whose place was given away on ours, too."""
    slots = _merge_keys(before, our, their, lambda key, ours, _theirs: before.get(key, ours))
    taken: dict[int, str] = {}
    moved = []
    # What was there before keeps its place, then ours: maps are painted with them.
    for name in sorted(slots, key=lambda name: (name not in before, name not in our, name)):
        if slots[name] in taken:
            moved.append(name)
        else:
            taken[slots[name]] = name
    return {name: slots[name] for name in sorted(slots) if name not in moved}, sorted(moved)


def _merge_targets(
    before: Mapping[str, LockedTarget], our: Mapping[str, LockedTarget], their: Mapping[str, LockedTarget]
) -> dict[str, LockedTarget]:
    def join(name: str, ours: LockedTarget, theirs: LockedTarget) -> LockedTarget:
        earlier = before.get(name)
        left = {folder: dict(files) for folder, files in (*theirs.left.items(), *ours.left.items())}
        files = _merge_keys(earlier.files if earlier else {}, ours.files, theirs.files, lambda _path, one, _other: one)
        if ours.output != theirs.output:
            left.setdefault(theirs.output, {}).update(theirs.files)
            files = dict(ours.files)
        # Made from nothing that is known: the next build makes the files anew.
        return LockedTarget("", ours.output, files, left)

    return _merge_keys(before, our, their, join)


def _merge_keys(
    before: Mapping[str, Value],
    our: Mapping[str, Value],
    their: Mapping[str, Value],
    join: Callable[[str, Value, Value], Value | None],
) -> dict[str, Value]:
    """Joins two tables key by key; `join` decides where both changed a key, and None leaves it out.

    A key that one side removed and the other changed stays.
    """
    merged = {}
    for key in _in_order(our, their):
        earlier, ours, theirs = before.get(key), our.get(key), their.get(key)
        if ours == theirs or theirs == earlier:
            value = ours
        elif ours == earlier:
            value = theirs
        elif ours is None or theirs is None:
            value = ours if theirs is None else theirs
        else:
            value = join(key, ours, theirs)
        if value is not None:
            merged[key] = value
    return merged


def _in_order(our: Iterable[str], their: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*our, *their)))
