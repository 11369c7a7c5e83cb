"""A piece from a mood: notes on a grid of sixteenths, in the form A A B A of four bars each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.providers.procedural.music.moods import Mood
from bridge.providers.procedural.music.theory import MusicalKey
from bridge.providers.procedural.noise import Dice

FORM = "AABA"
PHRASE = 4
DRUMS = {"k": ("kick",), "s": ("snare",), "h": ("hat",), "o": ("kick", "hat"), ".": ()}


@dataclass(frozen=True, slots=True)
class Note:
    """start, length: sixteenths from the beginning. pitch: MIDI number. part: lead, bass, arp, pad or a drum.

    level is 0–100; drums ignore the pitch.
    """

    start: int
    length: int
    pitch: int
    part: str
    level: int = 100


Motif = list[tuple[int, int]]  # (length in sixteenths, step from the chord's root; a negative length is a rest)


def compose_notes(mood: Mood, key: MusicalKey, steps: int, seed: int, *, loop: bool) -> list[Note]:
    """The notes of `steps` sixteenths; the last bar leads back to the first (loop) or comes to rest."""
    bar = mood.beats * 4
    bars = -(-steps // bar)
    dice = Dice(seed, "music")
    motifs = {section: [_compose_motif(mood, dice) for _ in range(2)] for section in "AB"}
    notes: list[Note] = []
    for index in range(bars):
        section = FORM[index // PHRASE % len(FORM)]
        bar_of_phrase = index % PHRASE
        final = index == bars - 1 and not loop
        chord = 0 if final else (mood.verse if section == "A" else mood.bridge)[bar_of_phrase]
        if index == bars - 1 and loop and bars > 1 and chord == 0:
            chord = 4
        start = index * bar
        round_trip = index // (PHRASE * len(FORM))
        notes += _write_bass(mood, key, chord, start, bar, final=final)
        notes += _write_pad(mood, key, chord, start, bar)
        if not final:
            notes += _write_arp(mood, key, chord, start, bar, dense=section == "B" or round_trip % 2 == 1)
            notes += _write_drums(mood, start, bar, fill=bar_of_phrase == PHRASE - 1 and index % 8 == 7)
        if final:
            notes.append(Note(start, bar, key.midi_pitch(0, mood.octave), "lead"))
        else:
            motif = motifs[section][_motif_index(bar_of_phrase)]
            if bar_of_phrase == PHRASE - 1:
                motif = _close_motif(motif)
            notes += _write_lead(mood, key, chord, start, motif, dice)
    return [replace(note, length=min(note.length, steps - note.start)) for note in notes if note.start < steps]


def _motif_index(bar_of_phrase: int) -> int:
    """Bars one and three share a motif, the second answers it: repetition is what makes a tune."""
    return bar_of_phrase % 2


def _compose_motif(mood: Mood, dice: Dice) -> Motif:
    rhythm = dice.pick(mood.rhythms)
    offset, motif = 0, []
    step = dice.pick((0, 2, 4))
    for length in rhythm:
        strong = offset % 8 == 0
        if strong:
            # Chord tones on strong beats keep the tune inside the harmony.
            step = min((0, 2, 4, 7), key=lambda tone: (abs(tone - step), tone))
        rests = not strong and dice.chance(mood.rest)
        motif.append((-length if rests else length, step))
        step = max(-2, min(8, step + dice.pick((-2, -1, -1, 1, 1, 2, 3))))
        offset += length
    return motif


def _close_motif(motif: Motif) -> Motif:
    """The motif with a long last note on the chord's root."""
    if len(motif) < 2:
        return [(abs(length), 0) for length, _ in motif]
    *start, (one, _), (two, _) = motif
    return [*start, (abs(one) + abs(two), 0)]


def _write_lead(mood: Mood, key: MusicalKey, chord: int, start: int, motif: Motif, dice: Dice) -> list[Note]:
    notes, position = [], start
    root = chord if chord <= 3 else chord - 7
    for length, step in motif:
        if length > 0:
            level = 100 if (position - start) % 4 == 0 else 84
            pitch = key.midi_pitch(root + step, mood.octave)
            notes.append(Note(position, length, pitch, "lead", level))
            if length >= 8 and dice.chance(18):
                # A grace note from below.
                notes[-1] = Note(position + 1, length - 1, pitch, "lead", level)
                notes.append(Note(position, 1, key.midi_pitch(root + step - 1, mood.octave), "lead", 70))
        position += abs(length)
    return notes


def _write_bass(mood: Mood, key: MusicalKey, chord: int, start: int, bar: int, *, final: bool) -> list[Note]:
    root = chord if chord <= 4 else chord - 7
    if final or mood.bass == "whole":
        return [Note(start, bar, key.midi_pitch(root, 2), "bass")]
    lines: dict[str, tuple[tuple[int, ...], int]] = {
        "fifth": ((0, 4), 4),
        "octave": ((0, 7), 2),
        "pulse": ((0, 0, 0, 0, 0, 0, 4, 0), 2),
        "walk": ((0, 2, 4, 5), 4),
    }
    line, length = lines[mood.bass]
    return [
        Note(start + offset, length, key.midi_pitch(root + line[turn % len(line)], 2), "bass", 100 if turn == 0 else 86)
        for turn, offset in enumerate(range(0, bar, length))
    ]


def _write_pad(mood: Mood, key: MusicalKey, chord: int, start: int, bar: int) -> list[Note]:
    if not mood.pad:
        return []
    root = chord if chord <= 3 else chord - 7
    return [Note(start, bar, key.midi_pitch(root + tone, 4), "pad") for tone in (0, 2, 4)]


def _write_arp(mood: Mood, key: MusicalKey, chord: int, start: int, bar: int, *, dense: bool) -> list[Note]:
    if not mood.arp:
        return []
    tones = (0, 2, 4, 7, 4, 2) if dense else (0, 4, 2, 4)
    length = 1 if dense and mood.bpm < 110 else 2
    root = chord if chord <= 3 else chord - 7
    return [
        Note(
            start + offset, length, key.midi_pitch(root + tones[turn % len(tones)], 4), "arp", 76 if offset % 4 else 100
        )
        for turn, offset in enumerate(range(0, bar, length))
    ]


def _write_drums(mood: Mood, start: int, bar: int, *, fill: bool) -> list[Note]:
    pattern = mood.drums
    if pattern and fill:
        pattern = pattern[: bar - 4] + "ssss"
    return [
        Note(start + offset, 1, 0, part, 80 if offset % 4 else 100)
        for offset, mark in enumerate(pattern[:bar])
        for part in DRUMS[mark]
    ]
