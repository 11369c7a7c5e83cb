"""Items in Godot: a SpriteFrames with an animation for each, and one AtlasTexture `.tres` each for icons in
an UI.

Source: Godot class reference, "AtlasTexture".
"""

from __future__ import annotations

from dataclasses import dataclass

from exporters.base import ExportContext, OutputFile, Policy
from exporters.godot.sprite_frames import atlas_texture
from exporters.godot.textures import read_present
from exporters.godot.tres import Section, TresDocument, parse_tres, resource_header
from exporters.godot.uid import uid_for
from exporters.model.asset import ItemsAsset
from exporters.packing.grid import SheetGrid, items_grid
from exporters.packing.pack import Placement
from exporters.packing.sprite_sheet import PlacedAnimation, PlacedFrame

# A still shows for a second; with one frame the number has no effect.
STILL_MS = 1000


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item and its cell on the sheet."""

    name: str
    placement: Placement

    @property
    def animation(self) -> PlacedAnimation:
        """The item as an animation with one frame."""
        return PlacedAnimation(self.name, True, (PlacedFrame(self.placement, STILL_MS),))


def placed_items(asset: ItemsAsset, extrude: int) -> list[PlacedItem]:
    """All items in the order of their cells."""
    grid = items_grid(asset, extrude)
    ordered = sorted(asset.items, key=lambda item: item.slot)
    return [PlacedItem(item.name, _cell_placement(grid, item.slot)) for item in ordered]


def _cell_placement(grid: SheetGrid, slot: int) -> Placement:
    x, y = grid.origin(slot)
    width, height = grid.cell
    return Placement(0, x, y, width, height, 0, 0, width, height)


def item_texture(context: ExportContext, item: PlacedItem, page: Section) -> OutputFile:
    """`{stem}/{item}.tres`; properties that a user added are kept.

    Raises:
        ExportError: the present file cannot be read.
    """
    path = f"{context.stem}/{item.name}.tres"
    data = read_present(context, path)
    old = parse_tres(data, path) if data is not None else None
    uid = (old.uid if old else None) or uid_for(context.identity, f"item {item.name}")
    properties = atlas_texture(item.placement, page)
    others: list[Section] = []
    if old:
        kept = old.sections[-1].properties
        properties = {**properties, **{key: kept[key] for key in kept if key not in properties}}
        others = [s for s in old.sections if s.id and (s.kind, s.id) != (page.kind, page.id)]
    resource = Section("resource", {}, properties)
    document = TresDocument([resource_header("AtlasTexture", uid), page, *others, resource])
    return OutputFile(path, document.to_text().encode(), Policy.MERGE)


def owned_lines(document: TresDocument) -> list[str]:
    """What is ours in an item's texture: uid, picture and region."""
    properties = document.sections[-1].properties
    atlas = document.find_referred(properties.get("atlas", ""))
    identity = [atlas.attributes.get("path"), atlas.attributes.get("uid")] if atlas else []
    return [f"uid {document.uid}", f"{identity} {properties.get('region')}"]
