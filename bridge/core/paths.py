"""Where a project is: the folder with `assetbridge.toml`."""

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
    for place in (folder, *folder.parents):
        if (place / FILE_NAME).is_file():
            return place
    raise UserError(
        "no_project",
        f"there is no {FILE_NAME} in {start.name or 'this folder'} or above it",
        hint="Make one with `assetbridge init`, or name the project's folder with --project.",
    )
