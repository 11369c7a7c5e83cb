"""Moods: tempo, key, harmony, rhythm and instruments of each preset, and the words that mean it."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mood:
    """How a piece of this mood is made.

    verse, bridge: four chords each as scale degrees (0 = tonic). rhythms: lengths in sixteenths that fill a bar.
    drums: sixteenths of a bar (k kick, s snare, h hat, o both kick and hat, . rest), empty for none. bass:
    `whole` | `pulse` | `octave` | `fifth` | `walk`. lead, arp, pad: wave names of the synth; empty for none. echo is
    0–100 percent; rest the share of melody notes left out, percent.
    """

    bpm: int
    key: str
    verse: tuple[int, ...]
    bridge: tuple[int, ...]
    rhythms: tuple[tuple[int, ...], ...]
    drums: str = ""
    bass: str = "fifth"
    lead: str = "pulse25"
    arp: str = "pulse12"
    pad: str = "triangle"
    echo: int = 25
    octave: int = 5
    rest: int = 8
    beats: int = 4


_CALM = ((4, 4, 8), (6, 2, 4, 4), (8, 8), (4, 4, 4, 4), (8, 4, 4))
_LIVELY = ((2, 2, 4, 4, 4), (4, 2, 2, 4, 4), (3, 3, 2, 4, 4), (6, 2, 4, 2, 2), (4, 4, 2, 2, 4))
_FIERCE = ((2, 2, 2, 2, 4, 4), (3, 3, 2, 2, 2, 4), (2, 4, 2, 2, 2, 4), (3, 3, 2, 3, 3, 2), (4, 2, 2, 2, 2, 4))
_SLOW = ((16,), (8, 8), (12, 4), (8, 4, 4))
_WALTZ = ((4, 4, 4), (8, 4), (6, 2, 4), (12,))
_BEAT = "k.h.s.h.k.hks.h."
_SOFT = "k...h...s...h..."
_DRIVE = "o.hks.hko.hks.hh"
_MARCH = "k.h.s.hhk.k.s.ss"

MOODS: dict[str, Mood] = {
    "peaceful_village": Mood(96, "G major", (0, 4, 5, 3), (3, 0, 1, 4), _CALM, _SOFT, "fifth", "triangle", "pulse12"),
    "overworld": Mood(126, "C major", (0, 4, 5, 3), (3, 4, 2, 5), _LIVELY, _BEAT, "octave", "pulse25"),
    "adventure": Mood(132, "D mixolydian", (0, 6, 3, 0), (5, 3, 6, 4), _LIVELY, _MARCH, "fifth", "pulse50"),
    "battle": Mood(156, "A minor", (0, 5, 6, 0), (3, 0, 5, 4), _FIERCE, _DRIVE, "pulse", "pulse25", echo=15),
    "boss": Mood(
        168, "E harmonic minor", (0, 5, 0, 4), (3, 1, 5, 4), _FIERCE, _DRIVE, "pulse", "saw", "pulse25", echo=12
    ),
    "dungeon": Mood(
        88,
        "E phrygian",
        (0, 1, 0, 5),
        (3, 1, 6, 0),
        _SLOW,
        "k.......h...k...",
        "whole",
        "pulse12",
        "",
        echo=45,
        octave=4,
        rest=20,
    ),
    "cave": Mood(
        76, "D locrian", (0, 2, 5, 0), (3, 5, 1, 0), _SLOW, "", "whole", "triangle", "pulse12", echo=60, rest=30
    ),
    "night": Mood(
        72, "D minor", (0, 5, 2, 6), (3, 0, 5, 4), _CALM, "", "whole", "triangle", "triangle", echo=40, rest=15
    ),
    "title": Mood(108, "D major", (0, 2, 3, 4), (5, 3, 0, 4), _CALM, _MARCH, "fifth", "pulse50", "pulse25"),
    "victory": Mood(144, "C major", (0, 3, 4, 0), (5, 3, 1, 4), _LIVELY, _MARCH, "octave", "pulse50"),
    "sad": Mood(66, "A minor", (0, 3, 5, 4), (5, 2, 3, 4), _CALM, "", "whole", "triangle", "", "triangle", 40, rest=12),
    "shop": Mood(112, "F major", (0, 5, 1, 4), (3, 2, 1, 4), _LIVELY, "k.h.h.h.s.h.h.h.", "walk", "pulse25", "pulse12"),
    "desert": Mood(
        104,
        "E phrygian",
        (0, 1, 2, 1),
        (3, 1, 5, 0),
        _LIVELY,
        "k..hk.s.k..hs.h.",
        "pulse",
        "pulse12",
        "",
        "triangle",
        30,
    ),
    "snow": Mood(
        92,
        "E lydian",
        (0, 1, 5, 4),
        (3, 5, 1, 0),
        _CALM,
        "h...h...h...h...",
        "whole",
        "triangle",
        "triangle",
        echo=50,
        octave=6,
    ),
    "forest": Mood(
        100, "D dorian", (0, 3, 0, 6), (2, 3, 5, 4), _CALM, "k..h..h.s..h..h.", "fifth", "triangle", "pulse12", echo=35
    ),
    "castle": Mood(104, "C minor", (0, 5, 2, 6), (3, 0, 5, 4), _CALM, _MARCH, "fifth", "pulse50", "pulse25"),
    "puzzle": Mood(
        116, "A dorian", (0, 3, 0, 4), (2, 5, 3, 4), _LIVELY, "k.h...h.s.h...h.", "walk", "pulse12", "triangle", ""
    ),
    "water": Mood(
        84, "F lydian", (0, 1, 4, 5), (3, 1, 5, 0), _CALM, "", "whole", "triangle", "triangle", echo=55, rest=12
    ),
    "space": Mood(
        98, "B minor", (0, 5, 3, 6), (2, 6, 3, 4), _SLOW, "k...h.h.k...h.hh", "octave", "saw", "pulse12", echo=50
    ),
    "mystery": Mood(
        80,
        "C harmonic minor",
        (0, 5, 1, 4),
        (3, 0, 5, 4),
        _SLOW,
        "k.....h.k...h...",
        "whole",
        "pulse12",
        "triangle",
        echo=45,
        rest=18,
    ),
    "chase": Mood(172, "D minor", (0, 6, 5, 4), (3, 0, 5, 4), _FIERCE, _DRIVE, "octave", "pulse25", echo=10),
    "credits": Mood(100, "A major", (0, 4, 5, 3), (1, 3, 0, 4), _CALM, _SOFT, "fifth", "pulse25", "triangle", echo=35),
    "waltz": Mood(132, "G major", (0, 3, 4, 0), (5, 1, 4, 0), _WALTZ, "k...h...h...", "fifth", "pulse25", "", beats=3),
}
SYNONYMS: dict[str, str] = {
    "peaceful_village": "village town peaceful calm home farm gentle relaxing cozy happy cheerful meadow",
    "overworld": "overworld world field plains walking exploration exploring sunny day level stage platformer retro",
    "adventure": "adventure adventurous journey heroic hero quest epic travel exciting",
    "battle": "battle fight combat action fighting enemy war intense",
    "boss": "boss final villain evil demon dragon dark",
    "dungeon": "dungeon crypt tomb catacomb prison ruins scary horror haunted creepy graveyard",
    "cave": "cave cavern mine underground ambient deep",
    "night": "night lullaby moon stars sleep dreamy dream inn rest",
    "title": "title menu main intro theme opening majestic",
    "victory": "victory win triumph fanfare success celebration level-up reward festival",
    "sad": "sad sorrow melancholy melancholic loss death lonely tragic gameover emotional",
    "shop": "shop store market merchant tavern funny quirky playful",
    "desert": "desert sand oasis pyramid egypt arabian",
    "snow": "snow ice winter frozen christmas cold glacier",
    "forest": "forest woods jungle nature elves elven garden fairy",
    "castle": "castle king queen royal palace throne medieval knight",
    "puzzle": "puzzle thinking riddle logic mini-game minigame quiz brain",
    "water": "water underwater sea ocean lake river beach swim swimming ship",
    "space": "space sci-fi scifi futuristic cyber robot galaxy technology synth",
    "mystery": "mystery mysterious suspense magic magical detective stealth sneaky tension wizard",
    "chase": "chase run running escape racing race fast speed hurry",
    "credits": "credits ending end nostalgic farewell hopeful",
    "waltz": "waltz ball dance dancing carousel carnival circus",
}
DEFAULT = "overworld"


def mood_named(preset: str) -> str | None:
    """The mood that a preset names, by its name, a word for it, or the nearest spelling; None if there is none."""
    name = re.sub(r"[^a-z0-9]+", "_", preset.lower()).strip("_")
    if name in MOODS:
        return name
    mood = mood_of(preset)
    if mood is not None:
        return mood
    close = difflib.get_close_matches(name, MOODS, n=1, cutoff=0.75)
    return close[0] if close else None


def mood_of(text: str) -> str | None:
    """The mood that most words of a description speak of (the first of equals); None if no word does."""
    tokens = re.findall(r"[a-z]+(?:-[a-z]+)?", text.lower().replace("_", " "))
    scores = {name: sum(word in SYNONYMS[name].split() for word in tokens) for name in MOODS}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else None
