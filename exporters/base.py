"""What an exporter is: a pure function from a neutral asset to files of one engine.

An exporter is a class with the attributes and methods of `Exporter`; its declaration (target.py) names it. ADDING.md
beside this file is the recipe. Exporters do no I/O: what is already on the disk reaches them through
`ExportContext.read`, and what they return is written by the caller, first to last, so the file that refers to others
comes last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from exporters.model.asset import Asset


class ExportError(Exception):
    """The asset cannot be written for this engine. `hint` says what to change."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


# A name of its parts may not climb, begin anew or hide; `:` is a drive or a stream of Windows.
_BAD_PATH = re.compile(r"(?:^|/)\.{0,2}(?:/|$)|[\x00-\x1f\x7f-\x9f\\:\ud800-\udfff]")


class Policy(StrEnum):
    """Who owns an output file.

    OWN: written whole by us; an edit by hand is drift and is kept unless forced.
    MERGE: users and engines write into it too; the exporter read the old text and kept what is not ours.
    CREATE: written when absent, then never touched and never hashed.
    """

    OWN = "own"
    MERGE = "merge"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file to write: path with `/` relative to the target's output folder, and its bytes.

    For MERGE files `owned` is a hash over the keys that are ours alone, so that what an engine or a user adds is no
    drift; empty means the whole of `data`.

    Raises:
        ExportError: the path leads out of the output folder, or has a character that no file's name should have.
    """

    path: str
    data: bytes
    policy: Policy = Policy.OWN
    owned: str = ""

    def __post_init__(self) -> None:
        if _BAD_PATH.search(self.path):
            raise ExportError(
                f'"{self.path[:80]}" cannot be the path of a file', hint="Rename the part of the asset that it names."
            )


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The `[export]` table of a spec for one target, with the target's own keys in `engine`.

    padding, extrude: pixels; max_sheet: pixels of a side.
    """

    direction_names: str = "compass"
    padding: int = 1
    extrude: int = 0
    max_sheet: int = 2048
    engine: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """Where another asset's files of the same target are: for a map, its tilesets."""

    stem: str
    identity: str


def no_file(path: str) -> bytes | None:
    """The `read` of a first export: nothing is there."""
    del path
    return None


@dataclass(frozen=True, slots=True)
class ExportContext:
    """Where an asset's files go and who it is.

    stem: output path without suffix, relative to the output folder (`art/hero`).
    output: the output folder relative to the engine's root (`art/generated`; empty for the root itself).
    identity: text minted once per asset and kept in the lock; every uid and guid is derived from it.
    previous_stem: where the asset's files were before a rename, else equal to `stem`.
    read: bytes of a present file in the output folder, or None; always None when what a user added is to go.
    before: the same file even then, for an exporter whose places follow from it and may never move; `read` if None.
    links: asset id → Link for the assets this one refers to.
    """

    stem: str
    output: str
    identity: str
    options: ExportOptions = ExportOptions()
    read: Callable[[str], bytes | None] = no_file
    before: Callable[[str], bytes | None] | None = None
    links: Mapping[str, Link] = field(default_factory=dict)
    previous_stem: str | None = None


def embedded_link(context: ExportContext, number: int) -> Link:
    """Where the tileset of that place lies when it came with the map itself and is no asset of its own."""
    suffix = "" if number == 0 else f"_{number + 1}"
    return Link(f"{context.stem}_tiles{suffix}", f"{context.identity}:tiles{suffix}")


def image_path(stem: str, number: int) -> str:
    """Where the picture of a map's image layer goes; number: its place among the image layers."""
    return f"{stem}_image{'' if number == 0 else f'_{number + 1}'}.png"


class Exporter(Protocol):
    """One engine. `version` rises whenever the same asset would give other bytes."""

    name: str
    version: int

    def supports(self, asset_type: type[Asset], kind: str) -> bool:
        """Whether this engine gets files for such an asset."""
        ...

    def export(self, asset: Asset, context: ExportContext) -> list[OutputFile]:
        """The files, in writing order.

        Raises:
            ExportError: the asset cannot be written for this engine.
        """
        ...

    def owned_hash(self, path: str, data: bytes) -> str:
        """A hash over what is ours in a MERGE file (newlines, engine stamps and user additions excluded)."""
        ...


@runtime_checkable
class LossyExporter(Protocol):
    """An exporter whose engine has no form for something that an asset may have."""

    def losses(self, asset: Asset) -> list[str]:
        """What of an asset the engine does not show, each in a few words that name the place."""
        ...


@runtime_checkable
class FolderExporter(Protocol):
    """An exporter whose engine keeps a file beside every folder, also beside one that several assets share."""

    def folder_file(self, folder: str, project: str) -> OutputFile:
        """The file that is written beside a folder of the output folder where there is none.

        project: the project's id.
        """
        ...
