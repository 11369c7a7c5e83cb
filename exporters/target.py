"""What an export target says of itself before any of its code is loaded: name, options, defaults.

Standard library only and no pixels: commands that answer at once read these declarations to check the project file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

CLIP_KINDS = ("sprite", "edit", "turnaround", "animation", "character")
"""The kinds of assets that have clips of frames."""

_ASSET_ID = re.compile(r"asset:[^#]+")


class TargetError(Exception):
    """There is no such target, or a package that offers it cannot be used. `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class TargetNotLoaded(TargetError):
    """A package offers the target, and may not be imported for this project."""


class OptionValue(Protocol):
    """What an option takes."""

    @property
    def words(self) -> str:
        """What it takes, as in `must be …`."""
        ...

    def accepts(self, value: Any) -> bool:
        """Whether a value read from TOML is one."""
        ...


@dataclass(frozen=True, slots=True)
class TextValue:
    """A text that is not empty."""

    words: str = "a text"

    def accepts(self, value: Any) -> bool:
        """Whether a value is a text that is not empty."""
        return isinstance(value, str) and value != ""


@dataclass(frozen=True, slots=True)
class FlagValue:
    """true or false."""

    words: str = "true or false"

    def accepts(self, value: Any) -> bool:
        """Whether a value is true or false."""
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class IntegerValue:
    """A whole number with both its ends."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """Its range."""
        return f"a whole number from {self.low} to {self.high}"

    def accepts(self, value: Any) -> bool:
        """Whether a value is a whole number in the range; true and false are none."""
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class ChoiceValue:
    """One of some words; with `several` a list of them."""

    choices: tuple[str, ...]
    several: bool = False

    @property
    def words(self) -> str:
        """The choices."""
        return f"{'a list of ' if self.several else ''}{', '.join(self.choices[:-1])} or {self.choices[-1]}"

    def accepts(self, value: Any) -> bool:
        """Whether a value is one of the words, or a list of such."""
        if self.several:
            return isinstance(value, list) and all(item in self.choices for item in value)
        return value in self.choices


@dataclass(frozen=True, slots=True)
class AssetIdValue:
    """`asset:ID`: another asset of the project, which is then built first."""

    words: str = "asset:ID"

    def accepts(self, value: Any) -> bool:
        """Whether a value names a whole asset."""
        return isinstance(value, str) and _ASSET_ID.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class TargetOption:
    """A key of a target's own. The exporter finds its value in `ExportOptions.engine`.

    in_spec: what it does, where it may stand in `[export.NAME]` of a spec; empty where it may not.
    in_project: the same for `[targets.NAME]` of assetbridge.toml. default: in words, for the reference of that file.
    kinds: the kinds of assets that it does anything for; none means all. A spec of another kind may not have it.
    implied: the value where nobody says one, for an option that changed what is written when it came. before: the value
    that means what was written until then: files that were made without the option are not made anew for it.
    """

    name: str
    value: OptionValue
    in_spec: str = ""
    in_project: str = ""
    default: str = ""
    kinds: tuple[str, ...] = ()
    implied: Any = None
    before: Any = None


@dataclass(frozen=True, slots=True)
class OptionConflict:
    """Values of several options that cannot stand together: each option has one of these values.

    reason: why not, as the end of a message. hint: the way out.
    """

    values: tuple[tuple[str, tuple[Any, ...]], ...]
    reason: str
    hint: str

    def applies(self, options: Mapping[str, Any]) -> bool:
        """Whether the options of an asset are such a combination."""
        return all(name in options and options[name] in values for name, values in self.values)


@dataclass(frozen=True, slots=True)
class AudioFormats:
    """The file formats of music that a target can be asked for; `both` stands for WAV and OGG."""

    choices: tuple[str, ...] = ("wav",)
    default: str = "wav"

    @property
    def option(self) -> TargetOption:
        """The key `audio` of the target's options."""
        return TargetOption("audio", ChoiceValue(self.choices), f"File format of music. Default: {self.default}.")


@dataclass(frozen=True, slots=True)
class ExportTarget:
    """A target: everything about it that is no code.

    exporter: `module:Class`, imported when an asset is first written. title: the engine's name in prose.
    default_output: the folder that files go to unless `[targets.NAME]` says otherwise.
    output_description: where files go, in a sentence. has_root: whether `[targets.NAME]` has a `root`, the folder of
    the engine's project. output_below: the folder that `output` must begin with.
    default_extrude: pixels by which the edge of a tile is repeated unless the spec says otherwise, for an engine whose
    cameras do not snap to pixels: they show the neighbour of a tile at its seams.
    packs_sheets: whether frames go on sheets, which `max_sheet` bounds. names_clips: whether text files name clips, by
    `direction_names`. draws_maps: whether a map is also written as one picture.
    """

    name: str
    title: str
    exporter: str
    default_output: str
    options: tuple[TargetOption, ...] = ()
    audio: AudioFormats = AudioFormats()
    output_description: str = "Where files go."
    has_root: bool = False
    output_below: str = ""
    default_extrude: int | None = None
    packs_sheets: bool = False
    names_clips: bool = False
    draws_maps: bool = False
    conflicts: tuple[OptionConflict, ...] = ()
