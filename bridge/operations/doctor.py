"""What could go wrong on this machine and in this project, each with the way out (`assetbridge doctor`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bridge import __version__
from bridge.config.unity_project import has_tilemap_extras
from bridge.core.errors import BridgeError

if TYPE_CHECKING:
    from bridge.config.project_config import Target
    from bridge.project import Project


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: level is ok, note or problem."""

    level: str
    what: str
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {"level": self.level, "what": self.what, "hint": self.hint}


def _machine() -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("ok", f"assetbridge {__version__}, Python {version}")
    import exporters

    if Path(str(exporters.__file__)).parents[1] != Path(__file__).parents[2]:
        yield Finding(
            "problem",
            "another package named exporters hides ours",
            "Install assetbridge into an environment of its own (pipx or uv tool).",
        )
    if find_spec("soundfile") is None:
        yield Finding("note", "OGG and FLAC are not available", 'pip install "assetbridge[audio]"')


def _targets(project: Project) -> Iterator[Finding]:
    from bridge.plan.targets import writable_targets

    able = writable_targets(project.config)
    if not able:
        yield Finding("problem", "no target: nothing would be written", "Add [targets.json] to assetbridge.toml.")
    for name, target in sorted(project.config.targets.items()):
        folder = project.root / target.path
        if name not in able:
            yield Finding("note", f"target {name}: this version writes no files for it yet")
        elif folder.exists() and not folder.is_dir():
            yield Finding("problem", f"target {name}: {target.path} is a file", "Move it, or change output.")
        else:
            yield Finding("ok", f"target {name}: {target.path}")
    godot = project.config.targets.get("godot")
    if godot is not None and not (project.root / godot.root / "project.godot").is_file():
        yield Finding("problem", f"no project.godot in {godot.root}", "Set root in [targets.godot] to its folder.")
    elif godot is not None:
        yield from _godot_settings(project, godot.root)
    unity = project.config.targets.get("unity")
    if unity is not None:
        yield from _unity_project(project, unity)


def _unity_project(project: Project, target: Target) -> Iterator[Finding]:
    folder = project.root / target.root
    if not (folder / "Assets").is_dir():
        yield Finding("problem", f"no Assets folder in {target.root}", "Set root in [targets.unity] to its folder.")
    if target.options.get("version") is None:
        yield Finding(
            "note",
            "the version of the Unity editor is not known: files are written for 2021.3",
            'Set version = "2022.3" or "6000.0" in [targets.unity].',
        )
    if target.options.get("rule_tiles", True) and has_tilemap_extras(folder) is False:
        yield Finding(
            "note",
            "RuleTiles and AnimatedTiles need the package 2D Tilemap Extras, which the project lacks",
            "Add it in Unity's Package Manager, or set rule_tiles = false in [targets.unity].",
        )


def _godot_settings(project: Project, root: str) -> Iterator[Finding]:
    text = (project.root / root / "project.godot").read_text(encoding="utf-8", errors="replace")
    if "textures/canvas_textures/default_texture_filter=0" not in text:
        yield Finding(
            "note",
            "Godot smooths pixel art by default",
            "Project Settings → Rendering → Textures → Default Texture Filter: Nearest.",
        )


def _addons(project: Project) -> Iterator[Finding]:
    from bridge.operations import install_addon as addons

    places = [(engine, False) for engine in addons.ENGINES] + [("tiled", True)]
    for engine, in_project in places:
        try:
            folder = addons.folder_of(engine, project.config, in_project=in_project)
        except BridgeError:
            continue
        where, option = (" in the project", " --in-project") if in_project else ("", "")
        yield from _addon(folder, f"the {engine} addon{where}", f"assetbridge install-addon {engine}{option}", engine)


def _addon(folder: Path, name: str, command: str, engine: str) -> Iterator[Finding]:
    """What is wrong with an installed addon. command: what installs it again."""
    from bridge.operations import install_addon as addons

    files = addons.packaged(engine)
    other, edited, outdated = addons.skew(folder), addons.edited(folder, files), addons.outdated(folder, files)
    way_out = f"Keep a copy of the edited files, then: {command} --force" if edited else command
    if other:
        yield Finding("problem", f"{name} is version {other}, assetbridge is {__version__}", way_out)
    elif outdated:
        yield Finding("problem", f"{name} lacks what this version brings: {', '.join(outdated)}", way_out)
    if edited:
        yield Finding("note", f"these files of {name} were edited: {', '.join(edited)}", way_out)


def _state(project: Project) -> Iterator[Finding]:
    from bridge.plan.planner import Planner
    from bridge.store.results import complete

    planner = Planner(project)
    planner.read()
    wrong = len(planner.evaluation.errors) + len(planner.evaluation.failures)
    if wrong:
        yield Finding(
            "problem", f"{wrong} error{'' if wrong == 1 else 's'} in the specs", "assetbridge plan shows them."
        )
    else:
        yield Finding(
            "ok", f"{len(planner.evaluation.specs)} valid spec{'' if len(planner.evaluation.specs) == 1 else 's'}"
        )
    results = {step.result for entry in project.lock.assets.values() for step in entry.steps.values()}
    lost = sum(not complete(project.store, result) for result in results)
    if lost:
        yield Finding(
            "note",
            f"{lost} of {len(results)} stored results are not on this machine",
            "Free art is drawn again when it is needed; nothing is bought without asking.",
        )
    if project.memory.pending.read():
        yield Finding("note", "a build was stopped half-way", "assetbridge build goes on where it stopped.")


def findings(start: Path | None) -> list[Finding]:
    """Every look at this machine and at the project of a folder (None: the current one)."""
    from bridge.project import Project

    found = list(_machine())
    try:
        with Project.open(start) as project:
            found += [*_targets(project), *_addons(project), *_state(project)]
    except BridgeError as error:
        found.append(Finding("problem", str(error), error.hint))
    return found
