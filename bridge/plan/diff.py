"""The state of an asset against the lock and the disk → its part of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.plan import targets
from bridge.plan.asset_state import links_to_upstream
from bridge.plan.change_reasons import describe_differences
from bridge.plan.model import Action, AssetPlan, PlannedStep
from bridge.store.lock_entry import LockedAsset, LockedTarget, join_path
from bridge.store.output_hash import MERGED, NOTHING_HASH, content_hash, is_torn
from exporters.base import Exporter

if TYPE_CHECKING:
    from bridge.orders.model import Job
    from bridge.plan.asset_state import AssetState
    from bridge.plan.evaluation import Evaluation
    from bridge.project import Project
    from bridge.providers.api import Step
    from bridge.spec.load import Loaded

_SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class TargetCheck:
    """Why the files of a target have to be written (empty: they are current), and which were edited by hand."""

    target: str
    reasons: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()


def check_targets(project: Project, state: AssetState, evaluation: Evaluation) -> tuple[TargetCheck, ...]:
    """Looks at the files of all targets of an asset; unchanged ones are not read."""
    assembled = evaluation.fingerprint_of(state)
    links = links_to_upstream(state.upstream, project.config.id, evaluation.entries)
    checks = []
    for job in targets.target_jobs(state.loaded, project.config):
        locked = state.entry.targets.get(job.name)
        if locked is None:
            checks.append(TargetCheck(job.name, (f"no files for {job.name} yet",)))
            continue
        reasons, drifted = _check_files(project, locked, job.exporter)
        reasons += [f"{join_path(folder, path)} is left over" for folder in locked.left for path in locked.left[folder]]
        made = assembled and targets.fingerprint_files(
            job,
            state.loaded,
            assembled=assembled,
            stem=state.id,
            identity=f"{project.config.id}:{state.entry.identity}",
            links=links,
        )
        if made != locked.made and not reasons:
            reasons = [f"{_SETTINGS} for {job.name} changed"]
        checks.append(TargetCheck(job.name, tuple(reasons), tuple(drifted)))
    # A target that may not be loaded is no target that is gone: its files stay.
    kept = {check.target for check in checks} | project.config.unloaded_targets
    removed = sorted(set(state.entry.targets) - kept)
    return (*checks, *(TargetCheck(name, (f"{name} is no target of it any more",)) for name in removed))


def _check_files(project: Project, target: LockedTarget, exporter: Exporter) -> tuple[list[str], list[str]]:
    """Why a target's files have to be written again, and which were edited by hand."""
    missing: list[str] = []
    overwritten: list[str] = []
    drifted: list[str] = []
    for name, recorded in target.files.items():
        path = join_path(target.output, name)
        now = project.memory.files.hash_of(path, "output")
        if now is None:
            if recorded:
                missing.append(f"{path} is missing")
        elif _is_torn(project, path, now, recorded):
            missing.append(f"{path} holds nothing, or both sides of a merge")
        elif recorded.startswith(MERGED):
            if _owned_hash(project, path, now, exporter) != recorded.removeprefix(MERGED):
                overwritten.append(f"{path} was changed in what assetbridge owns")
        elif recorded and now != recorded and _text_hash(project, path) != recorded:
            drifted.append(path)
    return missing + overwritten, drifted


def _is_torn(project: Project, path: str, now: str, recorded: str) -> bool:
    """Whether a power cut has emptied an output; only one that is not as recorded is read."""
    if now in (recorded, NOTHING_HASH) or not recorded or recorded.startswith(MERGED):
        return now == NOTHING_HASH
    try:
        return is_torn(project.folder.read(path))
    except OSError:
        return False


def _text_hash(project: Project, path: str) -> str:
    try:
        return content_hash(path, project.folder.read(path))
    except OSError:
        return ""


def _owned_hash(project: Project, path: str, now: str, exporter: Exporter) -> str:
    known = project.memory.files.get(path)
    if known is not None and known.sha256 == now and known.owned:
        return known.owned
    try:
        owned = exporter.owned_hash(path, project.folder.read(path))
    except (OSError, ValueError):
        return ""
    project.memory.files.record_written(path, "output", now, owned)
    return owned


def diff_asset(
    state: AssetState,
    checks: Sequence[TargetCheck],
    orders: Mapping[str, Job],
    ended: Mapping[str, Job],
    last_spec: Mapping[str, Any] | None,
) -> AssetPlan:
    """What a build would do with an asset.

    checks: what the disk says. orders: jobs on their way by fingerprint. ended: those that ended badly. last_spec: the
    spec as it was when its outputs were made, None where nobody remembers it.
    """
    action = choose_action(state, checks)
    return AssetPlan(
        state.id,
        state.loaded.spec.kind,
        action,
        _explain_action(state, checks, action, _order_notes(state, orders, ended), last_spec),
        tuple(_planned_step(state, step, orders, ended) for step in state.steps),
        tuple(check.target for check in checks if check.reasons),
        tuple(path for check in checks for path in check.drifted),
        state.renamed_from,
        upstream=tuple(sorted(set(state.upstream))),
    )


