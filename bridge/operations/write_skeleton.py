"""`assetbridge skeleton`: the estimated skeleton of a clip as a file of the project. From then on it is the user's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.core.disk_errors import describe_failure
from bridge.core.errors import UserError, WorkFailed
from bridge.core.paths import MEMORY_FOLDER, spec_file
from bridge.operations.build_project import build_project
from bridge.operations.plan import WantedOrder, known_ids, last_entry, make_plan, spent_since
from bridge.orders.model import format_price
from bridge.plan.pricing import price_in_units
from bridge.providers.api import Price
from bridge.store import results

if TYPE_CHECKING:
    from bridge.build.reporter import AssetResult
    from bridge.operations.build_project import BuildOptions, BuildProgress, Consent
    from bridge.orders.model import Job
    from bridge.plan.asset_state import AssetState
    from bridge.plan.model import Plan
    from bridge.project import Project

_STEP = "skeleton"
"""The step that estimates a skeleton, in every asset that has one."""


@dataclass(frozen=True, slots=True)
class SkeletonFile:
    """What was written. path: relative to the project. spent: by provider and unit."""

    id: str
    path: str
    joints: int
    spent: Sequence[Mapping[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """The document of `skeleton --json`."""
        return {"id": self.id, "path": self.path, "joints": self.joints, "spent": list(self.spent)}


def write_skeleton(
    project: Project, options: BuildOptions, file: Path, consent: Consent, open_progress: Callable[[], BuildProgress]
) -> SkeletonFile:
    """Writes the skeleton that was estimated for the asset of `options`; it is ordered where it was not, and nothing
    else is.

    Raises:
        BridgeError: what is wrong with its spec, or why it is not estimated; `unknown_asset`; `file_exists`: a file
            that is there is never written over; `usage`: it is no file of the project; `spec_not_applicable`: nothing
            is estimated for the asset.
    """
    (asset_id,) = options.ids
    path = _require_new(project, file)
    state = _require_estimate(project, asset_id)
    before = last_entry(project)
    if _STEP not in state.results:
        with project.owned():
            _require_writable(project, path)
            _estimate(project, options, consent, open_progress)
        state = _require_estimate(project, asset_id)
    joints = results.load(project.store, state.results[_STEP]).meta["keypoints"]
    try:
        is_new = project.folder.create_new(path, _written([joints]))
    except OSError as error:
        raise describe_failure(error, path) from error
    if not is_new:
        raise _exists(path)
    return SkeletonFile(asset_id, path, len(joints), spent_since(project, before))


def _require_new(project: Project, file: Path) -> str:
    """The path of a file of the project that is not there yet."""
    full, root = file.absolute(), project.root
    if not full.is_relative_to(root) or ".." in full.parts:
        full, root = full.resolve(), root.resolve()
    if not full.is_relative_to(root):
        raise UserError("usage", f"{file} is not inside the project", hint="A spec can name files of its project only.")
    path = full.relative_to(root).as_posix()
    if path.startswith(f"{MEMORY_FOLDER}/"):
        raise UserError("usage", f"{file} is in assetbridge's own folder", hint="For example poses/skeleton.json")
    if not path.endswith(".json"):
        raise UserError("usage", f"{file} is no name of a JSON file", hint=f"For example {path}.json")
    try:
        if project.folder.exists(path):
            raise _exists(path)
    except OSError as error:
        raise describe_failure(error, path) from error
    return path


def _require_writable(project: Project, path: str) -> None:
    """Looks whether the file can be written before anything is ordered for it."""
    try:
        project.folder.discard([project.folder.stage(path, b"")])
    except OSError as error:
        raise describe_failure(error, path) from error


def _exists(path: str) -> UserError:
    return UserError("file_exists", f"{path} exists already", hint="It may be yours: choose another name.")


def _require_estimate(project: Project, asset_id: str) -> AssetState:
    """The asset as it is now.

    Raises:
        BridgeError: as `write_skeleton`.
    """
    planner, _ = make_plan(project)
    known_ids(planner, [asset_id])
    state = planner.evaluation.states.get(asset_id)
    if state is None:
        file = spec_file(asset_id)
        own_errors = [error for error in planner.evaluation.errors if error.where and error.where.file == file]
        for error in filter(None, [planner.evaluation.failures.get(asset_id), *own_errors]):
            raise error
        raise UserError("unknown_asset", f"{asset_id} cannot be made now", hint="assetbridge plan says why.")
    if not any(step.key == _STEP for step in state.steps):
        raise UserError(
            "spec_not_applicable",
            f"no skeleton is estimated for {asset_id}",
            hint='One is where a pose of [skeleton] poses says "estimate", or moves joints from there.',
            where=state.loaded.where("skeleton.poses"),
        )
    return state


def _estimate(
    project: Project, options: BuildOptions, consent: Consent, open_progress: Callable[[], BuildProgress]
) -> None:
    """Orders the estimate of an asset, and builds what it is made from as far as that is free.

    Raises:
        BridgeError: why it was not made.
    """
    (asset_id,) = options.ids
    only = frozenset({WantedOrder(asset_id, _STEP)})
    costs: list[str] = []

    def look_at_costs(project: Project, part: Plan) -> bool:
        priced = price_in_units(project, part)
        costs.append(_format_costs(priced))
        return consent(project, priced)

    options = replace(options, only=only)
    report = build_project(project, options, look_at_costs, lambda: _OrderProgress(open_progress()))
    entry = project.lock.assets.get(asset_id)
    if entry is not None and _STEP in entry.steps:
        return
    own = [result.error for result in report.results if result.id == asset_id and result.error is not None]
    failure = next(iter(own), WorkFailed("source_failed", f"the skeleton of {asset_id} was not estimated"))
    if failure.code == "needs_approval":
        failure.message = f"the skeleton of {asset_id} costs {''.join(costs)}"
        failure.hint = "Add --yes, or set a [budget]."
    raise failure


class _OrderProgress:
    """Passes on what becomes of orders. The asset is not finished, and need not be: that is no news."""

    def __init__(self, progress: BuildProgress) -> None:
        self._progress = progress

    def step(self, asset_id: str, step: str, done: int, total: int) -> None:
        """Nothing."""

    def asset(self, result: AssetResult, done: int, total: int) -> None:
        """Nothing."""

    def job(self, job: Job, progress: float | None) -> None:
        """What the progress says of it."""
        self._progress.job(job, progress)

    def close(self) -> None:
        """Puts away what is open."""
        self._progress.close()


def _format_costs(part: Plan) -> str:
    costs = part.costs()
    prices = (Price(cost["unit"], None if cost["amount"] is None else Decimal(cost["amount"])) for cost in costs)
    return ", ".join(f"{format_price(price)} at {cost['provider']}" for price, cost in zip(prices, costs, strict=True))


def _written(poses: Sequence[Sequence[Mapping[str, Any]]]) -> bytes:
    """A file of poses with a joint a line, for people."""
    frames = []
    for joints in poses:
        lines = ",\n".join(f"    {json.dumps(joint, ensure_ascii=False)}" for joint in joints)
        frames.append(f"  [\n{lines}\n  ]")
    return ("[\n" + ",\n".join(frames) + "\n]\n").encode()
