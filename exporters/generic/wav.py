"""WAV files (RIFF, 16-bit PCM) with the loop as a `smpl` chunk, where the track loops.

Source: Multimedia Programming Interface and Data Specifications 1.0 (RIFF), and the `smpl` chunk of its "New
Multimedia Data Types" supplement. The chunk is how engines learn the loop without a setting of their own.
"""

from __future__ import annotations

import io
import struct
import wave

from exporters.base import ExportError
from exporters.model.asset import AudioAsset

MIDDLE_C = 60
FORWARD = 0


def encode_wav(asset: AudioAsset) -> bytes:
    """The WAV file of a track.

    Raises:
        ExportError: the track has no samples.
    """
    if asset.samples.ndim != 2 or not asset.samples.size:
        raise ExportError("The track has no samples.", hint="Build it again with a duration of a second or more.")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(asset.samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(asset.rate)
        file.writeframes(asset.samples.astype("<i2").tobytes())
    data = buffer.getvalue()
    if not asset.loop:
        return data
    chunk = _loop_chunk(asset)
    return data[:4] + struct.pack("<I", len(data) + len(chunk) - 8) + data[8:] + chunk


def _loop_chunk(asset: AudioAsset) -> bytes:
    period = 1_000_000_000 // asset.rate
    header = (0, 0, period, MIDDLE_C, 0, 0, 0, 1, 0)
    # The end of a loop is the last sample that plays, not the one after it.
    loop = (0, FORWARD, asset.loop_start, len(asset.samples) - 1, 0, 0)
    body = struct.pack("<15I", *header, *loop)
    return b"smpl" + struct.pack("<I", len(body)) + body
