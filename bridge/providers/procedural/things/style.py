"""How a thing shall look: materials, colours and proportions that a drawing asks for."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.providers.procedural.things.dice import ThingDice
from bridge.providers.procedural.things.ramps import COLORS, Ramp, color_ramp, material_ramp


@dataclass(frozen=True, slots=True)
class ThingStyle:
    """What the words of a spec and its seed decide.

    main, accent: ramps that the words name, else None. words: all words of the text. detail: how many pixels the
    drawing may count on when it decides about small features. tilt: how far the camera looks down, 0 (side) to 0.5.
    """

    dice: ThingDice
    main: Ramp | None
    accent: Ramp | None
    words: frozenset[str]
    detail: float
    tilt: float

    def main_ramp(self, *usual: str) -> Ramp:
        """The main ramp, or one of these materials and colours."""
        choice = named_ramp(self.dice.pick(usual))
        return self.main or choice

    def accent_ramp(self, *usual: str) -> Ramp:
        """The accent ramp, or one of these materials and colours."""
        choice = named_ramp(self.dice.pick(usual))
        return self.accent or choice

    def choose_form(self, *forms: str) -> str:
        """The first of these forms that the words name, else one by the seed."""
        choice = self.dice.pick(forms)
        return next((form for form in forms if form in self.words), choice)

    def vary(self, value: float, percent: float = 8) -> float:
        """A proportion, changed by the seed by up to so many percent."""
        return value * self.dice.between(1 - percent / 100, 1 + percent / 100)

    @property
    def has_details(self) -> bool:
        """Room for small features (24 pixels and more)."""
        return self.detail >= 24

    @property
    def has_textures(self) -> bool:
        """Room for textures (44 pixels and more)."""
        return self.detail >= 44


def named_ramp(word: str) -> Ramp:
    """The ramp of a material, or of a colour (`red`, `red*` with gloss)."""
    plain = word.removesuffix("*")
    return color_ramp(plain, gloss=word.endswith("*")) if plain in COLORS else material_ramp(word)
