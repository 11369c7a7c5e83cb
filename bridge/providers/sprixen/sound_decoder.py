"""The child process of `sound`: a sound file on standard input; rate, channels and raw samples on standard output.

It imports nothing of this project, so it may be run as a plain script.
"""

from __future__ import annotations

import io
import struct
import sys

HEADER = "<II"
NO_LIBRARY = 3
UNREADABLE = 4
# All channels of a track; see `bridge.core.limits.SOUND_SAMPLES`.
MOST_SAMPLES = 128_000_000


def main() -> int:
    """Decodes the whole input; returns the exit code."""
    try:
        import soundfile
    except (ImportError, OSError):
        return NO_LIBRARY
    try:
        with soundfile.SoundFile(io.BytesIO(sys.stdin.buffer.read())) as file:
            rate = file.samplerate
            # A page of silence unpacks to hours: one of them is enough for any track.
            samples = file.read(min(3600 * rate, MOST_SAMPLES // max(1, file.channels)), dtype="int16", always_2d=True)
    except (RuntimeError, ValueError, TypeError):
        return UNREADABLE
    if not len(samples):
        return UNREADABLE
    sys.stdout.buffer.write(struct.pack(HEADER, rate, samples.shape[1]))
    sys.stdout.buffer.write(samples.astype("<i2").tobytes())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
