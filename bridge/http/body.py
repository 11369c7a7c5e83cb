"""Reading a body to its end without trusting it: the cap counts decoded bytes, before they are all in memory.

The HTTP client could decode by itself, but decodes each piece whole: a piece of 64 KiB of gzip becomes up to 64 MiB.
Source: RFC 9110 section 8.4 (content codings), RFC 1952 section 2.2 (a gzip file may have several members).
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

from bridge.http.outcome import TransportError

# What requests ask for: of all codings the one that everybody has, and whose output can be limited.
ACCEPTED = "gzip"
_GZIP_FORMAT = 16 + zlib.MAX_WBITS


async def read_whole(parts: AsyncIterable[bytes], coding: str, most: int) -> bytes:
    """The decoded body; `coding` is the Content-Encoding header, empty for none.

    Raises:
        TransportError: `too_large` (more than `most` bytes), `interrupted` (the packed data ends too early or is
            damaged), `refused` (a coding nobody asked for).
    """
    coding = coding.strip().lower()
    if coding in ("gzip", "x-gzip"):
        return await _unpacked(parts, most)
    if coding not in ("", "identity"):
        raise TransportError("refused", "the answer is packed in a way that was not asked for")
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


async def _unpacked(parts: AsyncIterable[bytes], most: int) -> bytes:
    body = bytearray()
    member = zlib.decompressobj(_GZIP_FORMAT)
    empty = True
    async for part in parts:
        rest = part
        while rest:
            empty = False
            if member.eof:
                member = zlib.decompressobj(_GZIP_FORMAT)
            try:
                # One byte more than allowed: where it comes, there was too much.
                body += member.decompress(rest, most + 1 - len(body))
            except zlib.error:
                raise TransportError("interrupted", "the packed answer is damaged") from None
            if len(body) > most:
                raise _too_large(most)
            rest = member.unused_data
    # An answer without a body (204, say) may carry the header nevertheless.
    if not empty and not member.eof:
        raise TransportError("interrupted", "the packed answer ends too early")
    return bytes(body)


def _too_large(most: int) -> TransportError:
    return TransportError("too_large", f"the answer is larger than {most:,} bytes")
