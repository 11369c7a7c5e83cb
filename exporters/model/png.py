"""PNG encoding: lossless, without metadata, as small as pixel art allows (PNG specification, third edition).

A picture of at most 256 different RGBA values becomes an indexed PNG with the exact palette (colour type 3,
`PLTE` and `tRNS`), any other picture RGBA (colour type 6). Rows are not filtered for palettes: in pixel art
equal runs are what deflate finds best.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from exporters.model.asset import Pixels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE_SIZE = 256
COMPRESSION_LEVEL = 6
INDEXED = 3
RGBA = 6


def encode_png(pixels: Pixels) -> bytes:
    """The PNG of a picture of shape (height, width, 4), uint8; every RGBA value is kept, also under alpha 0.

    Raises:
        ValueError: the array has another shape or type, or no pixels.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 4 or pixels.dtype != np.uint8 or pixels.size == 0:
        raise ValueError(f"not a picture: shape {pixels.shape}, type {pixels.dtype}")
    height, width = pixels.shape[:2]
    indexed = _index_colors(pixels)
    if indexed is None:
        return _png_file(width, height, RGBA, [(b"IDAT", _compress_rgba(pixels))])
    indices, palette = indexed
    chunks = [(b"PLTE", palette[:, :3].tobytes())]
    translucent = int(np.count_nonzero(palette[:, 3] < 255))
    if translucent:
        chunks.append((b"tRNS", palette[:translucent, 3].tobytes()))
    chunks.append((b"IDAT", _compress_rows(indices)))
    return _png_file(width, height, INDEXED, chunks)


def _index_colors(pixels: Pixels) -> tuple[Pixels, Pixels] | None:
    """Indices (height, width) and palette (n, 4), or None for too many colours."""
    height, width = pixels.shape[:2]
    values = np.ascontiguousarray(pixels).view("<u4").ravel()
    # Sorting only the first pixel of every run of equal pixels is many times faster than sorting all of them.
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    runs = values[starts]
    # A set: np.unique without indices imports numpy.ma, which costs more than all the rest of a small picture.
    if len(runs) > 4 * PALETTE_SIZE and len(set(runs[: 4 * PALETTE_SIZE].tolist())) > PALETTE_SIZE:
        return None
    colors, inverse = np.unique(runs, return_inverse=True)
    if len(colors) > PALETTE_SIZE:
        return None
    palette = colors.astype("<u4").view(np.uint8).reshape(-1, 4)
    # tRNS ends at the last entry that is not opaque, so those come first.
    order = np.argsort(palette[:, 3] == 255, kind="stable")
    new_index = np.empty(len(order), dtype=np.uint8)
    new_index[order] = np.arange(len(order), dtype=np.uint8)
    lengths = np.diff(np.append(starts, len(values)))
    indices = np.repeat(new_index[inverse.ravel()], lengths).reshape(height, width)
    return indices, palette[order]


def _compress_rgba(pixels: Pixels) -> bytes:
    """The smaller of plain rows and rows of differences to the left pixel (filter type 1, good for
    gradients).
    """
    height, width = pixels.shape[:2]
    differences = pixels.copy()
    differences[:, 1:] -= pixels[:, :-1]
    plain = _compress_rows(pixels.reshape(height, width * 4))
    filtered = _compress_rows(differences.reshape(height, width * 4), filter_type=1)
    return min(plain, filtered, key=len)


def _compress_rows(rows: npt.NDArray[np.uint8], filter_type: int = 0) -> bytes:
    height, width = rows.shape
    lines = np.empty((height, width + 1), dtype=np.uint8)
    lines[:, 0] = filter_type
    lines[:, 1:] = rows
    return zlib.compress(lines.data, COMPRESSION_LEVEL)


def _png_file(width: int, height: int, color_type: int, chunks: list[tuple[bytes, bytes]]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    parts = [SIGNATURE]
    for name, data in [(b"IHDR", header), *chunks, (b"IEND", b"")]:
        checksum = zlib.crc32(data, zlib.crc32(name))
        parts += [struct.pack(">I", len(data)), name, data, struct.pack(">I", checksum)]
    return b"".join(parts)
