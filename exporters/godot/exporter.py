"""The `godot` target: files that Godot 4.3 and newer opens as its own.

Sprites: `{stem}.png`, `{stem}.tres` (SpriteFrames) and, with `[export.godot] scene = true`, `{stem}.tscn`.
Items:
one sheet, a SpriteFrames, and an AtlasTexture for each in the folder `{stem}/`. Tilesets: sheet and TileSet.
Maps: `{stem}.tscn` with TileMapLayer nodes. Tracks: OGG where it is there, else WAV. Each picture and track
has an `.import` file that is written once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from exporters.base import ExportContext, ExportError, OutputFile, Policy
from exporters.generic.wav import encode_wav
from exporters.godot import items, scene, sprite_frames, tileset
from exporters.godot.import_file import ogg_import, texture_import, wav_import
from exporters.godot.target import TARGET
from exporters.godot.textures import previous_path, res_path, write_textures
from exporters.godot.tile_map import embedded_context, map_losses, map_scene
from exporters.godot.tres import Section, TresDocument, ext_resource, parse_tres
from exporters.godot.values import unquote
from exporters.model.asset import Asset, AudioAsset, ItemsAsset, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.packing.grid import items_sheet, tileset_grid, tileset_sheet
from exporters.packing.render import map_images
from exporters.packing.sprite_sheet import PlacedAnimation, pack_sprite


class GodotExporter:
    """SpriteFrames, TileSet, scenes and audio for Godot 4.3+."""

    name = TARGET.name
    version = 1

    def supports(self, asset_type: type[Asset], kind: str) -> bool:
        """All assets of all kinds."""
        del asset_type, kind
        return True

    def export(self, asset: Asset, context: ExportContext) -> list[OutputFile]:
        """The files of an asset, pictures before the resources that name them.

        Raises:
            ExportError: the asset cannot be written for Godot, or a present file that users add to is
            unreadable.
        """
        match asset:
            case SpriteAsset():
                return _sprite_files(asset, context)
            case ItemsAsset():
                return _item_files(asset, context)
            case TilesetAsset():
                return _tileset_files(asset, context)
            case TileMapAsset():
                return _map_files(asset, context)
            case AudioAsset():
                return _audio_files(asset, context)

    def losses(self, asset: Asset) -> list[str]:
        """What a map has beside what Godot can show in the same way."""
        return map_losses(asset) if isinstance(asset, TileMapAsset) else []

    def owned_hash(self, path: str, data: bytes) -> str:
        """A hash over what is ours in a merged file.

        Newlines, comments, `load_steps`, ids inside the file and what users add do not count. A file that
        cannot be read as Godot text hashes by its bytes, so it differs from everything that we wrote.
        """
        try:
            lines = _owned_lines(parse_tres(data, path), path)
        except ExportError:
            return hashlib.sha256(data).hexdigest()
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _owned_lines(document: TresDocument, path: str) -> list[str]:
    if document.header.kind == "gd_scene":
        return scene.owned_lines(document)
    match unquote(document.header.attributes.get("type", '""')):
        case "SpriteFrames":
            return sprite_frames.owned_lines(document, path)
        case "TileSet":
            return tileset.owned_lines(document)
        case _:
            return items.owned_lines(document)


def _sprite_files(asset: SpriteAsset, context: ExportContext) -> list[OutputFile]:
    sheet = pack_sprite(asset, context.options)
    drawn = write_textures(context, context.stem, sheet.pages)
    clip = not (context.options.padding or context.options.extrude)
    frames = _make_frames(context, sheet.animations, drawn.references, clip=clip)
    files = [*drawn.files, _merge_file(f"{context.stem}.tres", frames)]
    if context.options.engine.get("scene"):
        uid = frames.uid or ""
        document = scene.sprite_scene(context, asset, sheet.animations, (uid, f"{context.stem}.tres"))
        files.append(_merge_file(f"{context.stem}.tscn", document))
    return files


def _make_frames(
    context: ExportContext, animations: Sequence[PlacedAnimation], pages: Sequence[Section], *, clip: bool = False
) -> TresDocument:
    return sprite_frames.sprite_frames(context, f"{context.stem}.tres", animations, pages, clip=clip)


def _item_files(asset: ItemsAsset, context: ExportContext) -> list[OutputFile]:
    extrude = context.options.extrude
    sheet = items_sheet(asset, extrude=extrude, max_side=context.options.max_sheet)
    drawn = write_textures(context, context.stem, [sheet])
    placed = items.placed_items(asset, extrude)
    frames = _make_frames(context, [item.animation for item in placed], drawn.references)
    icons = [items.item_texture(context, item, drawn.references[0]) for item in placed]
    return [*drawn.files, *icons, _merge_file(f"{context.stem}.tres", frames)]


def _tileset_files(asset: TilesetAsset, context: ExportContext) -> list[OutputFile]:
    extrude = context.options.extrude
    sheet = tileset_sheet(asset, extrude=extrude, max_side=context.options.max_sheet)
    drawn = write_textures(context, context.stem, [sheet])
    path = f"{context.stem}.tres"
    document = tileset.tileset_document(context, path, asset, tileset_grid(asset, extrude), drawn.references[0])
    return [*drawn.files, _merge_file(path, document)]


def _map_files(asset: TileMapAsset, context: ExportContext) -> list[OutputFile]:
    files: list[OutputFile] = []
    for number, own in enumerate(asset.tilesets):
        if own.id not in context.links:
            files += _tileset_files(own, embedded_context(context, number))
    references = []
    for number, image in enumerate(map_images(asset, context)):
        imported = texture_import(context, image.path, previous_path(context, image.path), f"image {number + 1}")
        files += [image, imported.file]
        references.append(ext_resource("Texture2D", imported.uid, res_path(context, image.path), f"{number + 1}_image"))
    text = map_scene(asset, context, references).to_text()
    return [*files, OutputFile(f"{context.stem}.tscn", text.encode())]


def _audio_files(asset: AudioAsset, context: ExportContext) -> list[OutputFile]:
    previous = previous_path(context, context.stem)
    if asset.ogg is not None and context.options.engine.get("audio", "ogg") == "ogg":
        path = f"{context.stem}.ogg"
        start = asset.loop_start / asset.rate
        imported = ogg_import(context, path, f"{previous}.ogg", loop=asset.loop, start=start)
        return [OutputFile(path, asset.ogg), imported.file]
    path = f"{context.stem}.wav"
    return [OutputFile(path, encode_wav(asset)), wav_import(context, path, f"{previous}.wav").file]


def _merge_file(path: str, document: TresDocument) -> OutputFile:
    return OutputFile(path, document.to_text().encode(), Policy.MERGE)
