"""`assetbridge demo DIR`: copies and builds the demo project, so that one command shows what the tool does."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.build.builder import Builder
from bridge.config.project_config import read_config
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError
from bridge.core.paths import GODOT_IGNORE_FILE, PROJECT_FILE
from bridge.core.root_folder import RootFolder
from bridge.media.images import encode_png
from bridge.operations.plan import make_plan, record_project_state
from bridge.operations.set_up_git import write_git_files
from bridge.operations.trust_project import trust_made_project
from bridge.preview.contact_sheet import contact_sheet
from bridge.preview.demo_scene import SCENE
from bridge.preview.scene import render_scene
from bridge.project import Project

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult
    from bridge.operations.build_project import BuildProgress

SOURCE = "demo_project"
SHEET = "contact_sheet.png"
MOVING = "moving.gif"


def _copy_tree(source: Traversable, target: RootFolder, prefix: str = "") -> None:
    for entry in sorted(source.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            _copy_tree(entry, target, f"{prefix}{entry.name}/")
        elif entry.name != "__pycache__":
            _write_missing(target, prefix + entry.name, entry.read_bytes())


def _write_missing(folder: RootFolder, path: str, data: bytes) -> None:
    try:
        is_there = folder.exists(path)
    except OSError as error:
        raise describe_failure(error, path) from error
    if not is_there:
        folder.write(path, data)


def copy_demo(root: Path) -> None:
    """Copies the demo's hand-written files into `root`; files that are there already are kept.

    One that is made now is trusted; one that was there may be a stranger's.

    Raises:
        UserError: `file_exists` when the folder holds something that is not the demo.
        WorkFailed: a file cannot be written.
    """
    folder = RootFolder(root)
    ours = files("bridge.operations").joinpath(SOURCE, PROJECT_FILE).read_bytes()
    if root.exists() and not root.is_dir():
        raise UserError("file_exists", f"{root.name} is a file", hint="Name a new folder.")
    if root.is_dir() and any(root.iterdir()) and not _holds(folder, PROJECT_FILE, ours):
        raise UserError(
            "file_exists", f"{root.name} is not empty and not the demo", hint="Name a new or an empty folder."
        )
    is_new = not folder.exists(PROJECT_FILE)
    _copy_tree(files("bridge.operations").joinpath(SOURCE), folder)
    if is_new:
        trust_made_project(root)
    write_git_files(folder, (target.path for target in read_config(root).targets.values()))
    folder.write(GODOT_IGNORE_FILE, b"")


def _holds(folder: RootFolder, path: str, data: bytes) -> bool:
    try:
        return folder.read(path) == data
    except OSError:
        return False


def build_demo(root: Path, progress: BuildProgress) -> list[AssetResult]:
    """Builds the copied demo and draws the two pictures that show it off, `SHEET` and `MOVING`.

    Raises:
        BridgeError: the project is in use, or a file cannot be written.
    """
    with Project.open(root) as project, project.owned():
        planner, plan = make_plan(project)
        try:
            builder = Builder(project, planner, plan, progress)
            results = builder.build()
        finally:
            progress.close()
        record_project_state(project, planner, planner.plan())
        assets = [
            builder.loader.load_processed(planner.evaluation.states[asset_id])
            for asset_id in sorted(planner.evaluation.states)
        ]
        project.folder.write(SHEET, encode_png(contact_sheet(assets)))
        project.folder.write(MOVING, render_scene(SCENE, assets))
    return results
