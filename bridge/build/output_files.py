"""Output files on the disk: drift, and complete-or-untouched writing of a whole group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bridge.core.disk_errors import describe_failure
from bridge.core.errors import Where, WorkFailed
from bridge.core.root_folder import RootFolder, Staged
from bridge.store.lock_entry import LockedTarget, join_path
from bridge.store.output_hash import MERGED, content_hash, disk_hash, is_torn
from exporters import registry
from exporters.base import Exporter, FolderExporter, OutputFile, Policy
from exporters.target import TargetError


@dataclass(slots=True)
class Written:
    """What happened to a set of files: paths (project-relative) written, left because edited by hand, and removed."""

    changed: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FileSet:
    """The files of one asset for one target, as they are to be on the disk.

    folder: output folder relative to the project. made: the fingerprint of the files. hashes: what the lock keeps of
    them, by path. recorded: the same of the last time. owners: project-relative path, case folded (some systems keep
    one file for both) → id of another asset that owns it. left: by output folder the recorded hashes of files that are
    the asset's no longer. owned_hash: hashes the keys that are ours of a merged file.
    """

    asset_id: str
    target: str
    folder: str
    files: Sequence[OutputFile]
    made: str
    hashes: Mapping[str, str]
    recorded: Mapping[str, str]
    left: Mapping[str, Mapping[str, str]]
    owners: Mapping[str, str]
    owned_hash: Callable[[str, bytes], str]

    def locked(self) -> LockedTarget:
        """What the lock says of these files once they are written."""
        left = {folder: dict(hashes) for folder, hashes in self.left.items()}
        return LockedTarget(self.made, self.folder, dict(self.hashes), left)


@dataclass(frozen=True, slots=True)
class WritePolicy:
    """force: files edited by hand and files that are not ours are overwritten.

    keeps_foreign: files that are not known and differ from what would be written count as edited by hand.
    """

    force: bool = False
    keeps_foreign: bool = False


def check_files(root: Path, files: FileSet, policy: WritePolicy) -> None:
    """Refuses what may not be written. It comes before anything is recorded: a recorded file counts as ours.

    Raises:
        WorkFailed: `id_clash`, `unsafe_path`, `output_conflict`, or what reading a file met.
    """
    check_owners(files)
    if not policy.force and not policy.keeps_foreign:
        check_foreign(root, files)


def check_owners(files: FileSet) -> None:
    """Refuses a set that would write another asset's file.

    Raises:
        WorkFailed: `id_clash`.
    """
    for file in files.files:
        shown = join_path(files.folder, file.path)
        owner = files.owners.get(shown.casefold())
        if owner is not None and owner != files.asset_id:
            raise WorkFailed(
                "id_clash",
                f"{shown} is already an output of {owner}",
                hint=f"Rename one of the specs {owner} and {files.asset_id}.",
                where=Where(shown),
            )


def check_foreign(root: Path, files: FileSet) -> None:
    """Refuses a set that would overwrite a file which is not ours.

    Raises:
        WorkFailed: `output_conflict`, or what reading the file met.
    """
    for file in files.files:
        if file.path in files.recorded or file.policy is Policy.CREATE:
            continue
        shown = join_path(files.folder, file.path)
        present = _read_present(RootFolder(root), shown)
        if present is not None and present != file.data and not _is_ours(file, present, files):
            raise _in_the_way(shown)


def write_files(root: Path, files: FileSet, policy: WritePolicy) -> Written:
    """Stages all files of a set, then moves them in place in order; equal files are not touched.

    A file edited by hand is kept (reported as drifted) unless forced; a file that we never wrote is an error unless
    it already holds the same bytes.

    Raises:
        WorkFailed: `output_conflict`, `output_unwritable`, `disk_full`; nothing was replaced then.
    """
    folder = RootFolder(root)
    written = Written()
    staged: list[Staged] = []
    try:
        for file in files.files:
            shown = join_path(files.folder, file.path)
            present = _read_present(folder, shown)
            if present == file.data or (file.policy is Policy.CREATE and present is not None and not is_torn(present)):
                continue
            if present is not None and not policy.force and not _is_ours(file, present, files):
                if file.path not in files.recorded and not policy.keeps_foreign:
                    raise _in_the_way(shown)
                written.drifted.append(shown)
                continue
            try:
                staged.append(folder.stage(shown, file.data))
            except OSError as error:
                raise describe_failure(error, shown) from error
        for one in staged:
            try:
                folder.commit(one)
            except OSError as error:
                raise describe_failure(error, one.path) from error
            written.changed.append(one.path)
    except BaseException:
        folder.discard(staged)
        raise
    return written


def _read_present(folder: RootFolder, path: str) -> bytes | None:
    try:
        return folder.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise describe_failure(error, path) from error


def _is_ours(file: OutputFile, present: bytes, files: FileSet) -> bool:
    recorded = files.recorded.get(file.path)
    if recorded is not None and is_torn(present):
        return True
    if file.policy is Policy.MERGE:
        if recorded is not None:
            return True
        try:
            return files.owned_hash(file.path, present) == (file.owned or files.owned_hash(file.path, file.data))
        except ValueError:
            return False
    now = content_hash(file.path, present)
    return now in (recorded, content_hash(file.path, file.data))


def _in_the_way(shown: str) -> WorkFailed:
    return WorkFailed(
        "output_conflict",
        f"{shown} exists and was not written by assetbridge; it is kept",
        hint="Move or rename that file or the spec, or overwrite it with --force.",
        where=Where(shown),
    )


@dataclass(frozen=True, slots=True)
class TargetFiles:
    """What only a target's exporter knows of files. exporter: None where its package is gone. project: its id."""

    exporter: Exporter | None
    project: str

    def folder_file(self, folder: str) -> OutputFile | None:
        """What the engine keeps beside a folder of its output folder; None for that folder itself and most engines."""
        if folder == "." or not isinstance(self.exporter, FolderExporter):
            return None
        return self.exporter.folder_file(folder, self.project)

    def has_owned_hash(self, path: str, data: bytes, recorded: str) -> bool:
        """Whether what is ours in a merged file is as the lock recorded it."""
        try:
            return self.exporter is not None and MERGED + self.exporter.owned_hash(path, data) == recorded
        except ValueError:
            return False


