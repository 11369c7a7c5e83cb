"""What a step of `[process]` declares, once: spec model, schema, docs, fingerprint, `inspect` and messages are loops
over the steps of `bridge.processing.registry`.

The spec models are made of these modules, so none of them imports numpy at its top: a command that only reads specs
would wait for it. What works on pixels is imported when a step runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ConfigDict

from bridge.core.tables import Table

if TYPE_CHECKING:
    from typing import Self, TypeAlias

    from exporters.model.asset import Pixels

    Clips: TypeAlias = list[list[Pixels]]
    """The frames of all clips of an asset: one clip a row."""

PICTURE_KINDS = frozenset({"sprite", "items", "character", "animation", "turnaround", "edit"})
CLIP_KINDS = frozenset({"character", "animation"})
TILE_KINDS = frozenset({"tileset", "isometric_tiles"})
# Art from these is on purpose as it is: it has real pixels and no background to remove.
_EXACT_PROVIDERS = frozenset({"procedural", "files"})

PaletteLoader = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class ArtFacts:
    """What the defaults of steps depend on.

    size: of the art where the spec states one (width, height), else None. transparent: whether the spec wants it
    without a background. load_palette: bytes of a palette file by its path in the spec.
    """

    kind: str
    provider: str
    transparent: bool
    size: tuple[int, int] | None
    load_palette: PaletteLoader

    @property
    def is_exact(self) -> bool:
        """Whether the art has real pixels and no background: drawn here, or somebody's own."""
        return self.provider in _EXACT_PROVIDERS


@dataclass(frozen=True, slots=True)
class ProcessContext:
    """What a step knows of an asset beside the pixels.

    loops: of each clip, whether it loops. is_grounded: whether figures stand on the lower edge.
    """

    loops: tuple[bool, ...]
    is_grounded: bool


class StepFields(Table):
    """The keys of `[process]` that a step reads. Only the table of all steps is ever filled, so only that is built."""

    model_config = ConfigDict(defer_build=True)


class ProcessStep(ABC):
    """One step, with the settings of one asset; a step that does nothing is not made at all.

    name: its key in the fingerprint. version: rises whenever it would make other pixels from the same ones.
    kinds: which kinds of assets can ask for it. fields: its keys of `[process]`. stage: its name in `inspect`, where
    neighbours with one stage are one picture; empty for its own name. is_always_active: whether it runs for every
    asset that has pixels, without being asked for.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    kinds: ClassVar[frozenset[str]] = PICTURE_KINDS
    fields: ClassVar[type[StepFields]] = StepFields
    stage: ClassVar[str] = ""
    is_always_active: ClassVar[bool] = False

    @classmethod
    def has_effect_on(cls, kind: str) -> bool:
        """Whether `[process]` counts for a kind, also where it stands in the project's defaults."""
        return kind in cls.kinds

    @classmethod
    @abstractmethod
    def from_table(cls, table: Any, facts: ArtFacts) -> Self | None:
        """The step as `[process]` (of `fields`) asks for it, or as it is without being asked; None where it is off."""

    @abstractmethod
    def fingerprint_value(self) -> Any:
        """What the result depends on, as JSON; None for a step that leaves no trace in a fingerprint."""

    def is_needed(self, context: ProcessContext) -> bool:  # noqa: ARG002
        """Whether there is anything for it to do."""
        return True

    def resized(self, size: tuple[int, int]) -> tuple[int, int]:
        """Width and height of what it makes of a frame of this size, at most."""
        return size

    @abstractmethod
    def run(self, clips: Clips, context: ProcessContext) -> Clips:
        """The clips after it; what it was given stays as it is."""
