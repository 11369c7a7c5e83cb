"""Files of the emulated PixelDojo: large opaque pictures with fake pixels, and short H.264 clips."""

from __future__ import annotations

import io

import numpy as np

from tests.emulator import pictures

SIDE = 256
CLIP_SIDE = 64
CLIP_FRAMES = 12


def picture(look: str) -> bytes:
    """A creature of fake pixels on a plain ground, as a PNG."""
    return pictures.png(pictures.figure(look, (SIDE, SIDE), share=70, opaque=True))


def video(look: str, frames: int = CLIP_FRAMES) -> bytes:
    """An MP4 in which every frame is a little lighter than the one before it."""
    import av

    red, green, blue, _ = pictures.colour(look, light=30)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=12, options={"threads": "1"})
        stream.width = stream.height = CLIP_SIDE
        stream.pix_fmt = "yuv420p"
        for number in range(frames):
            plain = np.full((CLIP_SIDE, CLIP_SIDE, 3), (red, green, blue), np.int64) + number * 8
            pixels = np.clip(plain, 0, 255).astype(np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return buffer.getvalue()
