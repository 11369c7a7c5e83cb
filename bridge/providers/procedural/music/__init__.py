"""Kind `music`: chiptunes composed and played on this machine."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bridge.assemble.parts import AudioPart, Part
from bridge.providers.api import CompileContext, ResultFile, Step, StepResult
from bridge.providers.procedural.music.moods import DEFAULT, MOODS, mood_named, mood_of
from bridge.providers.procedural.music.theory import parse_key

if TYPE_CHECKING:
    from bridge.spec.model import MusicSpec, Spec

KINDS = frozenset({"music"})
OPERATION = "music.track"
OPERATIONS = frozenset({OPERATION})
KEY_HINT = 'Write a note and a mode: "D minor", "F# major", "A dorian", "E harmonic minor".'


def compile(spec: Spec, context: CompileContext) -> Sequence[Step]:  # noqa: A001  (the name that the shell calls)
    """One step, `track`. Words are resolved here: a step holds mood, tempo, key and length.

    Raises:
        UserError: `spec_invalid` for an unknown preset or key, `spec_not_applicable`.
    """
    assert spec.kind == "music"
    return [
        Step(
            "track", "procedural", OPERATION, _resolve_params(spec, context), seed=context.seed(variant=spec.pick or 1)
        )
    ]


def _resolve_params(spec: MusicSpec, context: CompileContext) -> dict[str, str | int | bool]:
    mood = mood_named(spec.preset) if spec.preset else mood_of(spec.description or "") or DEFAULT
    if mood is None:
        raise context.fail(
            "spec_invalid",
            f"there is no music preset {spec.preset}",
            "preset",
            f"Presets: {', '.join(MOODS)}; or describe the music with `description`.",
        )
    key = spec.key or MOODS[mood].key
    if parse_key(key) is None:
        raise context.fail("spec_invalid", f"{key} is not a key", "key", KEY_HINT)
    return {
        "mood": mood,
        "bpm": spec.bpm or MOODS[mood].bpm,
        "key": " ".join(key.lower().split()),
        "duration_ms": round(spec.duration * 1000),
        "loop": spec.loop,
    }


def run(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
    """Composes and plays the track: one WAV (16 bit stereo)."""
    del inputs, needed
    from bridge.providers.procedural.music.track import RATE, render_track

    params = step.params
    samples = render_track(
        params["mood"], params["bpm"], params["key"], params["duration_ms"], step.seed or 1, loop=params["loop"]
    )
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.astype("<i2").tobytes())
    return StepResult((ResultFile("track.wav", "audio/wav", buffer.getvalue()),), {"rate": RATE})


def interpret(step: Step, result: StepResult) -> list[Part]:
    """The samples of the track."""
    del step
    import numpy as np

    with wave.open(io.BytesIO(result.files[0].data), "rb") as sound:
        data = sound.readframes(sound.getnframes())
        samples = np.frombuffer(data, dtype="<i2").astype(np.int16).reshape(-1, sound.getnchannels())
        return [AudioPart(samples, sound.getframerate())]
