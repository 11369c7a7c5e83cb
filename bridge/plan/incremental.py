"""A project kept evaluated between plans, so that a plan costs what has changed since the last one.

What it gives is what a new planner would give. An asset is evaluated again when something it was evaluated from may
have changed: its spec, its lock entry, a file or folder it looks at, its outputs, or an asset it uses. So is whatever
is not at rest (something is to be made, failed, or was found at hand outside its own lock entry): the store, the money
journal and other assets decide about that. A changed project file begins anew; that is left to the owner.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from bridge.core.file_stat import RACY_NS, changed_ns, hash_stat
from bridge.core.gc_pause import collect_everything, collector_paused
from bridge.plan.model import Action, AssetPlan, Plan
from bridge.plan.planner import PartHashOf, Planner
from bridge.spec.references import references
from bridge.spec.spec_cache import SpecCache

if TYPE_CHECKING:
    from bridge.plan.asset_state import AssetState
    from bridge.project import Project
    from bridge.spec.load import Loaded
    from bridge.store.lock_entry import LockedAsset

_AT_REST = frozenset({Action.NONE, Action.ORPHAN})

# time of the last change in ns and mark (see `bridge.core.file_stat`); None: not there
_Stamp = tuple[int, int] | None


class IncrementalPlanner:
    """See the module. Use it in one thread.

    plan: as of the last look. looked: the assets that look evaluated. watch_revision: rises when it changed which files
    matter.
    """

    def __init__(
        self,
        project: Project,
        make_part_hash: PartHashOf,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """make_part_hash: see `Planner`."""
        self.project = project
        self._make_part_hash = make_part_hash
        self.plan = Plan()
        self.looked: frozenset[str] = frozenset()
        self.watch_revision = 0
        self._now_ns = now_ns
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.project.forget_lock()
        self.planner = Planner(self.project, self._make_part_hash)
        self._specs = SpecCache(self.project.config, self._now_ns)
        self._planned: dict[str, AssetPlan] = {}
        self._outputs: dict[str, list[tuple[str, _Stamp]]] = {}
        self._sources: dict[str, _Stamp] = {}
        self._source_users: dict[str, set[str]] = {}
        self._sources_of: dict[str, tuple[str, ...]] = {}
        self._facets: dict[str, int] = {}
        self._changed = False
        self._young: set[str] = set()
        self._unsettled_ids: set[str] = set()
        self._cold = True

    def look(self, paths: Collection[str] | None = None) -> Plan:
        """The plan of the project as it is now.

        paths: project-relative files that may hold something else than at the last look; None: any may.

        Raises:
            BridgeError: the lock cannot be read.
        """
        try:
            if not self._cold:
                return self._look_inside(paths)
            # A project opened anew leaves the one before it behind.
            collect_everything()
            with collector_paused():
                return self._look_inside(paths)
        except BaseException:
            # What it got to is unknown: the next look begins anew.
            self._begin_anew()
            raise

    def _look_inside(self, paths: Collection[str] | None) -> Plan:
        if not self._cold and self.project.memory.pending.read():
            # Another process was killed while it built: what it had finished is taken over as at a start.
            self._begin_anew()
        everything = paths is None or self._cold
        self.planner.look_afresh()
        dirty = self._unsettled_ids | self.planner.evaluation.failures.keys() | self._take_lock()
        dirty |= self._take_specs(None if everything else paths)
        if everything:
            dirty |= self._young
            dirty.update(self._changed_files())
        else:
            dirty.update(self._users_of(paths or ()))
        self._cold = False
        self._evaluate_users(dirty)
        return self.plan

    def note_built(self, ids: Iterable[str]) -> None:
        """These assets were built with `planner`: what is known of them is history."""
        touched = set(ids)
        self._unsettled_ids |= touched
        self._note_watched(touched & self.planner.evaluation.specs.keys())

    # what has changed

    def _take_lock(self) -> set[str]:
        """Takes over a lock file that somebody else has written; returns the assets it changes."""
        changed = self.project.reload_lock()
        if changed is None:
            return set()
        self._changed = True
        return (changed & self.planner.evaluation.specs.keys()) | self._take_entries()

    def _take_specs(self, paths: Collection[str] | None) -> set[str]:
        """Takes over specs that were written, added or removed; returns the assets to evaluate for that."""
        planner, evaluation, graph = self.planner, self.planner.evaluation, self.planner.record.graph
        saved = self._specs.refresh() if paths is None else self._specs.refresh_paths(paths)
        if isinstance(saved, list) and not graph.cycles and all(self._takes_over(spec) for spec in saved):
            graph.replace_specs(saved)
            changed = {spec.id for spec in saved}
            return changed | (self._take_entries() if changed - self.project.lock.assets.keys() else set())
        before, entries = evaluation.specs, evaluation.entries
        planner.take_specs(*self._specs.load_all())
        self._changed = True
        now = evaluation.specs
        removed = before.keys() - now.keys()
        for asset_id in removed:
            self._forget_asset(asset_id)
        changed = {asset_id for asset_id in now if now[asset_id] is not before.get(asset_id)}
        changed |= {asset_id for asset_id, entry in evaluation.entries.items() if entry is not entries.get(asset_id)}
        return changed | (graph.with_users(removed) & now.keys()) | graph.cycles.keys()

    def _takes_over(self, loaded: Loaded) -> bool:
        """Whether a spec uses what the one before it did, so that the order of all stays."""
        before = self.planner.evaluation.specs.get(loaded.id)
        return before is not None and _list_references(before) == _list_references(loaded)

    def _take_entries(self) -> set[str]:
        """Finds the lock entries again; returns the assets that have another."""
        before = self.planner.evaluation.entries
        self.planner.take_entries()
        now = self.planner.evaluation.entries
        return {asset_id for asset_id in now if now[asset_id] is not before.get(asset_id)}

    def _users_of(self, paths: Iterable[str]) -> Iterator[str]:
        """The assets that look at these files, or list a folder above."""
        for path in paths:
            yield from self._source_users.get(path, ())
            folder = path
            while folder and self._source_users:
                folder = folder.rpartition("/")[0]
                yield from self._source_users.get(folder or ".", ())

    def _changed_files(self) -> Iterator[str]:
        """The assets with a source or an output that has another time or size."""
        prefix, ask = str(self.project.root) + os.sep, os.stat
        for path, stamp in self._sources.items():
            if _stamp_file(prefix + path) != stamp:
                yield from self._source_users[path]
        for asset_id, outputs in self._outputs.items():
            for path, stamp in outputs:
                # `_stamp` written out: for tens of thousands of files a call would cost as much as what it does.
                try:
                    stat = ask(prefix + path)
                except OSError:
                    same = stamp is None
                else:
                    known = hash((stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino))
                    same = stamp is not None and stamp[1] == known
                if not same:
                    yield asset_id

    # evaluating

    def _evaluate_users(self, dirty: set[str]) -> None:
        planner, record = self.planner, self.planner.record
        ids = record.graph.with_users(dirty) & record.specs.keys()
        for asset_id in ids:
            record.drop_state(asset_id)
            if asset_id not in record.graph.cycles:
                record.drop_failure(asset_id)
        for asset_id in record.order if ids else ():
            if asset_id in ids:
                planner.evaluate(asset_id)
        planner.fetch_shared(ids)
        # What is to be made needs the stored results of what it uses: the plan looks for them.
        needed = record.with_upstream(ids)
        order = [asset_id for asset_id in record.order if asset_id in needed] if needed else []
        for asset_id in order:
            self._note_files(asset_id)
        self._note_watched(order)
        for asset in planner.plan_assets(order):
            self._planned[asset.id] = asset
        self.looked = frozenset(order)
        self._unsettled_ids = {asset_id for asset_id in order if self._is_unsettled(asset_id)}
        if order or self._changed:
            self.plan = planner.plan_of(self._planned.values())
        self._changed = False

    def _is_unsettled(self, asset_id: str) -> bool:
        state = self.planner.evaluation.states.get(asset_id)
        return state is None or self._planned[asset_id].action not in _AT_REST or not _has_own_results(state)

    def _forget_asset(self, asset_id: str) -> None:
        self.planner.record.drop_state(asset_id)
        self.planner.record.drop_failure(asset_id)
        for known in (self._planned, self._outputs, self._facets):
            known.pop(asset_id, None)
        self._unsettled_ids.discard(asset_id)
        self._young.discard(asset_id)
        self._forget_sources(asset_id)
        self.watch_revision += 1

    # files that an asset looks at

    def _forget_sources(self, asset_id: str) -> None:
        for path in self._sources_of.pop(asset_id, ()):
            self._source_users[path].discard(asset_id)
            if not self._source_users[path]:
                del self._source_users[path], self._sources[path]

    def _note_files(self, asset_id: str) -> None:
        """Remembers how an asset's files stand; to be called before the plan looks at its outputs."""
        prefix = str(self.project.root) + os.sep
        now = self._now_ns()
        entry = self.planner.evaluation.entries[asset_id]
        self._forget_sources(asset_id)
        state = self.planner.evaluation.states.get(asset_id)
        looked_at = (*state.sources, *state.folders) if state is not None else ()
        self._sources_of[asset_id] = looked_at
        young = False
        for path in looked_at:
            stamp = self._sources[path] = _stamp_file(prefix + path)
            self._source_users.setdefault(path, set()).add(asset_id)
            young = young or _is_young(stamp, now)
        outputs = []
        for path in _list_outputs(entry):
            stamp = _stamp_file(prefix + path)
            outputs.append((path, stamp))
            young = young or _is_young(stamp, now)
        self._outputs[asset_id] = outputs
        (self._young.add if young else self._young.discard)(asset_id)

    def _note_watched(self, ids: Iterable[str]) -> None:
        for asset_id in ids:
            evaluation = self.planner.evaluation
            loaded, state = evaluation.specs[asset_id], evaluation.states.get(asset_id)
            outputs = tuple(_list_outputs(evaluation.entries[asset_id]))
            if state is None:
                facet = hash((loaded.path, loaded.sha256, outputs))
            else:
                facet = hash((loaded.path, state.sources, state.folders, outputs))
            if self._facets.get(asset_id) != facet:
                self._facets[asset_id] = facet
                self.watch_revision += 1


def _list_references(loaded: Loaded) -> list[str]:
    """What a spec refers to, in order."""
    return [ref for _, ref in references(loaded.spec)]


def _list_outputs(entry: LockedAsset) -> list[str]:
    return [path for target in entry.targets.values() for path in target.paths()]


def _has_own_results(state: AssetState) -> bool:
    """Whether every result stands in the asset's own lock entry, so that nothing else decides about it."""
    locked = state.entry.steps
    return all(key in locked and locked[key].fingerprint == state.fingerprints[key] for key in state.results)


def _stamp_file(path: str) -> _Stamp:
    try:
        stat = os.stat(path)  # noqa: PTH116  of ten thousand: a Path costs more than the call
    except OSError:
        return None
    return changed_ns(stat), hash_stat(stat)


def _is_young(stamp: _Stamp, now: int) -> bool:
    return stamp is not None and now - stamp[0] <= RACY_NS
