"""Installing the addons for engines that come with assetbridge, and telling whether an installed one is current.

An addon is copied into its engine's folder together with a manifest: version and sha256 of every file (line ends
aside, which version control may change). So a later installation knows which files the user has edited since.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.config.project_config import Config, read_config
from bridge.core import launchers, limits
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError, WorkFailed
from bridge.core.folder_entry import split_path
from bridge.core.json_text import parse_json
from bridge.core.paths import find_project
from bridge.core.root_folder import RootFolder, Staged

MANIFEST = ".manifest.json"
_SOURCES = {"godot": "godot_addon", "tiled": "tiled_extension"}
ENGINES = tuple(sorted(_SOURCES))
_IGNORED = ("__pycache__", ".DS_Store")


@dataclass(frozen=True, slots=True)
class AddonManifest:
    """What an installation wrote: its version, and sha256 by path in the addon's folder."""

    version: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AddonInstallation:
    """What an installation did: the folder, and the files it wrote and removed (paths in the folder)."""

    folder: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]


def packaged_files(engine: str) -> dict[str, bytes]:
    """The files of an addon as they come with this installation: from the wheel, or from the repository.

    Raises:
        WorkFailed: `addon_missing`, in an incomplete installation.
    """
    name = _SOURCES[engine]
    package = Path(__file__).parents[1]
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file() and not any(part in _IGNORED for part in path.parts)
            }
    raise WorkFailed("addon_missing", f"this installation has no addon for {engine}", hint="Install assetbridge again.")


def folder_of(engine: str, config: Config | None, *, in_project: bool = False) -> RootFolder:
    """Where an addon belongs: in the Godot project, or in the user's folder of Tiled extensions.

    in_project: of Tiled's, in the extensions folder of the Tiled project instead.

    Raises:
        UserError: `config_invalid`, without a Godot target with a project.godot, or without a Tiled project.
    """
    if engine == "tiled":
        return (tiled_project_extensions(config) if in_project else RootFolder(tiled_extensions())).below("assetbridge")
    target = config.targets.get("godot") if config is not None else None
    if config is None or target is None:
        raise UserError(
            "config_invalid", "there is no [targets.godot]", hint="Add it to assetbridge.toml with the game's root."
        )
    game = RootFolder(config.root).below(target.root)
    if not game.is_file("project.godot"):
        raise UserError(
            "config_invalid",
            f"there is no project.godot in {target.root}",
            hint="Set root in [targets.godot] to its folder.",
        )
    return game.below("addons/assetbridge")


