"""What could go wrong on this machine and in this project, each with the way out (`assetbridge doctor`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import exporters
from bridge import __version__
from bridge.config.unity_project import has_tilemap_extras
from bridge.core import limits
from bridge.core.errors import BridgeError
from bridge.core.root_folder import RootFolder
from bridge.operations import install_addon
from bridge.operations.set_up_git import list_git_gaps
from bridge.plan.planner import Planner
from bridge.project import Project
from bridge.providers import registry as providers
from bridge.store.results import complete
from bridge.store.shared.probe import probe_store
from bridge.trust.project_trust import WAY_OUT
from exporters import registry
from exporters.target import TargetError

if TYPE_CHECKING:
    from bridge.config.project_config import TargetConfig


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One look: level is ok, note or problem."""

    level: str
    what: str
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {"level": self.level, "what": self.what, "hint": self.hint}


def _check_machine() -> Iterator[DoctorFinding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield DoctorFinding("ok", f"assetbridge {__version__}, Python {version}")
    if Path(str(exporters.__file__)).parents[1] != Path(__file__).parents[2]:
        yield DoctorFinding(
            "problem",
            "another package named exporters hides ours",
            "Install assetbridge into an environment of its own (pipx or uv tool).",
        )
    if find_spec("soundfile") is None:
        yield DoctorFinding("note", "OGG and FLAC are not available", 'pip install "assetbridge[audio]"')


def _check_targets(project: Project) -> Iterator[DoctorFinding]:
    if not project.config.targets:
        yield DoctorFinding("problem", "no target: nothing would be written", "Add [targets.json] to assetbridge.toml.")
    for name, target in sorted(project.config.targets.items()):
        folder = project.root / target.path
        if folder.exists() and not folder.is_dir():
            yield DoctorFinding("problem", f"target {name}: {target.path} is a file", "Move it, or change output.")
        else:
            yield DoctorFinding("ok", f"target {name}: {target.path}")
    godot = project.config.targets.get("godot")
    if godot is not None and not (project.root / godot.root / "project.godot").is_file():
        yield DoctorFinding(
            "problem", f"no project.godot in {godot.root}", "Set root in [targets.godot] to its folder."
        )
    elif godot is not None:
        yield from _check_godot(project, godot.root)
    unity = project.config.targets.get("unity")
    if unity is not None:
        yield from _check_unity(project, unity)


def _check_unity(project: Project, target: TargetConfig) -> Iterator[DoctorFinding]:
    folder = project.root / target.root
    if not (folder / "Assets").is_dir():
        yield DoctorFinding(
            "problem", f"no Assets folder in {target.root}", "Set root in [targets.unity] to its folder."
        )
    if target.options.get("version") is None:
        yield DoctorFinding(
            "note",
            "the version of the Unity editor is not known: files are written for 2021.3",
            'Set version = "2022.3" or "6000.0" in [targets.unity].',
        )
    if target.options.get("rule_tiles", True) and has_tilemap_extras(project.root, target.root) is False:
        yield DoctorFinding(
            "note",
            "RuleTiles and AnimatedTiles need the package 2D Tilemap Extras, which the project lacks",
            "Add it in Unity's Package Manager, or set rule_tiles = false in [targets.unity].",
        )


def _check_godot(project: Project, root: str) -> Iterator[DoctorFinding]:
    try:
        path = f"{root}/project.godot"
        text = project.folder.read_source(path, limits.SPEC_BYTES).decode("utf-8", "replace")
    except OSError:
        # That it is missing is said elsewhere.
        return
    if "textures/canvas_textures/default_texture_filter=0" not in text:
        yield DoctorFinding(
            "note",
            "Godot smooths pixel art by default",
            "Project Settings → Rendering → Textures → Default Texture Filter: Nearest.",
        )


def _check_addons(project: Project) -> Iterator[DoctorFinding]:
    places = [(engine, False) for engine in install_addon.ENGINES] + [("tiled", True)]
    for engine, in_project in places:
        try:
            folder = install_addon.folder_of(engine, project.config, in_project=in_project)
        except BridgeError:
            continue
        where, option = (" in the project", " --in-project") if in_project else ("", "")
        yield from _check_addon(
            folder, f"the {engine} addon{where}", f"assetbridge install-addon {engine}{option}", engine
        )


def _check_addon(folder: RootFolder, name: str, command: str, engine: str) -> Iterator[DoctorFinding]:
    """What is wrong with an installed addon. command: what installs it again."""
    files = install_addon.packaged_files(engine)
    installed, edited, outdated = (
        install_addon.other_version(folder),
        install_addon.edited_files(folder, files),
        install_addon.outdated_files(folder, files),
    )
    way_out = f"Keep a copy of the edited files, then: {command} --force" if edited else command
    if installed:
        yield DoctorFinding("problem", f"{name} is version {installed}, assetbridge is {__version__}", way_out)
    elif outdated:
        yield DoctorFinding("problem", f"{name} lacks what this version brings: {', '.join(outdated)}", way_out)
    if edited:
        yield DoctorFinding("note", f"these files of {name} were edited: {', '.join(edited)}", way_out)


def _check_state(project: Project) -> Iterator[DoctorFinding]:
    planner = Planner(project)
    planner.read()
    wrong = len(planner.evaluation.errors) + len(planner.evaluation.failures)
    if wrong:
        yield DoctorFinding(
            "problem", f"{wrong} error{'' if wrong == 1 else 's'} in the specs", "assetbridge plan shows them."
        )
    else:
        yield DoctorFinding(
            "ok", f"{len(planner.evaluation.specs)} valid spec{'' if len(planner.evaluation.specs) == 1 else 's'}"
        )
    results = {step.result for entry in project.lock.assets.values() for step in entry.steps.values()}
    lost = sum(not complete(project.store, result) for result in results)
    if lost:
        yield DoctorFinding(
            "note",
            f"{lost} of {len(results)} stored results are not on this machine",
            "Free art is drawn again when it is needed; nothing is bought without asking.",
        )
    if project.memory.pending.read():
        yield DoctorFinding("note", "a build was stopped half-way", "assetbridge build goes on where it stopped.")


def _check_team_store(project: Project) -> Iterator[DoctorFinding]:
    """Whether the team's store can be used, and can hold claims; a stranger's is not asked."""
    if project.shared is None:
        return
    remote = project.config.store["remote"]
    try:
        probe_store(project.shared)
    except BridgeError as error:
        level = "note" if error.code == "remote_read_only" else "problem"
        yield DoctorFinding(level, error.message, error.hint)
    else:
        yield DoctorFinding("ok", f"the team's store {remote}: of two who claim the same, the first wins")


def _check_git(project: Project) -> Iterator[DoctorFinding]:
    """Whether git merges the lock by itself; without, the next build joins what it leaves."""
    gaps = list_git_gaps(project.root)
    if gaps:
        yield DoctorFinding("note", "; ".join(gaps), "assetbridge init --git")


def _check_trust(project: Project) -> Iterator[DoctorFinding]:
    """What the project asks for and was not allowed."""
    trust = project.config.trust
    changes = [] if trust.is_trusted else trust.list_changes()
    if changes:
        asked = ", ".join(change.request.key for change in changes)
        yield DoctorFinding("note", f"this project is not trusted, and asks for {asked}", WAY_OUT)


def _check_packages() -> Iterator[DoctorFinding]:
    """What other packages offer and cannot be used, whether or not the project names it."""
    for name in registry.target_names():
        try:
            registry.load_exporter(name)
        except TargetError as error:
            yield DoctorFinding("note", error.message, error.hint)
    for name in providers.names():
        try:
            providers.get(name)
        except BridgeError as error:
            yield DoctorFinding("note", error.message, error.hint)


def list_findings(start: Path | None) -> list[DoctorFinding]:
    """Every look at this machine and at the project of a folder (None: the current one)."""
    findings = list(_check_machine())
    try:
        with Project.open(start) as project:
            findings += [*_check_trust(project), *_check_git(project), *_check_targets(project)]
            findings += [*_check_addons(project), *_check_state(project), *_check_team_store(project)]
    except BridgeError as error:
        findings.append(DoctorFinding("problem", str(error), error.hint))
    # Last: the project that was opened decides whether they are loaded.
    return [*findings, *_check_packages()]
