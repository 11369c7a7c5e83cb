"""Keys, scales and chords as MIDI note numbers (60 is middle C)."""

from __future__ import annotations

import re
from dataclasses import dataclass

NOTES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1, " sharp": 1, " flat": -1}
MODES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11),
}
SHORT = {"": "major", "m": "minor", "maj": "major", "min": "minor", "ionian": "major", "aeolian": "minor"}
KEY = re.compile(r"^([a-g])( sharp| flat|#|♯|♭|b(?![a-z]))?[ -]*(.*)$")


@dataclass(frozen=True, slots=True)
class MusicalKey:
    """A tonic (0 = C … 11 = B) and the semitones of its seven degrees."""

    tonic: int
    scale: tuple[int, ...]

    def midi_pitch(self, degree: int, octave: int) -> int:
        """The MIDI number of a degree (0 = tonic; 7 is an octave up) over the tonic of an octave (4: middle C's)."""
        turn, step = divmod(degree, 7)
        return 12 * (octave + 1 + turn) + self.tonic + self.scale[step]


def parse_key(text: str) -> MusicalKey | None:
    """`D minor`, `F# dorian`, `Bb`, `Am` → key; None if it is none."""
    match = KEY.match(" ".join(text.strip().lower().split()))
    if match is None:
        return None
    letter, accidental, mode = match[1], match[2] or "", match[3]
    scale = MODES.get(SHORT.get(mode, mode))
    if scale is None:
        return None
    return MusicalKey((NOTES[letter] + ACCIDENTALS[accidental]) % 12, scale)
