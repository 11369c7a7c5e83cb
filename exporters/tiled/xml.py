"""XML exactly as Tiled writes it: one space per level, LF, `"` quotes, `/>` without a space before it.

Source: Tiled 1.12, `src/libtiled/mapwriter.cpp`; Qt's QXmlStreamWriter for escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree import ElementTree as ET

from exporters.model.safe_xml import read_tree
from exporters.texts import require_text

FORMAT_VERSION = "1.10"
TILED_VERSION = "1.12.1"
Value = str | int | float
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Node:
    """An element; a node with text has no children."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def child(self, tag: str) -> Node | None:
        """The first child with this tag."""
        return next((node for node in self.children if node.tag == tag), None)

    def all(self, tag: str) -> list[Node]:
        """Every child with this tag."""
        return [node for node in self.children if node.tag == tag]


def make_node(tag: str, attributes: Mapping[str, Value] | None = None, children: Iterable[Node] = ()) -> Node:
    """A node with attributes in the given order."""
    return Node(tag, {key: write_number(value) for key, value in (attributes or {}).items()}, list(children))


def write_number(value: Value) -> str:
    """A value as Tiled writes it: numbers with six significant digits."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value + 0.0:g}" if isinstance(value, float) else str(value)  # Qt knows no negative zero


def _escape_text(text: str, *, attribute: bool) -> str:
    require_text(text, "Tiled", _NO_XML)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # A reader takes a carriage return that stands as it is for a line end.
    text = text.replace("\r", "&#13;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;") if attribute else text


def _node_lines(element: Node, depth: int) -> Iterable[str]:
    indent = " " * depth
    attributes = "".join(f' {key}="{_escape_text(value, attribute=True)}"' for key, value in element.attributes.items())
    opening = f"{indent}<{element.tag}{attributes}"
    if element.text:
        # Layer data begins on a line of its own and its closing tag stands at the left margin, as in Tiled.
        yield f"{opening}>{_escape_text(element.text, attribute=False)}</{element.tag}>"
    elif element.children:
        yield f"{opening}>"
        for child in element.children:
            yield from _node_lines(child, depth + 1)
        yield f"{indent}</{element.tag}>"
    else:
        yield f"{opening}/>"


def write_document(root: Node) -> bytes:
    """The file of a root element.

    Raises:
        ExportError: a text has a character that XML 1.0 (section 2.2) cannot hold, not even escaped.
    """
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *_node_lines(root, 0)]) + "\n"
    return text.encode()


def parse_xml(data: bytes) -> Node:
    """The tree of a file; blank text between elements is dropped.

    Raises:
        ValueError: the bytes are not XML, or beyond the limits of `read_tree`.
    """
    return _read_node(read_tree(data.replace(b"\r\n", b"\n")))


def _read_node(element: ET.Element) -> Node:
    children = [_read_node(child) for child in element]
    text = (element.text or "") if not children and (element.text or "").strip() else ""
    return Node(element.tag, dict(element.attrib), children, text)


def property_nodes(entries: Mapping[str, str | int | float | bool]) -> list[Node]:
    """A `<properties>` element with its entries sorted by name as Tiled sorts them; none for no entries."""
    if not entries:
        return []
    nodes = []
    for name in sorted(entries, key=lambda text: text.encode("utf-16-be")):
        value = entries[name]
        kind = "bool" if isinstance(value, bool) else {int: "int", float: "float"}.get(type(value))
        attributes = {"name": name} | ({"type": kind} if kind else {})
        if isinstance(value, str) and "\n" in value:
            nodes.append(Node("property", attributes, text=value))
        else:
            nodes.append(make_node("property", {**attributes, "value": _property_value(value)}))
    return [make_node("properties", children=nodes)]


def _property_value(value: str | float | bool) -> str:
    return _shortest_number(value) if isinstance(value, float) else write_number(value)


def _shortest_number(value: float) -> str:
    """A number with the fewest digits that give it back, as Qt writes it (QLocale::FloatingPointShortest).

    The exponent form is taken below 0.0001, and above that where it is shorter than the digits and their zeros.
    """
    sign, digits, exponent = Decimal(repr(value + 0.0)).normalize().as_tuple()
    if not isinstance(exponent, int):  # not a number, or infinite
        return repr(value)
    point = len(digits) + exponent
    if -4 < point <= len(digits) + 5:
        return f"{Decimal((sign, digits, exponent)):f}"
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    return f"{'-' * sign}{first}{'.' * bool(rest)}{rest}e{point - 1:+03d}"
