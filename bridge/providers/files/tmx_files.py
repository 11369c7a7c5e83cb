"""The XML of Tiled: which files a map needs, and older or terser dialects brought to the form that the reader knows.

Sources: Tiled's "TMX Map Format" reference. Tiled leaves out attributes that are zero or that came with a later
version; pytiled-parser asks for them.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from bridge.core import limits
from bridge.core.errors import UserError
from bridge.providers.api import CompileContext
from bridge.providers.files import tmx_cells
from bridge.providers.files.steps import misfit, placed
from exporters.model.safe_xml import read_tree

_MAP_DEFAULTS = {
    "infinite": "0",
    "nextlayerid": "1",
    "nextobjectid": "1",
    "renderorder": "right-down",
    "tiledversion": "",
    "version": "1.0",
    "orientation": "orthogonal",
}
_TOGETHER: dict[str, tuple[str, ...]] = {
    "object": ("width", "height"),
    "layer": ("offsetx", "offsety"),
    "group": ("offsetx", "offsety"),
    "objectgroup": ("offsetx", "offsety"),
    "imagelayer": ("offsetx", "offsety"),
}
_COMPRESSIONS = ("", "zlib", "gzip")
_NUMBERS = frozenset(
    (
        *("x", "y", "width", "height", "rotation", "opacity", "offsetx", "offsety", "parallaxx", "parallaxy"),
        *("parallaxoriginx", "parallaxoriginy", "probability", "duration"),
        *("tilewidth", "tileheight", "margin", "spacing"),
    )
)
# No cell, size or tile on a map is so far out; objects and values are kept as they are, and make nothing larger.
_LARGEST_NUMBER = 1e9
_LARGEST_FREE_NUMBER = 1e18
_FREE = ("object", "property")


def parse_xml(data: bytes, path: str) -> ET.Element:
    """The root element of a file.

    Raises:
        UserError: `source_broken` for damaged XML, for entities, which Tiled never writes, and beyond the limits.
    """
    if len(data) > limits.MAP_BYTES:
        raise misfit(path, limits.say_too_large(limits.MAP_BYTES), "Split it.")
    try:
        return read_tree(data)
    except ValueError as error:
        raise misfit(path, f"it is damaged ({error})", "Save it again from Tiled.") from error


def needed(ref: str, field: str, context: CompileContext) -> tuple[str, list[str]]:
    """The map's own path, and those of all tilesets, templates and pictures it leads to, sorted.

    Raises:
        UserError: a file is missing, damaged or outside the project.
    """
    try:
        return _needed(ref, field, context)
    except UserError as error:
        if error.where is not None:
            raise
        raise placed(error, field, context) from error


def _needed(ref: str, field: str, context: CompileContext) -> tuple[str, list[str]]:
    start, data = context.read(ref, field)
    texts: dict[str, bytes] = {start: data}
    pictures: set[str] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        for kind, other in _references(parse_xml(texts[path], path), path):
            if kind == "picture":
                pictures.add(context.input("picture", other, field).ref)
                continue
            address, content = context.read(other, field)
            if address not in texts:
                texts[address] = content
                waiting.append(address)
            if len(texts) + len(pictures) > limits.MAP_FILES:
                raise misfit(start, f"it leads to more than {limits.MAP_FILES:,} files", "Use fewer tilesets.")
    return start, sorted((set(texts) | pictures) - {start})


def _references(root: ET.Element, path: str) -> Iterator[tuple[str, str]]:
    folder = posixpath.dirname(path)
    layers = {image for layer in root.iter("imagelayer") for image in layer.iter("image")}
    for element in root.iter():
        if element.tag == "tileset" and element.get("source"):
            yield "text", _joined(folder, element.attrib["source"], path)
        elif element.tag == "object" and element.get("template"):
            yield "text", _joined(folder, element.attrib["template"], path)
        elif element.tag == "image" and element.get("source"):
            yield "picture", _joined(folder, element.attrib["source"], path)
        elif element.tag == "image" and element not in layers:
            raise misfit(path, "a picture is embedded in it", "Save the picture as a PNG file of its own.")


def _joined(folder: str, source: str, path: str) -> str:
    if source.lower().endswith((".tsj", ".tj", ".json")):
        raise misfit(path, f"{source} is in Tiled's JSON form", "Save it as .tsx or .tx.")
    if source.startswith("/") or source[1:2] == ":":
        return source
    return posixpath.normpath(posixpath.join(folder, source.replace("\\", "/")))


def normal_form(data: bytes, path: str) -> bytes:
    """The same file with everything written out that the reader asks for.

    Raises:
        UserError: `source_broken` for layers in a compression that is not read, or beyond the limits.
    """
    root = parse_xml(data, path)
    _check_numbers(root, path)
    if root.tag == "map":
        for key, value in _MAP_DEFAULTS.items():
            root.attrib.setdefault(key, value)
    for element in root.iter():
        for layer in element.findall("imagelayer"):
            if layer.find("image[@source]") is None:
                element.remove(layer)
        together = _TOGETHER.get(element.tag, ())
        if any(key in element.attrib for key in together):
            for key in together:
                element.attrib.setdefault(key, "0")
        if element.tag == "wangcolor":
            element.attrib.setdefault("probability", "1")
        elif element.tag == "wangset":
            element.attrib.setdefault("type", "mixed")
        elif element.tag == "data":
            if element.get("compression", "") not in _COMPRESSIONS:
                reason = f"its cells are compressed by {element.attrib['compression']}"
                raise misfit(path, reason, "Set the tile layer format to CSV in the map's properties.")
            _as_csv(element)
            if root.get("infinite") == "1":
                _with_a_chunk(element)
    try:
        tmx_cells.unpack_cells(root)
    except ValueError as error:
        raise misfit(path, str(error), "Save it again from Tiled, or split the map.") from error
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _check_numbers(root: ET.Element, path: str) -> None:
    """Numbers that are none, or beyond any map, are found here: whoever reads or writes them later could not say so."""
    for element in root.iter():
        for name in _NUMBERS & element.attrib.keys():
            _check_number(element, name, path)
        if element.tag == "property" and element.get("type") in ("int", "float") and "value" in element.attrib:
            _check_number(element, "value", path)


def _check_number(element: ET.Element, name: str, path: str) -> None:
    text = element.attrib[name]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= (_LARGEST_FREE_NUMBER if element.tag in _FREE else _LARGEST_NUMBER):
        shown = text if len(text) <= 20 else f"{text[:20]}…"
        raise misfit(
            path, f"{name} of <{element.tag}> is {shown or 'empty'}, no sensible number", "Correct it in Tiled."
        )
    if name == "duration" and number > limits.FRAME_MS:
        reason = f"a frame shows for {number:,.0f} milliseconds; there may be {limits.FRAME_MS:,}"
        raise misfit(path, reason, "Shorten it in Tiled.")


def _as_csv(data: ET.Element) -> None:
    """Cells written as elements of their own (Tiled's XML layer format) become a list."""
    for holder in (data, *data.findall("chunk")):
        cells = holder.findall("tile")
        if cells:
            holder.text = ",".join(cell.get("gid", "0") for cell in cells)
            for cell in cells:
                holder.remove(cell)
            data.set("encoding", "csv")


def _with_a_chunk(data: ET.Element) -> None:
    """An empty layer of an infinite map has no chunks at all; it gets one of a single empty cell."""
    if data.find("chunk") is None:
        data.attrib.pop("compression", None)
        data.set("encoding", "csv")
        chunk = ET.SubElement(data, "chunk", {"x": "0", "y": "0", "width": "1", "height": "1"})
        chunk.text = "0"


def tile_probabilities(root: ET.Element) -> dict[int, float]:
    """Tile id → its weight in the terrain brush, where it is not 1."""
    return {
        int(tile.attrib["id"]): float(tile.attrib["probability"])
        for tile in root.findall("tile")
        if tile.get("probability") is not None
    }
