"""Output files on the disk: drift, and complete-or-untouched writing of a whole group."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bridge.core import atomic_files as disk
from bridge.core import limits
from bridge.core.errors import Where, WorkFailed
from bridge.store.lock_entry import LockedTarget, join_path
from bridge.store.output_hash import MERGED, content_hash, disk_hash
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
    """force: files edited by hand and files that are not ours are overwritten."""

    force: bool = False


def check_files(root: Path, files: FileSet, policy: WritePolicy) -> None:
    """Refuses what may not be written. It comes before anything is recorded: a recorded file counts as ours.

    Raises:
        WorkFailed: `id_clash`, `output_outside`, `output_conflict`, or what reading a file met.
    """
    check_owners(files)
    check_inside(root, files.folder, (file.path for file in files.files))
    if not policy.force:
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


def check_inside(root: Path, folder: str, paths: Iterable[str]) -> None:
    """Refuses paths that lie outside their output folder, by `..` or through a link.

    Raises:
        WorkFailed: `output_outside`.
    """
    top = os.path.realpath(root / folder)
    for parent in sorted({PurePosixPath(path).parent for path in paths}):
        real = os.path.realpath(root / folder / parent)
        if real != top and not real.startswith(top.rstrip(os.sep) + os.sep):
            shown = str(PurePosixPath(folder) / parent)
            raise WorkFailed(
                "output_outside",
                f"{shown} leads out of the output folder {folder}",
                hint="Put a real folder in place of the link.",
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
        shown = str(PurePosixPath(files.folder) / file.path)
        present = _read_present(root / files.folder / file.path, shown)
        if present is not None and present != file.data and not _is_ours(file, present, files):
            raise _in_the_way(shown)


def write_files(root: Path, files: FileSet, policy: WritePolicy) -> Written:
    """Stages all files of a set, then moves them in place in order; equal files are not touched.

    A file edited by hand is kept (reported as drifted) unless forced; a file that we never wrote is an error unless
    it already holds the same bytes.

    Raises:
        WorkFailed: `output_conflict`, `output_unwritable`, `disk_full`; nothing was replaced then.
    """
    folder = root / files.folder
    written = Written()
    staged: list[tuple[Path, Path, str]] = []
    try:
        for file in files.files:
            path = folder / file.path
            shown = str(PurePosixPath(files.folder) / file.path)
            present = _read_present(path, shown)
            if present == file.data or (file.policy is Policy.CREATE and present is not None):
                continue
            if present is not None and not policy.force and not _is_ours(file, present, files):
                if file.path not in files.recorded:
                    raise _in_the_way(shown)
                written.drifted.append(shown)
                continue
            try:
                staged.append((disk.stage(path, file.data), path, shown))
            except OSError as error:
                raise disk.describe_failure(error, path, shown) from error
        for temp, path, shown in staged:
            try:
                disk.commit(temp, path)
            except OSError as error:
                raise disk.describe_failure(error, path, shown) from error
            written.changed.append(shown)
    except BaseException:
        disk.discard(temp for temp, _, _ in staged)
        raise
    return written


def _read_present(path: Path, shown: str) -> bytes | None:
    try:
        return limits.read_bounded(path, limits.SOURCE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk.describe_failure(error, path, shown) from error


def _is_ours(file: OutputFile, present: bytes, files: FileSet) -> bool:
    recorded = files.recorded.get(file.path)
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


FolderFile = Callable[[str], OutputFile | None]
"""What an engine keeps beside a folder of its output folder, by the folder's path; None for most."""


def folder_files(target: str, project: str) -> FolderFile:
    """What a target's engine keeps beside a folder of its output folder; None for that folder itself and most engines.

    project: the project's id.
    """
    try:
        exporter: Exporter | None = registry.load_exporter(target)
    except TargetError:
        # The lock may name a target whose package is gone.
        exporter = None

    def folder_file(folder: str) -> OutputFile | None:
        if folder == "." or not isinstance(exporter, FolderExporter):
            return None
        return exporter.folder_file(folder, project)

    return folder_file


def write_folder_files(root: Path, folder: str, paths: Iterable[str], folder_file: FolderFile) -> Written:
    """Writes what the engine keeps beside the folders of these outputs, outer ones first, where nothing is yet.

    Such a file belongs to no asset: it is in no lock entry, and one that an editor or a user wrote stays.

    Raises:
        WorkFailed: `output_unwritable`, `disk_full`.
    """
    result = Written()
    for parent in sorted({str(parent) for path in paths for parent in PurePosixPath(path).parents}):
        file = folder_file(parent)
        if file is not None and not (root / folder / file.path).exists():
            shown = str(PurePosixPath(folder) / file.path)
            disk.write(root / folder / file.path, file.data, shown=shown)
            result.changed.append(shown)
    return result


def remove_stale_files(
    root: Path, folder: str, stale: Mapping[str, str], folder_file: FolderFile, policy: WritePolicy
) -> Written:
    """Removes outputs that an asset no longer has, where they are as we wrote them; empty folders go too, and with them
    what we wrote beside them.

    Raises:
        WorkFailed: `output_outside`, or what reading and removing met.
    """
    check_inside(root, folder, stale)
    result = Written()
    for name, recorded in stale.items():
        path = root / folder / name
        shown = str(PurePosixPath(folder) / name)
        if not path.is_file():
            continue
        if not policy.force and recorded and not recorded.startswith(MERGED):
            present = _read_present(path, shown)
            if present is not None and content_hash(name, present) != recorded:
                result.drifted.append(shown)
                continue
        try:
            path.unlink()
        except OSError as error:
            raise disk.describe_failure(error, path, shown) from error
        result.removed.append(shown)
        result.removed += [
            str(PurePosixPath(folder) / path) for path in _prune_folders(path.parent, root / folder, folder_file)
        ]
    return result


def _prune_folders(folder: Path, top: Path, folder_file: FolderFile) -> Iterator[str]:
    """Removes empty folders up to the output folder; tells the files beside them that went too."""
    while folder != top and top in folder.parents:
        file = folder_file(folder.relative_to(top).as_posix())
        try:
            folder.rmdir()
            if file is not None and disk_hash(top / file.path, "") == content_hash(file.path, file.data):
                (top / file.path).unlink()
                yield file.path
        except OSError:
            return
        folder = folder.parent
