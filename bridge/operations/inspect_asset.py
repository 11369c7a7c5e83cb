"""`assetbridge inspect`: a picture for each step of `[process]`, and where clips stand before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.build.asset_loader import AssetLoader
from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError
from bridge.core.paths import INSPECT_FOLDER, spec_file
from bridge.core.root_folder import RootFolder
from bridge.media.images import encode_png
from bridge.operations.plan import known_ids, make_plan
from bridge.preview.process_report import ClipDrift, inspect_steps, measure_drift
from bridge.processing.undecided import find_undecided

if TYPE_CHECKING:
    from bridge.plan.asset_state import AssetState
    from bridge.plan.planner import Planner
    from bridge.processing.undecided import Undecided
    from bridge.project import Project


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the steps did to an asset. steps: the JSON form of each, with the path of its picture."""

    id: str
    steps: Sequence[dict[str, Any]]
    drift: Sequence[ClipDrift]
    undecided: Sequence[Undecided]

    def as_dict(self) -> dict[str, Any]:
        """The document of `inspect --json`."""
        return {
            "id": self.id,
            "steps": list(self.steps),
            "drift": [clip.as_dict() for clip in self.drift],
            "doubts": [doubt.as_dict() for doubt in self.undecided],
        }


def inspect_asset(project: Project, asset_id: str, output: Path | None = None) -> Inspection:
    """Writes a before-and-after picture for each step that is active, by default below `.assetbridge`.

    Raises:
        BridgeError: what is wrong with its spec; `unknown_asset`, `not_built`, or a picture cannot be written.
    """
    planner, _ = make_plan(project)
    known_ids(planner, [asset_id])
    state = _built_state(planner, asset_id)
    own = f"{INSPECT_FOLDER}/{asset_id}"
    folder, prefix = _output_folder(project, output, own)
    loader = AssetLoader(project, planner.evaluation)
    assembled = loader.load_assembled(state).asset
    pictures = inspect_steps(assembled, state.process)
    drift = measure_drift(assembled, loader.load_processed(state))
    unclear = find_undecided(assembled, state.process)
    if prefix == own:
        _remove_pictures(project.folder, own)
    steps = []
    for number, picture in enumerate(pictures, 1):
        name = f"{number}-{picture.step}.png"
        folder.write(f"{prefix}/{name}", encode_png(picture.sheet))
        path = folder.path / prefix / name
        shown = path.relative_to(project.root) if path.is_relative_to(project.root) else path
        steps.append({**picture.as_dict(), "picture": shown.as_posix()})
    return Inspection(asset_id, steps, drift, unclear)


def _output_folder(project: Project, output: Path | None, own: str) -> tuple[RootFolder, str]:
    """Where pictures go: below the project, or below the folder that the user named."""
    if output is None:
        return project.folder, own
    folder = output.absolute()
    if folder.is_relative_to(project.root):
        return project.folder, folder.relative_to(project.root).as_posix()
    return RootFolder(folder), "."


def _remove_pictures(folder: RootFolder, path: str) -> None:
    try:
        for name in folder.list_names(path):
            if name.endswith(".png"):
                folder.remove(f"{path}/{name}")
    except OSError as error:
        raise describe_failure(error, path) from error


def _built_state(planner: Planner, asset_id: str) -> AssetState:
    """The asset, whose results are at hand.

    Raises:
        BridgeError: what is wrong with its spec; `not_built`.
    """
    state = planner.evaluation.states.get(asset_id)
    if state is not None and not state.missing:
        return state
    file = spec_file(asset_id)
    own_errors = [error for error in planner.evaluation.errors if error.where and error.where.file == file]
    for error in filter(None, [planner.evaluation.failures.get(asset_id), *own_errors]):
        raise error
    raise UserError("not_built", f"{asset_id} is not made yet", hint=f"Make it first: assetbridge build {asset_id}")
