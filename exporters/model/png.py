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
# Pixels or bytes that are worked on at once.
_PIECE = 1 << 22


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
    # Piece by piece: what finds the runs of a large sheet takes many times the memory of the sheet.
    seen: set[int] = set()
    for start in range(0, len(values), _PIECE):
        runs = values[_run_starts(values[start : start + _PIECE]) + start]
        # Of a picture of many colours the first few runs tell.
        for part in (runs[: 4 * PALETTE_SIZE], runs[4 * PALETTE_SIZE :]):
            seen.update(part.tolist())
            if len(seen) > PALETTE_SIZE:
                return None
    colors = np.array(sorted(seen), dtype="<u4")
    palette = colors.astype("<u4").view(np.uint8).reshape(-1, 4)
    # tRNS ends at the last entry that is not opaque, so those come first.
    order = np.argsort(palette[:, 3] == 255, kind="stable")
    new_index = np.empty(len(order), dtype=np.uint8)
    new_index[order] = np.arange(len(order), dtype=np.uint8)
    indices = np.empty(len(values), dtype=np.uint8)
    for start in range(0, len(values), _PIECE):
        piece = values[start : start + _PIECE]
        # Only the first pixel of every run of equal pixels is looked up.
        starts = _run_starts(piece)
        lengths = np.diff(np.append(starts, len(piece)))
        indices[start : start + _PIECE] = np.repeat(new_index[np.searchsorted(colors, piece[starts])], lengths)
    return indices.reshape(height, width), palette[order]


def _run_starts(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.intp]:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))


def _compress_rgba(pixels: Pixels) -> bytes:
    """The smaller of plain rows and rows of differences to the left pixel (filter type 1, good for
    gradients).
    """
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, width * 4)
    return min(_compress_rows(rows), _compress_rows(rows, filter_type=1), key=len)


def _compress_rows(rows: npt.NDArray[np.uint8], filter_type: int = 0) -> bytes:
    """The rows (height, bytes) as PNG stores them, with filter 0, or 1 for pixels of four bytes."""
    height, width = rows.shape
    packer = zlib.compressobj(COMPRESSION_LEVEL)
    packed = []
    step = max(1, _PIECE // width)
    for start in range(0, height, step):
        piece = rows[start : start + step]
        lines = np.empty((len(piece), width + 1), dtype=np.uint8)
        lines[:, 0] = filter_type
        lines[:, 1:] = piece
        if filter_type:
            lines[:, 5:] -= piece[:, :-4]
        packed.append(packer.compress(lines.data))
    return b"".join((*packed, packer.flush()))


def _png_file(width: int, height: int, color_type: int, chunks: list[tuple[bytes, bytes]]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    parts = [SIGNATURE]
    for name, data in [(b"IHDR", header), *chunks, (b"IEND", b"")]:
        checksum = zlib.crc32(data, zlib.crc32(name))
        parts += [struct.pack(">I", len(data)), name, data, struct.pack(">I", checksum)]
    return b"".join(parts)