def target_files(target: str, project: str) -> TargetFiles:
    """What a target's exporter knows of its files; the lock may name a target whose package is gone.

    project: the project's id.
    """
    try:
        return TargetFiles(registry.load_exporter(target), project)
    except TargetError:
        return TargetFiles(None, project)


def write_folder_files(root: Path, folder: str, paths: Iterable[str], engine: TargetFiles) -> Written:
    """Writes what the engine keeps beside the folders of these outputs, outer ones first, where nothing is yet.

    Such a file belongs to no asset: it is in no lock entry, and one that an editor or a user wrote stays.

    Raises:
        WorkFailed: `output_unwritable`, `disk_full`.
    """
    result = Written()
    for parent in sorted({str(parent) for path in paths for parent in PurePosixPath(path).parents}):
        file = engine.folder_file(parent)
        if file is not None and not (root / folder / file.path).exists():
            shown = join_path(folder, file.path)
            RootFolder(root).write(shown, file.data)
            result.changed.append(shown)
    return result


def remove_stale_files(
    root: Path, folder: str, stale: Mapping[str, str], engine: TargetFiles, policy: WritePolicy
) -> Written:
    """Removes outputs that an asset no longer has, where they are as we wrote them; empty folders go too, and with them
    what we wrote beside them. What is not proven to be ours, by its hash, stays and is reported as drifted.

    Raises:
        WorkFailed: `unsafe_path`, or what reading and removing met.
    """
    disk = RootFolder(root)
    result = Written()
    # What has no hash of its own comes after the file that it belongs to.
    for name in sorted(stale, key=lambda name: not stale[name]):
        shown = join_path(folder, name)
        present = _read_present(disk, shown)
        if present is None:
            continue
        if not policy.force and not _is_proven(disk, folder, name, present, stale, engine):
            result.drifted.append(shown)
            continue
        try:
            disk.remove(shown)
        except OSError as error:
            raise describe_failure(error, shown) from error
        result.removed.append(shown)
        result.removed += _prune_folders(disk, folder, PurePosixPath(name).parent, engine)
    return result


def _is_proven(
    disk: RootFolder, folder: str, name: str, present: bytes, stale: Mapping[str, str], engine: TargetFiles
) -> bool:
    """Whether a file is proven to be ours: anyone may have written the lock, but not what has its hashes."""
    recorded = stale[name]
    if is_torn(present):
        return True
    if recorded.startswith(MERGED):
        return engine.has_owned_hash(name, present, recorded)
    if recorded:
        return content_hash(name, present) == recorded
    # Settings that an engine took over (`hero.png.import`) go where their file has gone, which was proven ours.
    owner = name.rpartition(".")[0]
    return bool(stale.get(owner)) and not disk.exists(join_path(folder, owner))


def _prune_folders(disk: RootFolder, top: str, folder: PurePosixPath, engine: TargetFiles) -> Iterator[str]:
    """Removes empty folders up to the output folder `top`; tells the files beside them that went too."""
    while folder.parts:
        file = engine.folder_file(folder.as_posix())
        try:
            disk.remove_folder(join_path(top, folder.as_posix()))
            if file is not None:
                beside = join_path(top, file.path)
                if disk_hash(disk, beside, "") == content_hash(file.path, file.data):
                    disk.remove(beside)
                    yield beside
        except OSError:
            return
        folder = folder.parent
