"""`assetbridge demo DIR`: copies the demo project, so that one command shows what the tool does."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bridge.core import atomic_files as disk
from bridge.core.errors import UserError
from bridge.operations.init_project import GITATTRIBUTES, GITIGNORE

SOURCE = "demo_project"


def _copy_tree(source: Traversable, target: Path) -> None:
    for entry in sorted(source.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            _copy_tree(entry, target / entry.name)
        elif entry.name != "__pycache__":
            path = target / entry.name
            if not path.exists():
                disk.write(path, entry.read_bytes(), shown=entry.name)


def copy_demo(root: Path) -> None:
    """Copies the demo's hand-written files into `root`; files that are there already are kept.

    Raises:
        UserError: `file_exists` when the folder holds something that is not the demo.
        WorkFailed: a file cannot be written.
    """
    project = root / "assetbridge.toml"
    ours = files("bridge.operations").joinpath(SOURCE, "assetbridge.toml").read_bytes()
    if root.exists() and not root.is_dir():
        raise UserError("file_exists", f"{root.name} is a file", hint="Name a new folder.")
    if root.is_dir() and any(root.iterdir()) and not (project.is_file() and project.read_bytes() == ours):
        raise UserError(
            "file_exists", f"{root.name} is not empty and not the demo", hint="Name a new or an empty folder."
        )
    _copy_tree(files("bridge.operations").joinpath(SOURCE), root)
    for name, text in ((".gitattributes", GITATTRIBUTES), (".gitignore", GITIGNORE)):
        if not (root / name).exists():
            disk.write(root / name, text.encode(), shown=name)
    disk.write(root / ".assetbridge" / ".gdignore", b"")
