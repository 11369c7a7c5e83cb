"""A `.tscn` with an AnimatedSprite2D over the SpriteFrames: nearest filter, the pivot at the node's origin.

In a present scene only what places the art is ours (`sprite_frames` and `offset` of the node); other
properties, nodes and resources are the user's.

Source: Godot documentation, "TSCN file format"; class reference, "AnimatedSprite2D".
"""

from __future__ import annotations

from collections.abc import Sequence

from exporters.base import ExportContext
from exporters.godot import values
from exporters.godot.textures import read_present, res_path
from exporters.godot.tres import Section, TresDocument, ext_resource, parse_tres, valid_uid
from exporters.godot.uid import node_id_for, uid_for
from exporters.model.asset import SpriteAsset
from exporters.packing.sprite_sheet import PlacedAnimation

ROLE = "scene"
NODE = "AnimatedSprite2D"
FRAMES_ID = "1_frames"
NEAREST = "1"


def sprite_scene(
    context: ExportContext, asset: SpriteAsset, animations: Sequence[PlacedAnimation], frames: tuple[str, str]
) -> TresDocument:
    """The scene of a sprite; `frames` is uid and output path of its SpriteFrames.

    Raises:
        ExportError: the present scene cannot be read.
    """
    path = f"{context.stem}.tscn"
    shown = default_animation(animations)
    reference = ext_resource("SpriteFrames", frames[0], res_path(context, frames[1]), FRAMES_ID)
    owned = {
        "sprite_frames": f'ExtResource("{FRAMES_ID}")',
        "offset": _sprite_offset(shown, asset.pivot),
    }
    data = read_present(context, path)
    if data is None:
        return _new_scene(context, reference, shown.name, owned)
    return _merge_scene(parse_tres(data, path), reference, owned)


def default_animation(animations: Sequence[PlacedAnimation]) -> PlacedAnimation:
    """The animation that a scene starts with: `default`, else the first idle, else the first of all."""
    for animation in animations:
        if animation.name == "default":
            return animation
    idle = [animation for animation in animations if animation.name.startswith("idle")]
    return (idle or list(animations))[0]


def owned_lines(document: TresDocument) -> list[str]:
    """What is ours in a scene: the art that its node shows, and where."""
    lines = [f"uid {document.uid}"]
    for node in document.of_kind("node"):
        frames = document.find_referred(node.properties.get("sprite_frames", ""))
        if frames is not None and frames.id == FRAMES_ID:
            identity = [frames.attributes.get("uid"), frames.attributes.get("path")]
            lines.append(f"{identity} {node.properties.get('offset', values.vector2(0, 0))}")
    return lines


def _sprite_offset(animation: PlacedAnimation, pivot: tuple[float, float]) -> str:
    # The node centres its picture, so the offset is what leads from the pivot to the centre.
    placement = animation.frames[0].placement
    return values.vector2(placement.source_width * (0.5 - pivot[0]), placement.source_height * (0.5 - pivot[1]))


def _new_scene(context: ExportContext, reference: Section, animation: str, owned: dict[str, str]) -> TresDocument:
    name = context.stem.rpartition("/")[2].replace("-", "_").title().replace("_", "")
    attributes = {
        "name": values.write_string(name),
        "type": values.write_string(NODE),
        "unique_id": str(node_id_for(context.identity, ROLE)),
    }
    properties = {
        "texture_filter": NEAREST,
        "sprite_frames": owned["sprite_frames"],
        "animation": values.string_name(animation),
        "autoplay": values.write_string(animation),
        "offset": owned["offset"],
    }
    node = Section("node", attributes, _without_defaults(properties))
    return TresDocument([scene_header(uid_for(context.identity, ROLE)), reference, node])


def scene_header(uid: str) -> Section:
    """The header of a `.tscn`."""
    return Section("gd_scene", {"format": "3", "uid": values.write_string(uid)})


def _merge_scene(old: TresDocument, reference: Section, owned: dict[str, str]) -> TresDocument:
    resource = next((s for s in old.of_kind("ext_resource") if _same_file(s, reference)), None)
    if resource is None:
        # The user took the sprite out of the scene: nothing in it is ours any more.
        return old
    owned = {**owned, "sprite_frames": f'ExtResource("{resource.id}")'}
    resource.attributes |= {key: reference.attributes[key] for key in ("uid", "path")}
    for node in old.of_kind("node"):
        if node.properties.get("sprite_frames") == owned["sprite_frames"]:
            node.properties = _without_defaults(node.properties | owned)
    return old


def _same_file(section: Section, reference: Section) -> bool:
    uid = valid_uid(section)
    return section.id == FRAMES_ID or (uid is not None and uid == valid_uid(reference))


def _without_defaults(properties: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in properties.items() if (key, value) != ("offset", "Vector2(0, 0)")}
