"""The export of a map (TMX, Tiled's form) with everything it leads to, and what the stored files mean.

Files are stored flat and as delivered; `refs` of the result says which stored file each reference in them means.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

from bridge.core import limits
from bridge.core.errors import UserError, WorkFailed
from bridge.http.outcome import TransportError
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.asking import ABSENT, answered, read_archive
from bridge.providers.files.tmx import read_map
from bridge.providers.files.tmx_files import parse_xml
from bridge.providers.paid import DamagedResultError, FreeCalls
from bridge.providers.sprixen import jobs, responses

if TYPE_CHECKING:
    from bridge.assemble.parts import TileMapPart

MAP = "map.tmx"
_ADDRESSES = ("url", "downloadUrl", "exportUrl", "fileUrl")
_CONTENTS = ("content", "tmx", "data", "xml")
_MOST_HOPS = 3
# A map leads to tilesets, and those to pictures.
_MOST_DEPTH = 3


@dataclass(slots=True)
class Export:
    """The files of an export. refs: stored name → reference in it → stored name of what it means."""

    files: list[ResultFile] = field(default_factory=list)
    refs: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(len(file.data) for file in self.files)


@dataclass(frozen=True, slots=True)
class _Found:
    """A map, where it came from (an address or a path in an archive), and what came along."""

    data: bytes
    base: str
    beside: Mapping[str, bytes]


async def exported(calls: FreeCalls, path: str) -> Export | None:
    """The export of a map; None where it, or a picture of it, is not there (yet).

    Raises:
        TransportError: no connection. DamagedResultError: it is no map, or an archive that cannot be opened.
    """
    answer = await answered(calls, path)
    opened_map = None if answer is None else await _opened(calls, answer.body)
    if opened_map is None:
        return None
    export = Export()
    return export if await _gathered(calls, export, MAP, opened_map, _Shelf()) else None


async def _opened(calls: FreeCalls, data: bytes) -> _Found | None:
    """The map in an answer, whatever form it has."""
    base = ""
    for _ in range(_MOST_HOPS):
        start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
        if start.startswith(b"<"):
            return _Found(data, base, {})
        if start.startswith(b"PK"):
            files = read_archive(data)
            name = next((name for name in sorted(files) if name.lower().endswith(".tmx")), None)
            if name is None:
                raise _describe_damage("the exported archive holds no map", data)
            return _Found(files[name], name, files)
        document = responses.fields(responses.parsed(data))
        text = next((document[name] for name in _CONTENTS if responses.text(document.get(name))), None)
        if text is not None:
            data = text.encode()
            continue
        base = next(
            (responses.text(document.get(name)) for name in _ADDRESSES if responses.text(document.get(name))), ""
        )
        if not base and isinstance(responses.parsed(data), dict):
            # It says something, perhaps that the export is being made.
            return None
        if not base:
            raise _describe_damage("the export is no map", data)
        loaded = await _downloaded(calls, base)
        if loaded is None:
            return None
        data = loaded
    raise _describe_damage("the export leads from address to address", data)


def _describe_damage(why: str, data: bytes) -> DamagedResultError:
    return DamagedResultError(why, [ResultFile("export.bin", "application/octet-stream", data)])


async def _gathered(
    calls: FreeCalls, export: Export, name: str, opened_map: _Found, shelf: _Shelf, depth: int = 0
) -> bool:
    """Adds a map or tileset with everything it leads to; False where something is not there."""
    kind = "application/xml"
    export.files.append(ResultFile(name, kind, opened_map.data))
    known: dict[str, str] = {}
    export.refs[name] = known
    for ref in _references(opened_map.data):
        if ref in known:
            continue
        if len(export.files) >= limits.MAP_FILES or depth > _MOST_DEPTH or export.size > limits.ARCHIVE_BYTES:
            raise DamagedResultError("the exported map leads to more than any map has", export.files)
        loaded = await _loaded(calls, ref, opened_map, shelf)
        if loaded is None:
            return False
        tileset = loaded.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        known[ref] = f"{len(export.files)}.{'tsx' if tileset else jobs.kind_of(loaded.data)[0]}"
        if tileset:
            if not await _gathered(calls, export, known[ref], loaded, shelf, depth + 1):
                return False
        else:
            export.files.append(ResultFile(known[ref], jobs.kind_of(loaded.data)[1], loaded.data))
    return True


def _references(data: bytes) -> list[str]:
    """What a file leads to, in its order. A damaged one leads nowhere: it is stored, and refused when it is read."""
    try:
        root = parse_xml(data, MAP)
    except UserError:
        return []
    return [element.attrib["source"] for element in _leading(root)]


def _leading(root: ET.Element) -> list[ET.Element]:
    return [element for element in root.iter() if element.tag in ("image", "tileset") and element.get("source")]


async def _loaded(calls: FreeCalls, ref: str, parent: _Found, shelf: _Shelf) -> _Found | None:
    """What a reference means: a file of the archive, an address, or a picture of a tile pack by its name."""
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(parent.base), ref))
    if inside in parent.beside:
        return _Found(parent.beside[inside], inside, parent.beside)
    if urlsplit(ref).scheme or ref.startswith("/"):
        address = ref
    elif urlsplit(parent.base).scheme or parent.base.startswith("/"):
        address = urljoin(parent.base, ref)
    else:
        address = await shelf.address(calls, ref)
    data = await _downloaded(calls, address) if address else None
    return None if data is None else _Found(data, address, parent.beside)


class _Shelf:
    """The pictures of all tile packs by their file names, read when the first is asked for."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] | None = None

    async def address(self, calls: FreeCalls, ref: str) -> str:
        """Where the picture of this name is; empty where no pack has it."""
        if self._addresses is None:
            urls = [responses.text(tile.get("imageUrl")) async for _, tile in jobs.tiles(calls)]
            self._addresses = {_file_name(url): url for url in reversed(urls)}
        return self._addresses.get(_file_name(ref), "")


def _file_name(address: str) -> str:
    return posixpath.basename(urlsplit(address).path).lower()


async def _downloaded(calls: FreeCalls, address: str) -> bytes | None:
    try:
        return (await calls.download(address, most=jobs.MOST_FILE)).body
    except TransportError as error:
        if error.status in ABSENT:
            return None
        raise


def meaning(step: Step, result: StepResult) -> TileMapPart:
    """The map of an edit or an adopted map, by the reader for maps of Tiled.

    Raises:
        WorkFailed: `assemble_failed`: the delivered map cannot be read; says why.
    """
    refs = result.meta.get("refs", {})
    try:
        contents = {
            file.name: _pointing(file, refs[file.name]) if file.name in refs else file.data for file in result.files
        }
        return read_map(MAP, contents)
    except UserError as error:
        raise WorkFailed(
            "assemble_failed",
            f"{step.key}: the delivered map cannot be read: {error.message}",
            hint="It is kept as it was delivered; raise `take` for another one.",
        ) from error


def _pointing(file: ResultFile, known: Mapping[str, str]) -> bytes:
    """The file with its references as names of stored files."""
    root = parse_xml(file.data, file.name)
    for element in _leading(root):
        element.set("source", known.get(element.attrib["source"], element.attrib["source"]))
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text
