"""Output files on the disk: drift, and complete-or-untouched writing of a whole group."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bridge.core import atomic_files as disk
from bridge.core.errors import Where, WorkFailed
from bridge.store.output_hash import MERGED, content_hash, disk_hash
from exporters import registry
from exporters.base import Exporter, FolderExporter, OutputFile, Policy
from exporters.target import TargetError


@dataclass(slots=True)
class Written:
    """What happened to a group: paths (project-relative) written, left because edited by hand, and removed."""

    changed: list[str] = field(default_factory=list)
    drifted: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    """The files of one asset for one target.

    folder: output folder relative to the project. before: recorded hashes by path of the last time.
    owners: project-relative path, case folded (some systems keep one file for both) → id of another asset that owns
    it.
    """

    asset_id: str
    folder: str
    files: Sequence[OutputFile]
    before: Mapping[str, str]
    owners: Mapping[str, str]


def check_owners(group: Group, shown: Callable[[str], str]) -> None:
    """Refuses a group that would write another asset's file.

    Raises:
        WorkFailed: `id_clash`.
    """
    for file in group.files:
        other = group.owners.get(shown(file.path).casefold())
        if other is not None and other != group.asset_id:
            raise WorkFailed(
                "id_clash",
                f"{shown(file.path)} is already an output of {other}",
                hint=f"Rename one of the specs {other} and {group.asset_id}.",
                where=Where(shown(file.path)),
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


def check_foreign(root: Path, group: Group, owned_hash: Callable[[str, bytes], str]) -> None:
    """Refuses a group that would overwrite a file which is not ours.

    It comes before anything is recorded: a recorded file counts as ours.

    Raises:
        WorkFailed: `output_conflict`, or what reading the file met.
    """
    for file in group.files:
        if file.path in group.before or file.policy is Policy.CREATE:
            continue
        shown = str(PurePosixPath(group.folder) / file.path)
        present = _read(root / group.folder / file.path, shown)
        if present is not None and present != file.data and not _ours(file, present, group, owned_hash):
            raise _in_the_way(shown)


def write_group(root: Path, group: Group, owned_hash: Callable[[str, bytes], str], *, force: bool) -> Written:
    """Stages all files of a group, then moves them in place in order; equal files are not touched.

    A file edited by hand is kept (reported as drifted) unless forced; a file that we never wrote is an error unless
    it already holds the same bytes.

    Raises:
        WorkFailed: `output_conflict`, `output_unwritable`, `disk_full`; nothing was replaced then.
    """
    folder = root / group.folder
    written = Written()
    staged: list[tuple[Path, Path, str]] = []
    try:
        for file in group.files:
            path = folder / file.path
            shown = str(PurePosixPath(group.folder) / file.path)
            present = _read(path, shown)
            if present == file.data or (file.policy is Policy.CREATE and present is not None):
                continue
            if present is not None and not force and not _ours(file, present, group, owned_hash):
                if file.path not in group.before:
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


def _read(path: Path, shown: str) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk.describe_failure(error, path, shown) from error


def _ours(file: OutputFile, present: bytes, group: Group, owned_hash: Callable[[str, bytes], str]) -> bool:
    before = group.before.get(file.path)
    if file.policy is Policy.MERGE:
        if before is not None:
            return True
        try:
            return owned_hash(file.path, present) == (file.owned or owned_hash(file.path, file.data))
        except ValueError:
            return False
    now = content_hash(file.path, present)
    return now in (before, content_hash(file.path, file.data))


def _in_the_way(shown: str) -> WorkFailed:
    return WorkFailed(
        "output_conflict",
        f"{shown} exists and was not written by assetbridge; it is kept",
        hint="Move or rename that file or the spec, or overwrite it with --force.",
        where=Where(shown),
    )


Beside = Callable[[str], OutputFile | None]


def beside_of(target: str, project: str) -> Beside:
    """What a target's engine keeps beside a folder of its output folder; None for that folder itself and most engines.

    project: the project's id.
    """
    try:
        exporter: Exporter | None = registry.load_exporter(target)
    except TargetError:
        # The lock may name a target whose package is gone.
        exporter = None

    def beside(folder: str) -> OutputFile | None:
        if folder == "." or not isinstance(exporter, FolderExporter):
            return None
        return exporter.folder_file(folder, project)

    return beside


def write_beside(root: Path, folder: str, paths: Iterable[str], beside: Beside) -> Written:
    """Writes what the engine keeps beside the folders of these outputs, outer ones first, where nothing is yet.

    Such a file belongs to no asset: it is in no lock entry, and one that an editor or a user wrote stays.

    Raises:
        WorkFailed: `output_unwritable`, `disk_full`.
    """
    result = Written()
    for parent in sorted({str(parent) for path in paths for parent in PurePosixPath(path).parents}):
        file = beside(parent)
        if file is not None and not (root / folder / file.path).exists():
            shown = str(PurePosixPath(folder) / file.path)
            disk.write(root / folder / file.path, file.data, shown=shown)
            result.changed.append(shown)
    return result


def remove_stale(root: Path, folder: str, gone: Mapping[str, str], beside: Beside, *, force: bool = False) -> Written:
    """Removes outputs that an asset no longer has, where they are as we wrote them; empty folders go too, and with them
    what we wrote beside them.

    Raises:
        WorkFailed: `output_outside`, or what reading and removing met.
    """
    check_inside(root, folder, gone)
    result = Written()
    for name, recorded in gone.items():
        path = root / folder / name
        shown = str(PurePosixPath(folder) / name)
        if not path.is_file():
            continue
        if not force and recorded and not recorded.startswith(MERGED):
            present = _read(path, shown)
            if present is not None and content_hash(name, present) != recorded:
                result.drifted.append(shown)
                continue
        try:
            path.unlink()
        except OSError as error:
            raise disk.describe_failure(error, path, shown) from error
        result.removed.append(shown)
        result.removed += [str(PurePosixPath(folder) / path) for path in _prune(path.parent, root / folder, beside)]
    return result


def _prune(folder: Path, top: Path, beside: Beside) -> Iterator[str]:
    """Removes empty folders up to the output folder; tells the files beside them that went too."""
    while folder != top and top in folder.parents:
        file = beside(folder.relative_to(top).as_posix())
        try:
            folder.rmdir()
            if file is not None and disk_hash(top / file.path, "") == content_hash(file.path, file.data):
                (top / file.path).unlink()
                yield file.path
        except OSError:
            return
        folder = folder.parent
