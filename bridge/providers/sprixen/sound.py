"""Music as samples. The decoder is native code that reads somebody else's file: it runs in a process of its own."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bridge.core.errors import UserError
from bridge.core.programs import python_command, run_program
from bridge.providers.sprixen.sound_decoder import HEADER, NO_LIBRARY

TIMEOUT_S = 120.0


def decoded(data: bytes) -> tuple[npt.NDArray[np.int16], int]:
    """Samples (n, channels) in 16 bits and the rate in Hz of a FLAC file (RFC 9639), or of what the library knows else.

    Raises:
        UserError: `missing_extra` without the extra `audio`; `source_broken` for a damaged file.
    """
    decoder = Path(__file__).with_name("sound_decoder.py")
    try:
        done = run_program(python_command(str(decoder)), data=data, timeout=TIMEOUT_S)
    except TimeoutError as error:
        raise _broken() from error
    if done.returncode == NO_LIBRARY:
        raise UserError(
            "missing_extra",
            "the track is stored as FLAC; reading it needs the optional part `audio`",
            hint='Install it with: pip install "assetbridge[audio]", then build again: nothing is bought anew.',
        )
    if done.returncode != 0 or len(done.stdout) < struct.calcsize(HEADER):
        raise _broken()
    rate, channels = struct.unpack_from(HEADER, done.stdout)
    raw = np.frombuffer(done.stdout, dtype="<i2", offset=struct.calcsize(HEADER))
    return raw.astype(np.int16).reshape(-1, channels), rate


def require_decoder() -> None:
    """Looks whether there is a decoder, before a track is ordered.

    Raises:
        UserError: `missing_extra`.
    """
    try:
        decoded(b"")
    except UserError as error:
        if error.code == "missing_extra":
            raise


def _broken() -> UserError:
    return UserError(
        "source_broken",
        "the delivered track cannot be read",
        hint="It is kept as it was delivered; raise `take` for another one.",
    )
