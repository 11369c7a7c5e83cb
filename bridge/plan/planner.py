"""Specs × lock × store × disk → plan. Pure looking: a planner writes nothing, not even the lock it looks at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from bridge.core.crash_log import explain_failure
from bridge.core.errors import BridgeError
from bridge.plan.asset_state import AssetState, without_lost_results
from bridge.plan.diff import check_targets, choose_action, diff_asset, find_orphans
from bridge.plan.evaluation import Evaluation, EvaluationRecord
from bridge.plan.evaluator import Evaluator
from bridge.plan.lock_entries import broken_ids, match_entries
from bridge.plan.lost_identities import LostIdentities
from bridge.plan.model import Action, AssetPlan, Plan
from bridge.plan.notes import describe_settings
from bridge.providers import registry
from bridge.spec.load import Loaded, load_specs
from bridge.store.lock_entry import LockedParts
from bridge.store.locked_steps import BoughtResults

if TYPE_CHECKING:
    from bridge.orders.model import Job
    from bridge.project import Project

ON_ITS_WAY = ("submitting", "submitted", "running", "fetching", "uncertain")
_MAKING = frozenset({Action.CREATE, Action.UPDATE, Action.EXPORT, Action.RENAME})


@dataclass(frozen=True, slots=True)
class HashedPart:
    """The content hash of a part; `slots` and `of` are the slots and the fingerprint of the asset it was taken from."""

    sha256: str
    slots: Mapping[str, int]
    of: str


PartHash: TypeAlias = Callable[[AssetState, str | None], HashedPart | None]
"""Hashes a part of an asset by assembling it; None where its results are not in the store."""
PartHashOf: TypeAlias = Callable[["Project", Evaluation], PartHash]
"""Makes a `PartHash` that begins with nothing in memory."""


def _hash_nothing(_project: Project, _evaluation: Evaluation) -> PartHash:
    return lambda _state, _part: None


class Planner:
    """Evaluates every spec once, upstream assets first, and says what a build would do.

    make_part_hash: makes what hashes the parts that assets take of each other; without, they are not at hand.
    """

    def __init__(self, project: Project, make_part_hash: PartHashOf = _hash_nothing) -> None:
        self._project = project
        self._record = EvaluationRecord()
        self._make_part_hash = make_part_hash
        self._hash_part = make_part_hash(project, self._record)
        self._orders: dict[str, Job] | None = None
        self._ended: Mapping[str, Job] = {}
        self._journal_results: Mapping[str, str] = {}

    @property
    def evaluation(self) -> Evaluation:
        """What every asset comes to, as far as it was evaluated."""
        return self._record

    def read(self) -> None:
        """Loads all specs, finds renames and evaluates everything."""
        self.take_specs(*load_specs(self._project.config))
        for asset_id in self._record.order:
            self.evaluate(asset_id)
        self.fetch_shared(self._record.order)

    def fetch_shared(self, ids: Collection[str]) -> None:
        """Looks in the team's store for what these assets lack and would have to buy, and evaluates them again.

        What comes lies in the project's own store afterwards. Nothing is asked where nothing is lacking.
        """
        shared = self._project.shared
        asked: set[str] = set()
        while shared is not None:
            wanted = {
                fingerprint: state.id
                for state in map(self._record.states.get, ids)
                if state is not None
                for fingerprint in _list_unbought(state)
                if fingerprint not in asked
            }
            asked |= wanted.keys()
            came = shared.fetch_results(wanted) if wanted else frozenset()
            if not came:
                return
            again = self._record.graph.with_users({wanted[fingerprint] for fingerprint in came})
            for asset_id in self._record.order:
                if asset_id in again:
                    self.evaluate(asset_id)

    # what there is; for a planner that is kept

    @property
    def record(self) -> EvaluationRecord:
        """The evaluation, to be written."""
        return self._record

    def take_specs(self, loaded: list[Loaded], errors: list[BridgeError]) -> None:
        """Takes over which specs there are, in which order they need each other, and their lock entries."""
        self._record.take_specs(loaded, errors)
        self.take_entries()

    def take_entries(self) -> None:
        """Finds every spec's lock entry."""
        record, evaluator = self._record, self._make_evaluator(self._hash_part)
        broken = broken_ids(record.errors)
        lock = self._project.lock
        search = []
        if not lock.assets or lock.is_partial:
            receipts = self._project.store.receipts
            search = [LostIdentities(receipts, record.specs, evaluator.state_alone).find_entry]
        entries = match_entries(lock, record.specs, record.order, broken, evaluator.seedless_hash, *search)
        record.take_entries(entries)

    def look_afresh(self) -> None:
        """The money journal may have moved on; and pixels that were kept for hashing are let go."""
        self._orders = None
        self._hash_part = self._make_part_hash(self._project, self._record)

    # evaluating

    def evaluate(self, asset_id: str, hash_part: PartHash | None = None) -> None:
        """Evaluates one asset (again). What is wrong with it is noted as its failure."""
        record = self._record
        if asset_id in record.failures and asset_id not in record.states:
            return
        record.drop_state(asset_id)
        evaluator = self._make_evaluator(hash_part or self._hash_part)
        try:
            state = evaluator.evaluate(
                record.specs[asset_id],
                record.entries[asset_id],
                record.states,
                renamed_from=record.earlier_ids.get(asset_id),
                links=record.links_of(asset_id),
            )
        except Exception as error:  # noqa: BLE001  one asset's failure must not stop the others
            record.keep_failure(asset_id, _explain_failure(self._record.specs[asset_id], error))
            return
        record.keep_state(state)

    def evaluate_again(self, asset_id: str, hash_part: PartHash) -> AssetState:
        """The state of an asset now that what it uses was built; parts are hashed with `hash_part`.

        Raises:
            BridgeError: what is wrong with it.
        """
        self.evaluate(asset_id, hash_part)
        state = self._record.states.get(asset_id)
        if state is None:
            raise self._record.failures[asset_id]
        # The plan has named lost results of what is paid for: those are never made again unasked.
        if state.is_offline:
            state = self._note_lost(state)
        return state

    def accept_state(self, state: AssetState) -> None:
        """An asset was built, or a build of it has ended: this is its state, with its entry as in the lock."""
        self._record.accept_state(state)

    def _make_evaluator(self, hash_part: PartHash) -> Evaluator:
        bought = BoughtResults(self._project.lock.steps, self._read_journal_results())
        return Evaluator(
            self._project, self._record.specs, bought, self._read_orders(), partial(self._hash_upstream, hash_part)
        )

    def _read_orders(self) -> dict[str, Job]:
        """Jobs on their way, and those whose result came damaged, by fingerprint."""
        if self._orders is None:
            journal = self._project.journal
            open_jobs = [*journal.jobs.list_damaged(), *journal.jobs.list_in(ON_ITS_WAY)] if journal else []
            self._orders = {job.fingerprint: job for job in open_jobs}
            self._journal_results = journal.jobs.list_results() if journal else {}
            self._ended = journal.jobs.list_bad_endings() if journal else {}
        return self._orders

    def _read_journal_results(self) -> Mapping[str, str]:
        """Results by fingerprint of what was bought."""
        self._read_orders()
        return self._journal_results

    def _hash_upstream(self, hash_part: PartHash, asset_id: str, part: str | None) -> str | None:
        """Content hash of another asset's part: as last known while that still holds, else by assembling it."""
        state = self._record.states.get(asset_id)
        if state is None or state.missing:
            return None
        fingerprint = self._record.fingerprint_of(state)
        key = part or ""
        if fingerprint is not None and state.parts.of == fingerprint and key in state.parts.hashes:
            return state.parts.hashes[key]
        hashed = hash_part(state, part)
        if hashed is None:
            return None
        others = state.parts.hashes if state.parts.of == hashed.of else {}
        parts = LockedParts(hashed.of, {**others, key: hashed.sha256})
        self._record.keep_state(replace(state, slots=hashed.slots, parts=parts))
        return hashed.sha256

    # planning

    def plan(self) -> Plan:
        """The plan of the whole project."""
        return self.plan_of(self.plan_assets(self._record.order))

    def plan_assets(self, ids: Iterable[str]) -> list[AssetPlan]:
        """The parts of the plan of these assets, in order of need; with them must be all that is not at rest."""
        needed: set[str] = set()
        assets = []
        # Users before the used: what is made anew needs the stored results of its sources.
        for asset_id in reversed(list(ids)):
            asset = self._plan_asset(asset_id, is_needed=asset_id in needed)
            assets.append(asset)
            if asset.action in _MAKING:
                needed.update(asset.upstream)
        return assets

    def _plan_asset(self, asset_id: str, *, is_needed: bool) -> AssetPlan:
        failure = self._record.failures.get(asset_id)
        if failure is None:
            try:
                return self._plan_state(self._record.states[asset_id], is_needed=is_needed)
            except Exception as error:  # noqa: BLE001  one asset's failure must not stop the others
                failure = _explain_failure(self._record.specs[asset_id], error)
        kind = self._record.specs[asset_id].spec.kind
        return AssetPlan(asset_id, kind, Action.ERROR, (failure.message,), error=failure)

    def _plan_state(self, state: AssetState, *, is_needed: bool) -> AssetPlan:
        checks = check_targets(self._project, state, self._record)
        if is_needed or state.missing or any(check.reasons for check in checks):
            noted = self._note_lost(state)
            if noted.results.items() - state.results.items():
                # A receipt knows another result than the lock: the files are not made from it.
                checks = check_targets(self._project, noted, self._record)
            state = noted
        is_told = choose_action(state, checks) not in (Action.NONE, Action.CREATE)
        row = self._project.memory.assets.get(state.id) if is_told else None
        orders = self._read_orders()
        return diff_asset(state, checks, orders, self._ended, row.snapshot if row is not None else None)

    def _note_lost(self, state: AssetState) -> AssetState:
        noted = without_lost_results(self._project.store, state)
        gone = noted.results.keys() ^ state.results.keys()
        shared = self._project.shared if gone else None
        if shared is not None and shared.fetch_lost(state.results[key] for key in gone if key in state.results):
            noted = without_lost_results(self._project.store, state)
        if noted.results.items() - state.results.items():
            self._record.keep_state(noted)
        elif noted is not state:
            self._record.keep_lost(noted)
        return noted

    def plan_of(self, planned: Iterable[AssetPlan]) -> Plan:
        """The plan of the whole project, from the parts of its assets."""
        record = self._record
        excepted = {*record.earlier_ids.values(), *broken_ids(record.errors)}
        assets = [*planned, *find_orphans(self._project.lock.assets, record.specs, excepted)]
        notes = (*describe_settings(self._project.config), *self._project.lock.notes)
        return Plan(tuple(sorted(assets, key=lambda asset: asset.id)), record.errors, notes)


def _list_unbought(state: AssetState) -> Iterator[str]:
    """The fingerprints of steps that have no result at hand and are not made on this machine."""
    for step in state.missing:
        fingerprint = state.fingerprints[step.key]
        if fingerprint is not None and not registry.get(step.provider).offline:
            yield fingerprint


def _explain_failure(loaded: Loaded, error: Exception) -> BridgeError:
    """What an exception means for one asset."""
    failure = explain_failure(error, loaded.config.root, loaded.id)
    failure.where = failure.where or loaded.where("kind")
    return failure
