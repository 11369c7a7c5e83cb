"""Music: composing, sound, steps and parts."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.assemble.parts import AudioPart
from bridge.core.errors import UserError
from bridge.providers.procedural import music
from bridge.providers.procedural.music import synth
from bridge.providers.procedural.music.compose import Note, compose_notes
from bridge.providers.procedural.music.moods import MOODS, SYNONYMS, mood_named, mood_of
from bridge.providers.procedural.music.synth import PEAK, RATE, render_notes
from bridge.providers.procedural.music.theory import MODES, MusicalKey, parse_key
from bridge.providers.procedural.music.track import render_track
from bridge.providers.testing import SpecContext
from bridge.spec.music import MusicSpec
from tests.unit.providers.procedural_terrain_context import compiled


class Context(SpecContext):
    """A compile context without a project."""

    def __init__(self) -> None:
        super().__init__("music/theme")

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        del own, own_take
        return 41 + variant

    def fail(self, code: str, message: str, field: str, hint: str = "") -> UserError:
        del field
        return UserError(code, message, hint=hint)

    def input(self, role: str, ref: str, field: str) -> Any:
        raise AssertionError((role, ref, field))

    def files(self, pattern: str, field: str) -> list[str]:
        raise AssertionError((pattern, field))

    def read(self, ref: str, field: str) -> tuple[str, bytes]:
        raise AssertionError((ref, field))

    def spec_of(self, ref: str, field: str) -> Any:
        raise AssertionError((ref, field))


def spec(**keys: Any) -> MusicSpec:
    return MusicSpec.model_validate({"kind": "music", **keys})


def strongest(samples: npt.NDArray[Any], low: float, high: float) -> float:
    """The strongest frequency between two (Hz)."""
    mono = samples.astype(np.float64).sum(axis=1) if samples.ndim == 2 else samples.astype(np.float64)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono))))
    hertz = np.fft.rfftfreq(len(mono), 1 / RATE)
    band = (hertz >= low) & (hertz <= high)
    return float(hertz[band][power[band].argmax()])


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C major", MusicalKey(0, MODES["major"])),
        ("D minor", MusicalKey(2, MODES["minor"])),
        ("f# dorian", MusicalKey(6, MODES["dorian"])),
        ("Bb", MusicalKey(10, MODES["major"])),
        ("B", MusicalKey(11, MODES["major"])),
        ("Am", MusicalKey(9, MODES["minor"])),
        ("E harmonic minor", MusicalKey(4, MODES["harmonic minor"])),
        ("A flat major", MusicalKey(8, MODES["major"])),
        ("H major", None),
        ("D sideways", None),
        ("", None),
    ],
)
def test_keys(text: str, key: MusicalKey | None) -> None:
    assert parse_key(text) == key


def test_pitches_of_degrees() -> None:
    key = parse_key("C major")
    assert key is not None
    assert [key.midi_pitch(degree, 4) for degree in (0, 2, 4, 7, -1)] == [60, 64, 67, 72, 59]


def test_moods_are_complete() -> None:
    assert set(SYNONYMS) == set(MOODS)
    for name, mood in MOODS.items():
        assert parse_key(mood.key), name
        assert all(sum(rhythm) == mood.beats * 4 for rhythm in mood.rhythms), name
        assert len(mood.drums) in (0, mood.beats * 4), name
        assert len(mood.verse) == len(mood.bridge) == 4


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("calm village", "peaceful_village"),
        ("final boss fight", "boss"),
        ("spooky haunted crypt", "dungeon"),
        ("qwerty", None),
    ],
)
def test_words_choose_the_mood(text: str, mood: str | None) -> None:
    assert mood_of(text) == mood


def test_presets() -> None:
    assert mood_named("Peaceful Village") == "peaceful_village"
    assert mood_named("batle") == "battle"
    assert mood_named("nonsense") is None


@pytest.mark.parametrize("name", sorted(MOODS))
def test_every_mood_sounds(name: str) -> None:
    mood = MOODS[name]
    samples = render_track(name, mood.bpm, mood.key, 6000, 3, loop=True)
    assert samples.shape == (RATE * 6, 2)
    assert samples.dtype == np.int16
    wide = samples.astype(np.int64)
    assert np.abs(wide).max() == PEAK
    assert np.abs(wide.mean(axis=0)).max() < 1
    loud = np.sqrt((wide**2).mean())
    assert loud > 32768 * 0.06


def test_golden_tracks() -> None:
    found = [
        hashlib.sha256(render_track(name, MOODS[name].bpm, MOODS[name].key, 4000, 1, loop=loop).tobytes()).hexdigest()[
            :16
        ]
        for name, loop in (("battle", True), ("night", False), ("waltz", True))
    ]
    assert found == GOLDEN


GOLDEN = ["a92704175130bbbf", "a916ba723685d53b", "884f51d8dac4453f"]


def test_seed_key_and_tempo_change_the_track() -> None:
    base = render_track("overworld", 120, "c major", 4000, 1, loop=True).tobytes()
    assert render_track("overworld", 120, "c major", 4000, 2, loop=True).tobytes() != base
    assert render_track("overworld", 120, "d major", 4000, 1, loop=True).tobytes() != base
    assert render_track("overworld", 140, "c major", 4000, 1, loop=True).tobytes() != base


@given(st.integers(1000, 5000), st.integers(40, 240), st.sampled_from(sorted(MOODS)), st.booleans())
@settings(max_examples=25, deadline=None)
def test_any_length_and_tempo_fit_to_the_sample(duration: int, bpm: int, mood: str, loop: bool) -> None:
    samples = render_track(mood, bpm, "c minor", duration, 5, loop=loop)
    assert samples.shape == ((duration * RATE + 500) // 1000, 2)
    assert np.abs(samples.astype(int)).max() <= PEAK


def test_a_loop_closes() -> None:
    """The step over the seam is no larger than steps inside, and two rounds differ in nothing from one loop twice."""
    samples = render_track("peaceful_village", 96, "g major", 10000, 7, loop=True).astype(int)
    inside = np.abs(np.diff(samples, axis=0)).max()
    assert np.abs(samples[0] - samples[-1]).max() <= inside
    quiet = np.abs(samples[-400:]).mean()
    assert quiet > 50  # tails fold over the end: nothing fades to silence there


def test_tails_of_a_loop_fold_into_its_beginning() -> None:
    mood = MOODS["cave"]
    late = [Note(15, 1, 60, "lead")]
    looped = render_notes(late, mood, 16, RATE, loop=True, grid=RATE)
    cut = render_notes(late, mood, 16, RATE, loop=False, grid=RATE)
    assert np.abs(looped[: RATE // 20].astype(int)).max() > 100
    assert np.abs(cut[: RATE // 2].astype(int)).max() < 10


def test_a_track_without_loop_fades() -> None:
    samples = render_track("battle", 156, "a minor", 6000, 2, loop=False).astype(int)
    assert np.abs(samples[-20:]).max() < 400
    assert np.abs(samples[-RATE * 4 : -RATE * 3]).max() > 8000


@pytest.mark.parametrize(("pitch", "hertz"), [(45, 110.0), (69, 440.0), (81, 880.0)])
@pytest.mark.parametrize("wave", ["pulse25", "pulse50", "triangle", "saw"])
def test_notes_have_their_pitch(pitch: int, hertz: float, wave: str) -> None:
    sound = synth._render_sound("lead", wave, pitch, RATE)
    assert strongest(sound, hertz * 0.6, hertz * 1.6) == pytest.approx(hertz, abs=1.0)


def test_waves_do_not_alias() -> None:
    """A high note has no partials but its own: nothing between them."""
    sound = synth._render_sound("lead", "pulse25", 93, RATE).astype(np.float64)[RATE // 4 : RATE // 4 + 16384]
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    distance = np.abs(hertz / 1760 - np.round(hertz / 1760))
    assert power[(distance > 0.1) & (hertz > 300)].max() < power.max() * 0.02


def test_the_bass_plays_the_tonic_of_the_key() -> None:
    samples = render_track("night", 72, "d minor", 10000, 1, loop=False)
    bar = RATE * 60 * 4 // 72
    assert strongest(samples[RATE // 10 : bar], 60, 90) == pytest.approx(73.4, abs=0.6)


def test_notes_stay_in_the_key() -> None:
    key = parse_key("D minor")
    assert key is not None
    allowed = {(key.tonic + step) % 12 for step in key.scale}
    for name in ("battle", "waltz", "sad"):
        for note in compose_notes(MOODS[name], key, 256, 9, loop=True):
            if note.pitch:
                assert note.pitch % 12 in allowed


def test_the_tune_repeats() -> None:
    key = parse_key("C major")
    assert key is not None
    notes = compose_notes(MOODS["overworld"], key, 16 * 16, 4, loop=True)

    def rhythm(bar: int) -> list[tuple[int, int]]:
        return [(n.start - bar * 16, n.length) for n in notes if n.part == "lead" and n.start // 16 == bar]

    assert sum(rhythm(bar) == rhythm(bar + 2) for bar in (0, 4, 8, 12)) >= 3
    assert rhythm(0) == rhythm(4) == rhythm(12)


def test_drums_fall_on_the_grid() -> None:
    """At 120 beats a minute without loop a sixteenth is an eighth of a second: onsets lie there."""
    mood = MOODS["battle"]
    key = parse_key("A minor")
    assert key is not None
    notes = [note for note in compose_notes(mood, key, 64, 1, loop=False) if note.part in ("kick", "snare", "hat")]
    samples = render_notes(notes, MOODS["sad"], 64, RATE * 8, loop=False, grid=RATE * 8).astype(np.int64)
    loud = np.abs(samples).max(axis=1).reshape(-1, 441).max(axis=1)
    rising = np.nonzero((loud[1:] > loud[:-1] * 4) & (loud[1:] > 6000))[0] + 1
    times = rising * 441 / RATE
    offset = np.abs(times / 0.125 - np.round(times / 0.125)) * 0.125
    assert len(times) >= 8
    assert offset.max() <= 0.011


def test_steps_resolve_the_words() -> None:
    (step,) = compiled(spec(description="calm village", duration=3.5, seed=9), Context())
    assert step.key == "track"
    assert step.operation in music.OPERATIONS
    assert step.seed == 42
    assert step.params == {"mood": "peaceful_village", "bpm": 96, "key": "g major", "duration_ms": 3500, "loop": True}
    (same,) = compiled(spec(preset="peaceful village", duration=3.5, key="G  Major"), Context())
    assert same.params == step.params


def test_result_and_part() -> None:
    (step,) = compiled(spec(preset="victory", duration=2, bpm=100, key="F", loop=False), Context())
    result = music.run(step, {}, {})
    assert result.files[0].media_type == "audio/wav"
    (part,) = music.interpret(step, result)
    assert isinstance(part, AudioPart)
    assert part.rate == RATE
    assert part.samples.tobytes() == render_track("victory", 100, "f", 2000, 42, loop=False).tobytes()


def test_fields_of_paid_providers_are_refused() -> None:
    with pytest.raises(UserError) as caught:
        compiled(spec(preset="battle", model="big"), Context())
    assert caught.value.code == "spec_not_applicable"


@pytest.mark.parametrize("keys", [{"preset": "nonsense"}, {"preset": "battle", "key": "H moll"}])
def test_mistakes_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        compiled(spec(**keys), Context())
    assert caught.value.code == "spec_invalid"
    assert caught.value.hint
