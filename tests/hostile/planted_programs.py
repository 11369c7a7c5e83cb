"""Everything that a program may look for in the folder where it is started, and what each does: it leaves a mark."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

# What comes with Python's own start, before any code of ours.
CUSTOMS = ("sitecustomize", "usercustomize")
PROGRAMS = ("assetbridge", "python", "python3", "git", "ffmpeg", "rclone", "sh", "xdg-open", "godot", "tiled")
GROUPS = ("pydantic", "assetbridge.providers", "assetbridge.exporters", "keyring.backends")


@dataclass(frozen=True)
class Traps:
    """A folder full of them. mark: the file, outside of it, in which each one that ran says its name."""

    folder: Path
    mark: Path

    def sprung(self) -> list[str]:
        """Which of them ran."""
        return self.mark.read_text(encoding="utf-8").split() if self.mark.exists() else []


def set_traps(folder: Path, mark: Path, *, left_out: Collection[str] = ()) -> Traps:
    """Puts modules, packages, metadata and programs of every name that matters into a folder. left_out: modules."""
    traps = Traps(folder, mark)
    libraries = set(importlib.metadata.packages_distributions())
    names = {name for name in sys.stdlib_module_names | libraries if name.isidentifier()}
    names |= {*CUSTOMS, "bridge", "exporters", "soundfile", "evil_plugin", "conftest"}
    for name in names - {*left_out}:
        text = f"open({str(mark)!r}, 'a').write({name + chr(10)!r})\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        if name in ("encodings", "multiprocessing", "numpy", "exporters"):
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(text, encoding="utf-8")
    facts = folder / "evil_plugin-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: evil-plugin\nVersion: 1.0\n", encoding="utf-8")
    points = "".join(f"[{group}]\nevil = evil_plugin:plugin\n" for group in GROUPS)
    (facts / "entry_points.txt").write_text(points, encoding="utf-8")
    (folder / "evil.pth").write_text("import evil_plugin\n", encoding="utf-8")
    (folder / "pyvenv.cfg").write_text(f"home = {folder}\ninclude-system-site-packages = true\n", encoding="utf-8")
    for place in (folder, folder / "bin"):
        place.mkdir(exist_ok=True)
        for program in PROGRAMS:
            set_program(place / program, mark)
            set_program(place / f"{program}.exe", mark)
            set_program(place / f"{program}.bat", mark)
    return traps


def set_program(path: Path, mark: Path) -> Path:
    """A program that only leaves its mark."""
    path.write_text(f'#!/bin/sh\necho "{path.name}" >> "{mark}"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def careless_path(folder: Path) -> str:
    """A PATH as found in the wild: with empty and relative entries, and folders of the project, in front."""
    return os.pathsep.join(["", ".", "bin", str(folder), str(folder / "bin"), os.environ.get("PATH", os.defpath)])
