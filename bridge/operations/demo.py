"""`assetbridge demo DIR`: copies and builds the demo project, so that one command shows what the tool does."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.build.builder import Builder
from bridge.core import atomic_files
from bridge.core.errors import UserError
from bridge.core.paths import GODOT_IGNORE_FILE, PROJECT_FILE
from bridge.media.images import encode_png
from bridge.operations.init_project import GITATTRIBUTES, GITIGNORE
from bridge.operations.plan import make_plan, record_project_state
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


def _copy_tree(source: Traversable, target: Path) -> None:
    for entry in sorted(source.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            _copy_tree(entry, target / entry.name)
        elif entry.name != "__pycache__":
            path = target / entry.name
            if not path.exists():
                atomic_files.write(path, entry.read_bytes(), shown=entry.name)


def copy_demo(root: Path) -> None:
    """Copies the demo's hand-written files into `root`; files that are there already are kept.

    One that is made now is trusted; one that was there may be a stranger's.

    Raises:
        UserError: `file_exists` when the folder holds something that is not the demo.
        WorkFailed: a file cannot be written.
    """
    project = root / PROJECT_FILE
    ours = files("bridge.operations").joinpath(SOURCE, PROJECT_FILE).read_bytes()
    if root.exists() and not root.is_dir():
        raise UserError("file_exists", f"{root.name} is a file", hint="Name a new folder.")
    if root.is_dir() and any(root.iterdir()) and not (project.is_file() and project.read_bytes() == ours):
        raise UserError(
            "file_exists", f"{root.name} is not empty and not the demo", hint="Name a new or an empty folder."
        )
    is_new = not project.exists()
    _copy_tree(files("bridge.operations").joinpath(SOURCE), root)
    if is_new:
        trust_made_project(root)
    for name, text in ((".gitattributes", GITATTRIBUTES), (".gitignore", GITIGNORE)):
        if not (root / name).exists():
            atomic_files.write(root / name, text.encode(), shown=name)
    atomic_files.write(root / GODOT_IGNORE_FILE, b"")


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
        atomic_files.write(root / SHEET, encode_png(contact_sheet(assets)), shown=SHEET)
        atomic_files.write(root / MOVING, render_scene(SCENE, assets), shown=MOVING)
    return results
