"""The `.meta` of a sliced sheet: TextureImporter settings, sprites, and the tables that keep the id of each sprite.

A sprite is known to scenes by the guid of the sheet and its `internalID`. Both are kept for ever: a frame is looked up
by its name in the present file, then by the name it had before a rename, then by its own `spriteID`; only what was
never there gets a new pair. Names that are gone stay in `nameFileIdTable`, so that one that returns gets its id back
and no id is given twice (Unity's ISpriteNameFileIdDataProvider keeps them for the same reason).

Ours are guid, kind of texture, the sprites whose `spriteID` we made, and a size limit that is not below the sheet's.
Everything else is written once and then the user's.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exporters.base import ExportContext, OutputFile, Policy
from exporters.unity import ids
from exporters.unity.editor import Editor
from exporters.unity.importer import importer_settings, sprite_node
from exporters.unity.meta import TRAILER, guid_of, read_meta
from exporters.unity.slices import Slice
from exporters.unity.yaml import Node, Tree, plain, text, write

IMPORTER = "TextureImporter"
DEFAULT_LIMIT = 2048
_NOTE = re.compile(r"assetbridge ([0-9a-f]{8}) ppu (\d+)")
_INTEGER = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class SheetMeta:
    """A sheet's guid, the `internalID` of each of its slices by key, and the `.meta` file."""

    guid: str
    sprites: Mapping[str, int]
    file: OutputFile


@dataclass(frozen=True, slots=True)
class Known:
    """What the present file knows of sprites: their nodes by name, and ids by name with those of gone sprites."""

    nodes: Mapping[str, Tree]
    ids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """The two ids of a sprite, and the name under which the present file has it."""

    sprite: str
    number: int
    found_as: str | None = None


def sheet_meta(
    context: ExportContext,
    path: str,
    role: str,
    slices: Sequence[Slice],
    size: tuple[int, int],
    editor: Editor,
    pixels_per_unit: int,
) -> SheetMeta:
    """The `.meta` of the sheet at `path`. size: width and height of the picture, pixels.

    Raises:
        ExportError: the present `.meta` cannot be read.
    """
    guid = guid_of(context, path, role)
    known = known_sprites(read_meta(context, path, always=True))
    pairs = _pairs(context.identity, slices, known)
    template = importer_settings(editor, pixels_per_unit)
    note = f"assetbridge {ids.tag_of(context.identity)} ppu {pixels_per_unit}"
    tree = read_meta(context, path)
    if tree is not None and not _is_slicing(tree, pairs):
        tree = None
    kept = known.nodes if tree is not None else {}
    if tree is None:
        tree = {"fileFormatVersion": "2", "guid": guid, IMPORTER: {**template, **TRAILER, "userData": note}}
    else:
        _adopt(tree, template, note, pixels_per_unit)
    tree["guid"] = guid
    settings = _table(tree, IMPORTER)
    settings |= {"textureType": "8", "spriteMode": "2"}
    _raise_limit(settings, max(size))
    nodes = [
        _merged(sprite_node(editor, one, pair.sprite, pair.number), kept.get(pair.found_as or ""))
        for one, pair in pairs
    ]
    _fill(settings, [*nodes, *_foreign(context.identity, pairs, kept, size)], known, editor)
    numbers = {one.key: pair.number for one, pair in pairs}
    data = write(tree).encode()
    return SheetMeta(guid, numbers, OutputFile(f"{path}.meta", data, Policy.MERGE, owned_sheet(tree)))


def _is_slicing(tree: Tree, pairs: Sequence[tuple[Slice, Pair]]) -> bool:
    """Whether a present file cuts our sheet; else the editor made it for a picture without one, with smooth pixels."""
    settings = tree.get(IMPORTER)
    if not isinstance(settings, dict):
        return False
    return any(pair.found_as for _, pair in pairs) or _NOTE.fullmatch(plain(str(settings.get("userData")))) is not None


