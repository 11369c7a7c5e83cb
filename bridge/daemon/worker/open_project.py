"""The project as the daemon's worker keeps it open between requests, and which of its files matter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bridge.config.project_config import read_config

if TYPE_CHECKING:
    from bridge.config.project_config import Config
    from bridge.plan.incremental import IncrementalPlanner
    from bridge.watch.watched_files import WatchedFiles


class OpenProject:
    """Use it in one thread. interest: as of the last look; None before the first."""

    def __init__(self, root: Path) -> None:
        self.interest: WatchedFiles | None = None
        self._root = root
        self._warm: IncrementalPlanner | None = None
        self._state = 0
        self._shape = -1

    def opened(self) -> IncrementalPlanner:
        """The project, opened anew when its settings changed or its memory was taken away.

        Raises:
            UserError: `no_project` or `config_invalid`; what was open stays so.
        """
        from bridge.build.asset_loader import part_hash_of
        from bridge.plan.incremental import IncrementalPlanner
        from bridge.project import Project

        config = read_config(self._root)
        warm = self._warm
        if warm is None or _other(warm.project.config, config) or self._number() != self._state:
            self.close()
            warm = self._warm = IncrementalPlanner(Project(config), part_hash_of)
            self._state = self._number()
        return warm

    def close(self) -> None:
        """Closes the project: whatever comes next begins anew."""
        warm, self._warm = self._warm, None
        self._shape = -1
        if warm is not None:
            warm.project.close()

    def take_interest(self) -> None:
        """Works out which files matter, if that may have changed."""
        from bridge.watch.watched_files import WatchedFiles

        warm = self._warm
        if warm is not None and warm.watch_revision != self._shape:
            self._shape = warm.watch_revision
            self.interest = WatchedFiles.of(warm.project, warm.planner.evaluation)

    def _number(self) -> int:
        """Tells one state.db from another in its place; 0 for none."""
        try:
            return (self._root / ".assetbridge" / "state.db").stat().st_ino
        except OSError:
            return 0


def _other(one: Config, other: Config) -> bool:
    """Whether settings differ: those of the project file, and what a target reads from its engine's project."""
    return one.sha256 != other.sha256 or one.targets != other.targets
