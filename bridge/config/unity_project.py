"""What a Unity project says about itself: its editor and whether the tiles that need a package have it."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.core import limits
from bridge.core.json_text import parse_json
from bridge.core.root_folder import RootFolder

VERSION_FILE = "ProjectSettings/ProjectVersion.txt"
VERSION = re.compile(r"^m_EditorVersion:\s*(\d+\.\d+)", re.MULTILINE)
# The feature set and the template of 2D projects bring the package along.
EXTRAS = ("com.unity.2d.tilemap.extras", "com.unity.feature.2d")


def version_file(root: str) -> str:
    """The file in which a Unity project at `root` names its editor."""
    return VERSION_FILE if root in ("", ".") else f"{root}/{VERSION_FILE}"


def read_editor_version(root: Path, project: str) -> str | None:
    """`2022.3` as the Unity project in a folder of `root` names it; None where that cannot be read."""
    try:
        path = version_file(project)
        text = RootFolder(root).read_source(path, limits.SPEC_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return None
    match = VERSION.search(text)
    return match[1] if match else None


def has_tilemap_extras(root: Path, project: str) -> bool | None:
    """Whether RuleTile and AnimatedTile are there; None where the list of packages cannot be read."""
    try:
        path = f"{project}/Packages/manifest.json"
        manifest = parse_json(RootFolder(root).read_source(path, limits.JSON_BYTES))
    except (OSError, ValueError):
        return None
    packages = manifest.get("dependencies") if isinstance(manifest, dict) else None
    return any(name in packages for name in EXTRAS) if isinstance(packages, dict) else None
