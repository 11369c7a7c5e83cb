"""Videos as frames: evenly spaced ones of the whole clip, decoded by PyAV (extra `video`).

The colours are converted here in integers and not by the decoder's library, whose results differ between processors.
Matrices: ITU-R BT.601 and BT.709; containers: ISO/IEC 14496-12 (`ftyp`), Matroska (EBML).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge.core.errors import UserError
from bridge.media.images import MOST_FRAMES, MOST_PIXELS

if TYPE_CHECKING:
    import numpy.typing as npt

    from exporters.model.asset import Pixels

EXTRA = 'pip install "assetbridge[video]"'
_SHIFT = 16
_HD_HEIGHT = 720
# Red from V, green from U and V, blue from U: of BT.601 and of BT.709, times 65536, for the full range.
_MATRIX = {601: (91881, 22554, 46802, 116130), 709: (103206, 12276, 30679, 121609)}


def container(data: bytes) -> str:
    """`mp4` or `webm` by the first bytes; empty where it is no video."""
    if data[4:8] == b"ftyp":
        return "mp4"
    return "webm" if data[:4] == b"\x1a\x45\xdf\xa3" else ""


def places(total: int, wanted: int) -> list[int]:
    """Which of `total` frames are taken: evenly spaced, the first included; all of a shorter clip."""
    count = min(total, wanted)
    return [index * total // count for index in range(count)]


def frames(data: bytes, name: str, wanted: int) -> list[Pixels]:
    """Evenly spaced frames of a video, (height, width, 4) RGBA, opaque. It is read twice, so that few are held.

    Raises:
        UserError: `missing_extra`: PyAV is not installed. `source_broken`: it cannot be decoded, or has more than
            2,000 frames or 16 million pixels a frame.
    """
    total = sum(1 for _ in _decoded(data, name))
    if not total:
        raise _broken(name, "it has no frames")
    chosen = set(places(total, wanted))
    return [_pixels(frame) for index, frame in enumerate(_decoded(data, name)) if index in chosen]


def require_decoder() -> None:
    """Looks whether there is a decoder, before a clip is ordered.

    Raises:
        UserError: `missing_extra`.
    """
    _load_decoder("the clip", "then build again")


def _load_decoder(name: str, then: str) -> Any:
    try:
        import av
    except (ImportError, OSError) as error:
        raise UserError(
            "missing_extra",
            f"{name} is a video: taking frames out of it needs the extra `video`",
            hint=f"Install it with: {EXTRA}; {then}.",
        ) from error
    return av


def _decoded(data: bytes, name: str) -> Iterator[Any]:
    av = _load_decoder(name, "the clip is bought and kept")
    try:
        with av.open(io.BytesIO(data), mode="r") as opened:
            if not opened.streams.video:
                raise _broken(name, "there is no picture in it")
            for index, frame in enumerate(opened.decode(opened.streams.video[0])):
                if index >= MOST_FRAMES or frame.width * frame.height > MOST_PIXELS:
                    raise _broken(name, f"it has more than {MOST_FRAMES:,} frames or {MOST_PIXELS:,} pixels a frame")
                yield frame
    except (av.error.FFmpegError, ValueError, EOFError) as error:
        raise _broken(name, "its data is damaged") from error


def _broken(name: str, reason: str) -> UserError:
    return UserError(
        "source_broken",
        f"{name} cannot be read: {reason}",
        hint="The file is kept as it was delivered; raise `take` for another clip.",
    )


def _pixels(frame: Any) -> Pixels:
    if frame.format.name in ("yuv420p", "yuvj420p"):
        rgb = _rgb(frame)
    else:
        rgb = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    alpha = np.full((*rgb.shape[:2], 1), 255, dtype=np.uint8)
    return np.concatenate([rgb, alpha], axis=-1)


def _rgb(frame: Any) -> npt.NDArray[np.uint8]:
    """A frame of planes Y, U, V with one U and V for four pixels, as RGB."""
    wide, high = frame.width, frame.height
    luma, blue, red = (_plane(plane) for plane in frame.planes)
    rows, columns = np.arange(high), np.arange(wide)
    y = luma[:high, :wide].astype(np.int64)
    u, v = (plane[rows[:, None] // 2, columns[None, :] // 2].astype(np.int64) - 128 for plane in (blue, red))
    # Colour space 1 is BT.709; where nothing is said, it is what players take for the height.
    hd = frame.colorspace == 1 or (frame.colorspace == 2 and high >= _HD_HEIGHT)
    rv, gu, gv, bu = _MATRIX[709 if hd else 601]
    full = frame.format.name == "yuvj420p" or frame.color_range == 2
    light = y << _SHIFT
    if not full:
        light = ((y - 16) << _SHIFT) * 255 // 219
        rv, gu, gv, bu = (value * 255 // 224 for value in (rv, gu, gv, bu))
    half = 1 << (_SHIFT - 1)
    channels = [light + rv * v, light - gu * u - gv * v, light + bu * u]
    rgb: npt.NDArray[np.uint8] = np.clip((np.stack(channels, axis=-1) + half) >> _SHIFT, 0, 255).astype(np.uint8)
    return rgb


def _plane(plane: Any) -> npt.NDArray[np.uint8]:
    """A plane with the bytes that fill up its rows."""
    rows: npt.NDArray[np.uint8] = np.frombuffer(plane, dtype=np.uint8).reshape(plane.height, plane.line_size)
    return rows
