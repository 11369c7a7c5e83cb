"""The child process of `bridge.media.audio`: raw samples on standard input, OGG Vorbis on standard output.

Called with sample rate and channels. It imports nothing of this project, so it may be run as a plain script.
"""

from __future__ import annotations

import io
import sys

import numpy as np

BLOCK_FRAMES = 65536
NO_LIBRARY = 3


def main(rate: int, channels: int) -> int:
    """Encodes until the input ends; returns the exit code."""
    try:
        import soundfile
    except (ImportError, OSError):
        return NO_LIBRARY
    samples = np.frombuffer(sys.stdin.buffer.read(), dtype="<i2").reshape(-1, channels)
    target = io.BytesIO()
    with soundfile.SoundFile(target, "w", rate, channels, subtype="VORBIS", format="OGG") as sound:
        for start in range(0, len(samples), BLOCK_FRAMES):
            sound.write(samples[start : start + BLOCK_FRAMES])
    sys.stdout.buffer.write(target.getvalue())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2])))
