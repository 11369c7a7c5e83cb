"""A sprite asset in Unity: sheets, clips, and a controller of its own or an override of another asset's.

Clips lie in the folder of the asset's name: `hero.png`, `hero/hero_walk_south.anim`, `hero.controller`.
"""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Mapping, Sequence

from exporters.base import ExportContext, ExportError, Link, OutputFile
from exporters.model.asset import Animation, SpriteAsset
from exporters.model.png import encode_png
from exporters.packing.sprite_sheet import SpriteSheet, pack_sprite, page_path
from exporters.unity.clips import make_clip
from exporters.unity.controller import ControllerAction, make_controller, override_controller
from exporters.unity.ids import CONTROLLER, OVERRIDE
from exporters.unity.meta import folder_meta, guid_of
from exporters.unity.native import editable_files, native_files
from exporters.unity.prefab import character_prefab
from exporters.unity.settings import UnitySettings
from exporters.unity.slices import Names, frame_key, is_still, names_of, sprite_slices
from exporters.unity.texture_meta import sheet_meta
from exporters.unity.yaml import object_reference


def sprite_files(asset: SpriteAsset, context: ExportContext, settings: UnitySettings) -> list[OutputFile]:
    """The files of a sprite, character or clip.

    Raises:
        ExportError: a frame is larger than a page, a present file cannot be read, or the asset whose controller is
            shared has none.
    """
    sheet = pack_sprite(asset, context.options)
    names = names_of(context, context.stem)
    files, sprites = _sheet_files(asset, sheet, names, context, settings)
    player = None
    if not is_still(asset):
        made, clips = _clip_files(asset, sheet, sprites, context, settings)
        files += [folder_meta(context, context.stem).file, *made]
        control, player = _control_files(asset, clips, context, settings)
        files += control
    if settings.prefab:
        first = asset.animations[0]
        placement = sheet.animations[0].frames[0].placement
        objects = character_prefab(
            names.now,
            context.identity,
            settings.editor,
            sprites[frame_key(first, 0)],
            settings.units((placement.width, placement.height)),
            player,
        )
        files += editable_files(context, f"{context.stem}.prefab", "prefab", objects)
    return files


def _sheet_files(
    asset: SpriteAsset, sheet: SpriteSheet, names: Names, context: ExportContext, settings: UnitySettings
) -> tuple[list[OutputFile], dict[str, str]]:
    """The pictures with their `.meta`, and the reference to every frame's sprite by its key."""
    files: list[OutputFile] = []
    sprites: dict[str, str] = {}
    slices = sprite_slices(asset, sheet, names)
    for number, (pixels, ours) in enumerate(zip(sheet.pages, slices, strict=True)):
        path = page_path(context.stem, number, ".png")
        size = (pixels.shape[1], pixels.shape[0])
        role = page_path("texture", number, "")
        meta = sheet_meta(context, path, role, ours, size, settings.editor, settings.pixels_per_unit)
        files += [OutputFile(path, encode_png(pixels)), meta.file]
        sprites |= {key: object_reference(one, meta.guid) for key, one in meta.sprites.items()}
    return files, sprites


def _clip_path(stem: str, name: str) -> str:
    return f"{stem}/{posixpath.basename(stem)}_{name}.anim"


def _clip_role(animation: Animation) -> str:
    return f"clip:{animation.output_name()}"


def _clip_files(
    asset: SpriteAsset, sheet: SpriteSheet, sprites: Mapping[str, str], context: ExportContext, settings: UnitySettings
) -> tuple[list[OutputFile], list[str]]:
    """The clips with their `.meta`, and their guids in the order of the animations."""
    files: list[OutputFile] = []
    guids = []
    for animation, placed in zip(asset.animations, sheet.animations, strict=True):
        path, role = _clip_path(context.stem, placed.name), _clip_role(animation)
        frames = [(sprites[frame_key(animation, n)], frame.duration_ms) for n, frame in enumerate(placed.frames)]
        name = posixpath.splitext(posixpath.basename(path))[0]
        files += native_files(context, path, role, make_clip(name, frames, settings.editor, loop=animation.loop))
        guids.append(guid_of(context, path, role))
    return files, guids


def _control_files(
    asset: SpriteAsset, clips: Sequence[str], context: ExportContext, settings: UnitySettings
) -> tuple[list[OutputFile], str]:
    """What plays the clips, and the reference to it."""
    name = posixpath.basename(context.stem)
    if settings.controller is not None:
        path = f"{context.stem}.overrideController"
        link = _base_link(settings.controller, asset, context)
        made = override_controller(name, *_clip_overrides(asset, link, clips, context))
        files = editable_files(context, path, "override", [made], OVERRIDE)
        return files, object_reference(OVERRIDE, guid_of(context, path, "override"), 2)
    path = f"{context.stem}.controller"
    objects = make_controller(name, context.identity, _group_actions(asset.animations, clips))
    files = editable_files(context, path, "controller", objects, CONTROLLER)
    return files, object_reference(CONTROLLER, guid_of(context, path, "controller"), 2)


def _group_actions(animations: Sequence[Animation], clips: Sequence[str]) -> list[ControllerAction]:
    by_state: dict[str, dict[str | None, str]] = {}
    loops: dict[str, bool] = {}
    for animation, guid in zip(animations, clips, strict=True):
        by_state.setdefault(animation.name, {})[animation.direction] = guid
        loops[animation.name] = loops.get(animation.name, False) or animation.loop
    return [ControllerAction(name, by_direction, loops[name]) for name, by_direction in by_state.items()]


def _base_link(asset_id: str, asset: SpriteAsset, context: ExportContext) -> Link:
    link = context.links.get(asset_id)
    reader = context.before or context.read
    if link is None or asset_id == asset.id or reader(f"{link.stem}.controller") is None:
        raise ExportError(
            f"{asset_id} has no controller that {asset.id} could share.",
            hint="Set controller under [export.unity] to a character that is exported for Unity with one of its own.",
        )
    return link


def _clip_overrides(
    asset: SpriteAsset, link: Link, clips: Sequence[str], context: ExportContext
) -> tuple[str, list[tuple[str, str]]]:
    """The guid of the shared controller, and those of its clips with ours in their place."""
    theirs = dataclasses.replace(context, stem=link.stem, identity=link.identity, previous_stem=link.stem)
    reader = context.before or context.read
    pairs = []
    for animation, ours in zip(asset.animations, clips, strict=True):
        path = _clip_path(link.stem, animation.output_name(context.options.direction_names))
        if reader(path) is not None:
            pairs.append((guid_of(theirs, path, _clip_role(animation)), ours))
    return guid_of(theirs, f"{link.stem}.controller", "controller"), pairs
