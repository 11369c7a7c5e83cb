"""A palette that is sent: the colours of a list or of a file of the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bridge.core.errors import UserError
from bridge.media.rgb import format_rgb
from bridge.processing.palettes import read_palette
from bridge.providers.pixelengine.requests import MOST_PALETTE

if TYPE_CHECKING:
    from bridge.providers.api import CompileContext


def list_colors(palette: str | Sequence[str], field: str, context: CompileContext) -> list[str]:
    """The colours (`#rrggbb`) of a palette file by its path, or of a list, each once and in their order.

    Raises:
        UserError: `source_missing`, `source_broken`: the file; `provider_limit`: too many colours.
    """
    if isinstance(palette, str):
        path, data = context.read(palette, field)
        try:
            colors = [format_rgb(color) for color in read_palette(data, path)]
        except UserError as error:
            raise context.fail(error.code, error.message, field, error.hint) from error
    else:
        colors = list(dict.fromkeys(color.lower() for color in palette))
    if len(colors) > MOST_PALETTE:
        message = f"pixelengine takes {MOST_PALETTE} colours at most, and the palette has {len(colors):,}"
        raise context.fail("provider_limit", message, field, "Leave some out, or use [process] palette.")
    return colors
