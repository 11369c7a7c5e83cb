"""The `unity` target: files that Unity 2021.3, 2022.3 and 6000 open as their own.

Sprites and characters: `{stem}.png` with slices, clips in the folder `{stem}/`, `{stem}.controller` (or
`.overrideController`) and, with `[export.unity] prefab = true`, `{stem}.prefab`. Items: a sliced sheet. Tilesets: a
sliced sheet, tile assets and RuleTiles in `{stem}/`, and `{stem}_palette.prefab`. Maps: `{stem}.prefab`. Tracks: WAV or
OGG. Each file, and each folder inside the output folder, has its `.meta`.
"""

from __future__ import annotations

import hashlib

from exporters.base import ExportContext, OutputFile
from exporters.generic.wav import encode_wav
from exporters.model.asset import Asset, AudioAsset, ItemsAsset, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.model.png import encode_png
from exporters.packing.grid import items_grid, items_sheet
from exporters.unity.meta import audio_meta, folder_meta, owned_guid
from exporters.unity.native import EDITABLE_HASH
from exporters.unity.settings import UnitySettings, settings_of
from exporters.unity.slices import item_slices, names_of
from exporters.unity.sprite import sprite_files
from exporters.unity.target import TARGET
from exporters.unity.texture_meta import IMPORTER, owned_sheet, sheet_meta
from exporters.unity.tile_map import map_files, map_losses
from exporters.unity.tileset import tileset_files
from exporters.unity.yaml import YamlFault, read_tree

STREAMING_SECONDS = 10


class UnityExporter:
    """Sheets, clips, controllers, tiles and prefabs for Unity 2021.3+."""

    name = TARGET.name
    version = 1

    def supports(self, asset_type: type[Asset], kind: str) -> bool:
        """All assets of all kinds."""
        del asset_type, kind
        return True

    def export(self, asset: Asset, context: ExportContext) -> list[OutputFile]:
        """The files of an asset, each `.meta` after its file.

        Raises:
            ExportError: the asset cannot be written for Unity, or a present file that users edit is unreadable.
        """
        settings = settings_of(context)
        match asset:
            case SpriteAsset():
                return sprite_files(asset, context, settings)
            case ItemsAsset():
                return _item_files(asset, context, settings)
            case TilesetAsset():
                return list(tileset_files(asset, context, context.stem, settings).files)
            case TileMapAsset():
                return map_files(asset, context, settings)
            case AudioAsset():
                return _audio_files(asset, context, settings)

    def losses(self, asset: Asset) -> list[str]:
        """Pictures, objects and parallax of maps."""
        return map_losses(asset) if isinstance(asset, TileMapAsset) else []

    def folder_file(self, folder: str, project: str) -> OutputFile:
        """The `.meta` of a folder, with the same guid in every clone: an editor would make one up in each."""
        # An asset's identity has a colon behind the project's id, so that no guid meets an asset's.
        context = ExportContext(stem=folder, output="", identity=f"{project}/{folder}")
        return folder_meta(context, folder).file

    def owned_hash(self, path: str, data: bytes) -> str:
        """A hash over what is ours in a merged file.

        Of a `.meta` that is the guid, of a sheet's also our sprites; a file that users may edit is theirs. A `.meta`
        that cannot be read hashes by its bytes, so it differs from everything that we wrote.
        """
        if not path.endswith(".meta"):
            return EDITABLE_HASH
        try:
            tree = read_tree(data)
        except YamlFault:
            return hashlib.sha256(data).hexdigest()
        return owned_sheet(tree) if IMPORTER in tree else owned_guid(tree)


def _item_files(asset: ItemsAsset, context: ExportContext, settings: UnitySettings) -> list[OutputFile]:
    options = context.options
    grid = items_grid(asset, options.extrude)
    sheet = items_sheet(asset, extrude=options.extrude, max_side=options.max_sheet)
    path = f"{context.stem}.png"
    slices = item_slices(asset, grid, names_of(context, context.stem))
    meta = sheet_meta(context, path, "texture", slices, grid.size, settings.editor, settings.pixels_per_unit)
    return [OutputFile(path, encode_png(sheet)), meta.file]


def _audio_files(asset: AudioAsset, context: ExportContext, settings: UnitySettings) -> list[OutputFile]:
    ogg = asset.ogg if context.options.engine.get("audio", "wav") == "ogg" else None
    path = f"{context.stem}.wav" if ogg is None else f"{context.stem}.ogg"
    data = encode_wav(asset) if ogg is None else ogg
    streaming = len(asset.samples) > STREAMING_SECONDS * asset.rate
    return [OutputFile(path, data), audio_meta(context, path, settings.editor, streaming=streaming).file]
