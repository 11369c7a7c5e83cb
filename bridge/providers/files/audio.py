"""Kind music from an own recording: WAV without anything further, OGG, FLAC and MP3 with the extra `audio`."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bridge.assemble.parts import AudioPart, Part
from bridge.core import limits
from bridge.core.errors import UserError
from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.files import steps

if TYPE_CHECKING:
    from bridge.spec.model import MusicSpec

OPERATION = "files.sound"
SOUND = "sound"
_LONGEST_SECONDS = limits.SOUND_SECONDS
Samples = npt.NDArray[np.int16]


def compile_music(spec: MusicSpec, context: CompileContext) -> list[Step]:
    """One step over the sound file.

    Raises:
        UserError: the file is missing.
    """
    steps.check_form(spec, context, ("source",))
    return [steps.step(OPERATION, {}, [context.input(SOUND, spec.source or "", "source")], "source")]


def interpret(step: Step, result: StepResult) -> list[Part]:
    """The track.

    Raises:
        UserError: `source_broken` for a damaged file, `missing_extra` where decoding needs the extra `audio`.
    """
    path = steps.path_of(step, SOUND)
    data = steps.bytes_of(result, SOUND)
    samples, rate = read_wav(data, path) if data[:4] == b"RIFF" else _read_compressed(data, path)
    if not len(samples):
        raise steps.misfit(path, "it has no sound", "Save it again.")
    if len(samples) > _LONGEST_SECONDS * rate:
        raise steps.misfit(path, f"it is longer than {_LONGEST_SECONDS // 60} minutes", "Shorten it.")
    return [AudioPart(samples, rate)]


def read_wav(data: bytes, path: str) -> tuple[Samples, int]:
    """Samples (n, channels) in 16 bits and the rate in Hz of a PCM WAV with 8, 16, 24 or 32 bits (RIFF, Microsoft).

    Raises:
        UserError: `source_broken` for other or damaged files.
    """
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if channels * len(data) // max(1, channels * width) > limits.SOUND_SAMPLES:
                raise steps.misfit(path, f"it has more than {limits.SOUND_SAMPLES:,} samples", "Shorten it.")
            raw = file.readframes(file.getnframes())
            expected = file.getnframes() * channels * width
    except (wave.Error, EOFError, RuntimeError) as error:
        reason = str(error) or "the file is cut off"
        raise steps.misfit(path, f"it is no readable WAV: {reason}", "Save it as 16-bit PCM WAV.") from error
    if len(raw) < expected or not channels or not rate:
        raise steps.misfit(path, "the file is cut off", "Save it again as 16-bit PCM WAV.")
    return _sixteen_bits(raw, width).reshape(-1, channels), rate


def _sixteen_bits(raw: bytes, width: int) -> Samples:
    if width == 1:
        return (np.frombuffer(raw, dtype=np.uint8).astype(np.int16) - 128) * np.int16(256)
    if width == 2:
        return np.frombuffer(raw, dtype="<i2").astype(np.int16)
    # The two highest bytes of each sample are what 16 bits keep.
    bytes_ = np.frombuffer(raw, dtype=np.uint8).reshape(-1, width)
    return np.ascontiguousarray(bytes_[:, -2:]).view("<i2")[:, 0].astype(np.int16)


def _read_compressed(data: bytes, path: str) -> tuple[Samples, int]:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise UserError(
            "missing_extra",
            f"{path} is not a WAV file: reading it needs the extra `audio`",
            hint='Install it with: pip install "assetbridge[audio]", or save the sound as WAV.',
        ) from error
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate = int(file.samplerate)
            # A page of silence unpacks to hours: no more than may be is unpacked.
            most = min(_LONGEST_SECONDS * rate + 1, limits.SOUND_SAMPLES // max(1, file.channels))
            samples = file.read(most, dtype="int16", always_2d=True)
    except (RuntimeError, ValueError, TypeError) as error:
        raise steps.misfit(path, "it is no readable WAV, OGG, FLAC or MP3", "Save it again.") from error
    return np.ascontiguousarray(samples, dtype=np.int16), rate
