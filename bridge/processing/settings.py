"""`[process]` of a spec, resolved: the steps that do something to one asset, each with its settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bridge.processing.registry import PIPELINE
from bridge.processing.steps.align import FEET, AlignStep
from bridge.processing.steps.step import TILE_KINDS, ArtFacts, ProcessStep

Step_ = TypeVar("Step_", bound=ProcessStep)


@dataclass(frozen=True, slots=True, init=False)
class ProcessSettings:
    """What is done to the pixels of one asset: its active steps in the order of the pipeline."""

    steps: tuple[ProcessStep, ...]

    def __init__(self, *chosen: ProcessStep, pipeline: Sequence[type[ProcessStep]] = PIPELINE) -> None:
        """Any order will do; steps that are always active need not be given."""
        by_kind = {type(step): step for step in chosen}
        always = {kind: kind() for kind in pipeline if kind.is_always_active}
        active = always | by_kind
        object.__setattr__(self, "steps", tuple(active[kind] for kind in pipeline if kind in active))

    @classmethod
    def from_table(
        cls, table: Any, facts: ArtFacts, pipeline: Sequence[type[ProcessStep]] = PIPELINE
    ) -> ProcessSettings:
        """The steps that `[process]` asks for, and those that such art gets without being asked.

        Raises:
            UserError: `source_missing` or `source_broken` for the palette file.
        """
        chosen = (kind.from_table(table, facts) for kind in pipeline if kind.has_effect_on(facts.kind))
        return cls(*(step for step in chosen if step is not None), pipeline=pipeline)

    def find(self, kind: type[Step_]) -> Step_ | None:
        """The step of this class; None where it is off."""
        return next((step for step in self.steps if isinstance(step, kind)), None)

    def for_tiles(self) -> ProcessSettings:
        """The steps that tiles can have: whatever moves or cuts their pixels would open the seams."""
        return ProcessSettings(*(step for step in self.steps if step.kinds & TILE_KINDS))

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
