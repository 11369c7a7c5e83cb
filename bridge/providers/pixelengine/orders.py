"""A step with its inputs → the paid request: pictures on one canvas, their matte and the seed join the body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError

from bridge.core.errors import UserError
from bridge.media.images import decode as decode_frames
from bridge.media.images import decode_still
from bridge.media.rgb import format_rgb
from bridge.processing.palettes import read_palette
from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Order
from bridge.providers.pixelengine import cleaning, decode, modes, pictures, webp
from bridge.providers.pixelengine.animation import CLIP, first_mistake
from bridge.providers.pixelengine.requests import written
from bridge.providers.pixelengine.routes import ROUTES, frames, is_of_given_clip, mode, spec_field
from exporters.model.asset import Pixels

_FRAME_MS = 125
"""Eight frames a second, which the service's own clips have."""


def order(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
    """See `PaidProvider.order`.

    Raises:
        UserError: `provider_limit`: a picture or palette does not fit; `source_broken`: one cannot be read.
        WorkFailed: `assemble_failed`: the clip to retake is not what was ordered.
    """
    route = ROUTES[step.operation]
    if step.operation in ("pixelate", "enhance"):
        return _free_request(step, inputs)
    body: dict[str, Any] = dict(step.params["request"])
    enhanced = next((needed[key].meta["text"] for key in step.after if key.startswith("enhance/")), None)
    if enhanced is not None:
        body["prompt"] = enhanced
    if "colors" in inputs:
        body["pixel_config"] = {"palette": _read_palette(inputs["colors"])}
    fill = {"animate": _animate_request, "keyframes": _keyframes_request, "retake": _retake_request}[step.operation]
    body |= fill(step, inputs, needed)
    # A matte that the spec names wins over the chosen one.
    matte = step.params["request"].get("matte_color", body["matte_color"])
    body |= {"seed": step.seed, "matte_color": matte, **_with_matte(body.get("pixel_config"), matte)}
    try:
        return Order(route.path, written(route.body.model_validate(body)))
    except ValidationError as error:
        name, reason = first_mistake(error)
        raise _misfit_error(step, name, reason) from None


def _free_request(step: Step, inputs: Mapping[str, bytes]) -> Order:
    """Requests that make no clip: a clean-up, or words for one."""
    request = dict(step.params["request"])
    route = ROUTES[step.operation]
    if step.operation == "enhance":
        (shown,) = _on_canvas(step, [_open_picture(inputs, "source")])
        data = _encode_picture(step, pictures.flattened(shown, pictures.matte_for([shown])), modes.MOST_ANIMATED)
    else:
        data = _pixelate_request(step, inputs, request)
    return Order(route.path, written(route.body.model_validate({**request, "image": pictures.text_of(data)})))


def _pixelate_request(step: Step, inputs: Mapping[str, bytes], request: dict[str, Any]) -> bytes:
    """The picture to clean up, or all frames of a clip on one sheet; a matte is one colour more."""
    shown = [decode_still(inputs[role], role) for role in _in_order(inputs)]
    try:
        sheet, columns = cleaning.sheet_of(_on_one_canvas(shown))
    except ValueError as error:
        raise _misfit_error(step, "image_size", str(error)) from None
    height, width = sheet.shape[:2]
    facts: dict[str, Any] = {"frames": len(shown), "columns": columns, "width": width, "height": height}
    matte = pictures.matte_for([sheet])
    if matte != pictures.OPAQUE_MATTE:
        sheet = pictures.flattened(sheet, matte)
        facts["matte"] = matte
        if "palette" in request:
            request["palette"] = [*request["palette"], *([] if matte in request["palette"] else [matte])]
        else:
            request["colors"] = min(256, request["colors"] + 1)
    return cleaning.marked(_encode_picture(step, sheet, modes.MOST_CLEANED - 1024), facts)


def _in_order(inputs: Iterable[str]) -> list[str]:
    """Roles of one picture: `image`, or `image/0`, `image/1` … by their numbers."""
    return sorted(inputs, key=lambda role: int(role.rpartition("/")[2]) if "/" in role else 0)


def _on_one_canvas(images: list[Pixels]) -> list[Pixels]:
    wide, high = (max(pixels.shape[axis] for pixels in images) for axis in (1, 0))
    return [pictures.padded(pixels, wide, high) for pixels in images]


def _misfit_error(step: Step, name: str, reason: str) -> UserError:
    field = spec_field(step, name) or step.field
    if name == "image_size" and "size" in step.params:
        field = "size"
    error = UserError("provider_limit", f"pixelengine cannot make this: {field}: {reason}", hint="Nothing was sent.")
    error.field = field
    return error


def _read_palette(data: bytes) -> list[str]:
    with _blaming("reference.colors"):
        return [format_rgb(colour) for colour in read_palette(data, "reference.colors")]


@contextmanager
def _blaming(field: str) -> Iterator[None]:
    """What cannot be read is said on the line of the field that names it: the step of an order has no inputs."""
    try:
        yield
    except UserError as error:
        error.field = error.field or field
        raise


def _with_matte(config: Mapping[str, Any] | None, matte: str) -> dict[str, Any]:
    """A palette with the matte in it: forced into other colours, the ground could not be told from the subject."""
    if not config or "palette" not in config or matte == pictures.OPAQUE_MATTE or matte in config["palette"]:
        return {}
    return {"pixel_config": {"palette": [*config["palette"], matte]}}


def _open_picture(inputs: Mapping[str, bytes], role: str) -> Pixels:
    field = "keyframes" if role.startswith("keyframe/") else role
    with _blaming(field):
        return decode_still(inputs[role], field)


def _on_canvas(step: Step, images: list[Pixels]) -> list[Pixels]:
    """All pictures on one canvas, bottom-centre: the spec's size, else the largest width and height."""
    wide, high = (max(pixels.shape[axis] for pixels in images) for axis in (1, 0))
    width, height = step.params.get("size", (wide, high))
    if wide > width or high > height:
        raise _misfit_error(step, "image_size", f"a picture of {wide}×{high} pixels does not fit into {width}×{height}")
    reason = modes.misfit(mode(step), width, height)
    if reason:
        raise _misfit_error(step, "image_size", reason)
    return [pictures.padded(pixels, width, height) for pixels in images]


def _about(step: Step, images: list[Pixels]) -> dict[str, Any]:
    height, width = images[0].shape[:2]
    return {
        "matte_color": pictures.matte_for(images),
        "output_format": pictures.output_format(width, height, frames(step)),
    }


def _encode_picture(step: Step, pixels: Pixels, most: int) -> bytes:
    data = pictures.file_of(pixels, most)
    if data is None:
        raise _misfit_error(step, "image", f"a picture has more than {most // 1024 // 1024} megabytes as PNG")
    return data


def _animate_request(step: Step, inputs: Mapping[str, bytes], _needed: Mapping[str, StepResult]) -> dict[str, Any]:
    source = _open_picture(inputs, "source")
    (shown,) = _on_canvas(step, [source])
    data = inputs["source"]
    # Photographs and paintings as PNG may be too large where the file itself is not; only this mode takes JPEG.
    as_it_is = data[:2] == b"\xff\xd8" and mode(step).render == "detailed" and shown.shape == source.shape
    if not as_it_is or len(data) > modes.MOST_ANIMATED:
        data = _encode_picture(step, shown, modes.MOST_ANIMATED)
    return {"image": pictures.text_of(data), **_about(step, [shown])}


def _keyframes_request(step: Step, inputs: Mapping[str, bytes], _needed: Mapping[str, StepResult]) -> dict[str, Any]:
    wishes = step.params["request"]["frames"]
    shown = _on_canvas(step, [_open_picture(inputs, f"keyframe/{wish['index']}") for wish in wishes])
    files = [_encode_picture(step, pixels, modes.MOST_KEYFRAME) for pixels in shown]
    if sum(map(len, files)) > modes.MOST_KEYFRAMES:
        most = modes.MOST_KEYFRAMES // 1024 // 1024
        raise _misfit_error(step, "frames", f"the pictures have more than {most} megabytes together")
    filled = [{**wish, "image": pictures.text_of(data)} for wish, data in zip(wishes, files, strict=True)]
    return {"frames": filled, **_about(step, shown)}


def _retake_request(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> dict[str, Any]:
    """The clip before, exactly as it was delivered: its matte is part of the picture. One that was there before is laid
    on a matte here, without loss.
    """
    if is_of_given_clip(step):
        shown = _on_canvas(step, _given_frames(step, inputs))
        matte = step.params["request"].get("matte_color", pictures.matte_for(shown))
        data = webp.animated([pictures.flattened(pixels, matte) for pixels in shown], _FRAME_MS)
        return {**_retaken(step, shown, data), "matte_color": matte}
    before = needed[step.after[0]]
    shown = decode.delivered_frames(step, before)
    file = before.files[0]
    data = file.data if file.media_type in ("image/webp", "image/gif") else webp.animated(shown, _FRAME_MS)
    return {**_retaken(step, shown, data), "matte_color": before.meta.get("matte") or pictures.OPAQUE_MATTE}


def _retaken(step: Step, shown: list[Pixels], data: bytes) -> dict[str, Any]:
    if len(data) > modes.MOST_RETAKEN:
        raise _misfit_error(step, "image", f"the clip has more than {modes.MOST_RETAKEN // 1024 // 1024} megabytes")
    return {"image": pictures.text_of(data), **_about(step, shown)}


def _given_frames(step: Step, inputs: Mapping[str, bytes]) -> list[Pixels]:
    """The frames of a clip that is there: those of another asset, of an animated file, or of a strip.

    Raises:
        UserError: `source_broken`; `provider_limit`: it has more or fewer frames than the spec says.
    """
    total = frames(step)
    with _blaming("source_clip"):
        if CLIP in inputs:
            shown = [frame.pixels for frame in decode_frames(inputs[CLIP], "source_clip")]
        else:
            roles = [role for role in inputs if role.startswith(f"{CLIP}/")]
            shown = [decode_still(inputs[role], "source_clip") for role in _in_order(roles)]
    if CLIP in inputs and len(shown) == 1 and not shown[0].shape[1] % total:
        width = shown[0].shape[1] // total
        shown = [shown[0][:, left : left + width] for left in range(0, width * total, width)]
    if len(shown) != total:
        raise _misfit_error(step, "frames", f"the clip has {len(shown)}, and the spec says {total}")
    return shown