def known_sprites(tree: Tree | None) -> Known:
    """The sprites of a `.meta` and every name that its tables remember."""
    settings = _table(tree or {}, IMPORTER)
    sheet = _table(settings, "spriteSheet")
    nodes = {plain(str(node.get("name"))): node for node in _nodes(sheet)}
    table = {plain(name): _integer(value) for name, value in _table(sheet, "nameFileIdTable").items()}
    first = settings.get("internalIDToNameTable")
    for entry in first if isinstance(first, list) else ():
        if isinstance(entry, dict):
            number = _table(entry, "first").get("213")
            table.setdefault(plain(str(entry.get("second"))), _integer(number))
    table |= {name: _integer(node.get("internalID")) for name, node in nodes.items()}
    return Known(nodes, {name: number for name, number in table.items() if number})


def owned_sheet(tree: Tree) -> str:
    """A hash over what is ours: guid, kind of texture, and name, place, pivot and ids of our sprites."""
    settings = _table(tree, IMPORTER)
    lines = [f"guid {tree.get('guid')}", f"type {settings.get('textureType')} {settings.get('spriteMode')}"]
    note = _NOTE.fullmatch(plain(str(settings.get("userData"))))
    nodes = _nodes(_table(settings, "spriteSheet"))
    lines += [_sprite_line(node) for node in nodes if note and str(node.get("spriteID")).startswith(note[1])]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _sprite_line(node: Tree) -> str:
    rect = _table(node, "rect")
    place = [f"{side:.3f}" for side in _sides(rect)]
    aligned = str(node.get("alignment"))
    pivot = re.findall(r"-?\d[\d.eE+-]*", str(node.get("pivot"))) if aligned == "9" else []
    rounded = [f"{_real(part):.4f}" for part in pivot]
    name = plain(str(node.get("name")))
    return f"{name} {place} {aligned} {rounded} {node.get('spriteID')} {node.get('internalID')}"


def _pairs(identity: str, slices: Sequence[Slice], known: Known) -> list[tuple[Slice, Pair]]:
    """The ids of every slice: those of the present file first, then new ones."""
    by_sprite = {str(node.get("spriteID")): name for name, node in known.nodes.items()}
    found: dict[str, Pair] = {}
    given = {0}
    for one in slices:
        names = (one.name, one.previous, by_sprite.get(ids.sprite_id(identity, one.key), ""))
        name = next((name for name in names if known.ids.get(name, 0) not in given), None)
        if name is not None:
            number = known.ids[name]
            sprite = str(known.nodes.get(name, {}).get("spriteID", ""))
            found[one.key] = Pair(sprite or _remade(identity, one.key, number), number, name)
            given.add(number)
    # Not the ids of gone names: an equal one is this picture under the name that it had then.
    taken = given | {_integer(node.get("internalID")) for node in known.nodes.values()}
    for one in slices:
        if one.key not in found:
            found[one.key] = Pair(*ids.free_sprite(identity, one.key, taken))
            taken.add(found[one.key].number)
    return [(one, found[one.key]) for one in slices]


def _remade(identity: str, key: str, number: int) -> str:
    """The `spriteID` of a sprite that returns, of which only the number is remembered."""
    made = (ids.sprite_id(identity, key, salt) for salt in range(4))
    return next((sprite for sprite in made if ids.internal_id(sprite) == number), ids.sprite_id(identity, key))


def _merged(node: Tree, before: Tree | None) -> Tree:
    """A sprite with the border, outline and collider that a user gave it."""
    ours = {key: node[key] for key in ("name", "rect", "alignment", "pivot", "spriteID", "internalID")}
    if before is None:
        return node
    return {**({} if node.keys() <= before.keys() else node), **before, **ours}


