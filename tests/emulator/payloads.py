"""Answers that a careful client refuses: bombs, cut pictures, archives that leave their folder, URLs into the house."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import repeat
from typing import Any

from tests.emulator.http import Response

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
HTML_PAGE = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>\n"
MEGABYTE = 1024 * 1024
METADATA_URL = "http://169.254.169.254/latest/meta-data/"


@cache
def zeros_gzipped(size: int) -> bytes:
    """`size` zero bytes, rounded up to megabytes, as gzip: about a thousandth of that."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join(packer.compress(part) for part in _zeros(size)) + packer.flush()


def _zeros(size: int) -> Iterator[bytes]:
    """In parts, so that making a bomb does not blow up the emulator."""
    yield from repeat(bytes(MEGABYTE), -(-size // MEGABYTE))


@cache
def bomb_png(side: int) -> bytes:
    """A valid 1-bit PNG of side x side pixels in a few kilobytes; decoded as RGBA it takes 4 * side² bytes."""
    row = bytes(1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return PNG_MAGIC + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_pictures(response: Response, change: Callable[[bytes], bytes]) -> Response:
    """The answer with every picture in it changed: an image body, or the base64 image objects inside JSON."""
    if response.content_type.startswith("image/"):
        return replace(response, body=change(response.body))
    return _with_json(response, lambda node: _changed_image(node, change))


def with_files_cut(response: Response) -> Response:
    """The answer with half of every file in it: one that is the answer, or the base64 image objects inside JSON."""
    if response.status == 200 and response.content_type.startswith(_FILES):
        return replace(response, body=response.body[: len(response.body) // 2])
    return with_pictures(response, lambda data: data[: len(data) // 2])


_FILES = ("image/", "audio/", "video/", "application/zip", "application/xml", "application/octet-stream")


def _changed_image(node: Any, change: Callable[[bytes], bytes]) -> Any:
    if not (isinstance(node, dict) and isinstance(node.get("base64"), str)):
        return node
    prefix, comma, data = node["base64"].rpartition(",")
    return node | {"base64": prefix + comma + base64.b64encode(change(base64.b64decode(data))).decode()}


def with_urls(response: Response, url: str) -> Response:
    """The answer with every URL inside its JSON replaced by `url`."""
    is_url = ("http://", "https://")
    return _with_json(response, lambda node: url if isinstance(node, str) and node.startswith(is_url) else node)


def without_ids(response: Response) -> Response:
    """An accepting answer that lost its ids."""
    return _with_json(response, _id_free)


def _id_free(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    return {name: value for name, value in node.items() if name != "id" and not name.endswith(("_id", "_ids"))}


def with_bomb(response: Response, name: str, size: int) -> Response:
    """A ZIP answer with one more entry of `size` zero bytes, rounded up to megabytes."""
    return with_entry(response, name, _zeros(size))


def with_entry(response: Response, name: str, data: Iterable[bytes]) -> Response:
    """A ZIP answer with one more, deflated, entry."""
    if response.content_type != "application/zip":
        return response
    buffer = io.BytesIO(response.body)
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "a") as archive, archive.open(entry, "w") as file:
        for part in data:
            file.write(part)
    return replace(response, body=buffer.getvalue())


def _with_json(response: Response, change: Callable[[Any], Any]) -> Response:
    if response.content_type != "application/json":
        return response
    return replace(response, body=json.dumps(_walk(json.loads(response.body), change)).encode())


def _walk(node: Any, change: Callable[[Any], Any]) -> Any:
    node = change(node)
    if isinstance(node, dict):
        return {name: _walk(value, change) for name, value in node.items()}
    if isinstance(node, list):
        return [_walk(value, change) for value in node]
    return node
