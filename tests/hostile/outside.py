"""What lies outside of a project, and whether it is still the same."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path


def snapshot_tree(folder: Path, ignored: Sequence[Path] = ()) -> dict[str, str]:
    """Kind, mode and content of everything in a folder, by relative path; links are not followed."""
    facts = {}
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if Path(here, name) not in ignored)
        for name in [*folders, *files]:
            path = Path(here, name)
            if path in ignored:
                continue
            state = path.lstat()
            content = ""
            if stat.S_ISREG(state.st_mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            elif stat.S_ISLNK(state.st_mode):
                content = os.readlink(path)  # noqa: PTH115
            facts[path.relative_to(folder).as_posix()] = f"{state.st_mode:o} {content}"
    return facts


class Outside:
    """A folder with a project in it: the rest of the folder, as it was when this was made."""

    def __init__(self, folder: Path, ignored: Sequence[Path]) -> None:
        self.folder = folder
        self._ignored = list(ignored)
        self._before = self._snapshot()

    def renew(self) -> None:
        """What the test itself has put there meanwhile counts as having been there."""
        self._before = self._snapshot()

    def assert_unchanged(self) -> None:
        """Fails when a byte outside of the project changed, appeared or went."""
        now = self._snapshot()
        changed = {name for name in self._before.keys() | now.keys() if self._before.get(name) != now.get(name)}
        assert not changed, f"changed outside of the project: {sorted(changed)}"

    def _snapshot(self) -> dict[str, str]:
        # A folder that assetbridge's own settings made it make is no harm; its content is looked at.
        own = {path.parent.relative_to(self.folder).as_posix() for path in self._ignored if path.parent != self.folder}
        facts = snapshot_tree(self.folder, self._ignored)
        return {name: fact for name, fact in facts.items() if name not in own}
