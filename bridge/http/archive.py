"""Reading ZIP archives from the network into memory: names that cannot lead anywhere, sizes that cannot explode.

Source of the fields: APPNOTE.TXT (ZIP file format), sections 4.3.12 (central directory), 4.4.4 (flags), 4.4.15
(external attributes, whose upper half is the Unix mode).
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib

from bridge.core import limits
from bridge.http.outcome import TransportError

_CENTRAL_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
# Small archives of blank pictures shrink beyond any sensible ratio, and harm nobody.
_HARMLESS = 1_000_000
_PIECE = 65_536
# Everything that `zipfile` is known to raise on damaged input.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def read_zip(
    data: bytes, *, most_entries: int = limits.ARCHIVE_FILES, most_bytes: int = limits.ARCHIVE_BYTES, ratio: int = 200
) -> dict[str, bytes]:
    """The files of an archive by name (`/` between folders), in its order; folders are left out.

    most_bytes: of all files together, unpacked. ratio: unpacked to packed size, for more than a megabyte.

    Raises:
        TransportError: `unsafe` (damaged, encrypted, a link, a name that leaves the archive or comes twice) or
            `too_large`.
    """
    # Counted before `zipfile` makes an object of each entry: the count that the archive gives itself may be a lie.
    if data.count(_CENTRAL_ENTRY) > most_entries:
        raise TransportError("too_large", f"the archive has more than {most_entries:,} entries")
    room = min(most_bytes, max(_HARMLESS, ratio * len(data)))
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            for entry in entries:
                _check(entry)
            if sum(entry.file_size for entry in entries) > room:
                raise _too_large()
            for entry in entries:
                if entry.is_dir():
                    continue
                if entry.filename in files:
                    raise _unsafe("holds two files of the same name")
                files[entry.filename] = _unpacked(archive, entry, room)
                room -= len(files[entry.filename])
    except _DAMAGE:
        raise _unsafe("is damaged") from None
    return files


def _check(entry: zipfile.ZipInfo) -> None:
    # `filename` was cut at a NUL and, on Windows, had its backslashes turned: the original tells.
    name = entry.orig_filename
    if not name or "\\" in name or _CONTROL.search(name):
        raise _unsafe("holds a file with a forbidden name")
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        raise _unsafe("holds a file that would leave its folder")
    if entry.flag_bits & _ENCRYPTED:
        raise _unsafe("is encrypted")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _unsafe("holds a link or a device")
    if entry.compress_type not in _PACKINGS:
        raise _unsafe("is packed in an unusual way")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    content = bytearray()
    with archive.open(entry) as file:
        while piece := file.read(_PIECE):
            content += piece
            if len(content) > room:
                raise _too_large()
    return bytes(content)


def _unsafe(what: str) -> TransportError:
    return TransportError("unsafe", f"the archive {what}")


def _too_large() -> TransportError:
    return TransportError("too_large", "the archive is too large when it is unpacked")
