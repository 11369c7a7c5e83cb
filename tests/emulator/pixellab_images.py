"""Routes of the emulated PixelLab that answer with pictures at once: still images, rotation, short animations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.emulator import pictures
from tests.emulator.http import Response, json_response
from tests.emulator.personality import Call
from tests.emulator.pictures import NotAnImage, Pixels
from tests.emulator.pixellab_requests import (
    AnimateWithText,
    Base64Image,
    Bitforge,
    EstimateSkeleton,
    Inpaint,
    Label,
    Pixflux,
    Rotate,
    Size,
    SkeletonAnimation,
    Styled,
)
from tests.emulator.pixellab_world import Account, Refusal, World

TEXT_FRAMES = 4
SKELETON_FRAMES = 3
BLANK_FROM = 200 * 200  # pixflux cuts nothing out above this area
LABELS: tuple[str, ...] = Label.__args__  # type: ignore[attr-defined]


def opened(image: Base64Image, name: str) -> Pixels:
    """The picture a request carries. Raises Refusal."""
    try:
        return pictures.decoded(image.base64)
    except NotAnImage as error:
        raise Refusal(422, f"{name}: {error}") from None


def pixflux(world: World, call: Call, account: Account, body: Pixflux) -> Response:
    """POST /create-image-pixflux; both area messages are plain strings, unlike other refusals."""
    size = body.image_size
    if size.width * size.height < 32 * 32:
        raise Refusal(422, "Canvas must be size 32x32 area or larger")
    return _still(world, call, account, body, "pixflux", size)


def bitforge(world: World, call: Call, account: Account, body: Bitforge) -> Response:
    """POST /create-image-bitforge."""
    return _still(world, call, account, body, "bitforge", body.image_size)


def _still(world: World, call: Call, account: Account, body: Styled, kind: str, size: Size) -> Response:
    palette = _palette(body.color_image)
    box = (size.width, size.height)
    opaque = not body.no_background or (kind == "pixflux" and size.width * size.height > BLANK_FROM)
    drawn = pictures.figure(call.body_hash, box, direction=body.direction or "", opaque=opaque)
    return _pictures(world, call, account, kind, "image", [drawn], palette)


def inpaint(world: World, call: Call, account: Account, body: Inpaint) -> Response:
    """POST /inpaint: the picture as it was, and something new where the mask is white."""
    box = (body.image_size.width, body.image_size.height)
    before = opened(body.inpainting_image, "inpainting_image")
    mask = opened(body.mask_image, "mask_image")
    for name, picture in (("inpainting_image", before), ("mask_image", mask)):
        if picture.shape[:2] != (box[1], box[0]):
            raise Refusal(422, f"{name} must have the size of image_size")
    new = pictures.figure(call.body_hash, box, opaque=not body.no_background)
    white = (mask[..., :3].min(axis=-1) > 127) & (mask[..., 3] > 0)
    after = np.where(white[..., None], new, before)
    return _pictures(world, call, account, "inpaint", "image", [after], _palette(body.color_image))


def rotate(world: World, call: Call, account: Account, body: Rotate) -> Response:
    """POST /rotate."""
    opened(body.from_image, "from_image")
    if body.mask_image is not None and body.init_image is None:
        raise Refusal(422, "mask_image requires init_image")
    box = (body.image_size.width, body.image_size.height)
    drawn = pictures.figure(call.body_hash, box, direction=body.to_direction or "")
    return _pictures(world, call, account, "rotate", "image", [drawn], _palette(body.color_image))


def animate_with_text(world: World, call: Call, account: Account, body: AnimateWithText) -> Response:
    """POST /animate-with-text: always four frames, whatever n_frames says."""
    opened(body.reference_image, "reference_image")
    for number, picture in enumerate(body.inpainting_images or ()):
        if picture is not None and opened(picture, f"inpainting_images.{number}").shape[:2] != (64, 64):
            raise Refusal(422, "inpainting_images must have the size of image_size")
    frames = [
        pictures.figure(call.body_hash, (64, 64), direction=body.direction, frame=number)
        for number in range(TEXT_FRAMES)
    ]
    return _pictures(world, call, account, "animate-with-text", "images", frames, _palette(body.color_image))


def animate_with_skeleton(world: World, call: Call, account: Account, body: SkeletonAnimation) -> Response:
    """POST /animate-with-skeleton: exactly three frames of keypoints, three pictures."""
    opened(body.reference_image, "reference_image")
    if len(body.skeleton_keypoints) != SKELETON_FRAMES:
        raise Refusal(422, f"Exactly {SKELETON_FRAMES} frames of skeleton keypoints are required")
    box = (body.image_size.width, body.image_size.height)
    frames = [
        pictures.figure(call.body_hash, box, direction=body.direction, frame=number)
        for number in range(SKELETON_FRAMES)
    ]
    return _pictures(world, call, account, "animate-with-skeleton", "images", frames, _palette(body.color_image))


def estimate_skeleton(world: World, call: Call, account: Account, body: EstimateSkeleton) -> Response:
    """POST /estimate-skeleton: 18 joints in 0..1 of the canvas."""
    opened(body.image, "image")
    charge = world.pay(call, account, "estimate-skeleton")
    points = [
        {
            "x": round(0.3 + pictures.digit(call.body_hash, label, "x") % 400 / 1000, 3),
            "y": round(0.1 + number * 0.045, 3),
            "label": label,
            "z_index": float(number % 9),
        }
        for number, label in enumerate(LABELS)
    ]
    return _worked(world, account, {"keypoints": points, "usage": world.usage(charge)})


def _palette(image: Base64Image | None) -> Pixels | None:
    return None if image is None else opened(image, "color_image")


def _pictures(
    world: World, call: Call, account: Account, kind: str, key: str, drawn: list[Pixels], palette: Pixels | None
) -> Response:
    charge = world.pay(call, account, kind)
    shown = drawn if palette is None else [pictures.in_colours_of(picture, palette) for picture in drawn]
    images = [world.image(picture) for picture in shown]
    return _worked(world, account, {key: images[0] if key == "image" else images, "usage": world.usage(charge)})


def _worked(world: World, account: Account, document: dict[str, Any]) -> Response:
    if world.sync_seconds:
        world.busy_until.append((account.key, world.now + world.sync_seconds))
    response = json_response(200, document)
    return Response(200, response.body, delay=world.sync_seconds)
