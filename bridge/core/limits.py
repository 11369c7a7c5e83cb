"""How much of anything is read: every limit on what comes from a file or from a server, in one place.

Each is far above honest use, and low enough that no input takes more than some hundred megabytes or a few seconds.
docs/reference/limits.md is generated from `LIMITS`. Standard library only: `status` reads the project file.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
from typing import NamedTuple

_MEGA = 1_000_000


class Limit(NamedTuple):
    """A limit. says: what is limited, in words; why: what it is far above."""

    name: str
    value: int
    unit: str
    says: str
    why: str


# text files that people write
SPEC_BYTES = 1 * _MEGA
TOML_DEPTH = 100
TOML_VALUES = 20_000
PATTERN_LETTERS = 1000
PATTERNS = 200
PATTERN_FILES = 20_000
ERRORS_SHOWN = 50
# the lock and other JSON
LOCK_BYTES = 256 * _MEGA
LOCK_VALUES = 8 * _MEGA
RECEIPT_BYTES = 64_000
GIT_REFS = 20_000
JSON_BYTES = 32 * _MEGA
JSON_VALUES = 1 * _MEGA
JSON_DEPTH = 64
NUMBER_DIGITS = 40
# art
SOURCE_BYTES = 512 * _MEGA
PICTURE_BYTES = 128 * _MEGA
PICTURE_SIDE = 8192
PICTURE_PIXELS = 16 * _MEGA
PICTURE_BLOCKS = 100_000
PICTURE_SCANS = 100
CLIP_FRAMES = 2000
CLIP_PIXELS = 128 * _MEGA
SHEET_FRAMES = 4096
FRAME_MS = 3_600_000
FRAME_NAME_LETTERS = 255
ASSET_PIXELS = 128 * _MEGA
ASSET_FRAMES = 32_768
PALETTE_BYTES = 16 * _MEGA
PALETTE_COLORS = 4096
SOUND_SECONDS = 900
SOUND_SAMPLES = 128 * _MEGA
# maps of Tiled
MAP_BYTES = 64 * _MEGA
MAP_FILES = 1000
MAP_CELLS = 4 * _MEGA
MAP_LAYER_CELLS = 8 * _MEGA
MAP_PIXELS = 128 * _MEGA
MAP_TILES = 65_536
XML_ELEMENTS = 500_000
XML_DEPTH = 64
# answers of providers
ANSWER_BYTES = 64 * _MEGA
ARCHIVE_FILES = 2000
ARCHIVE_BYTES = 256 * _MEGA
# the team's store
SHARED_BLOB_BYTES = 256 * _MEGA
SHARED_RECORD_BYTES = 1 * _MEGA

LIMITS = (
    Limit("SPEC_BYTES", SPEC_BYTES, "bytes", "A spec, the project file", "Long specs have some twenty thousand."),
    Limit("TOML_DEPTH", TOML_DEPTH, "levels", "Tables and arrays in each other, parts of a key", "Specs have four."),
    Limit("TOML_VALUES", TOML_VALUES, "keys and values", "All of a TOML file", "256 items with all keys are 1,300."),
    Limit("PATTERN_LETTERS", PATTERN_LETTERS, "characters", "A pattern of files", "Paths seldom have two hundred."),
    Limit("PATTERNS", PATTERNS, "patterns", "`[project] specs`", "Projects have one to ten."),
    Limit("PATTERN_FILES", PATTERN_FILES, "files", "What one pattern finds", "256 items, 64 frames in 8 directions."),
    Limit("ERRORS_SHOWN", ERRORS_SHOWN, "errors", "Mistakes told of one spec", "Nobody corrects more at once."),
    Limit("LOCK_BYTES", LOCK_BYTES, "bytes", "`assetbridge.lock`", "Ten thousand assets have some thirty million."),
    Limit("LOCK_VALUES", LOCK_VALUES, "values", "All of the lock", "A character of 40 clips has three hundred."),
    Limit("RECEIPT_BYTES", RECEIPT_BYTES, "bytes", "The receipt of a purchase", "Receipts have some five hundred."),
    Limit("GIT_REFS", GIT_REFS, "branches and tags", "What `store gc` asks git about", "Projects have some hundred."),
    Limit("JSON_BYTES", JSON_BYTES, "bytes", "JSON beside a sheet, poses", "4,096 frames have one million."),
    Limit(
        "JSON_VALUES", JSON_VALUES, "values", "All of a JSON file or answer", "4,096 frames have one hundred thousand."
    ),
    Limit("JSON_DEPTH", JSON_DEPTH, "levels", "Objects and lists in each other", "Sheets and answers have about six."),
    Limit("NUMBER_DIGITS", NUMBER_DIGITS, "digits", "A whole number in JSON", "64 bits have twenty."),
    Limit(
        "SOURCE_BYTES", SOURCE_BYTES, "bytes", "Any file that a spec names", "15 minutes of sound in 32 bits: 320 MB."
    ),
    Limit("PICTURE_BYTES", PICTURE_BYTES, "bytes", "A picture or clip", "The largest picture, not packed, is 64 MB."),
    Limit("PICTURE_SIDE", PICTURE_SIDE, "pixels", "A side of a picture", "Engines take 4,096 to 16,384."),
    Limit("PICTURE_PIXELS", PICTURE_PIXELS, "pixels", "A picture", "A sheet of 4,000 × 4,000."),
    Limit("PICTURE_BLOCKS", PICTURE_BLOCKS, "chunks", "A PNG", "The largest one has 16,000 of 8 kB."),
    Limit("PICTURE_SCANS", PICTURE_SCANS, "scans", "A progressive JPEG", "Encoders write about ten."),
    Limit("CLIP_FRAMES", CLIP_FRAMES, "frames", "A GIF, WebP or APNG", "A minute at 30 frames a second."),
    Limit("CLIP_PIXELS", CLIP_PIXELS, "pixels", "All frames of a clip", "480 frames of 512 × 512."),
    Limit("SHEET_FRAMES", SHEET_FRAMES, "frames", "A sheet described by JSON", "64 frames in 8 directions of 8 clips."),
    Limit("FRAME_MS", FRAME_MS, "milliseconds", "How long a frame shows", "An hour; GIF can say eleven minutes."),
    Limit("FRAME_NAME_LETTERS", FRAME_NAME_LETTERS, "characters", "A name in a sheet's JSON", "As names of files."),
    Limit(
        "ASSET_PIXELS",
        ASSET_PIXELS,
        "pixels",
        "All frames of an asset, before and after `[process]`; the picture of a map",
        "20 clips of 12 frames in 8 directions, 256 × 256, are 126 million.",
    ),
    Limit(
        "ASSET_FRAMES", ASSET_FRAMES, "frames", "An asset, with all variants", "64 clips of 64 frames in 8 directions."
    ),
    Limit("PALETTE_BYTES", PALETTE_BYTES, "bytes", "A palette file", "4,096 colours in the longest form are 300 kB."),
    Limit("PALETTE_COLORS", PALETTE_COLORS, "colours", "A palette", "Pixel art has 4 to 256."),
    Limit("SOUND_SECONDS", SOUND_SECONDS, "seconds", "A track", "Tracks of games last two to five minutes."),
    Limit(
        "SOUND_SAMPLES",
        SOUND_SAMPLES,
        "samples",
        "All channels of a track",
        "15 minutes of stereo at 48 kHz are 86 million.",
    ),
    Limit("MAP_BYTES", MAP_BYTES, "bytes", "A file of Tiled", "Four million cells as CSV are some twenty million."),
    Limit("MAP_FILES", MAP_FILES, "files", "What a map leads to", "Maps use up to a dozen tilesets."),
    Limit("MAP_CELLS", MAP_CELLS, "cells", "A map", "A world of 2,000 × 2,000 tiles."),
    Limit("MAP_LAYER_CELLS", MAP_LAYER_CELLS, "cells", "All layers of a map", "512 × 512 tiles in 30 layers."),
    Limit("MAP_PIXELS", MAP_PIXELS, "pixels", "All pictures of a map", "Eight sheets of 4,000 × 4,000."),
    Limit("MAP_TILES", MAP_TILES, "tiles", "A tileset of Tiled", "A sheet of 4,096 × 4,096 has as many of 16 × 16."),
    Limit("XML_ELEMENTS", XML_ELEMENTS, "elements", "A file of Tiled", "Tilesets have a few per tile."),
    Limit("XML_DEPTH", XML_DEPTH, "levels", "Elements in each other", "Groups of layers seldom have five."),
    Limit("ANSWER_BYTES", ANSWER_BYTES, "bytes", "An answer of a provider", "The largest known result has 5 MB."),
    Limit("ARCHIVE_FILES", ARCHIVE_FILES, "files", "A ZIP of a provider", "8 directions of 20 clips with 12 frames."),
    Limit("ARCHIVE_BYTES", ARCHIVE_BYTES, "bytes", "A ZIP, unpacked", "A character has some two million."),
    Limit("SHARED_BLOB_BYTES", SHARED_BLOB_BYTES, "bytes", "A file in the team's store", "As a ZIP, unpacked."),
    Limit("SHARED_RECORD_BYTES", SHARED_RECORD_BYTES, "bytes", "A receipt or claim there", "They have some hundred."),
)
"""All limits, in the order of the documentation."""


class TooLargeError(OSError):
    """A file has more bytes than its kind may have; `strerror` says how many that is."""


def read_open(file: io.BufferedReader, most: int) -> bytes:
    """The bytes of an open file.

    Raises:
        TooLargeError: it has more than `most`. OSError: as the system says.
    """
    # Files may grow while they are read: what is read decides.
    data = file.read(most + 1) if os.fstat(file.fileno()).st_size <= most else None
    if data is None or len(data) > most:
        raise TooLargeError(errno.EFBIG, say_too_large(most))
    return data


def hash_open(file: io.BufferedReader, most: int) -> str:
    """The sha256 of an open file, read piece by piece.

    Raises:
        TooLargeError, OSError: as `read_open`.
    """
    if os.fstat(file.fileno()).st_size > most:
        raise TooLargeError(errno.EFBIG, say_too_large(most))
    return hashlib.file_digest(file, "sha256").hexdigest()


def say_too_large(most: int) -> str:
    """Why a file is not read, for the middle of a sentence."""
    return f"it has more than {most / _MEGA:g} MB"
