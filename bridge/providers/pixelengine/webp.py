"""Animated WebP without loss, frame by frame.

Encoders of whole animations join equal neighbours into one longer frame; a retake counts frames, so here every frame
is kept. Source: WebP Container Specification, sections "Extended File Format" and "Animation".
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
from PIL import Image

from exporters.model.asset import Pixels

_HAS_ANIMATION = 0x02
_NO_BLENDING = 0x02
_HEADER = 12


def animated(frames: Sequence[Pixels], frame_ms: int) -> bytes:
    """An animated WebP of opaque frames (height, width, 4) of one size, `frame_ms` milliseconds each, for ever."""
    height, width = frames[0].shape[:2]
    size = _uint24(width - 1) + _uint24(height - 1)
    parts = [_chunk(b"VP8X", bytes([_HAS_ANIMATION, 0, 0, 0]) + size), _chunk(b"ANIM", bytes(6))]
    for pixels in frames:
        offset = _uint24(0) + _uint24(0)
        head = offset + size + _uint24(frame_ms) + bytes([_NO_BLENDING])
        parts.append(_chunk(b"ANMF", head + _image_chunk(pixels)))
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _image_chunk(pixels: Pixels) -> bytes:
    """The VP8L chunk of a still."""
    buffer = io.BytesIO()
    still = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    still.save(buffer, "WEBP", lossless=True, quality=100, method=4)
    data = buffer.getvalue()
    # A lossless still without metadata is RIFF, size, WEBP and the one chunk.
    return data[_HEADER:]


def _uint24(value: int) -> bytes:
    return value.to_bytes(3, "little")


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
