"""What a stored clip means: its frames, without the matte and in the colours that were asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.assemble.parts import ClipPart, Part
from bridge.core.errors import WorkFailed
from bridge.media.color import reduced_palette, to_palette, used_colors
from bridge.media.images import DecodedFrame, decode
from bridge.media.rgb import parse_rgb
from bridge.processing.matte import without_matte
from bridge.providers.api import Step, StepResult
from bridge.providers.pixelengine import cleaning
from bridge.providers.pixelengine.pictures import OPAQUE_MATTE, trusted
from bridge.providers.pixelengine.routes import frames, mode
from exporters.model.asset import Pixels

DEFAULT_COLORS = 24
"""What the service reduces a frame to where nothing is asked for."""


def interpret(step: Step, result: StepResult) -> list[Part]:
    """See `Provider.interpret`: one clip (a retake is the whole clip again), or a cleaned-up part; none for words.

    Times are not read: delays of a GIF are rounded, and a strip has none.

    Raises:
        UserError: `source_broken`: the stored file cannot be read.
        WorkFailed: `assemble_failed`: it is no strip of as many frames as it says.
    """
    if step.operation == "enhance":
        return []
    if step.operation == cleaning.PIXELATE:
        return cleaning.meaning(step, result)
    name = step.key.split("/")[1]
    shown: Sequence[Pixels] = delivered_frames(step, result)
    matte = result.meta.get("matte")
    pixel_art = mode(step).render == "pixel"
    if matte != OPAQUE_MATTE:
        cut = without_matte(shown, matte or "auto")
        shown = trusted(shown, cut) if pixel_art else cut
    if pixel_art:
        shown = _steady(step, shown, result.meta)
    return [ClipPart(name, None, tuple(shown), whole=step.operation == "retake")]


def delivered_frames(step: Step, result: StepResult) -> list[Pixels]:
    """The frames of a stored clip as they came, on their matte. Raises as `interpret` does."""
    file = result.files[0]
    decoded = decode(file.data, file.name)
    count = result.meta.get("frames")
    total = count if isinstance(count, int) and count > 0 else frames(step)
    if file.media_type != "image/png":
        return _unjoined(decoded, total)
    whole = decoded[0].pixels
    width = whole.shape[1]
    if width % total:
        raise WorkFailed(
            "assemble_failed",
            f"{step.key}: a strip of {width} pixels cannot hold {total} frames",
            hint="The file is kept as it was delivered; raise `take` for another clip.",
        )
    each = width // total
    return [whole[:, left : left + each] for left in range(0, width, each)]


def _unjoined(decoded: Sequence[DecodedFrame], total: int) -> list[Pixels]:
    """Frames of an animation; encoders write equal neighbours as one longer frame, which is several again here."""
    length = sum(frame.duration_ms for frame in decoded)
    times = [(2 * frame.duration_ms * total + length) // (2 * length) for frame in decoded]
    if len(decoded) >= total or sum(times) != total:
        return [frame.pixels for frame in decoded]
    return [frame.pixels for frame, count in zip(decoded, times, strict=True) for _ in range(count)]


def _steady(step: Step, shown: Sequence[Pixels], meta: Mapping[str, Any]) -> list[Pixels]:
    """All frames in one palette: the service chooses colours frame by frame, which flickers."""
    config = step.params["request"].get("pixel_config") or {}
    palette = config.get("palette") or meta.get("palette")
    if palette:
        # What the order adds so that the matte keeps its colour is none of the clip's.
        own = [color for color in palette if color.lower() != meta.get("matte")]
        return to_palette(shown, [parse_rgb(color) for color in own])
    most = config.get("colors", DEFAULT_COLORS)
    colours, _ = used_colors(shown)
    return list(shown) if len(colours) <= most else to_palette(shown, reduced_palette(shown, most))
