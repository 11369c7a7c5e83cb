"""Godot's text resources and scenes (`.tres`, `.tscn`, format 3): sections with properties, read and written.

Source: Godot documentation, "TSCN file format", and files saved by Godot 4.6. Values stay text; values.py
reads them where needed. `load_steps`, comments and newlines are dropped on reading, as Godot itself drops
them on saving.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exporters.base import ExportError
from exporters.godot.uid import PATTERN
from exporters.godot.values import SyntaxFault, end_of_atom, unquote, write_string

REFERENCE = re.compile(r'\b(ExtResource|SubResource)\("([^"]*)"\)')
_NO_ID = re.compile(r"[^A-Za-z0-9_]")
KIND = {"ExtResource": "ext_resource", "SubResource": "sub_resource"}
# These sections stand line under line; all others have an empty line between them.
COMPACT = frozenset({"ext_resource", "connection", "editable"})


@dataclass(slots=True)
class Section:
    """`[kind key=value …]` and its properties; all values are Godot text."""

    kind: str
    attributes: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of an ext_resource or sub_resource, else empty."""
        return unquote(self.attributes["id"]) if "id" in self.attributes else ""

    def to_text(self) -> str:
        """The section as Godot writes it, without a newline at its end."""
        head = " ".join([self.kind, *(f"{key}={value}" for key, value in self.attributes.items())])
        return "\n".join([f"[{head}]", *(f"{key} = {value}" for key, value in self.properties.items())])


@dataclass(slots=True)
class TresDocument:
    """A text resource or scene; the first section is its header."""

    sections: list[Section]

    @property
    def header(self) -> Section:
        """`[gd_resource …]` or `[gd_scene …]`."""
        return self.sections[0]

    @property
    def uid(self) -> str | None:
        """The uid in the header, None without one or with one that Godot would not take."""
        return valid_uid(self.header)

    def of_kind(self, kind: str) -> list[Section]:
        """All sections of a kind, in order."""
        return [section for section in self.sections if section.kind == kind]

    def by_name(self) -> dict[tuple[str, str], Section]:
        """Every section with an id, by its kind and id; of several the first."""
        return {(section.kind, section.id): section for section in reversed(self.sections) if section.id}

    def find_referred(self, to_text: str) -> Section | None:
        """The section that a value names: `ExtResource("…")` or `SubResource("…")`."""
        return find_referred(to_text, self.by_name())

    def to_text(self) -> str:
        """The file."""
        parts = []
        previous = ""
        for section in self.sections:
            if previous:
                parts.append("\n" if section.kind == previous and previous in COMPACT else "\n\n")
            parts.append(section.to_text())
            previous = section.kind
        return "".join([*parts, "\n"])


def find_referred(text: str, named: Mapping[tuple[str, str], Section]) -> Section | None:
    """As `Document.referred`, for many values of one document. named: its sections."""
    match = REFERENCE.fullmatch(text)
    return named.get((KIND[match[1]], match[2])) if match else None


def valid_uid(section: Section) -> str | None:
    """The `uid` attribute of a section, None without one or with one that Godot would not take."""
    uid = unquote(section.attributes.get("uid", '""'))
    return uid if PATTERN.fullmatch(uid) else None


def resource_header(kind: str, uid: str) -> Section:
    """The header of a `.tres`."""
    return Section("gd_resource", {"type": write_string(kind), "format": "3", "uid": write_string(uid)})


def ext_resource(kind: str, uid: str, path: str, resource_id: str) -> Section:
    """A reference to another file; `path` starts with `res://`."""
    attributes = {"type": kind, "uid": uid, "path": path, "id": resource_id}
    return Section("ext_resource", {key: write_string(value) for key, value in attributes.items()})


def sub_resource(kind: str, resource_id: str, properties: dict[str, str]) -> Section:
    """A resource inside the file."""
    return Section("sub_resource", {"type": write_string(kind), "id": write_string(resource_id)}, properties)


def resource_id(kind: str, name: str) -> str:
    """The id of a resource inside a file: Godot's are of letters, digits and underscores."""
    plain = _NO_ID.sub("_", name)
    mark = "" if plain == name else f"_{hashlib.sha256(name.encode(errors='backslashreplace')).hexdigest()[:8]}"
    return f"{kind}_{plain}{mark}"


