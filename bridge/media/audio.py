"""OGG Vorbis for engines that want it, with the optional extra `audio`.

libsndfile can take the whole process down when it writes much Vorbis at once (libsndfile issue 1095), so the encoder
runs in a child process and writes small blocks. Streams get a fixed serial number: libsndfile draws one from the clock,
and equal sound shall give equal bytes.
"""

from __future__ import annotations

import struct
import zlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bridge.core.errors import UserError, WorkFailed
from bridge.core.programs import python_command, run_program
from bridge.media.audio_encoder import NO_LIBRARY

SERIAL = 0x61627267
TIMEOUT_S = 120.0
_PAGE = struct.Struct("<4sBBqIIIB")
_CHECKSUM_AT = 22
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def ogg_available() -> bool:
    """Whether the extra `audio` is installed."""
    return find_spec("soundfile") is not None


def require_ogg() -> None:
    """Refuses when OGG cannot be written.

    Raises:
        UserError: `missing_extra`.
    """
    if not ogg_available():
        raise UserError(
            "missing_extra",
            "OGG files need the optional part `audio`",
            hint='Install it with: pip install "assetbridge[audio]"  (or set audio = "wav").',
        )


def encode_ogg(samples: npt.NDArray[np.int16], rate: int) -> bytes | None:
    """OGG Vorbis of int16 samples (n, channels); None where the extra is not installed.

    Raises:
        WorkFailed: `export_failed`, the encoder broke down or did not end in time.
    """
    if not ogg_available():
        return None
    encoder = Path(__file__).with_name("audio_encoder.py")
    command = python_command(str(encoder), str(rate), str(samples.shape[1]))
    try:
        done = run_program(command, data=samples.astype("<i2").tobytes(), timeout=TIMEOUT_S)
    except TimeoutError as error:
        raise _encoder_failure(f"took longer than {TIMEOUT_S:.0f} seconds") from error
    if done.returncode == NO_LIBRARY:
        return None
    if done.returncode != 0 or not done.stdout.startswith(b"OggS"):
        raise _encoder_failure(f"ended with code {done.returncode}")
    return with_serial(done.stdout, SERIAL)


def _encoder_failure(reason: str) -> WorkFailed:
    return WorkFailed("export_failed", f"the OGG encoder {reason}", hint='Set audio = "wav" in [export], or try again.')


def with_serial(data: bytes, serial: int) -> bytes:
    """The OGG stream with another serial number on every page and fresh checksums (RFC 3533, section 6)."""
    pages = []
    offset = 0
    while offset < len(data):
        magic, version, kind, granule, _, sequence, _, segments = _PAGE.unpack_from(data, offset)
        if magic != b"OggS":
            raise _encoder_failure("wrote no OGG pages")
        table_end = offset + _PAGE.size + segments
        end = table_end + sum(data[offset + _PAGE.size : table_end])
        header = _PAGE.pack(magic, version, kind, granule, serial, sequence, 0, segments)
        page = bytearray(header + data[offset + _PAGE.size : end])
        struct.pack_into("<I", page, _CHECKSUM_AT, page_checksum(bytes(page)))
        pages.append(bytes(page))
        offset = end
    return b"".join(pages)


def page_checksum(page: bytes) -> int:
    """The CRC of a page whose checksum field is zero: polynomial 0x04c11db7, most significant bit first, start 0.

    zlib computes the same polynomial with the bits of every byte and of the result reversed, and inverted ends.
    """
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)
