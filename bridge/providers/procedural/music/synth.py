"""The sound chip: wave tables, envelopes, drums and echo, all in integers.

Sums and products of integers are the same on every machine, so a track is too. Waves are sums of sines up to half the
sample rate (naive square waves would alias audibly at this rate); a phase counts 2^32 for a turn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural.music.compose import Note
from bridge.providers.procedural.music.moods import Mood

Sound: TypeAlias = npt.NDArray[np.int64]

RATE = 44100
TABLE_BITS = 11
TABLE = 1 << TABLE_BITS
FULL = 1 << 14
PEAK = 29204  # −1 dB of full scale
TAIL = RATE

# Part: attack, decay, sustain (of 256), release in milliseconds; gain of 256; left share of 256.
ENVELOPES: dict[str, tuple[int, int, int, int]] = {
    "lead": (6, 120, 170, 90),
    "bass": (4, 160, 150, 60),
    "arp": (3, 110, 50, 60),
    "pad": (160, 200, 200, 260),
}
GAINS = {"lead": 92, "bass": 104, "arp": 40, "pad": 30, "kick": 150, "snare": 88, "hat": 40}
LEFT = {"lead": 118, "bass": 128, "arp": 176, "pad": 92, "kick": 128, "snare": 138, "hat": 96}


def render_notes(
    notes: Sequence[Note], mood: Mood, steps: int, length: int, *, loop: bool, grid: int
) -> npt.NDArray[np.int16]:
    """Stereo samples (length, 2). `grid` is the number of samples of all `steps` sixteenths.

    A loop's tails and echoes run over into its beginning; a piece that ends fades.
    """
    mix = np.zeros((2, length + TAIL), np.int64)
    waves = {"lead": mood.lead, "bass": "triangle", "arp": mood.arp, "pad": mood.pad}
    for note in notes:
        start = note.start * grid // steps
        end = (note.start + note.length) * grid // steps
        sound = _render_sound(note.part, waves.get(note.part, ""), note.pitch, end - start)
        last = min(start + len(sound), mix.shape[1])
        part = sound[: last - start] * (GAINS[note.part] * note.level) // 100
        mix[0, start:last] += part * LEFT[note.part] >> 8
        mix[1, start:last] += part * (256 - LEFT[note.part]) >> 8
    mix = _wrap_tail(mix, length) if loop else mix[:, :length]
    mix = _add_echo(mix, grid * 3 // steps, mood.echo, loop=loop)
    if not loop:
        _fade_out(mix)
    return _normalize_peak(mix)


def _wrap_tail(mix: Sound, length: int) -> Sound:
    folded = mix[:, :length].copy()
    rest = mix[:, length:]
    while rest.shape[1]:
        part = rest[:, :length]
        folded[:, : part.shape[1]] += part
        rest = rest[:, length:]
    return folded


def _add_echo(mix: Sound, delay: int, percent: int, *, loop: bool) -> Sound:
    """Three dotted-eighth repeats that change sides."""
    result = mix.copy()
    share = percent
    for turn in (1, 2, 3):
        source = mix[::-1] if turn % 2 else mix
        shift = delay * turn
        if loop:
            result += np.roll(source, shift, axis=1) * share // 100
        elif shift < mix.shape[1]:
            result[:, shift:] += source[:, :-shift] * share // 100
        share = share * percent // 100
    return result


def _fade_out(mix: Sound) -> None:
    length = mix.shape[1]
    fade = min(RATE * 3 // 2, length // 3)
    mix[:, length - fade :] = mix[:, length - fade :] * np.arange(fade, 0, -1) // fade


def _normalize_peak(mix: Sound) -> npt.NDArray[np.int16]:
    mix = mix - (mix.sum(axis=1) // mix.shape[1])[:, None]
    peak = max(1, int(np.abs(mix).max()))
    return ((mix * PEAK + peak // 2) // peak).astype(np.int16).T.copy()


@cache
def _sine_table() -> Sound:
    return np.array([round(math.sin(2 * math.pi * index / TABLE) * FULL) for index in range(TABLE)], np.int64)


def _partial_strength(wave: str, harmonic: int) -> int:
    """The strength of a harmonic, of 4096: Fourier series of the usual chip waves."""
    if wave == "triangle":
        return 0 if harmonic % 2 == 0 else (4096 if harmonic % 4 == 1 else -4096) // (harmonic * harmonic)
    if wave == "saw":
        return 2600 // harmonic
    duty = {"pulse50": 0.5, "pulse25": 0.25, "pulse12": 0.125}[wave]
    return round(4096 * math.sin(math.pi * harmonic * duty) / harmonic)


@cache
def _wave_table(wave: str, harmonics: int) -> Sound:
    places = np.arange(TABLE, dtype=np.int64)
    table = np.zeros(TABLE, np.int64)
    for harmonic in range(1, harmonics + 1):
        # Cosines for pulses (symmetric about their middle), sines for the others.
        shift = TABLE // 4 if wave.startswith("pulse") else 0
        table += _sine_table()[(places * harmonic + shift) % TABLE] * _partial_strength(wave, harmonic)
    loudness = max(1, math.isqrt(int((table * table).sum()) // TABLE))
    return np.asarray(table * (FULL // 2) // loudness, np.int64)


def phase_step(pitch: int) -> int:
    """The phase step of a MIDI pitch: 2^32 is one turn."""
    return round(440 * 2 ** ((pitch - 69) / 12) * 2**32 / RATE)


@cache
def _render_sound(part: str, wave: str, pitch: int, length: int) -> Sound:
    if part in _DRUMS:
        return _DRUMS[part]()
    attack, decay, sustain, release = ENVELOPES[part]
    attack, decay, release = attack * RATE // 1000, decay * RATE // 1000, release * RATE // 1000
    total = length + release
    step = phase_step(pitch)
    room = (RATE // 2) * (1 << 32) // RATE // step
    # Tables for a few numbers of harmonics only: the next lower power of two.
    harmonics = min(64, 1 << max(0, room.bit_length() - 1))
    phase = (np.arange(total, dtype=np.int64) * step) & 0xFFFFFFFF
    envelope = _build_envelope(length, attack, decay, sustain, release)
    return np.asarray(_wave_table(wave, harmonics)[phase >> (32 - TABLE_BITS)] * envelope >> 15, np.int64)


def _build_envelope(length: int, attack: int, decay: int, sustain: int, release: int) -> Sound:
    """0 … 32768: rises, falls to the sustain level (of 256), and to nothing after `length` samples."""
    attack = min(attack, length)
    level = 128 * sustain
    rise = np.arange(attack, dtype=np.int64) * 32768 // max(1, attack)
    fall = 32768 - (32768 - level) * np.arange(decay, dtype=np.int64) // decay
    body = np.concatenate((rise, fall, np.full(max(0, length - attack - decay), level, np.int64)))[:length]
    top = int(body[-1]) if length else 0
    return np.concatenate((body, top * np.arange(release, 0, -1, dtype=np.int64) // release))


def _make_noise(length: int) -> Sound:
    value = (np.arange(1, length + 1, dtype=np.int64) * 2654435761) & 0xFFFFFFFF
    value = ((value ^ (value >> 15)) * 2246822519) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 3266489917) & 0xFFFFFFFF
    return np.asarray(((value >> 16) & (2 * FULL - 1)) - FULL, np.int64)


def _make_decay(length: int) -> Sound:
    left = np.arange(length, 0, -1, dtype=np.int64) * 1024 // length
    return np.asarray(left * left, np.int64)


def _render_kick() -> Sound:
    length = RATE * 16 // 100
    # From 150 Hz down to 45 Hz.
    left = _make_decay(length) >> 10
    steps = (45 * 1024 + 105 * (left * left >> 10)) * ((1 << 32) // RATE) >> 10
    phase = np.cumsum(steps) & 0xFFFFFFFF
    return np.asarray(_sine_table()[phase >> (32 - TABLE_BITS)] * _make_decay(length) >> 20, np.int64)


def _render_snare() -> Sound:
    length = RATE * 14 // 100
    phase = (np.arange(length, dtype=np.int64) * (185 * (1 << 32) // RATE)) & 0xFFFFFFFF
    tone = _sine_table()[phase >> (32 - TABLE_BITS)] // 2
    return np.asarray((_make_noise(length) + tone) * _make_decay(length) >> 20, np.int64)


def _render_hat() -> Sound:
    length = RATE * 5 // 100
    noise = _make_noise(length + 1)
    return np.diff(noise) * _make_decay(length) >> 21


_DRUMS: dict[str, Callable[[], Sound]] = {"kick": _render_kick, "snare": _render_snare, "hat": _render_hat}
