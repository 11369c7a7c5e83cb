"""`assetbridge init`: the project file, fitted to the engines that are found, and the files version control needs."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from pathlib import Path

from bridge.config.unity_project import VERSION_FILE
from bridge.core.errors import UserError, Where
from bridge.core.paths import GODOT_IGNORE_FILE, PROJECT_FILE, SPEC_PATTERN
from bridge.core.root_folder import RootFolder
from bridge.core.toml import quote_text
from bridge.operations.set_up_git import write_git_files
from bridge.store.lock_entry import join_path

_SKIP = {"node_modules", "addons", "Library", "Temp"}


def _visible_folders(folder: Path) -> list[Path]:
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.is_dir() and not path.name.startswith(".") and path.name not in _SKIP
        )
    except OSError:
        return []


def _searched_folders(root: Path) -> list[Path]:
    first = _visible_folders(root)
    return [root, *first, *(deeper for folder in first for deeper in _visible_folders(folder))]


def _relative_path(root: Path, folder: Path) -> str:
    text = folder.relative_to(root).as_posix()
    return text or "."


def detect_targets(root: Path) -> dict[str, dict[str, object]]:
    """The targets that fit what lies in a folder: Godot and Unity projects, Tiled projects; plain JSON otherwise."""
    folders = _searched_folders(root)
    targets: dict[str, dict[str, object]] = {}
    godot = next((folder for folder in folders if (folder / "project.godot").is_file()), None)
    if godot is not None:
        targets["godot"] = {"root": _relative_path(root, godot), "output": "art/generated"}
    tiled = next((folder for folder in folders if any(folder.glob("*.tiled-project"))), None)
    if tiled is not None:
        path = _relative_path(root, tiled)
        targets["tiled"] = {"output": "tilesets" if path == "." else f"{path}/tilesets"}
    unity = next((folder for folder in folders if (folder / VERSION_FILE).is_file()), None)
    if unity is not None:
        targets["unity"] = {
            "root": _relative_path(root, unity),
            "output": "Assets/Art/Generated",
            "pixels_per_unit": 16,
        }
    if not set(targets) & {"godot", "tiled", "unity"}:
        targets["json"] = {"output": "export"}
    return targets


def project_name(root: Path, wanted: str | None) -> str:
    """A name of letters, digits and hyphens from the folder's name."""
    text = unicodedata.normalize("NFKD", wanted or root.name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-") or "game"


def project_text(name: str, project_id: str, targets: dict[str, dict[str, object]]) -> str:
    """The text of assetbridge.toml."""
    lines = [
        "[project]",
        f"name = {quote_text(name)}",
        f"id = {quote_text(project_id)}   # salts every uid: never change it",
        f'specs = ["{SPEC_PATTERN}"]',
        "",
        "[defaults]   # merged under every spec",
        'provider = "procedural"   # offline, free, deterministic',
    ]
    for target, settings in targets.items():
        lines += ["", f"[targets.{target}]"]
        lines += [
            f"{key} = {quote_text(value) if isinstance(value, str) else json.dumps(value)}"
            for key, value in settings.items()
        ]
    return "\n".join(lines) + "\n"


def init_project(root: Path, name: str | None = None, project_id: str | None = None) -> tuple[list[str], list[str]]:
    """Writes assetbridge.toml, and .gitattributes and .gitignore lines; returns the files written and the targets.

    Raises:
        UserError: `project_exists`.
        WorkFailed: a file cannot be written.
    """
    folder = RootFolder(root)
    if folder.exists(PROJECT_FILE):
        raise UserError(
            "project_exists",
            "this folder is an assetbridge project already",
            hint="Edit its assetbridge.toml.",
            where=Where(PROJECT_FILE),
        )
    targets = detect_targets(root)
    text = project_text(project_name(root, name), project_id or secrets.token_hex(4), targets)
    folder.write(PROJECT_FILE, text.encode())
    written = [PROJECT_FILE]
    outputs = (join_path(str(table.get("root", ".")), str(table["output"])) for table in targets.values())
    written += write_git_files(folder, outputs)
    folder.write(GODOT_IGNORE_FILE, b"")
    return written, list(targets)
