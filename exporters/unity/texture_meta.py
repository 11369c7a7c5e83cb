"""The `.meta` of a sliced sheet: TextureImporter settings, sprites, and the tables that keep the id of each sprite.

A sprite is known to scenes by the guid of the sheet and its `internalID`. Both are kept for ever: a frame is looked up
by its name in the present file, then by the name it had before a rename, then by its own `spriteID`; only what was
never there gets a new pair. Names that are gone stay in `nameFileIdTable`, so that one that returns gets its id back
and no id is given twice (Unity's ISpriteNameFileIdDataProvider keeps them for the same reason).

Ours are guid, kind of texture, the sprites whose `spriteID` we made, and a size limit that is not below the sheet's.
Everything else is written once and then the user's.

Source: Unity scripting reference, "TextureImporter" and "SpriteRect".
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
from exporters.unity.yaml import Node, Tree, read_scalar, write_text, write_tree

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
class KnownSprites:
    """What the present file knows of sprites: their nodes by name, and ids by name with those of gone sprites."""

    nodes: Mapping[str, Tree]
    ids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SpriteIds:
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
    pairs = _assign_ids(context.identity, slices, known)
    template = importer_settings(editor, pixels_per_unit)
    note = f"assetbridge {ids.tag_of(context.identity)} ppu {pixels_per_unit}"
    tree = read_meta(context, path)
    if tree is not None and not _is_slicing(tree, pairs):
        tree = None
    kept = known.nodes if tree is not None else {}
    if tree is None:
        tree = {"fileFormatVersion": "2", "guid": guid, IMPORTER: {**template, **TRAILER, "userData": note}}
    else:
        _adopt_template(tree, template, note, pixels_per_unit)
    tree["guid"] = guid
    settings = _table_at(tree, IMPORTER)
    settings |= {"textureType": "8", "spriteMode": "2"}
    _raise_limit(settings, max(size))
    nodes = [
        _merge_node(sprite_node(editor, one, pair.sprite, pair.number), kept.get(pair.found_as or ""))
        for one, pair in pairs
    ]
    _fill_settings(settings, [*nodes, *_foreign_nodes(context.identity, pairs, kept, size)], known, editor)
    numbers = {one.key: pair.number for one, pair in pairs}
    data = write_tree(tree).encode()
    return SheetMeta(guid, numbers, OutputFile(f"{path}.meta", data, Policy.MERGE, owned_sheet(tree)))


def _is_slicing(tree: Tree, pairs: Sequence[tuple[Slice, SpriteIds]]) -> bool:
    """Whether a present file cuts our sheet; else the editor made it for a picture without one, with smooth pixels."""
    settings = tree.get(IMPORTER)
    if not isinstance(settings, dict):
        return False
    return (
        any(pair.found_as for _, pair in pairs)
        or _NOTE.fullmatch(read_scalar(str(settings.get("userData")))) is not None
    )


def known_sprites(tree: Tree | None) -> KnownSprites:
    """The sprites of a `.meta` and every name that its tables remember."""
    settings = _table_at(tree or {}, IMPORTER)
    sheet = _table_at(settings, "spriteSheet")
    nodes = {read_scalar(str(node.get("name"))): node for node in _sprite_nodes(sheet)}
    table = {read_scalar(name): _read_integer(value) for name, value in _table_at(sheet, "nameFileIdTable").items()}
    first = settings.get("internalIDToNameTable")
    for entry in first if isinstance(first, list) else ():
        if isinstance(entry, dict):
            number = _table_at(entry, "first").get("213")
            table.setdefault(read_scalar(str(entry.get("second"))), _read_integer(number))
    table |= {name: _read_integer(node.get("internalID")) for name, node in nodes.items()}
    return KnownSprites(nodes, {name: number for name, number in table.items() if number})


def owned_sheet(tree: Tree) -> str:
    """A hash over what is ours: guid, kind of texture, and name, place, pivot and ids of our sprites."""
    settings = _table_at(tree, IMPORTER)
    lines = [f"guid {tree.get('guid')}", f"type {settings.get('textureType')} {settings.get('spriteMode')}"]
    note = _NOTE.fullmatch(read_scalar(str(settings.get("userData"))))
    nodes = _sprite_nodes(_table_at(settings, "spriteSheet"))
    lines += [_sprite_line(node) for node in nodes if note and str(node.get("spriteID")).startswith(note[1])]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _sprite_line(node: Tree) -> str:
    rect = _table_at(node, "rect")
    sides = [f"{side:.3f}" for side in _rect_sides(rect)]
    aligned = str(node.get("alignment"))
    pivot = re.findall(r"-?\d[\d.eE+-]*", str(node.get("pivot"))) if aligned == "9" else []
    rounded = [f"{_read_real(part):.4f}" for part in pivot]
    name = read_scalar(str(node.get("name")))
    return f"{name} {sides} {aligned} {rounded} {node.get('spriteID')} {node.get('internalID')}"


def _assign_ids(identity: str, slices: Sequence[Slice], known: KnownSprites) -> list[tuple[Slice, SpriteIds]]:
    """The ids of every slice: those of the present file first, then new ones."""
    by_sprite = {str(node.get("spriteID")): name for name, node in known.nodes.items()}
    ids_by_name: dict[str, SpriteIds] = {}
    given = {0}
    for one in slices:
        names = (one.name, one.previous, by_sprite.get(ids.sprite_id(identity, one.key), ""))
        name = next((name for name in names if known.ids.get(name, 0) not in given), None)
        if name is not None:
            number = known.ids[name]
            sprite = str(known.nodes.get(name, {}).get("spriteID", ""))
            ids_by_name[one.key] = SpriteIds(sprite or _remake_id(identity, one.key, number), number, name)
            given.add(number)
    # Not the ids of gone names: an equal one is this picture under the name that it had then.
    taken = given | {_read_integer(node.get("internalID")) for node in known.nodes.values()}
    for one in slices:
        if one.key not in ids_by_name:
            ids_by_name[one.key] = SpriteIds(*ids.free_sprite(identity, one.key, taken))
            taken.add(ids_by_name[one.key].number)
    return [(one, ids_by_name[one.key]) for one in slices]


def _remake_id(identity: str, key: str, number: int) -> str:
    """The `spriteID` of a sprite that returns, of which only the number is remembered."""
    made = (ids.sprite_id(identity, key, salt) for salt in range(4))
    return next((sprite for sprite in made if ids.internal_id(sprite) == number), ids.sprite_id(identity, key))


def _merge_node(node: Tree, before: Tree | None) -> Tree:
    """A sprite with the border, outline and collider that a user gave it."""
    ours = {key: node[key] for key in ("name", "rect", "alignment", "pivot", "spriteID", "internalID")}
    if before is None:
        return node
    return {**({} if node.keys() <= before.keys() else node), **before, **ours}


def _foreign_nodes(
    identity: str, pairs: Sequence[tuple[Slice, SpriteIds]], kept: Mapping[str, Tree], size: tuple[int, int]
) -> list[Tree]:
    """Sprites that a user cut out of the sheet and that still lie inside."""
    ours = {name for one, pair in pairs for name in (one.name, one.previous, pair.found_as)}
    return [
        node
        for name, node in kept.items()
        if name not in ours
        and _read_integer(node.get("internalID"))
        and not ids.is_ours(identity, str(node.get("spriteID")))
        and _is_inside(_table_at(node, "rect"), size)
    ]


def _is_inside(rect: Tree, size: tuple[int, int]) -> bool:
    x, y, width, height = _rect_sides(rect)
    return x >= 0 and y >= 0 and x + width <= size[0] and y + height <= size[1]


def _fill_settings(settings: Tree, nodes: list[Tree], known: KnownSprites, editor: Editor) -> None:
    """Writes sprites and both tables; 6000 fills the first one, older editors leave it empty unless it was filled."""
    sheet = _table_at(settings, "spriteSheet")
    now = {read_scalar(str(node["name"])): _read_integer(node["internalID"]) for node in nodes}
    numbers = set(now.values())
    gone = {name: number for name, number in known.ids.items() if name not in now and number not in numbers}
    sheet["sprites"] = list[Node](nodes)
    sheet["nameFileIdTable"] = {write_text(name): str(number) for name, number in sorted((now | gone).items())}
    if editor >= Editor.V6000 or settings.get("internalIDToNameTable") not in ("[]", [], None):
        settings["internalIDToNameTable"] = [
            {"first": {"213": str(number)}, "second": write_text(name)} for name, number in (now | gone).items()
        ]


def _adopt_template(tree: Tree, template: Tree, note: str, pixels_per_unit: int) -> None:
    """Brings a present file to at least our form, keeping every setting of its user."""
    settings = _table_at(tree, IMPORTER)
    if _read_integer(settings.get("serializedVersion")) < _read_integer(template["serializedVersion"]):
        tail = {key: settings.get(key, value) for key, value in TRAILER.items()}
        settings = {**_overlay_settings(template, settings), **tail, "serializedVersion": template["serializedVersion"]}
        tree[IMPORTER] = settings
    if "nameFileIdTable" not in _table_at(settings, "spriteSheet"):
        settings["spriteSheet"] = _overlay_settings(
            _table_at(template, "spriteSheet"), _table_at(settings, "spriteSheet")
        )
    written = _NOTE.fullmatch(read_scalar(str(settings.get("userData", ""))))
    if written and written[2] == str(settings.get("spritePixelsToUnits")):
        # The value is the one that we wrote, so no user chose it.
        settings |= {"spritePixelsToUnits": str(pixels_per_unit), "userData": note}


def _overlay_settings(template: Tree, settings: Tree) -> Tree:
    merged: Tree = {}
    for key, value in template.items():
        now = settings.get(key, value)
        merged[key] = (
            _overlay_settings(value, now) if isinstance(value, dict) and isinstance(now, dict) and value else now
        )
    return merged


def _raise_limit(settings: Tree, side: int) -> None:
    """A sheet above the limit would be scaled down and its slices would lie elsewhere."""
    needed = max(DEFAULT_LIMIT, 1 << (side - 1).bit_length())
    blocks = settings.get("platformSettings")
    for block in (settings, *(blocks if isinstance(blocks, list) else ())):
        if isinstance(block, dict) and _read_integer(block.get("maxTextureSize")) < side:
            block["maxTextureSize"] = str(needed)


def _table_at(tree: Tree, key: str) -> Tree:
    table = tree.get(key)
    return table if isinstance(table, dict) else {}


def _sprite_nodes(sheet: Tree) -> list[Tree]:
    sprites = sheet.get("sprites")
    return [node for node in sprites if isinstance(node, dict) and "name" in node] if isinstance(sprites, list) else []


def _rect_sides(rect: Tree) -> list[float]:
    """x, y, width and height; what is no number is none."""
    return [_read_real(rect.get(side, "0")) for side in ("x", "y", "width", "height")]


def _read_real(value: Node) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def _read_integer(value: Node | None) -> int:
    match = _INTEGER.fullmatch(str(value))
    return int(match[0]) if match else 0
