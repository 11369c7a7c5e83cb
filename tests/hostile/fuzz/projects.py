"""Projects that the fuzzer damages, and what looks at them."""

from __future__ import annotations

from pathlib import Path

from bridge.core.errors import Defect
from bridge.operations.plan import make_plan
from bridge.project import Project
from tests.hostile.fuzz import seeds


def make_project(root: Path) -> None:
    """A project with own art of every form."""
    art = root / "art"
    art.mkdir(parents=True)
    clips = seeds.clips()
    files = {
        "assetbridge.toml": seeds.PROJECT.encode(),
        "art/colors.hex": seeds.palettes()[0],
        "art/sheet.png": seeds.picture(32, 32),
        "art/0.png": seeds.picture(8, 8),
        "art/clip.gif": clips["gif"],
        "art/sheet.json": seeds.frame_sheets()[0],
        "art/map.tmx": seeds.tile_map("csv"),
        "art/ground.tsx": seeds.TSX.encode(),
        "art/ground.asset.toml": seeds.SPECS[7].encode(),
    }
    for path, data in files.items():
        (root / path).write_bytes(data)


def plan_project(project: Project) -> None:
    """Plans a project; a defect of an asset is a finding, all other errors are none."""
    planner, plan = make_plan(project)
    for error in (*plan.errors, *planner.evaluation.failures.values()):
        if isinstance(error, Defect):
            raise AssertionError((project.root / ".assetbridge/crash.log").read_text(encoding="utf-8"))