def _foreign(
    identity: str, pairs: Sequence[tuple[Slice, Pair]], kept: Mapping[str, Tree], size: tuple[int, int]
) -> list[Tree]:
    """Sprites that a user cut out of the sheet and that still lie inside."""
    ours = {name for one, pair in pairs for name in (one.name, one.previous, pair.found_as)}
    return [
        node
        for name, node in kept.items()
        if name not in ours
        and _integer(node.get("internalID"))
        and not ids.is_ours(identity, str(node.get("spriteID")))
        and _inside(_table(node, "rect"), size)
    ]


def _inside(rect: Tree, size: tuple[int, int]) -> bool:
    x, y, width, height = _sides(rect)
    return x >= 0 and y >= 0 and x + width <= size[0] and y + height <= size[1]


def _fill(settings: Tree, nodes: list[Tree], known: Known, editor: Editor) -> None:
    """Writes sprites and both tables; 6000 fills the first one, older editors leave it empty unless it was filled."""
    sheet = _table(settings, "spriteSheet")
    now = {plain(str(node["name"])): _integer(node["internalID"]) for node in nodes}
    numbers = set(now.values())
    gone = {name: number for name, number in known.ids.items() if name not in now and number not in numbers}
    sheet["sprites"] = list[Node](nodes)
    sheet["nameFileIdTable"] = {text(name): str(number) for name, number in sorted((now | gone).items())}
    if editor >= Editor.V6000 or settings.get("internalIDToNameTable") not in ("[]", [], None):
        settings["internalIDToNameTable"] = [
            {"first": {"213": str(number)}, "second": text(name)} for name, number in (now | gone).items()
        ]


def _adopt(tree: Tree, template: Tree, note: str, pixels_per_unit: int) -> None:
    """Brings a present file to at least our form, keeping every setting of its user."""
    settings = _table(tree, IMPORTER)
    if _integer(settings.get("serializedVersion")) < _integer(template["serializedVersion"]):
        tail = {key: settings.get(key, value) for key, value in TRAILER.items()}
        settings = {**_overlaid(template, settings), **tail, "serializedVersion": template["serializedVersion"]}
        tree[IMPORTER] = settings
    if "nameFileIdTable" not in _table(settings, "spriteSheet"):
        settings["spriteSheet"] = _overlaid(_table(template, "spriteSheet"), _table(settings, "spriteSheet"))
    written = _NOTE.fullmatch(plain(str(settings.get("userData", ""))))
    if written and written[2] == str(settings.get("spritePixelsToUnits")):
        # The value is the one that we wrote, so no user chose it.
        settings |= {"spritePixelsToUnits": str(pixels_per_unit), "userData": note}


def _overlaid(template: Tree, settings: Tree) -> Tree:
    merged: Tree = {}
    for key, value in template.items():
        now = settings.get(key, value)
        merged[key] = _overlaid(value, now) if isinstance(value, dict) and isinstance(now, dict) and value else now
    return merged


def _raise_limit(settings: Tree, side: int) -> None:
    """A sheet above the limit would be scaled down and its slices would lie elsewhere."""
    needed = max(DEFAULT_LIMIT, 1 << (side - 1).bit_length())
    blocks = settings.get("platformSettings")
    for block in (settings, *(blocks if isinstance(blocks, list) else ())):
        if isinstance(block, dict) and _integer(block.get("maxTextureSize")) < side:
            block["maxTextureSize"] = str(needed)


def _table(tree: Tree, key: str) -> Tree:
    found = tree.get(key)
    return found if isinstance(found, dict) else {}


def _nodes(sheet: Tree) -> list[Tree]:
    found = sheet.get("sprites")
    return [node for node in found if isinstance(node, dict) and "name" in node] if isinstance(found, list) else []


def _sides(rect: Tree) -> list[float]:
    """x, y, width and height; what is no number is none."""
    return [_real(rect.get(side, "0")) for side in ("x", "y", "width", "height")]


def _real(value: Node) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def _integer(value: Node | None) -> int:
    found = _INTEGER.fullmatch(str(value))
    return int(found[0]) if found else 0
