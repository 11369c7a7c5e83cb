"""Neutral asset → engine files of every target of a spec, written as groups, recorded in the lock entry first."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.assemble.asset import with_pivot
from bridge.build.output_files import (
    Group,
    Written,
    beside_of,
    check_foreign,
    check_inside,
    check_owners,
    remove_stale,
    write_beside,
    write_group,
)
from bridge.core.errors import UserError
from bridge.plan import targets
from bridge.plan.asset_state import links_of, stem_of
from bridge.processing.repeats import repeat_notes
from bridge.processing.undecided import find_undecided
from bridge.store.lockfile import LockedAsset, LockedTarget, join
from bridge.store.output_hash import reconcile, recorded_hash
from exporters.base import ExportContext, ExportError, LossyExporter, OutputFile, no_file
from exporters.model.asset import Asset, AudioAsset, SpriteAsset

if TYPE_CHECKING:
    from bridge.build.asset_loader import AssetLoader
    from bridge.plan.asset_state import AssetState
    from bridge.plan.evaluator import Planner
    from bridge.plan.targets import TargetJob
    from bridge.project import Project


@dataclass(slots=True)
class Exported:
    """Project-relative paths written and kept because edited by hand, and notes for the user."""

    changed: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Prepared:
    job: TargetJob
    group: Group
    locked: LockedTarget


def write_targets(
    project: Project,
    planner: Planner,
    art: AssetLoader,
    work: AssetState,
    entry: LockedAsset,
    record: Callable[[AssetState, LockedAsset], None],
    *,
    force: bool,
) -> Exported:
    """Writes an asset's files for all its targets; files of targets it no longer has are removed.

    All files are made in memory first; `record` commits the new lock entry before the first one is replaced. Until
    the end that entry also names the files that are to go, so that a build that is stopped leaves none without owner.

    Raises:
        BridgeError: the asset cannot be written; nothing was touched unless the disk failed half-way.
    """
    asset = art.processed(work)
    result = Exported(notes=_notes(art, work))
    before = dict(entry.targets)
    owners = planner.owners.others(work.id, work.renamed_from)
    prepared = [
        _prepare(project, planner, work, entry, _fitted(asset, work, job, result), job, owners, force=force)
        for job in targets.jobs(work.loaded, project.config)
    ]
    entry.targets = before | {one.job.name: one.locked for one in prepared}
    try:
        record(work, entry)
        for one in prepared:
            _write(project, one, result, force=force)
        for name in sorted(before.keys() - {one.job.name for one in prepared}):
            beside = beside_of(name, project.config.id)
            for folder, files in before[name].everything():
                _take(result, remove_stale(project.root, folder, files, beside, force=force))
            del entry.targets[name]
    except BaseException:
        _take_back(project, prepared)
        raise
    finally:
        record(work, entry)
        if work.renamed_from is not None:
            planner.owners.forget(work.renamed_from)
        planner.owners.update(work.id, entry)
    return result


def _notes(art: AssetLoader, work: AssetState) -> list[str]:
    """What making the asset did that the user may want to know."""
    before, after = art.assembled(work), art.processed(work)
    notes = list(before.notes)
    if isinstance(before.asset, SpriteAsset) and isinstance(after, SpriteAsset):
        notes += repeat_notes(before.asset, after)
    unsure = find_undecided(before.asset, work.process)
    return notes + [f"{one.step}: {one.message} ({one.fix})" for one in unsure if one.is_defect]


def _write(project: Project, one: _Prepared, result: Exported, *, force: bool) -> None:
    written = write_group(project.root, one.group, one.job.exporter.owned_hash, force=force)
    _keep_drifted(one, written)
    _take(result, written)
    _learn(project, one, written)
    beside = beside_of(one.job.name, project.config.id)
    _take(result, write_beside(project.root, one.job.output, (file.path for file in one.group.files), beside))
    for folder in sorted(one.locked.left):
        _take(result, remove_stale(project.root, folder, one.locked.left[folder], beside, force=force))
    one.locked.left = {}


def _take_back(project: Project, prepared: list[_Prepared]) -> None:
    """After a failure the lock must say of every file what is really on the disk, or ours would pass for edited."""
    for one in prepared:
        one.locked.made = ""
        reconcile(project.root, one.job.output, one.locked.files, one.group.before)


def _take(result: Exported, written: Written) -> None:
    result.changed += written.changed + written.removed
    result.drifted += written.drifted


def _fitted(asset: Asset, work: AssetState, job: TargetJob, result: Exported) -> Asset:
    """The asset as one target wants it: its own pivot, its audio format. What it cannot show is said."""
    if isinstance(job.exporter, LossyExporter):
        source = work.loaded.spec.source or work.id
        lost = job.exporter.losses(asset)
        result.notes += [f"{source}: {job.name} does not show {one}" for one in lost]
    if isinstance(asset, AudioAsset):
        return _with_audio(asset, work, job, result)
    return with_pivot(asset, targets.pivot(work.loaded, job.name), work.loaded.spec.kind)


def _with_audio(asset: AudioAsset, work: AssetState, job: TargetJob, result: Exported) -> AudioAsset:
    wanted = job.options.engine.get("audio", "wav")
    if wanted == "wav":
        return asset
    from bridge.media.audio import encode_ogg

    ogg = asset.ogg or encode_ogg(asset.samples, asset.rate)
    if ogg is None:
        own = work.loaded.spec.export.target(job.name)
        if own is not None and getattr(own, "audio", None) == "ogg":
            raise UserError(
                "missing_extra",
                "writing OGG needs the optional audio part",
                hint='Install it with: pip install "assetbridge[audio]"  (or set audio = "wav").',
                where=work.loaded.where(f"export.{job.name}.audio"),
            )
        result.notes.append(f'{job.name}: WAV only; OGG needs: pip install "assetbridge[audio]"')
    return dataclasses.replace(asset, ogg=ogg)


def _prepare(
    project: Project,
    planner: Planner,
    work: AssetState,
    entry: LockedAsset,
    asset: Asset,
    job: TargetJob,
    owners: Mapping[str, str],
    *,
    force: bool,
) -> _Prepared:
    previous = entry.targets.get(job.name)
    folder = project.root / job.output
    identity = f"{project.config.id}:{entry.identity}"
    links = links_of(work, project.config.id, planner.entries)

    def read(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except OSError:
            return None

    context = ExportContext(
        stem=stem_of(work.id),
        output=job.engine_output,
        identity=identity,
        options=job.options,
        read=no_file if force else read,
        before=read,
        links=links,
        previous_stem=stem_of(work.renamed_from) if work.renamed_from else stem_of(work.id),
    )
    try:
        files = job.exporter.export(asset, context)
    except ExportError as error:
        raise UserError(
            "export_failed",
            f"{work.id} for {job.name}: {error.message}",
            hint=error.hint,
            where=work.loaded.where("export"),
        ) from error
    made = targets.made_from(
        job,
        work.loaded,
        assembled=planner.assembled(work.id) or "",
        stem=stem_of(work.id),
        identity=identity,
        links=links,
    )
    known, left = _earlier(previous, job.output, {file.path for file in files}, owners)
    group = Group(work.id, job.output, files, known, owners)
    check_owners(group, lambda path: join(job.output, path))
    check_inside(project.root, job.output, (file.path for file in files))
    if not force:
        check_foreign(project.root, group, job.exporter.owned_hash)
    hashes = {file.path: recorded_hash(file, job.exporter.owned_hash) for file in files}
    return _Prepared(job, group, LockedTarget(made, job.output, hashes, left))


def _earlier(
    previous: LockedTarget | None, output: str, paths: set[str], owners: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The recorded hashes of an output folder, and by folder those of files that are ours no longer."""
    known: dict[str, str] = {}
    left: dict[str, dict[str, str]] = {}
    for folder, files in previous.everything() if previous is not None else ():
        known |= files if folder == output else {}
        gone = {
            path: recorded
            for path, recorded in files.items()
            if not (folder == output and path in paths) and join(folder, path).casefold() not in owners
        }
        if gone:
            left[folder] = left.get(folder, {}) | gone
    return known, left


def _keep_drifted(one: _Prepared, written: Written) -> None:
    """An edited file keeps the hash we once wrote, so that it stays recognised as edited."""
    for file in one.group.files:
        if join(one.job.output, file.path) in written.drifted and file.path in one.group.before:
            one.locked.files[file.path] = one.group.before[file.path]


def _learn(project: Project, one: _Prepared, written: Written) -> None:
    """Remembers what the files hold now; one that was edited by hand and kept holds something else."""
    import hashlib

    for file in one.group.files:
        recorded = one.locked.files[file.path]
        path = join(one.job.output, file.path)
        if recorded and path not in written.drifted and _same(project, path, file):
            owned = recorded.removeprefix("m:") if recorded.startswith("m:") else ""
            project.state.learn(path, "output", hashlib.sha256(file.data).hexdigest(), owned)


def _same(project: Project, path: str, file: OutputFile) -> bool:
    try:
        return (project.root / path).stat().st_size == len(file.data)
    except OSError:
        return False
