"""Where a project is (the folder with `assetbridge.toml`), and what its files are called."""

from __future__ import annotations

import os
from pathlib import Path

from bridge.core.errors import UserError

PROJECT_FILE = "assetbridge.toml"
# `1` says that the projects at hand are the user's own: for continuous integration.
TRUST_VARIABLE = "ASSETBRIDGE_TRUST"
SPEC_SUFFIX = ".asset.toml"
SPEC_PATTERN = f"**/*{SPEC_SUFFIX}"

# All relative to the project's folder, with slashes, as messages show them.
MEMORY_FOLDER = ".assetbridge"
STORE_FOLDER = f"{MEMORY_FOLDER}/store"
PREVIEW_FOLDER = f"{MEMORY_FOLDER}/previews"
INSPECT_FOLDER = f"{MEMORY_FOLDER}/inspect"
LINT_FOLDER = f"{MEMORY_FOLDER}/lint"
STATE_FILE = f"{MEMORY_FOLDER}/state.db"
JOURNAL_FILE = f"{MEMORY_FOLDER}/journal.db"
OWNER_FILE = f"{MEMORY_FOLDER}/owner.json"
OWNER_LOCK_FILE = f"{MEMORY_FOLDER}/owner.lock"
DAEMON_FILE = f"{MEMORY_FOLDER}/daemon.json"
DAEMON_LOG_FILE = f"{MEMORY_FOLDER}/daemon.log"
DAEMON_LOCK_FILE = f"{MEMORY_FOLDER}/daemon.lock"
CRASH_LOG_FILE = f"{MEMORY_FOLDER}/crash.log"
SCHEMA_FILE = f"{MEMORY_FOLDER}/spec.schema.json"
# Godot leaves a folder with such a file alone.
GODOT_IGNORE_FILE = f"{MEMORY_FOLDER}/.gdignore"


def spec_file(asset_id: str) -> str:
    """The spec of an asset, relative to the project."""
    return f"{asset_id}{SPEC_SUFFIX}"


def asset_id_of(spec_path: str) -> str:
    """The asset of a spec that is named relative to the project; an id stays as it is."""
    return spec_path.removesuffix(SPEC_SUFFIX)


def find_project(start: Path) -> Path:
    """The folder with assetbridge.toml: `start` or one above it.

    A folder above counts only where it and its project file are this user's: in a folder that several users share,
    anyone may put a project file for all who work below. `start` itself is the user's choice. (git came to the same
    rule: git-config(1), `safe.directory`.)

    Raises:
        UserError: `no_project`; `foreign_project`: the project above belongs to another user.
    """
    folder = start.absolute()
    for parent in (folder, *folder.parents):
        if (parent / PROJECT_FILE).is_file():
            if parent != folder and not _is_own_project(parent, folder):
                raise UserError(
                    "foreign_project",
                    f"the project in {parent} belongs to another user",
                    hint=f"If you mean it, name it: --project {parent}",
                )
            return parent
    raise UserError(
        "no_project",
        f"there is no {PROJECT_FILE} in {start.name or 'this folder'} or above it",
        hint="Make one with `assetbridge init`, or name the project's folder with --project.",
    )


def _is_own_project(folder: Path, start: Path) -> bool:
    """Whether a project that was found above `start` may be meant: its file and its folder belong to this user or to
    the system's. A system's user in a container works in the folders of others: there all have one owner.
    """
    if os.name == "nt" or os.environ.get(TRUST_VARIABLE) == "1":
        return True
    own = {os.geteuid(), 0}
    if os.geteuid() == 0 and start.exists():
        own.add(start.stat().st_uid)
    return {folder.stat().st_uid, (folder / PROJECT_FILE).lstat().st_uid} <= own


def is_text(name: str) -> bool:
    """Whether a file's name is Unicode; another cannot be written in a spec, a lock or on the screen."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def lies_inside(root: str, path: str, folders: dict[str, str]) -> bool:
    """Whether a file of the project really is in it, through whatever links. folders: the real
    places of folders that were asked for before, by text; filled here."""
    top = _real_folder(root, folders)
    folder, _, name = f"{root}/{path}".rpartition("/")
    # Text, for an asset may have hundreds of frames, and a Path costs more than the question.
    real = f"{_real_folder(folder, folders)}/{name}"
    if os.path.islink(real):  # noqa: PTH114
        real = os.path.realpath(real)
    try:
        return os.path.commonpath([real, top]) == top
    except ValueError:
        # On Windows: they lie on two drives.
        return False


def _real_folder(folder: str, known: dict[str, str]) -> str:
    if folder not in known:
        known[folder] = os.path.realpath(folder)
    return known[folder]
