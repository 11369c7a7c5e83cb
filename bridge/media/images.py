"""Pictures of any origin, decoded within limits, and the PNG form that the store keeps.

A header is checked before a pixel is decoded, so a small file that claims to be huge costs nothing. Everything a
decoder may raise on broken bytes ends as one `source_broken` error that names the file.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bridge.core import limits
from bridge.core.errors import UserError, Where
from exporters.model.asset import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "GIF", "WEBP", "JPEG")
MOST_PIXELS = limits.PICTURE_PIXELS
LONGEST_SIDE = limits.PICTURE_SIDE
MOST_FRAMES = limits.CLIP_FRAMES
MOST_CLIP_PIXELS = limits.CLIP_PIXELS
DEFAULT_MS = 100
_DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    MemoryError,
    UserWarning,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A picture (height, width, 4) uint8 RGBA as delivered, and how long it shows (milliseconds, at least 1)."""

    pixels: Pixels
    duration_ms: int = DEFAULT_MS


def decode(data: bytes, name: str, where: Where | None = None) -> list[DecodedFrame]:
    """The frames of a PNG, APNG, GIF, WebP or JPEG; a still has one.

    name: the file as the user knows it, for the error. Colours under alpha 0 stay as they are in the file.
    A delay of 0 means 100 ms, as browsers show it.

    Raises:
        UserError: `source_broken` when it is no such picture, cut off, or beyond the limits (16 million pixels,
            8192 a side, 2,000 frames, 128 million pixels over all frames, an hour a frame).
    """
    if not data or len(data) > limits.PICTURE_BYTES:
        reason = limits.say_too_large(limits.PICTURE_BYTES) if data else "the file is empty"
        raise _broken_picture(name, reason, where)
    try:
        with _strict_decoder():
            return _decode_frames(data)
    except UserError as error:
        raise _broken_picture(name, error.message, where) from None
    except _DECODER_ERRORS as error:
        raise _broken_picture(name, _explain_error(error), where) from error


def decode_still(data: bytes, name: str, where: Where | None = None) -> Pixels:
    """The only picture of a file, or the first of several.

    Raises:
        UserError: `source_broken`, see `decode`.
    """
    return decode(data, name, where)[0].pixels


def picture_kind(data: bytes) -> str:
    """`webp`, `gif`, `jpeg` or, for everything else, `png`: by the first bytes alone."""
    for magic, kind in ((b"RIFF", "webp"), (b"GIF8", "gif"), (b"\xff\xd8", "jpeg")):
        if data.startswith(magic):
            return kind
    return "png"


def encode_png(pixels: Pixels) -> bytes:
    """A lossless PNG, made fast rather than small: for the store, not for games."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@contextmanager
def _strict_decoder() -> Iterator[None]:
    """Turns the decoder's warnings about dangerous or half-read files into errors and silences the harmless ones."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="Invalid APNG", category=UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise _limit_error(f"it has more than {MOST_PIXELS:,} pixels") from None


def _decode_frames(data: bytes) -> list[DecodedFrame]:
    from PIL import Image

    _check_complete(data)
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _check_header(image.size)
        count = getattr(image, "n_frames", 1)
        if count > MOST_FRAMES:
            raise _limit_error(f"it has {count:,} frames, more than {MOST_FRAMES:,}")
        if count * image.width * image.height > MOST_CLIP_PIXELS:
            raise _limit_error(f"its {count} frames have more than {MOST_CLIP_PIXELS:,} pixels together")
        # The default image of an APNG is what viewers without animation show; it is not a frame.
        first = 1 if getattr(image, "default_image", False) and count > 1 else 0
        frames = []
        for number in range(first, count):
            image.seek(number)
            pixels = _as_rgba(image)
            frames.append(DecodedFrame(pixels, _delay_ms(image.info.get("duration"))))
        return frames


def _delay_ms(said: float | None) -> int:
    delay = round(float(said or 0))
    if delay > limits.FRAME_MS:
        raise _limit_error(f"a frame shows for {delay:,} milliseconds; there may be {limits.FRAME_MS:,}")
    return delay if delay > 0 else DEFAULT_MS


