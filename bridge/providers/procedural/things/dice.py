"""Seeded choices of a drawing."""

from __future__ import annotations

from bridge.providers.procedural import noise


class ThingDice(noise.Dice):
    """A stream of choices from a seed; topics give each drawing a stream of its own."""

    def between(self, low: float, high: float) -> float:
        """A value from `low` to `high` in 1024 steps."""
        return low + (high - low) * self.number(1025) / 1024
