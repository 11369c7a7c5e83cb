"""Textures by name: each painter fills a canvas with the shades of one material."""

from __future__ import annotations

from collections.abc import Callable

from bridge.providers.procedural.terrain.canvas import TextureCanvas
from bridge.providers.procedural.terrain.textures import built, ground, liquid, plants, rough

Painter = Callable[[TextureCanvas], None]

PAINTERS: dict[str, Painter] = {
    **ground.PAINTERS,
    **plants.PAINTERS,
    **liquid.PAINTERS,
    **built.PAINTERS,
    **rough.PAINTERS,
}