def _planned_step(state: AssetState, step: Step, orders: Mapping[str, Job], ended: Mapping[str, Job]) -> PlannedStep:
    fingerprint = state.fingerprints[step.key]
    job = orders.get(fingerprint or "")
    cached = step.key in state.results
    job_state = str(job.state) if job and not cached else None
    number = job.id if job and not cached else None
    last = None if cached or job else ended.get(fingerprint or "")
    return PlannedStep(
        step.key,
        step.provider,
        step.operation,
        fingerprint,
        cached,
        step.price,
        job_state,
        number,
        last.id if last and step.price.amount != 0 else None,
        step,
    )


def choose_action(state: AssetState, checks: Sequence[TargetCheck]) -> Action:
    """What a build would do with an asset."""
    if state.lost and not state.is_offline:
        return Action.BLOCKED
    if state.is_new:
        return Action.CREATE
    if state.missing and not (state.lost >= {step.key for step in state.missing}):
        return Action.UPDATE
    if state.renamed_from is not None:
        return Action.RENAME
    has_removed_steps = bool(set(state.entry.steps) - {step.key for step in state.steps})
    return Action.EXPORT if any(check.reasons for check in checks) or has_removed_steps or state.lost else Action.NONE


def _explain_action(
    state: AssetState,
    checks: Sequence[TargetCheck],
    action: Action,
    order_notes: Sequence[str],
    last_spec: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    if action is Action.NONE:
        return tuple(f"{path} was edited by hand" for check in checks for path in check.drifted)
    if action is Action.CREATE:
        return ("new", *order_notes)
    reasons: list[str] = []
    if state.renamed_from is not None:
        reasons.append(f"renamed from {state.renamed_from}")
    if last_spec is not None:
        reasons += describe_differences(last_spec, snapshot_spec(state.loaded))
    if state.upstream and any(state.fingerprints[step.key] is None for step in state.steps):
        reasons.append(f"waits for {', '.join(state.upstream)}")
    if state.lost:
        reasons.append("its stored result is gone" + (": drawn again" if state.is_offline else ""))
    of_files = [reason for check in checks for reason in check.reasons]
    beyond_settings = [reason for reason in of_files if not reason.startswith(_SETTINGS)]
    reasons += beyond_settings
    reasons += order_notes
    if not reasons and state.missing:
        reasons += _changed_sources(state) or [f"new step {step.key}" for step in state.missing]
    return tuple(reasons or of_files or ["steps were removed"])


def _order_notes(state: AssetState, orders: Mapping[str, Job], ended: Mapping[str, Job]) -> list[str]:
    notes = []
    for step in state.missing:
        fingerprint = state.fingerprints[step.key] or ""
        job, last = orders.get(fingerprint), ended.get(fingerprint)
        if job is None and last is not None:
            notes.append(f"{step.key} {last.describe_ending()} (job {last.id})")
        if job is not None:
            notes.append(f"{step.key} {_ORDER_NOTES.get(str(job.state), 'is on its way').format(job.id)}")
    return notes


_ORDER_NOTES: Mapping[str, str] = {
    "uncertain": "is uncertain (job {0}): nobody knows whether it was charged; `assetbridge jobs` says what to do",
    "damaged": "came damaged and is paid for (job {0}): `assetbridge jobs refetch {0}`",
}


def _changed_sources(state: AssetState) -> list[str]:
    refs = sorted({item.ref for step in state.missing for item in step.inputs})
    return [f"{ref} changed" for ref in refs]


def find_orphans(
    entries: Mapping[str, LockedAsset], specs: Iterable[str], excepted: Iterable[str]
) -> Iterator[AssetPlan]:
    """The assets in the lock whose specs are gone. excepted: ids of those that are renamed, or cannot be read."""
    present = {*specs, *excepted}
    for asset_id, entry in entries.items():
        if asset_id not in present:
            reason = "its spec is gone; `assetbridge clean` removes its files"
            yield AssetPlan(asset_id, entry.kind, Action.ORPHAN, (reason,))


def snapshot_spec(loaded: Loaded) -> dict[str, Any]:
    """The spec as remembered for the reasons of later plans."""
    dump: dict[str, Any] = loaded.spec.model_dump(mode="json", exclude_defaults=True)
    return dump
