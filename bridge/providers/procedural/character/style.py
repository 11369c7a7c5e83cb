"""What a figure looks like, as the rigs read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .palette import Paint

if TYPE_CHECKING:
    from .space import Scalar


@dataclass(frozen=True, slots=True)
class Proportions:
    """Factors of the standard figure, 0.5 to 2.0 each."""

    head_size: float = 1.0
    arms_length: float = 1.0
    legs_length: float = 1.0
    shoulder_width: float = 1.0
    hip_width: float = 1.0


PRESETS: dict[str, Proportions] = {
    "default": Proportions(),
    "chibi": Proportions(1.18, 0.86, 0.72, 0.9, 0.95),
    "cartoon": Proportions(1.08, 0.95, 0.88, 0.95, 0.95),
    "stylized": Proportions(0.94, 1.05, 1.12, 1.0, 0.95),
    "heroic": Proportions(0.8, 1.22, 1.4, 1.3, 1.1),
    "realistic": Proportions(0.7, 1.35, 1.6, 1.12, 1.08),
    "realistic_male": Proportions(0.7, 1.35, 1.6, 1.18, 1.02),
    "realistic_female": Proportions(0.7, 1.3, 1.6, 0.98, 1.14),
}


@dataclass(frozen=True, slots=True)
class FigureStyle:
    """A figure's design.

    rig: which skeleton. species: which body on it. features: what it wears, holds and grows. paints: colour and finish
    by slot name. detail: 0 few, 1 usual, 2 many touches. bulk: width of limbs and body.
    """

    rig: str
    species: str
    features: frozenset[str]
    paints: Mapping[str, Paint]
    build: Proportions = field(default_factory=Proportions)
    detail: int = 1
    bulk: float = 1.0

    def has_any(self, *names: str) -> bool:
        """Whether any of these features is there."""
        return any(name in self.features for name in names)


@dataclass(frozen=True, slots=True)
class Staging:
    """What a rig asks of camera and painter, per frame or for all frames.

    fall: degrees by which the picture tips over. topple: degrees by which the body rolls on its side. flash: above 0.5
    the figure lights up. settle: the lowest pixel lies on the ground in every frame.
    """

    fall: Scalar = 0.0
    topple: Scalar = 0.0
    flash: Scalar = 0.0
    settle: bool = False
