"""XML of unknown origin as a tree: no entities, a bounded number of elements, a bounded depth.

`xml.etree` expands entities that a file declares and builds whatever it meets, so a page of text may become gigabytes
(Python's documentation, "XML vulnerabilities"). Expat, the parser below it, tells of each declaration and element.
"""

from __future__ import annotations

from typing import NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat

MOST_ELEMENTS = 500_000
MOST_DEPTH = 64


def read_tree(data: bytes) -> ET.Element:
    """The root element of a document.

    Raises:
        ValueError: it is no XML, declares entities, or has more than `MOST_ELEMENTS` or levels than `MOST_DEPTH`.
    """
    if b"<!ENTITY" in data:
        _refuse_entity()
    builder = ET.TreeBuilder()
    count = depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > MOST_ELEMENTS:
            raise ValueError(f"it has more than {MOST_ELEMENTS:,} elements")
        if depth > MOST_DEPTH:
            raise ValueError(f"its elements stand in each other more than {MOST_DEPTH} levels deep")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    try:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = builder.data
        parser.EntityDeclHandler = _refuse_entity
        parser.SkippedEntityHandler = _refuse_entity
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(str(error)) from error
    return builder.close()


def _refuse_entity(*_declared: object) -> NoReturn:
    raise ValueError("it declares XML entities")
