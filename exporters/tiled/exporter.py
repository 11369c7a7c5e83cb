"""The `tiled` target: tilesets with Wang sets, sprites as tiles, maps, and a preview map for every terrain set."""

from __future__ import annotations

import dataclasses
import posixpath

import numpy as np

from exporters.base import ExportContext, ExportError, OutputFile, Policy, embedded_link
from exporters.model.asset import Asset, AudioAsset, ItemsAsset, SpriteAsset, TileLayer, TileMapAsset, TilesetAsset
from exporters.model.layouts import terrain_chain
from exporters.model.png import encode_png
from exporters.model.wang import solve
from exporters.packing.grid import items_grid, items_sheet, tileset_grid, tileset_sheet
from exporters.packing.render import map_images
from exporters.tiled.clips import clips_content
from exporters.tiled.content import TilesetContent, TsxTile, tile_contents, wangset_of
from exporters.tiled.target import TARGET
from exporters.tiled.tmx import write_tmx
from exporters.tiled.tsx import owned_hash, parse_present, read_present, write_tsx
from exporters.tiled.xml import Node

PREVIEW_TERRAINS = 8


class TiledExporter:
    """Tiled 1.10 and newer. `.tsx` files are merged; pictures and maps are ours alone."""

    name = TARGET.name
    version = 1

    def supports(self, asset_type: type[Asset], kind: str) -> bool:
        """Everything but sound."""
        del kind
        return asset_type is not AudioAsset

    def export(self, asset: Asset, context: ExportContext) -> list[OutputFile]:
        """The files of an asset: picture, tileset, maps.

        Raises:
            ExportError: the asset cannot be written, or a present `.tsx` cannot be read.
        """
        match asset:
            case SpriteAsset():
                content = clips_content(asset, _base_name(context.stem), context.options, _present_clips(context))
                return _tileset_files(content, context.stem, _present_tileset(context, context.stem))
            case ItemsAsset():
                return _tileset_files(
                    _items_content(asset, context), context.stem, _present_tileset(context, context.stem)
                )
            case TilesetAsset():
                return [*_make_tileset(asset, context, context.stem), *_preview_map(asset, context)]
            case TileMapAsset():
                return _map_files(asset, context)
            case AudioAsset():
                return []

    def owned_hash(self, path: str, data: bytes) -> str:
        """A hash over what is ours in a `.tsx`; see tsx.py."""
        del path
        return owned_hash(data)


def _base_name(stem: str) -> str:
    return posixpath.basename(stem)


def _present_path(context: ExportContext, stem: str) -> str:
    """The file on the disk; after a rename the one at the old place, so that nothing a user added is lost."""
    moved = stem == context.stem and context.previous_stem not in (None, stem)
    return f"{context.previous_stem if moved and context.read(f'{stem}.tsx') is None else stem}.tsx"


def _present_tileset(context: ExportContext, stem: str) -> Node | None:
    path = _present_path(context, stem)
    return read_present(context.read(path), path)


def _present_clips(context: ExportContext) -> Node | None:
    """The file that says where clips have been: asked even with --force, since maps count on those cells."""
    before = dataclasses.replace(context, read=context.before or context.read)
    path = _present_path(before, context.stem)
    try:
        return parse_present(before.read(path), path)
    except ExportError:
        return None


def _tileset_files(content: TilesetContent, stem: str, present: Node | None) -> list[OutputFile]:
    image = f"{stem}.png"
    text = write_tsx(content, posixpath.basename(image), present)
    return [
        OutputFile(image, encode_png(content.sheet)),
        OutputFile(f"{stem}.tsx", text, Policy.MERGE, owned_hash(text)),
    ]


def _items_content(asset: ItemsAsset, context: ExportContext) -> TilesetContent:
    options = context.options
    grid = items_grid(asset, options.extrude)
    sheet = items_sheet(asset, extrude=options.extrude, max_side=options.max_sheet)
    tiles = {item.slot: TsxTile(properties={"name": item.name}) for item in asset.items}
    return TilesetContent(
        _base_name(context.stem),
        asset.size,
        asset.columns,
        asset.rows,
        sheet,
        grid.spacing,
        grid.margin,
        "bottom",
        tiles=tiles,
    )


def _make_tileset(asset: TilesetAsset, context: ExportContext, stem: str) -> list[OutputFile]:
    options = context.options
    grid = tileset_grid(asset, options.extrude)
    sheet = tileset_sheet(asset, extrude=options.extrude, max_side=options.max_sheet)
    name = _base_name(stem)
    isometric = asset.orientation == "isometric"
    content = TilesetContent(
        name,
        asset.tile_size,
        asset.columns,
        asset.rows,
        sheet,
        grid.spacing,
        grid.margin,
        grid=asset.grid_size if isometric else None,
        tiles=tile_contents(asset),
        wangset=wangset_of(asset, name),
    )
    return _tileset_files(content, stem, _present_tileset(context, stem))


def _preview_map(asset: TilesetAsset, context: ExportContext) -> list[OutputFile]:
    """A small map with every terrain in the one before it, filled, so that the terrain brush works at once."""
    terrains = terrain_chain(asset)[:PREVIEW_TERRAINS]
    count = len(terrains)
    if count < 2 or context.options.engine.get("preview") is False:
        return []
    side = 6 * count + 6
    ring = np.minimum.outer(*(np.minimum(np.arange(side + 1), np.arange(side, -1, -1)) for _ in range(2)))
    vertices = np.array(terrains, dtype=np.uint8)[np.minimum(ring // 3, count - 1)]
    cells = solve(asset, vertices, 1)
    preview = TileMapAsset(
        asset.id, (side, side), asset.grid_size, (asset,), (TileLayer("ground", cells),), asset.orientation
    )
    text = write_tmx(preview, [f"{_base_name(context.stem)}.tsx"], "csv")
    return [OutputFile(f"{context.stem}_preview.tmx", text)]


def _map_files(asset: TileMapAsset, context: ExportContext) -> list[OutputFile]:
    files: list[OutputFile] = []
    sources = []
    for number, tileset in enumerate(asset.tilesets):
        link = context.links.get(tileset.id) or embedded_link(context, number)
        if tileset.id not in context.links:
            files += _make_tileset(tileset, context, link.stem)
        sources.append(posixpath.relpath(f"{link.stem}.tsx", posixpath.dirname(context.stem) or "."))
    images = map_images(asset, context)
    files += images
    encoding = str(context.options.engine.get("encoding", "csv"))
    text = write_tmx(asset, sources, encoding, [_base_name(image.path) for image in images])
    return [*files, OutputFile(f"{context.stem}.tmx", text)]
