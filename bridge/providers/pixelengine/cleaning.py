"""Clean-up of pictures by POST /pixelate: free, and planned, locked and stored like everything else.

A clip goes as one sheet, so that its frames share a grid and a palette. What is transparent is laid on a matte first,
for nothing is said of transparency. What has to be known of the sheet when it comes back (matte, frames, columns, size)
travels as a text chunk of the PNG (PNG specification, section 11.3.3.3), and from there into the ids of the job.
"""

from __future__ import annotations

import base64
import io
import json
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from bridge.assemble.parts import ClipPart, ImagePart
from bridge.core.errors import WorkFailed
from bridge.core.json_text import parse_json
from bridge.media.images import decode_still
from bridge.processing.matte import without_matte
from bridge.providers.api import CompileContext, Step, StepResult, Subject
from bridge.providers.pixelengine import modes
from bridge.providers.pixelengine.pictures import trusted
from bridge.providers.pixelengine.routes import NAME, ROUTES

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.base_spec import RefineStep
    from exporters.model.asset import Pixels

PIXELATE = "pixelate"
DEFAULT_COLORS = 24
MARKS = ("matte", "frames", "columns", "width", "height")
"""Facts about the picture that was sent, as ids of its job."""
_CHUNK = "assetbridge"
_HEADER_END = 33  # signature and IHDR


def compile_step(settings: RefineStep, subject: Subject, context: CompileContext) -> Step:
    """`pixelate/PART`.

    Raises:
        UserError: `spec_not_applicable` for settings that the route does not have; `provider_limit`: its size.
    """
    if settings.mode is not None:
        message = "pixelengine pixelates in one way"
        raise context.fail("spec_not_applicable", message, f"{subject.field}.mode", "Remove it.")
    reason = modes.misfit(modes.CLEANED, *subject.size) if subject.size and not subject.is_clip else ""
    if reason:
        raise context.fail("provider_limit", f"pixelengine cannot pixelate this: {reason}", subject.field, "")
    params: dict[str, Any] = {"request": {"colors": settings.colors or DEFAULT_COLORS}}
    if subject.kind in ("character", "turnaround"):
        # Each part is reduced to the grid that is found in it; parts that belong together must keep one scale.
        params["scale"] = "kept"
    return Step(
        f"{PIXELATE}/{subject.part}",
        NAME,
        PIXELATE,
        params,
        None,
        (subject.picture("image"),),
        price=ROUTES[PIXELATE].price,
        field=subject.field,
        gives=(subject.part,),
    )


def sheet_of(frames: Sequence[Pixels]) -> tuple[Pixels, int]:
    """Frames of one size in rows, on the nearest to a square of all sheets that the route takes; and its columns.

    Raises:
        ValueError: no sheet of them fits; says why.
    """
    high, wide = frames[0].shape[:2]

    def shape(columns: int) -> tuple[int, int]:
        return wide * columns, high * math.ceil(len(frames) / columns)

    ways = sorted(range(1, len(frames) + 1), key=lambda columns: abs(math.log(shape(columns)[0] / shape(columns)[1])))
    fitting = [columns for columns in ways if not modes.misfit(modes.CLEANED, *shape(columns))]
    if not fitting:
        raise ValueError(modes.misfit(modes.CLEANED, *shape(ways[0])))
    columns = fitting[0]
    width, height = shape(columns)
    sheet = np.zeros((height, width, 4), dtype=np.uint8)
    for index, pixels in enumerate(frames):
        top, left = index // columns * high, index % columns * wide
        sheet[top : top + high, left : left + wide] = pixels
    return sheet, columns


def marked(png: bytes, facts: Mapping[str, Any]) -> bytes:
    """A PNG that carries the facts."""
    content = f"{_CHUNK}\0{json.dumps(facts, sort_keys=True, separators=(',', ':'))}".encode("latin-1")
    body = b"tEXt" + content
    chunk = struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_HEADER_END] + chunk + png[_HEADER_END:]


def marks_of(request: bytes) -> dict[str, str]:
    """The facts in the picture of a request that was sent, as texts; none where there is no such picture."""
    try:
        picture = base64.b64decode(json.loads(request)["image"])
        with Image.open(io.BytesIO(picture)) as opened:
            marks = parse_json(opened.info.get(_CHUNK, "{}"))
    except (ValueError, KeyError, TypeError, OSError, SyntaxError, RecursionError):
        return {}
    return {name: str(value) for name, value in marks.items()}


def _enlarge_to(pixels: Pixels, width: int, height: int) -> Pixels:
    """The picture at this size again, in blocks."""
    high, wide = pixels.shape[:2]
    rows, columns = np.arange(height) * high // height, np.arange(width) * wide // width
    enlarged: Pixels = pixels[rows][:, columns]
    return enlarged


def meaning(step: Step, result: StepResult) -> list[Part]:
    """The part again, cut out of its matte.

    Raises:
        WorkFailed: `assemble_failed`: the sheet of a clip cannot be divided any more.
    """
    file = result.files[0]
    pixels = decode_still(file.data, file.name)
    matte = result.meta.get("matte")
    if matte:
        (pixels,) = trusted([pixels], without_matte([pixels], matte))
    if step.params.get("scale") == "kept":
        pixels = _enlarge_to(pixels, int(result.meta["width"]), int(result.meta["height"]))
    _, kind, name, *direction = step.key.split("/")
    if kind == "still":
        return [ImagePart(name, pixels)]
    count, columns = int(result.meta["frames"]), int(result.meta["columns"])
    rows = math.ceil(count / columns)
    height, width = pixels.shape[:2]
    if width % columns or height % rows:
        raise WorkFailed(
            "assemble_failed",
            f"{step.key}: a sheet of {width}×{height} pixels cannot hold {columns}×{rows} frames of one size",
            hint="Its pixels lie on no common grid; remove refine.pixelate, [process] grid does it locally.",
        )
    high, wide = height // rows, width // columns
    frames = tuple(
        pixels[top : top + high, left : left + wide]
        for index in range(count)
        for top, left in ((index // columns * high, index % columns * wide),)
    )
    return [ClipPart(name, direction[0] if direction else None, frames, whole=True)]
