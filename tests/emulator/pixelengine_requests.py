"""What the emulated Pixel Engine takes, rule by rule as its reference says it; the first broken rule is a 400."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from PIL import Image, UnidentifiedImageError

from tests.emulator.pictures import Pixels
from tests.emulator.pixelengine_world import Refusal

MEGABYTE = 1024 * 1024
_COLOUR = re.compile(r"#?[0-9a-fA-F]{6}")
_SHARED = {"prompt", "negative_prompt", "pixel_config", "seed", "output_format", "matte_color"}
KNOWN = {
    "animate": _SHARED | {"image", "model", "output_frames"},
    "keyframes": _SHARED | {"render_mode", "total_frames", "frames"},
    "retake": _SHARED | {"render_mode", "image", "image_url", "retake_region"},
}
MODELS = {"pixel-engine-v1.1": "pixel", "frame-engine-v1.1": "detailed"}
LAST_FRAMES = {"pixel": 16, "detailed": 24}


def invalid(message: str, code: str = "invalid_request") -> NoReturn:
    """Raises the 400."""
    raise Refusal(400, code, message)


def checked(kind: str, body: Any) -> str:
    """Checks what all routes share; returns the render mode."""
    _known(body, KNOWN[kind])
    if not isinstance(body.get("prompt"), str) or not body["prompt"].strip():
        invalid("prompt is required and must be a non-empty string")
    if not isinstance(body.get("negative_prompt", ""), str):
        invalid("negative_prompt must be a string")
    if "seed" in body and not _whole(body["seed"], 1, 9_999_999_999):
        invalid("seed must be an integer between 1 and 9999999999")
    if body.get("output_format", "webp") not in ("webp", "gif", "spritesheet"):
        invalid("output_format must be webp, gif or spritesheet")
    matte = body.get("matte_color", "#808080")
    if not isinstance(matte, str) or not _COLOUR.fullmatch(matte):
        invalid("matte_color must be a 6-character hex color")
    mode = _mode(kind, body)
    if "pixel_config" in body:
        _check_config(body["pixel_config"], mode)
    return mode


def _mode(kind: str, body: Mapping[str, Any]) -> str:
    if kind == "animate":
        model = body.get("model", "pixel-engine-v1.1")
        if model not in MODELS:
            invalid("model is not known")
        return MODELS[model]
    if body.get("render_mode") not in LAST_FRAMES:
        invalid("render_mode must be pixel or detailed")
    return str(body["render_mode"])


def _check_config(config: Any, mode: str) -> None:
    if mode != "pixel":
        invalid("pixel_config is only allowed for the pixel mode")
    if not isinstance(config, dict) or set(config) not in ({"colors"}, {"palette"}):
        invalid("pixel_config needs either colors or palette")
    if "colors" in config and not _whole(config["colors"], 2, 256):
        invalid("pixel_config.colors must be between 2 and 256")
    palette = config.get("palette", ["#000000"])
    if not isinstance(palette, list) or not palette or not all(_COLOUR.fullmatch(str(color)) for color in palette):
        invalid("pixel_config.palette must be an array of hex colors")


def animation(body: Mapping[str, Any], mode: str) -> tuple[Pixels, int]:
    """The picture and the number of frames of POST /animate."""
    count = body.get("output_frames", 8)
    if not _whole(count, 2, LAST_FRAMES[mode]) or count % 2:
        invalid(f"output_frames must be an even integer between 2 and {LAST_FRAMES[mode]}")
    return picture(body.get("image"), mode, 5 * MEGABYTE), count


def keyframes(body: Mapping[str, Any], mode: str) -> tuple[dict[int, Pixels], int]:
    """Pictures by frame, and the number of frames, of POST /keyframes."""
    total = body.get("total_frames")
    if not _whole(total, 3, 20):
        invalid("total_frames must be an integer between 3 and 20")
    assert isinstance(total, int)
    given = body.get("frames")
    if not isinstance(given, list) or not 1 <= len(given) <= 8:
        invalid("frames must hold 1 to 8 keyframes")
    shown: dict[int, Pixels] = {}
    whole = 0
    for frame in given:
        if not isinstance(frame, dict) or set(frame) - {"index", "image", "image_url", "strength"}:
            invalid("frames must be objects of index, image and strength")
        if not _whole(frame.get("index"), 0, total - 1) or frame["index"] in shown:
            invalid("frames.index must be unique and in range")
        strength = frame.get("strength", 1.0)
        if isinstance(strength, bool) or not isinstance(strength, int | float) or not 0 <= strength <= 1:
            invalid("frames.strength must be between 0 and 1")
        if ("image" in frame) == ("image_url" in frame):
            invalid("frames need exactly one of image and image_url")
        whole += len(data_of(frame.get("image")))
        shown[frame["index"]] = picture(frame.get("image"), mode, 10 * MEGABYTE)
    if whole > 20 * MEGABYTE:
        invalid("All keyframe images together exceed 20 MB", "image_too_large")
    if len({pixels.shape for pixels in shown.values()}) > 1:
        invalid("All keyframe images must have the same dimensions")
    return shown, total


def retake(body: Mapping[str, Any]) -> tuple[list[Pixels], int, int]:
    """The frames and the region of POST /retake; whether the region fits shows only when the job runs."""
    region = body.get("retake_region")
    if not isinstance(region, dict) or set(region) != {"start_frame", "end_frame"}:
        invalid("retake_region needs start_frame and end_frame")
    start, end = region["start_frame"], region["end_frame"]
    if not _whole(start, 0, 10_000) or not _whole(end, start, 10_000):
        invalid("retake_region must be a range of frames")
    data = data_of(body.get("image"))
    if len(data) > 20 * MEGABYTE:
        invalid("Source animation exceeds 20 MB", "image_too_large")
    frames = []
    with _opened(data, ("WEBP", "GIF")) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(np.array(image.convert("RGBA")))
    return frames, start, end


def cleaning(body: Any) -> tuple[Pixels, dict[str, Any]]:
    """The picture and the colours of POST /pixelate."""
    _known(body, {"image", "colors", "palette"})
    if "colors" in body and "palette" in body:
        invalid("colors and palette are mutually exclusive")
    config = {name: body[name] for name in ("colors", "palette") if name in body} or {"colors": 24}
    _check_config(config, "pixel")
    return picture(body.get("image"), "any", 10 * MEGABYTE), config


def enhanced(body: Any) -> str:
    """The caption of POST /enhance-prompt."""
    _known(body, {"prompt", "image", "model"})
    prompt, model = body.get("prompt"), body.get("model", "pixel-engine-v1.1")
    if not isinstance(prompt, str) or len(prompt) > 2000:
        invalid("prompt must be a string of at most 2000 characters")
    if model not in MODELS:
        invalid("model is not known")
    if not prompt and "image" not in body:
        invalid("prompt or image is required")
    if "image" in body:
        picture(body["image"], MODELS[model], 5 * MEGABYTE)
    return f"The character performs this in one flowing motion: {prompt}.\nThe camera stays still."


def _known(body: Any, names: set[str]) -> None:
    if not isinstance(body, dict):
        invalid("Invalid JSON body")
    for name in sorted(set(body) - names):
        invalid(f"{name} is not supported")


def picture(text: Any, mode: str, most: int) -> Pixels:
    """A still within the limits of a mode, or of POST /pixelate (`any`)."""
    data = data_of(text)
    if len(data) > most:
        invalid(f"Image exceeds {most // MEGABYTE} MB", "image_too_large")
    least, largest = {"pixel": (1, 256), "detailed": (256, 2048), "any": (1, 2048)}[mode]
    with _opened(data, ("PNG",) if mode == "pixel" else ("PNG", "JPEG")) as image:
        if min(image.size) < least or max(image.size) > largest:
            invalid(f"Image dimensions must be between {least} and {largest} px per axis")
        if max(image.size) > 2 * min(image.size):
            invalid("Image aspect ratio must be between 1:2 and 2:1")
        return np.array(image.convert("RGBA"))


def data_of(text: Any) -> bytes:
    """The bytes behind base64, with or without a data-URL prefix."""
    if not isinstance(text, str) or not text:
        invalid("image is required")
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except binascii.Error:
        invalid("image is not valid base64")


def _opened(data: bytes, formats: tuple[str, ...]) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError):
        invalid(f"Unsupported image format; use {' or '.join(formats)}")
    return image


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
