"""The `json` target: PNG sheets with JSON for engines without an exporter of their own.

Sprites and items become `{stem}.png` and `{stem}.json` (sheets.py), tilesets and maps PNG and JSON (tile_json.py; on
request also the sheets of layouts.py), tracks WAV and, where it is there, OGG.
"""

from __future__ import annotations

import hashlib
import posixpath

from exporters.base import ExportContext, ExportError, OutputFile, embedded_link
from exporters.generic.sheets import item_files, sprite_files
from exporters.generic.target import TARGET
from exporters.generic.tile_json import map_json, tileset_json
from exporters.generic.wav import encode_wav
from exporters.model.asset import Asset, AudioAsset, ItemsAsset, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.model.layouts import complete_pairs, corner_tiles, sheet_of
from exporters.model.png import encode_png
from exporters.packing.grid import tileset_grid, tileset_sheet
from exporters.packing.render import map_images, render_map


class JsonExporter:
    """PNG + JSON; every file is ours alone."""

    name = TARGET.name
    version = 1

    def supports(self, asset_type: type[Asset], kind: str) -> bool:
        """All assets of all kinds."""
        del asset_type, kind
        return True

    def export(self, asset: Asset, context: ExportContext) -> list[OutputFile]:
        """The files of an asset, pictures before the JSON that names them.

        Raises:
            ExportError: the asset cannot be written, for instance a frame is larger than a page.
        """
        match asset:
            case SpriteAsset():
                return sprite_files(asset, context)
            case ItemsAsset():
                return item_files(asset, context)
            case TilesetAsset():
                return [*_layout_files(asset, context), *_tileset_files(asset, context, context.stem)]
            case TileMapAsset():
                return _map_files(asset, context)
            case AudioAsset():
                return _audio_files(asset, context)

    def owned_hash(self, path: str, data: bytes) -> str:
        """A hash of the whole file, its newlines normalised: nothing of it is anybody else's."""
        del path
        return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def _tileset_files(asset: TilesetAsset, context: ExportContext, stem: str) -> list[OutputFile]:
    options = context.options
    sheet = tileset_sheet(asset, extrude=options.extrude, max_side=options.max_sheet)
    grid = tileset_grid(asset, options.extrude)
    image = f"{stem}.png"
    text = tileset_json(asset, grid, posixpath.basename(image))
    return [OutputFile(image, encode_png(sheet)), OutputFile(f"{stem}.json", text)]


def _layout_files(asset: TilesetAsset, context: ExportContext) -> list[OutputFile]:
    """The sheets that `layouts` asks for, one for each complete pair of terrains."""
    files = []
    for layout in context.options.engine.get("layouts", ()):
        complete = complete_pairs(asset)
        if not complete or asset.orientation != "orthogonal":
            raise ExportError(
                f"The tileset has no pair of terrains with all corner tiles, which {layout} is made of.",
                hint="Take layouts out of [export.json], or give the tileset two terrains.",
            )
        for lower, upper in complete:
            names = [asset.terrains[index].name for index in (lower, upper) if index is not None]
            suffix = layout if len(complete) == 1 else "_".join([*names, layout])
            try:
                sheet = sheet_of(layout, corner_tiles(asset, lower, upper))
            except ValueError as error:
                raise ExportError(f"{layout} cannot be written: {error}.", hint="Choose an even tile_size.") from error
            files.append(OutputFile(f"{context.stem}_{suffix}.png", encode_png(sheet)))
    return files


def _map_files(asset: TileMapAsset, context: ExportContext) -> list[OutputFile]:
    files: list[OutputFile] = []
    sources = []
    for number, tileset in enumerate(asset.tilesets):
        link = context.links.get(tileset.id) or embedded_link(context, number)
        if tileset.id not in context.links:
            files += _tileset_files(tileset, context, link.stem)
        sources.append(posixpath.relpath(f"{link.stem}.json", posixpath.dirname(context.stem) or "."))
    image = f"{context.stem}.png"
    files.append(OutputFile(image, encode_png(render_map(asset))))
    layers = map_images(asset, context)
    text = map_json(asset, sources, posixpath.basename(image), [posixpath.basename(layer.path) for layer in layers])
    return [*files, *layers, OutputFile(f"{context.stem}.json", text)]


def _audio_files(asset: AudioAsset, context: ExportContext) -> list[OutputFile]:
    wanted = context.options.engine.get("audio", "both")
    files = []
    if asset.ogg is not None and wanted in {"ogg", "both"}:
        files.append(OutputFile(f"{context.stem}.ogg", asset.ogg))
    if wanted != "ogg" or not files:
        files.append(OutputFile(f"{context.stem}.wav", encode_wav(asset)))
    return files
