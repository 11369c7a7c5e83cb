"""`[process]` of a spec, resolved: the steps that do something to one asset, each with its settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from bridge.processing.registry import PIPELINE
from bridge.processing.steps.align import FEET, AlignStep
from bridge.processing.steps.step import TILE_KINDS, ArtFacts, ProcessStep

AnyStep = TypeVar("AnyStep", bound=ProcessStep)


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What is done to the pixels of one asset: its active steps in the order of the pipeline."""

    steps: tuple[ProcessStep, ...] = ()

    @classmethod
    def of(cls, *chosen: ProcessStep) -> ProcessSettings:
        """These steps in the order of the pipeline, with those that are always active."""
        active = {kind: kind() for kind in PIPELINE if kind.is_always_active} | {type(step): step for step in chosen}
        return cls(tuple(active[kind] for kind in PIPELINE if kind in active))

    @classmethod
    def from_table(cls, table: Any, facts: ArtFacts) -> ProcessSettings:
        """The steps that `[process]` asks for, and those that such art gets without being asked.

        Raises:
            UserError: `source_missing` or `source_broken` for the palette file.
        """
        chosen = (kind.from_table(table, facts) for kind in _effective_steps(facts.kind))
        return cls(tuple(step for step in chosen if step is not None))

    def find(self, kind: type[AnyStep]) -> AnyStep | None:
        """The step of this class; None where it is off."""
        return next((step for step in self.steps if isinstance(step, kind)), None)

    def for_tiles(self) -> ProcessSettings:
        """The steps that tiles can have: whatever moves or cuts their pixels would open the seams."""
        return ProcessSettings(tuple(step for step in self.steps if step.kinds & TILE_KINDS))

    @property
    def is_identity(self) -> bool:
        """Whether no step is active but those that always are."""
        return all(step.is_always_active for step in self.steps)

    @property
    def is_grounded(self) -> bool:
        """Whether figures stand on the lower edge."""
        align = self.find(AlignStep)
        return align is not None and align.anchor == FEET

    def fingerprint_data(self) -> dict[str, Any]:
        """The active steps as JSON values, each with its version; a step that does nothing is not there."""
        values = ((step, step.fingerprint_value()) for step in self.steps)
        return {step.name: [step.version, value] for step, value in values if value is not None}


@lru_cache(maxsize=32)
def _effective_steps(kind: str) -> tuple[type[ProcessStep], ...]:
    return tuple(step for step in PIPELINE if step.has_effect_on(kind))
