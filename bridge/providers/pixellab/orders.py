"""A step with its inputs → the paid request: pictures, ids of earlier results and the seed join the compiled body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bridge.core.errors import UserError
from bridge.media.images import decode_still, encode_png
from bridge.media.rgb import parse_rgb
from bridge.processing.palettes import read_palette
from bridge.providers.api import Step, StepResult
from bridge.providers.masks import mask_of
from bridge.providers.paid import Order
from bridge.providers.pixellab import pictures
from bridge.providers.pixellab.character import remote_name
from bridge.providers.pixellab.compile import first_mistake
from bridge.providers.pixellab.requests import written
from bridge.providers.pixellab.routes import ROUTES, spec_field
from exporters.model.asset import Pixels


def order(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
    """See `PaidProvider.order`.

    Raises:
        UserError: `provider_limit`: a picture does not fit; `source_broken`: it cannot be read; `source_part`: an
            earlier result lacks an id.
    """
    route = ROUTES[step.operation]
    body = dict(step.params["request"])
    body |= _add_pictures(step, body, inputs) | _ids_of(step, needed)
    if step.operation == "clip.skeleton":
        body["skeleton_keypoints"] = _add_poses(step, needed)
    if step.operation == "clip.text" and step.after:
        body["inpainting_images"] = [pictures.encode_picture(frame) for frame in _earlier_frames(step, needed)]
    if step.seed is not None:
        body["seed"] = step.seed
    try:
        return Order(route.path, written(route.body.model_validate(body)))
    except ValidationError as error:
        location, reason = first_mistake(error)
        raise _misfit_error(step, str(location[0]), reason) from None


def _misfit_error(step: Step, name: str, reason: str) -> UserError:
    field = spec_field(step.operation, (name,), step.field) or step.field
    if name == "image_size" and name not in step.params["request"]:
        field = "source"
    error = UserError("provider_limit", f"pixellab cannot make this: {field}: {reason}", hint="Nothing was sent.")
    error.field = field
    return error


def _add_pictures(step: Step, body: Mapping[str, Any], inputs: Mapping[str, bytes]) -> dict[str, Any]:
    encoded_pictures: dict[str, Any] = {}
    colours = _palette_picture(step, inputs)
    if colours is not None and "color_image" in ROUTES[step.operation].pictures:
        encoded_pictures["color_image"] = pictures.encode_picture(colours)
    for role in ROUTES[step.operation].pictures:
        if role in inputs:
            encoded_pictures[role] = pictures.encode_picture(encode_png(_open_picture(step, inputs, role)))
    if "source" not in inputs:
        return encoded_pictures
    source = _open_picture(step, inputs, "source")
    size = body.get("image_size") or _own_size(step, source)
    wide, high = size["width"], size["height"]
    if step.operation == "image.inpaint":
        return encoded_pictures | _add_inpainting(step, source, (wide, high), inputs)
    shown = pictures.placed(source, wide, high)
    if shown is None:
        reason = f"the source is {source.shape[1]}×{source.shape[0]} pixels, more than {wide}×{high}"
        raise _misfit_error(step, "image_size", reason)
    role = {"skeleton.estimate": "image", "image.rotate": "from_image"}.get(step.operation, "reference_image")
    encoded_pictures[role] = pictures.encode_picture(encode_png(shown))
    return encoded_pictures if role == "image" else encoded_pictures | {"image_size": size}


def _own_size(step: Step, source: Pixels) -> dict[str, int]:
    if "size" in step.params:
        return {"width": step.params["size"][0], "height": step.params["size"][1]}
    return {"width": source.shape[1], "height": source.shape[0]}


def _add_inpainting(step: Step, source: Pixels, size: tuple[int, int], inputs: Mapping[str, bytes]) -> dict[str, Any]:
    if (source.shape[1], source.shape[0]) != size:
        reason = f"the source is {source.shape[1]}×{source.shape[0]} pixels, not {size[0]}×{size[1]}"
        raise _misfit_error(step, "image_size", reason)
    own = _open_picture(step, inputs, "mask") if "mask" in inputs else None
    try:
        mask = mask_of(step.params.get("mask"), source, own)
    except ValueError as error:
        raise _misfit_error(step, "mask_image", str(error)) from None
    return {
        "image_size": {"width": size[0], "height": size[1]},
        "inpainting_image": pictures.encode_picture(encode_png(source)),
        "mask_image": pictures.encode_picture(encode_png(mask)),
    }


def _open_picture(step: Step, inputs: Mapping[str, bytes], role: str) -> Pixels:
    ref = next((item.ref for item in step.inputs if item.role == role), role)
    return decode_still(inputs[role], ref)


def _palette_picture(step: Step, inputs: Mapping[str, bytes]) -> bytes | None:
    """The colour picture of a list of colours or a palette file."""
    if "colors" in step.params:
        return pictures.colour_picture(parse_rgb(color) for color in step.params["colors"])
    if "colors" not in inputs:
        return None
    ref = next(item.ref for item in step.inputs if item.role == "colors")
    return pictures.colour_picture(read_palette(inputs["colors"], ref))


def _ids_of(step: Step, needed: Mapping[str, StepResult]) -> dict[str, Any]:
    """Ids that earlier results of the asset gave."""
    if step.operation == "character.animate":
        return {"character_id": _id_of(needed, step.after[0], "character"), "animation_name": remote_name(step)}
    if step.operation == "tileset.create":
        return {
            f"{role}_base_tile_id": base
            for role, (index, side) in step.params.get("bases", {}).items()
            if (base := needed[step.after[index]].meta.get("bases", {}).get(side))
        }
    return {}


def _id_of(needed: Mapping[str, StepResult], key: str, name: str) -> str:
    remote_id = needed[key].meta.get(name) if key in needed else None
    if not isinstance(remote_id, str) or not remote_id:
        raise UserError("source_part", f"the result of {key} does not say its {name} at pixellab", hint="Build again.")
    return remote_id


def _add_poses(step: Step, needed: Mapping[str, StepResult]) -> list[Any]:
    """The poses of a request, with the estimated ones filled in."""
    poses = list(step.params["request"]["skeleton_keypoints"])
    moved = step.params.get("moved", {})
    for index in step.params.get("estimated", ()):
        joints = needed["skeleton"].meta["keypoints"]
        poses[index] = [_move_joint(joint, moved.get(str(index), {}).get(joint["label"])) for joint in joints]
    return poses


def _move_joint(joint: Mapping[str, Any], offset: Sequence[float] | None) -> dict[str, Any]:
    if offset is None:
        return dict(joint)
    x, y = (min(1.0, max(0.0, joint[axis] + by)) for axis, by in zip(("x", "y"), offset, strict=True))
    return {**joint, "x": x, "y": y}


def _earlier_frames(step: Step, needed: Mapping[str, StepResult]) -> list[bytes]:
    """The frames of a clip that were drawn before this part of it, as PNG."""
    return [
        encode_png(decode_still(file.data, file.name))
        for key in step.after
        for file in needed[key].files
        if file.name.startswith("frame_")
    ]