def find_references(values: Iterable[str]) -> set[tuple[str, str]]:
    """(section kind, id) of everything that values refer to."""
    return {(KIND[kind], name) for value in values for kind, name in REFERENCE.findall(value)}


def needed_sections(sections: list[Section], start: Iterable[str]) -> set[tuple[str, str]]:
    """(section kind, id) of everything that values refer to, directly or through other sections."""
    by_key = {(section.kind, section.id): section for section in sections if section.id}
    reached: set[tuple[str, str]] = set()
    waiting = find_references(start)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            if key in by_key:
                waiting |= find_references(by_key[key].properties.values())
    return reached


def in_saving_order(sections: list[Section], properties: Mapping[str, str]) -> list[Section]:
    """sub_resources as Godot saves them: in the order in which values name them, what one needs before it."""
    by_id = {section.id: section for section in sections}
    ordered: dict[str, Section] = {}
    met: set[str] = set()

    def visit(values: Iterable[str]) -> None:
        for value in values:
            for kind, section_id in REFERENCE.findall(value):
                section = by_id.get(section_id)
                if kind == "SubResource" and section is not None and section_id not in met:
                    met.add(section_id)
                    visit(section.properties.values())
                    ordered[section_id] = section

    visit(properties.values())
    return [*ordered.values(), *(section for section in sections if section.id not in ordered)]


def parse_tres(data: bytes, path: str) -> TresDocument:
    """Reads a text resource or scene; `path` is for the message.

    Raises:
        ExportError: it is none that this reader understands.
    """
    try:
        sections = _split_sections(data.decode().replace("\r\n", "\n"))
        if not sections or sections[0].kind not in {"gd_resource", "gd_scene"}:
            raise SyntaxFault("no [gd_resource] or [gd_scene] at its start")
        _check_strings(sections)
    except (UnicodeDecodeError, SyntaxFault) as error:
        raise unreadable_error(path, error) from error
    sections[0].attributes.pop("load_steps", None)
    return TresDocument(sections)


def unreadable_error(path: str, reason: Exception) -> ExportError:
    """The error for a present file whose content cannot be merged."""
    return ExportError(
        f"{path} cannot be read as a Godot text file ({reason}), so what was added to it cannot be kept.",
        hint="Restore it from version control, delete it, or run the build with --force to write it anew.",
    )


def _split_sections(text: str) -> list[Section]:
    sections: list[Section] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char.isspace():
            position += 1
        elif char == ";":
            position = _line_end(text, position)
        elif char == "[":
            section, position = _read_section(text, position)
            sections.append(section)
        elif sections:
            end = text.find("=", position)
            if end < 0 or "\n" in text[position:end]:
                raise SyntaxFault(f"not a property: {text[position : position + 40].splitlines()[0]}")
            stop = end_of_atom(text, end + 1, "\n")
            sections[-1].properties[text[position:end].strip()] = text[end + 1 : stop].strip()
            position = stop
        else:
            raise SyntaxFault("text before the first section")
    return sections


def _read_section(text: str, start: int) -> tuple[Section, int]:
    end = end_of_atom(text, start + 1, "]")
    if end >= len(text):
        raise SyntaxFault(f"section that is not closed: {text[start : start + 40]}")
    head = text[start + 1 : end]
    kind = head.split(maxsplit=1)[0] if head.strip() else ""
    section = Section(kind)
    position = len(kind) + 1
    while position < len(head):
        equals = head.find("=", position)
        if equals < 0:
            raise SyntaxFault(f"not an attribute: {head[position : position + 40]}")
        stop = end_of_atom(head, equals + 1, " \t\n")
        section.attributes[head[position:equals].strip()] = head[equals + 1 : stop]
        position = stop + 1
    return section, end + 1


def _check_strings(sections: list[Section]) -> None:
    """Ids and uids must be strings: later readers rely on it."""
    for section in sections:
        for key in {"id", "uid", "type", "path", "name"} & section.attributes.keys():
            unquote(section.attributes[key])


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
