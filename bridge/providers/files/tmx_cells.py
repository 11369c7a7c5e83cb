"""The cells of a Tiled map's layers, unpacked within limits before the reader takes them.

The reader unpacks whatever a layer holds: a page of zlib becomes gigabytes. What a layer or chunk says of its size is
all that it may hold.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from bridge.core import limits

_CELL_BYTES = 4
_FORMATS = {"zlib": zlib.MAX_WBITS, "gzip": 16 + zlib.MAX_WBITS}


def unpack_cells(root: ET.Element) -> None:
    """Leaves all layers of a map in CSV or plain base64.

    Raises:
        ValueError: damaged data, more cells than a layer or chunk has room for, or more than a map may have.
    """
    total = 0
    for layer in root.iter("layer"):
        data = layer.find("data")
        if data is None:
            continue
        for holder, wanted in _holders(layer, data):
            total += wanted
            if total > limits.MAP_LAYER_CELLS:
                raise ValueError(f"its layers have more than {limits.MAP_LAYER_CELLS:,} cells together")
            _unpack_holder(holder, data, wanted, layer.get("name", ""))
        data.attrib.pop("compression", None)


def _holders(layer: ET.Element, data: ET.Element) -> Iterator[tuple[ET.Element, int]]:
    """What holds cells, and how many."""
    chunks = data.findall("chunk")
    for holder, size in [(chunk, chunk) for chunk in chunks] or [(data, layer)]:
        width, height = int(size.get("width", "0")), int(size.get("height", "0"))
        cells = width * height
        if width < 1 or height < 1 or cells > limits.MAP_CELLS:
            raise ValueError(f"a layer or chunk is {width:,} × {height:,} cells, there may be {limits.MAP_CELLS:,}")
        yield holder, cells


def _unpack_holder(holder: ET.Element, data: ET.Element, wanted: int, layer: str) -> None:
    text = holder.text or ""
    if data.get("encoding") == "base64":
        packed = base64.b64decode(text)
        form = _FORMATS.get(data.get("compression", ""))
        raw = packed if form is None else _decompressed(packed, form, wanted * _CELL_BYTES)
        if len(raw) > wanted * _CELL_BYTES:
            raise ValueError(f"the layer {layer} has more cells than its size says")
        if form is not None:
            holder.text = base64.b64encode(raw).decode()
    elif text.count(",") >= wanted:
        raise ValueError(f"the layer {layer} has more cells than its size says")


def _decompressed(packed: bytes, form: int, most: int) -> bytes:
    unpacker = zlib.decompressobj(form)
    try:
        # One byte more than allowed: where it comes, there was too much.
        raw = unpacker.decompress(packed, most + 1)
    except zlib.error as error:
        raise ValueError("the packed cells of a layer are damaged") from error
    if len(raw) <= most and not unpacker.eof:
        raise ValueError("the packed cells of a layer are cut off")
    return raw
