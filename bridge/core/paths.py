"""Where a project is (the folder with `assetbridge.toml`), and what its files are called."""

from __future__ import annotations

from pathlib import Path

from bridge.core.errors import UserError

FILE_NAME = "assetbridge.toml"


def find_project(start: Path) -> Path:
    """The folder with assetbridge.toml: `start` or one above it.

    Raises:
        UserError: `no_project`.
    """
    folder = start.absolute()
    for parent in (folder, *folder.parents):
        if (parent / FILE_NAME).is_file():
            return parent
    raise UserError(
        "no_project",
        f"there is no {FILE_NAME} in {start.name or 'this folder'} or above it",
        hint="Make one with `assetbridge init`, or name the project's folder with --project.",
    )


def is_text(name: str) -> bool:
    """Whether a file's name is Unicode; another cannot be written in a spec, a lock or on the screen."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