def _check_header(size: tuple[int, int]) -> None:
    width, height = size
    if max(size) > LONGEST_SIDE:
        raise _limit_error(f"it is {width} × {height} pixels; a side may have {LONGEST_SIDE}")
    if width * height > MOST_PIXELS:
        raise _limit_error(f"it is {width} × {height}, more than {MOST_PIXELS:,} pixels")


def _as_rgba(image: Image) -> Pixels:
    """RGBA in 8 bits. 16-bit grey is scaled here because converting would cut it off at 255."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image).astype(np.int64)
        grey = (np.clip(values, 0, 65535) + 128) // 257
        alpha = np.full(grey.shape, 255)
        see_through = image.info.get("transparency")
        if isinstance(see_through, int):
            alpha[values == see_through] = 0
        return np.stack([grey, grey, grey, alpha], axis=-1).astype(np.uint8)
    return np.array(image.convert("RGBA"), dtype=np.uint8)


def _check_complete(data: bytes) -> None:
    """Finds clips that were cut off between two frames, which decoders take for shorter clips, and files that are made
    of so many parts that decoders would take minutes for them."""
    cut = False
    if data[:2] == b"\xff\xd8" and data.count(b"\xff\xda") > limits.PICTURE_SCANS:
        # Each scan goes over all pixels once more, and takes a few bytes.
        raise _limit_error(f"it has more than {limits.PICTURE_SCANS} scans")
    if data[:6] in (b"GIF87a", b"GIF89a"):
        cut = not _gif_ends(data)
    elif data[:4] == b"RIFF" and len(data) >= 12:
        cut = struct.unpack("<I", data[4:8])[0] + 8 > len(data)
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        cut = not _png_ends(data)
    if cut:
        raise _limit_error("the file is cut off")


def _gif_ends(data: bytes) -> bool:
    """Whether walking the blocks of a GIF (GIF89a specification, appendix A) reaches the trailer."""
    if len(data) < 13:
        return False
    offset = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    pictures = parts = 0
    while offset < len(data):
        kind = data[offset]
        pictures += kind == 0x2C
        if pictures > MOST_FRAMES:
            raise _limit_error(f"it has more than {MOST_FRAMES:,} frames")
        if kind == 0x3B:
            return True
        if kind == 0x21:
            offset += 2
        elif kind == 0x2C and offset + 10 < len(data):
            flags = data[offset + 9]
            offset += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
        else:
            return False
        while offset < len(data) and data[offset]:
            offset += data[offset] + 1
            parts += 1
        if parts > 10 * limits.PICTURE_BLOCKS:
            raise _limit_error("it is made of too many parts")
        offset += 1
    return False


def _png_ends(data: bytes) -> bool:
    """Whether walking the chunks of a PNG reaches IEND."""
    offset = 8
    for _ in range(limits.PICTURE_BLOCKS):
        if offset + 8 > len(data):
            return False
        if data[offset + 4 : offset + 8] == b"IEND":
            return True
        offset += 12 + int.from_bytes(data[offset : offset + 4], "big")
    raise _limit_error(f"it has more than {limits.PICTURE_BLOCKS:,} chunks")


def _explain_error(error: BaseException) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "it is not a PNG, GIF, WebP or JPEG picture"
    if isinstance(error, MemoryError):
        return "it is too large for this machine's memory"
    text = str(error).lower()
    if "truncated" in text or isinstance(error, EOFError):
        return "the file is cut off"
    return "its data is damaged"


def _limit_error(reason: str) -> UserError:
    return UserError("source_broken", reason)


def _broken_picture(name: str, reason: str, where: Where | None) -> UserError:
    return UserError(
        "source_broken",
        f"{name} cannot be read: {reason}",
        hint="Save it again from its editor, as PNG, GIF, WebP or JPEG.",
        where=where,
    )


def pixel_hash(pixels: Pixels) -> str:
    """sha256 over size and RGBA bytes."""
    height, width = pixels.shape[:2]
    return hashlib.sha256(f"{width}x{height}:".encode() + pixels.tobytes()).hexdigest()