def tiled_extensions() -> Path:
    """The user's folder of Tiled extensions (Tiled manual, "Scripting": script extensions)."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "Tiled" / "extensions"
    if sys.platform == "darwin":
        return Path.home() / "Library/Preferences/Tiled/extensions"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "tiled" / "extensions"


def tiled_project_extensions(config: Config | None) -> RootFolder:
    """The extensions folder of the Tiled project: the nearest `.tiled-project` from the Tiled target's folder up to the
    project's own (Tiled manual, "Projects": Extensions Directory).

    Raises:
        UserError: `config_invalid`: there is none, or its folder lies outside of the project.
    """
    if config is not None:
        target = config.targets.get("tiled")
        root = config.root.resolve()
        start = (config.root / (target.path if target else "")).resolve()
        for folder in (start, *start.parents):
            for path in sorted(folder.glob("*.tiled-project")) if folder.is_relative_to(root) else ():
                extensions = _resolve_extensions(root, path)
                if extensions is not None:
                    return RootFolder(root).below(extensions)
                raise UserError(
                    "config_invalid",
                    f"the extensions folder of {path.name} lies outside of the project",
                    hint="Tiled: Project → Project Properties → Extensions Directory.",
                )
    raise UserError(
        "config_invalid",
        "there is no .tiled-project in this project",
        hint="Tiled: Project → Save Project As…; or leave out --in-project to install it for yourself.",
    )


def _resolve_extensions(root: Path, project: Path) -> str | None:
    """The extensions folder of a Tiled project, relative to `root`; None where it lies outside."""
    try:
        path = project.relative_to(root).as_posix()
        document = parse_json(RootFolder(root).read_source(path, limits.JSON_BYTES))
        named = str(document.get("extensionsPath") or "extensions")
    except (OSError, ValueError, AttributeError):
        named = "extensions"
    try:
        extensions = (project.parent / named).resolve()
    except (OSError, ValueError):
        # A NUL, or links in a circle.
        return None
    return extensions.relative_to(root).as_posix() if extensions.is_relative_to(root) else None


def manifest_of(folder: RootFolder) -> AddonManifest | None:
    """What the last installation wrote; None when there was none or its manifest is damaged."""
    try:
        facts = parse_json(folder.read(MANIFEST, limits.JSON_BYTES))
        files = {str(path): str(value) for path, value in facts["files"].items()}
        for path in files:
            # A manifest that names files elsewhere was not written by an installation.
            split_path(path)
        return AddonManifest(str(facts["version"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def edited_files(folder: RootFolder, files: Mapping[str, bytes]) -> list[str]:
    """Files in the folder that an installation of `files` would lose changes of, sorted."""
    known = manifest_of(folder) or AddonManifest()
    changed = []
    for path in sorted({*files, *known.files}):
        present = _digest_file(folder, path)
        ours = {known.files.get(path), _digest_bytes(files[path]) if path in files else None}
        if present is not None and present not in ours:
            changed.append(path)
    return changed


def install_files(folder: RootFolder, files: Mapping[str, bytes], *, force: bool = False) -> AddonInstallation:
    """Makes the folder hold exactly these files of ours; files that are not ours stay.

    Raises:
        UserError: `addon_edited`, naming the files that the user has changed (not with `force`).
        WorkFailed: `disk_full`, `output_unwritable`; no file was replaced by a part of another.
    """
    lost = [] if force else edited_files(folder, files)
    if lost:
        raise UserError(
            "addon_edited",
            f"these files of the addon were edited: {', '.join(lost)}",
            hint="Keep a copy of them, then run the command again with --force.",
        )
    before = manifest_of(folder) or AddonManifest()
    written = [path for path, data in files.items() if _read_bytes(folder, path) != data]
    _replace_files(folder, {path: files[path] for path in written})
    removed = [path for path in before.files if path not in files and folder.is_file(path)]
    for path in removed:
        _remove_file(folder, path)
    facts = {"version": __version__, "files": {path: _digest_bytes(data) for path, data in sorted(files.items())}}
    folder.write(MANIFEST, _encode_json(facts))
    return AddonInstallation(folder.path, tuple(written), tuple(sorted(removed)))


def install_addon(engine: str, start: Path, *, force: bool, in_project: bool) -> AddonInstallation:
    """Puts an addon where its engine looks for it, and writes down for it how assetbridge is started.

    start: a folder of the project; without a project, Tiled's addon is installed for the user.

    Raises:
        UserError: `no_project`, `config_invalid`, `addon_edited`. WorkFailed: it is incomplete or cannot be written.
    """
    try:
        config = read_config(find_project(start))
    except UserError as error:
        # Tiled's addon belongs to the user, not to a project.
        if engine == "godot" or error.code != "no_project":
            raise
        config = None
    folder = folder_of(engine, config, in_project=in_project)
    done = install_files(folder, packaged_files(engine), force=force)
    launchers.record_launcher(None if config is None else config.root, as_default=True)
    return done


def other_version(folder: RootFolder) -> str:
    """The version of an installed addon when it is another than this assetbridge's; empty otherwise.

    What Godot reads counts beside the manifest: copying by hand or version control may have brought one of them only.
    """
    manifest = manifest_of(folder)
    versions = (_plugin_version(folder), manifest.version if manifest is not None else "")
    return next((version for version in versions if version not in ("", __version__)), "")


def outdated_files(folder: RootFolder, files: Mapping[str, bytes]) -> list[str]:
    """Files of an installed addon that are missing or not the bytes of `files`, sorted; of those that the user has not
    edited. Empty where nothing is installed.
    """
    if manifest_of(folder) is None and not any(folder.is_file(path) for path in files):
        return []
    lost = edited_files(folder, files)
    return sorted(
        path for path, data in files.items() if path not in lost and _digest_file(folder, path) != _digest_bytes(data)
    )


def _plugin_version(folder: RootFolder) -> str:
    """The version that a Godot addon says it is; empty when there is none."""
    text = (_read_bytes(folder, "plugin.cfg") or b"").decode(errors="replace")
    version = re.search(r'^version="([^"]*)"', text, re.MULTILINE)
    return version[1] if version else ""


def _replace_files(folder: RootFolder, files: Mapping[str, bytes]) -> None:
    """Stages everything before anything is replaced, so that a full disk leaves the old addon whole."""
    staged: list[Staged] = []
    try:
        for path, data in files.items():
            staged.append(folder.stage(path, data))
        for one in staged:
            folder.commit(one)
    except OSError as error:
        folder.discard(staged)
        raise describe_failure(error, folder.path) from error


def _remove_file(folder: RootFolder, path: str) -> None:
    try:
        folder.remove(path)
    except OSError as error:
        raise describe_failure(error, path) from error


def _read_bytes(folder: RootFolder, path: str) -> bytes | None:
    try:
        return folder.read(path)
    except OSError:
        return None


def _digest_file(folder: RootFolder, path: str) -> str | None:
    data = _read_bytes(folder, path)
    return None if data is None else _digest_bytes(data)


def _digest_bytes(data: bytes) -> str:
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def _encode_json(facts: Mapping[str, Any]) -> bytes:
    return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()
