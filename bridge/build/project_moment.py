"""Whether the project is still what a plan was made from: asked before anything is ordered or written.

A branch switch takes specs, lock and outputs away while a build runs. What is made for a spec that is not there would
be bought for nobody, and its files would stand in the way of the next switch.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core import limits
from bridge.core.errors import WorkFailed
from bridge.core.git_state import find_git_folder, is_changing_files
from bridge.core.waits import GIT_SAVE_WAIT_S

if TYPE_CHECKING:
    from bridge.plan.evaluation import Evaluation
    from bridge.project import Project

_PAUSE_S = 0.05


class ProjectMoment:
    """The files that a plan was made from, against the disk."""

    def __init__(self, project: Project, evaluation: Evaluation) -> None:
        self._project = project
        self._evaluation = evaluation
        self._git_folder = find_git_folder(Path(os.path.realpath(project.root)))

    def require_current(self, asset_id: str) -> None:
        """Goes on only when git rests, and the lock, the asset's spec and those of what it uses are as they were read.

        Raises:
            WorkFailed: `project_changed`.
        """
        why = self._find_change(asset_id)
        if why:
            raise WorkFailed(
                "project_changed",
                f"{asset_id}: {why} during the build; nothing of it was ordered or written since",
                hint="What was paid for is kept. Build again when the project is at rest.",
            )

    def _find_change(self, asset_id: str) -> str:
        if is_changing_files(self._git_folder):
            return "git changed the project"
        if self._project.lock_stamp != self._project.stamp_of_lock():
            return "assetbridge.lock was replaced"
        for used in sorted(self._evaluation.with_upstream([asset_id])):
            if not self.has_spec(used):
                return f"the spec of {used} was changed or removed"
        return ""

    def has_spec(self, asset_id: str) -> bool:
        """Whether the spec of an asset is on the disk as it was read."""
        loaded = self._evaluation.specs.get(asset_id)
        if loaded is None:
            return False
        try:
            data = self._project.folder.read_source(loaded.path, limits.SPEC_BYTES)
        except OSError:
            return False
        return hashlib.sha256(data).hexdigest() == loaded.sha256

    def wait_for_git(self) -> None:
        """Waits until git changes no files, for a while at most: the lock is written then."""
        deadline = time.monotonic() + GIT_SAVE_WAIT_S
        while is_changing_files(self._git_folder) and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
