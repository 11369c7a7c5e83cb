"""Neutral asset → engine files of every target of a spec: bytes only, nothing is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.assemble.asset import with_pivot
from bridge.build.output_files import FileSet
from bridge.core.conflict_markers import keep_ours
from bridge.core.errors import UserError
from bridge.core.root_folder import RootFolder
from bridge.media.audio import encode_ogg
from bridge.plan import targets
from bridge.plan.asset_state import links_to_upstream
from bridge.store.lock_entry import LockedTarget, join_path
from bridge.store.output_hash import MERGED, is_torn, is_unmerged, recorded_hash
from exporters.base import ExportContext, ExportError, LossyExporter, no_file
from exporters.model.asset import Asset, AudioAsset

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.plan.asset_state import AssetState
    from bridge.plan.evaluation import Evaluation
    from bridge.plan.targets import TargetJob


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What one target's files are made from.

    asset: as this target wants it. made: the fingerprint of the files. previous: what the lock has of the last time.
    owners: other assets by the paths of their outputs.
    """

    state: AssetState
    job: TargetJob
    asset: Asset
    context: ExportContext
    made: str
    previous: LockedTarget | None
    owners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExportSituation:
    """What every target's request takes up beside the asset. force: nothing of what is on the disk is kept."""

    config: Config
    evaluation: Evaluation
    owners: Mapping[str, str]
    force: bool


def request_exports(
    asset: Asset, state: AssetState, situation: ExportSituation
) -> tuple[list[ExportRequest], list[str]]:
    """The requests for all targets of an asset, and what there is to say of them.

    Raises:
        UserError: `missing_extra`: a target needs an optional part that is not installed.
    """
    requests: list[ExportRequest] = []
    notes: list[str] = []
    for job in targets.target_jobs(state.loaded, situation.config):
        fitted, said = _fit_asset(asset, state, job)
        notes += [*said, *_note_unmerged(state, job, situation.config)]
        requests.append(_make_request(fitted, state, job, situation))
    return requests, notes


def _note_unmerged(state: AssetState, job: TargetJob, config: Config) -> Iterator[str]:
    """Files with settings of the user's in which version control left both sides: one of them is kept, and said."""
    locked, folder = state.entry.targets.get(job.name), RootFolder(config.root)
    if locked is None:
        return
    for path in (path for name, path in zip(locked.files, locked.paths(), strict=True) if _is_merged(locked, name)):
        with suppress(OSError):
            if is_unmerged(folder.read(path)):
                yield f"{path} held both sides of a merge: settings of your own are those that were checked out"


def _is_merged(locked: LockedTarget, name: str) -> bool:
    return locked.files[name].startswith(MERGED)


def _make_request(asset: Asset, state: AssetState, job: TargetJob, situation: ExportSituation) -> ExportRequest:
    config = situation.config
    folder = RootFolder(config.root)
    identity = f"{config.id}:{state.entry.identity}"
    links = links_to_upstream(state.upstream, config.id, situation.evaluation.entries)

    def read(path: str) -> bytes | None:
        return _read_present(folder, join_path(job.output, path))

    context = ExportContext(
        stem=state.id,
        output=job.engine_output,
        identity=identity,
        options=job.options,
        read=no_file if situation.force else read,
        before=read,
        links=links,
        previous_stem=state.renamed_from or state.id,
    )
    made = targets.fingerprint_files(
        job,
        state.loaded,
        assembled=situation.evaluation.fingerprint_of(state) or "",
        stem=state.id,
        identity=identity,
        links=links,
    )
    return ExportRequest(state, job, asset, context, made, state.entry.targets.get(job.name), situation.owners)


def _read_present(folder: RootFolder, path: str) -> bytes | None:
    """What an output holds now; None without one, where no link leads to it and nothing is left of it."""
    try:
        data = folder.read(path)
    except OSError:
        return None
    if is_unmerged(data):
        data = keep_ours(data)
    return None if is_torn(data) else data


def render_targets(requests: Iterable[ExportRequest]) -> list[FileSet]:
    """The files of every request, in memory.

    Raises:
        UserError: `export_failed`.
    """
    return [_render_target(request) for request in requests]


def _render_target(request: ExportRequest) -> FileSet:
    state, job = request.state, request.job
    try:
        files = job.exporter.export(request.asset, request.context)
    except ExportError as error:
        raise UserError(
            "export_failed",
            f"{state.id} for {job.name}: {error.message}",
            hint=error.hint,
            where=state.loaded.where("export"),
        ) from error
    recorded, left = _split_earlier(request, {file.path for file in files})
    hashes = {file.path: recorded_hash(file, job.exporter.owned_hash) for file in files}
    return FileSet(
        state.id,
        job.name,
        job.output,
        files,
        request.made,
        hashes,
        recorded,
        left,
        request.owners,
        job.exporter.owned_hash,
    )


def _split_earlier(request: ExportRequest, paths: set[str]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The recorded hashes of the output folder, and by folder those of files that are ours no longer."""
    recorded: dict[str, str] = {}
    left: dict[str, dict[str, str]] = {}
    output, previous = request.job.output, request.previous
    for folder, files in previous.iter_folders() if previous is not None else ():
        recorded |= files if folder == output else {}
        stale = {
            path: sha256
            for path, sha256 in files.items()
            if not (folder == output and path in paths) and join_path(folder, path).casefold() not in request.owners
        }
        if stale:
            left[folder] = left.get(folder, {}) | stale
    return recorded, left


def _fit_asset(asset: Asset, state: AssetState, job: TargetJob) -> tuple[Asset, list[str]]:
    """The asset as one target wants it: its own pivot, its audio format. What it cannot show is said."""
    notes = []
    if isinstance(job.exporter, LossyExporter):
        source = state.loaded.spec.source or state.id
        notes += [f"{source}: {job.name} does not show {lost}" for lost in job.exporter.losses(asset)]
    if isinstance(asset, AudioAsset):
        with_audio, said = _fit_audio(asset, state, job)
        return with_audio, notes + said
    return with_pivot(asset, targets.pivot(state.loaded, job.name), state.loaded.spec.kind), notes


def _fit_audio(asset: AudioAsset, state: AssetState, job: TargetJob) -> tuple[AudioAsset, list[str]]:
    wanted = job.options.engine.get("audio", "wav")
    if wanted == "wav":
        return asset, []
    ogg = asset.ogg or encode_ogg(asset.samples, asset.rate)
    notes = []
    if ogg is None:
        own = state.loaded.spec.export.target(job.name)
        if own is not None and getattr(own, "audio", None) == "ogg":
            raise UserError(
                "missing_extra",
                "writing OGG needs the optional audio part",
                hint='Install it with: pip install "assetbridge[audio]"  (or set audio = "wav").',
                where=state.loaded.where(f"export.{job.name}.audio"),
            )
        notes.append(f'{job.name}: WAV only; OGG needs: pip install "assetbridge[audio]"')
    return dataclasses.replace(asset, ogg=ogg), notes
