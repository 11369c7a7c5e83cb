"""Specs × lock × store × disk → plan. Pure looking: a planner writes nothing and spends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from bridge.core.errors import BridgeError, UserError
from bridge.core.paths import spec_file
from bridge.plan import input_urls as addresses
from bridge.plan import targets
from bridge.plan.asset_state import (
    AssetState,
    FileCheck,
    assembled_fingerprint,
    check_files,
    evaluate,
    links_of,
    stem_of,
)
from bridge.plan.change_reasons import differences
from bridge.plan.compile_context import Compilation, Surroundings
from bridge.plan.model import Action, AssetPlan, Plan, PlannedStep
from bridge.plan.step_inputs import at_hand
from bridge.spec.load import Loaded, load_specs
from bridge.spec.spec_graph import graph_order
from bridge.store.locked_steps import Bought, LockedSteps
from bridge.store.lockfile import LockedAsset, join, mint_identity, mint_seed
from bridge.store.output_owners import Owners

if TYPE_CHECKING:
    from bridge.orders.model import Job
    from bridge.project import Project
    from bridge.providers.api import Step

ON_ITS_WAY = ("submitting", "submitted", "running", "fetching", "uncertain")
_MAKING = frozenset({Action.CREATE, Action.UPDATE, Action.EXPORT, Action.RENAME})


PartHash: TypeAlias = Callable[[str, str | None], str | None]
"""The content hash of a part of an asset, by the asset's id and the part's name; None where it is not at hand."""


def _unknown_part(_asset_id: str, _part: str | None) -> None:
    return None


class Planner:
    """Evaluates every spec once, upstream assets first.

    works: evaluated assets by id. failures: what is wrong with the others. entries: lock entries by present id,
    with new identities minted and renames applied (the lock itself is not changed).
    part_hash: gives, for a planner, how the content of another asset's part is hashed (see `PartHash`).
    """

    def __init__(
        self,
        project: Project,
        part_hash: Callable[[Planner], PartHash] = lambda _planner: _unknown_part,
    ) -> None:
        self.project = project
        self.specs: dict[str, Loaded] = {}
        self.works: dict[str, AssetState] = {}
        self.failures: dict[str, BridgeError] = {}
        self.errors: list[BridgeError] = []
        self.entries: dict[str, LockedAsset] = {}
        self.renamed: dict[str, str] = {}
        self.order: list[str] = []
        self.cycles: dict[str, UserError] = {}
        self._assembled: dict[str, str | None] = {}
        self._users: dict[str, set[str]] = {}
        self._needed: set[str] = set()
        self._part_hash_of = part_hash
        self._hash_part = part_hash(self)

    # reading

    def read(self) -> None:
        """Loads all specs, finds renames and evaluates everything."""
        self.take(*load_specs(self.project.config))
        for asset_id in self.order:
            self.evaluate(asset_id)

    def take(self, loaded: list[Loaded], errors: list[BridgeError]) -> None:
        """Takes over which specs there are, in which order they need each other, and their lock entries."""
        self.errors = errors
        self.specs = {one.id: one for one in loaded}
        self.order, self.cycles = graph_order(loaded)
        self.failures.update(self.cycles)
        self.take_entries()

    def take_entries(self) -> None:
        """Finds every spec's lock entry: its own, that of the name it had before, or a new one."""
        lock = self.project.lock
        self.__dict__.pop("_identities", None)
        self.renamed = {}
        self.entries = {asset_id: entry for asset_id, entry in lock.assets.items() if asset_id in self.specs}
        broken = {error.where.file for error in self.errors if error.where}
        vanished = {
            asset_id: entry
            for asset_id, entry in lock.assets.items()
            if asset_id not in self.specs and spec_file(asset_id) not in broken
        }
        new = [asset_id for asset_id in self.order if asset_id not in lock.assets]
        wishes: dict[tuple[str, str], list[str]] = {}
        for asset_id, entry in vanished.items():
            wishes.setdefault((entry.kind, entry.wish), []).append(asset_id)
        for asset_id in new:
            source = self._rename_source(asset_id, wishes) if vanished else None
            if source is not None:
                self.entries[asset_id] = vanished.pop(source)
                self.renamed[asset_id] = source
        for asset_id in new:
            if asset_id not in self.entries:
                self.entries[asset_id] = self._minted(asset_id)

    def _minted(self, asset_id: str) -> LockedAsset:
        identity = mint_identity(self._identities, asset_id)
        return LockedAsset(kind=self.specs[asset_id].spec.kind, identity=identity, seed=mint_seed(identity))

    @cached_property
    def _identities(self) -> set[str]:
        """The identities in the lock; new ones cannot meet, for each begins with its asset's own id."""
        return self.project.lock.identities()

    def _rename_source(self, asset_id: str, wishes: Mapping[tuple[str, str], list[str]]) -> str | None:
        """Takes the vanished asset out of `wishes` (ids by kind and wish) that this one is most likely to have been."""
        loaded = self.specs[asset_id]
        try:
            provisional = self._minted(asset_id)
            work = evaluate(
                self.project,
                loaded,
                # A wish with parts of other assets tells nothing yet: they are evaluated later.
                Compilation(loaded, replace(self._around(), part_hash=lambda _id, _part: None), provisional.seed),
                provisional,
                known=False,
                renamed_from=None,
                bought={},
            )
        except BridgeError:
            return None
        same = wishes.get((loaded.spec.kind, work.wish)) if work.wish else None
        if not same:
            return None
        source = min(same, key=lambda old: (old.rpartition("/")[2] != asset_id.rpartition("/")[2], old))
        same.remove(source)
        return source

    def _around(self) -> Surroundings:
        return Surroundings(self.project.config, self.project.state, self.specs, self._part_hash, self._maker)

    # evaluating

    def evaluate(self, asset_id: str) -> AssetState | None:
        """Evaluates one asset (again); None when it failed, with the reason in `failures`."""
        loaded = self.specs[asset_id]
        if asset_id in self.failures and asset_id not in self.works:
            return None
        self.drop(asset_id)
        self.project.lock.changed(asset_id)
        entry = self.entries[asset_id]
        compilation = Compilation(loaded, self._around(), entry.seed)
        try:
            work = evaluate(
                self.project,
                loaded,
                compilation,
                entry,
                known=bool(entry.targets or entry.steps),
                renamed_from=self.renamed.get(asset_id),
                bought=self.bought,
            )
            addresses.require(work, self.project, self._orders, self.works)
            targets.jobs(loaded, self.project.config)
        except BridgeError as error:
            if error.where is not None and error.where.file != loaded.path and asset_id not in error.message:
                # A mistake in the defaults: its place alone would not say which asset meets it.
                error.message = f"{asset_id}: {error.message}"
            self.failures[asset_id] = error
            return None
        self.works[asset_id] = work
        for other in work.upstream:
            self._users.setdefault(other, set()).add(asset_id)
        return work

    def drop(self, asset_id: str) -> None:
        """Forgets what one asset came to; others keep what they took from it until they are evaluated again."""
        work = self.works.pop(asset_id, None)
        self._assembled.pop(asset_id, None)
        for other in work.upstream if work is not None else ():
            self._users[other].discard(asset_id)

    def users(self, ids: Iterable[str]) -> set[str]:
        """These assets and all that use them."""
        found: set[str] = set()
        todo = list(ids)
        while todo:
            asset_id = todo.pop()
            if asset_id not in found:
                found.add(asset_id)
                todo += self._users.get(asset_id, ())
        return found

    @cached_property
    def steps(self) -> LockedSteps:
        """Every step in the lock by its fingerprint, kept up to date by whoever changes entries."""
        return LockedSteps(self.project.lock)

    @cached_property
    def bought(self) -> Bought:
        """fingerprint → result of every step in the lock and in the money journal."""
        journal = self.project.journal
        return Bought(self.steps, journal.jobs.list_results() if journal else {})

    def hash_parts_with(self, hash_part: PartHash | None = None) -> None:
        """Parts are hashed with this from now on; None: anew, as the planner was made to."""
        self._hash_part = hash_part or self._part_hash_of(self)

    def forget_orders(self) -> None:
        """The money journal may have moved on: it is asked again."""
        self.__dict__.pop("bought", None)
        self.__dict__.pop("_orders", None)

    @cached_property
    def owners(self) -> Owners:
        """Who owns which output file, kept up to date by whoever writes them."""
        return Owners(self.project.lock)

    @cached_property
    def _orders(self) -> dict[str, Job]:
        """Jobs on their way by fingerprint."""
        journal = self.project.journal
        return {job.fingerprint: job for job in journal.jobs.list_in(ON_ITS_WAY)} if journal else {}

    def _part_hash(self, asset_id: str, part: str | None) -> str | None:
        """Content hash of another asset's part: from the lock while it still holds, else by assembling it."""
        work = self.works.get(asset_id)
        if work is None or work.missing:
            return None
        entry = self.entries[asset_id]
        assembled = self.assembled(asset_id)
        key = part or ""
        if assembled is not None and entry.parts.get(":of") == assembled and key in entry.parts:
            return entry.parts[key]
        return self._hash_part(asset_id, part)

    def _maker(self, asset_id: str, part: str | None) -> Step | None:
        """The step that delivers a still of another asset."""
        work = self.works.get(asset_id)
        found = addresses.still(work.loaded.spec, work.steps, part) if work is not None else None
        return found[0] if found is not None else None

    def assembled(self, asset_id: str) -> str | None:
        """The fingerprint of an asset's pixels; None while a step of it or of its upstream has no result."""
        if asset_id not in self._assembled:
            work = self.works.get(asset_id)
            value = None
            if work is not None and not work.missing:
                upstream = {other: self.assembled(other) for other in work.upstream}
                known = {other: text for other, text in upstream.items() if text is not None}
                if len(known) == len(upstream):
                    value = assembled_fingerprint(work, known)
            self._assembled[asset_id] = value
        return self._assembled[asset_id]

    def with_upstream(self, ids: Iterable[str]) -> set[str]:
        """These assets and all that they use."""
        found: set[str] = set()
        todo = list(ids)
        while todo:
            asset_id = todo.pop()
            if asset_id in found:
                continue
            found.add(asset_id)
            work = self.works.get(asset_id)
            todo += [other for other in (work.upstream if work else ()) if other in self.specs]
        return found

    def invalidate(self, asset_id: str) -> None:
        """Forgets what was derived of an asset and of everything that uses it."""
        self._assembled.pop(asset_id, None)
        for other in self._users.get(asset_id, ()):
            if other in self._assembled:
                self.invalidate(other)

    def used(self, asset_id: str) -> bool:
        """Whether another asset uses this one."""
        return bool(self._users.get(asset_id))

    # planning

    def plan(self) -> Plan:
        """The plan of the whole project."""
        return self.plan_of(self.planned(self.order))

    def planned(self, ids: Iterable[str]) -> list[AssetPlan]:
        """The parts of the plan of these assets, in order of need; with them must be all that is not at rest."""
        self._needed = set()
        assets = []
        # Users before the used: what is made anew needs the stored results of its sources.
        for asset_id in reversed(list(ids)):
            assets.append(self._plan_one(asset_id))
            if assets[-1].action in _MAKING:
                self._needed.update(self.works[asset_id].upstream)
        return assets

    def plan_of(self, planned: Iterable[AssetPlan]) -> Plan:
        """The plan of the whole project, from the parts of its assets."""
        assets = [*planned, *self._orphans()]
        notes = [
            f"target {name}: this version writes no files for it yet"
            for name in sorted(self.project.config.targets)
            if name not in targets.writable(self.project.config)
        ]
        return Plan(tuple(sorted(assets, key=lambda asset: asset.id)), tuple(self.errors), tuple(notes))

    def _orphans(self) -> Iterator[AssetPlan]:
        taken = set(self.renamed.values())
        broken = {error.where.file for error in self.errors if error.where}
        for asset_id, entry in self.project.lock.assets.items():
            if asset_id in self.specs or asset_id in taken or spec_file(asset_id) in broken:
                continue
            reason = "its spec is gone; `assetbridge clean` removes its files"
            yield AssetPlan(asset_id, entry.kind, Action.ORPHAN, (reason,))

    def _plan_one(self, asset_id: str) -> AssetPlan:
        loaded = self.specs[asset_id]
        kind = loaded.spec.kind
        failure = self.failures.get(asset_id)
        if failure is not None:
            return AssetPlan(asset_id, kind, Action.ERROR, (failure.message,), error=failure)
        work = self.works[asset_id]
        checks = self._checks(work)
        stale = [name for name, (reasons, _) in checks.items() if reasons]
        if stale or work.missing or asset_id in self._needed:
            self.note_lost(work)
        action = self._action(work, stale)
        reasons = self._reasons(work, checks, action)
        steps = tuple(self._planned_step(work, step) for step in work.steps)
        drifted = tuple(path for _, check in checks.values() if check for path in check.drifted)
        upstream = tuple(sorted(set(work.upstream)))
        return AssetPlan(
            asset_id, kind, action, reasons, steps, tuple(stale), drifted, work.renamed_from, upstream=upstream
        )

    def _planned_step(self, work: AssetState, step: Step) -> PlannedStep:
        fingerprint = work.fingerprints[step.key]
        job = self._orders.get(fingerprint or "")
        cached = step.key in work.results
        state = str(job.state) if job and not cached else None
        number = job.id if job and not cached else None
        return PlannedStep(step.key, step.provider, step.operation, fingerprint, cached, step.price, state, number)

    def _checks(self, work: AssetState) -> dict[str, tuple[list[str], FileCheck | None]]:
        """Per target why its files have to be written (empty: current), and what the disk says."""
        assembled = self.assembled(work.id)
        links = links_of(work, self.project.config.id, self.entries)
        found: dict[str, tuple[list[str], FileCheck | None]] = {}
        for job in targets.jobs(work.loaded, self.project.config):
            locked = work.entry.targets.get(job.name)
            if locked is None:
                found[job.name] = ([f"no files for {job.name} yet"], None)
                continue
            check = check_files(self.project, locked, job.exporter)
            reasons = [f"{path} is missing" for path in check.missing]
            reasons += [f"{path} was changed in what assetbridge owns" for path in check.overwritten]
            reasons += [f"{join(folder, path)} is left over" for folder in locked.left for path in locked.left[folder]]
            made = assembled and targets.made_from(
                job,
                work.loaded,
                assembled=assembled,
                stem=stem_of(work.id),
                identity=f"{self.project.config.id}:{work.entry.identity}",
                links=links,
            )
            if made != locked.made and not reasons:
                reasons = [f"settings for {job.name} changed"]
            found[job.name] = (reasons, check)
        for name in sorted(set(work.entry.targets) - set(found)):
            found[name] = ([f"{name} is no target of it any more"], None)
        return found

    def note_lost(self, work: AssetState) -> None:
        """Outputs have to be made, so the blobs are needed: results whose blobs are gone are not at hand."""
        for key, result in list(work.results.items()):
            if not at_hand(self.project.store, work.entry, key, result):
                work.lost.add(key)
                del work.results[key]

    def _action(self, work: AssetState, stale: list[str]) -> Action:
        if not work.known:
            return Action.CREATE
        if work.lost and not work.offline:
            return Action.BLOCKED
        if work.missing and not (set(work.lost) >= {step.key for step in work.missing}):
            return Action.UPDATE
        if work.renamed_from is not None:
            return Action.RENAME
        gone = set(work.entry.steps) - {step.key for step in work.steps}
        return Action.EXPORT if stale or gone or work.lost else Action.NONE

    def _reasons(
        self,
        work: AssetState,
        checks: dict[str, tuple[list[str], FileCheck | None]],
        action: Action,
    ) -> tuple[str, ...]:
        reasons: list[str] = []
        if action is Action.NONE:
            return tuple(
                f"{path} was edited by hand" for _, check in checks.values() if check for path in check.drifted
            )
        if action is Action.CREATE:
            return ("new", *self._order_notes(work))
        if work.renamed_from is not None:
            reasons.append(f"renamed from {work.renamed_from}")
        row = self.project.state.asset(work.id)
        if row is not None and row.snapshot is not None:
            reasons += differences(row.snapshot, snapshot(work.loaded))
        unknown = [step for step in work.steps if work.fingerprints[step.key] is None]
        if unknown and work.upstream:
            reasons.append(f"waits for {', '.join(work.upstream)}")
        if work.lost:
            reasons.append("its stored result is gone" + (": drawn again" if work.offline else ""))
        if not reasons or not all(reason.startswith("settings") for found, _ in checks.values() for reason in found):
            reasons += [reason for found, _ in checks.values() for reason in found if not reason.startswith("settings")]
        reasons += self._order_notes(work)
        if not reasons and work.missing:
            changed = self._changed_sources(work)
            reasons += changed or [f"new step {step.key}" for step in work.missing]
        return tuple(reasons or [reason for found, _ in checks.values() for reason in found] or ["steps were removed"])

    def _order_notes(self, work: AssetState) -> list[str]:
        notes = []
        for step in work.missing:
            job = self._orders.get(work.fingerprints[step.key] or "")
            if job is not None:
                uncertain = job.state == "uncertain"
                notes.append(f"{step.key} " + (f"is uncertain: job {job.id}" if uncertain else "is on its way"))
        return notes

    @staticmethod
    def _changed_sources(work: AssetState) -> list[str]:
        refs = sorted({item.ref for step in work.missing for item in step.inputs})
        return [f"{ref} changed" for ref in refs]


def snapshot(loaded: Loaded) -> dict[str, Any]:
    """The spec as remembered for the reasons of later plans."""
    dump: dict[str, Any] = loaded.spec.model_dump(mode="json", exclude_defaults=True)
    return dump
