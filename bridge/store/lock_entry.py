"""What the lock keeps of one asset: see `bridge.store.lockfile` for the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


def join_path(folder: str, path: str) -> str:
    """Joins project-relative paths; the empty folder and `.` are the project itself."""
    return path if folder in ("", ".") else f"{folder}/{path}"


def mint_identity(taken: set[str], asset_id: str) -> str:
    """A new identity: the id itself, or with a number when a renamed asset still carries it (`taken`)."""
    identity, number = asset_id, 1
    while identity in taken:
        number += 1
        identity = f"{asset_id}#{number}"
    return identity


@dataclass(slots=True)
class LockedStep:
    """A step that has a result. `result` is the manifest's sha256; cost is null for what is free.

    meta: the whole result where it has no files (a text, an id): such a one needs no store.
    """

    fingerprint: str
    provider: str
    operation: str
    result: str
    seed: int | None = None
    provider_ids: dict[str, str] = field(default_factory=dict)
    cost: dict[str, str] | None = None
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class LockedTarget:
    """Files of one engine: `files` maps the path inside the output folder to a hash.

    The hash is empty for files that are written once and never watched. `output` is the output folder, relative to
    the project. `left` has files of an earlier name or folder that a stopped build had not yet removed: output folder
    → path → hash.
    """

    made: str
    output: str
    files: dict[str, str] = field(default_factory=dict)
    left: dict[str, dict[str, str]] = field(default_factory=dict)

    def paths(self) -> list[str]:
        """The project-relative paths of the files."""
        return [join_path(self.output, path) for path in self.files]

    def iter_folders(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(output folder, files in it) of what is there now and of what is left from earlier."""
        yield self.output, self.files
        yield from self.left.items()

    def copy(self) -> LockedTarget:
        """A target that can be changed without changing this one."""
        left = {folder: dict(files) for folder, files in self.left.items()}
        return replace(self, files=dict(self.files), left=left)


_PARTS_OF = ":of"
"""The key in the file of `LockedParts.of`; no part is called so."""


@dataclass(slots=True)
class LockedParts:
    """Content hashes of an asset's parts by name (empty: the asset as a whole), and what made pixels they are `of`."""

    of: str = ""
    hashes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, str]) -> LockedParts:
        """The parts behind their JSON form."""
        return cls(data.get(_PARTS_OF, ""), {name: text for name, text in data.items() if name != _PARTS_OF})

    def as_dict(self) -> dict[str, str]:
        """The JSON form."""
        return {_PARTS_OF: self.of, **self.hashes} if self.of else dict(self.hashes)


@dataclass(slots=True)
class LockedAsset:
    """Everything the lock knows of one asset. seedless_hash: over its steps without seeds, to recognise a rename."""

    kind: str
    identity: str
    seed: int
    seedless_hash: str = ""
    steps: dict[str, LockedStep] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    parts: LockedParts = field(default_factory=LockedParts)
    links: dict[str, str] = field(default_factory=dict)
    targets: dict[str, LockedTarget] = field(default_factory=dict)

    def copy(self) -> LockedAsset:
        """An entry that can be changed without changing this one; steps are replaced, never changed."""
        return replace(
            self,
            steps=dict(self.steps),
            slots=dict(self.slots),
            parts=LockedParts(self.parts.of, dict(self.parts.hashes)),
            links=dict(self.links),
            targets={name: target.copy() for name, target in self.targets.items()},
        )

    def outputs(self) -> dict[str, list[str]]:
        """Project-relative output paths by target, in order of the targets' names."""
        return {name: self.targets[name].paths() for name in sorted(self.targets)}
