"""What a provider's stored result means, in one vocabulary for all providers.

`Provider.interpret` turns the files of a finished step into parts; the modules beside this one turn the parts of all
steps of an asset into the neutral asset. Pixels are (height, width, 4) uint8 RGBA. Directions have underscores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from exporters.model import Pixels, TileMapAsset


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A still: name is empty for the only image, else a direction, an item name or a tile name."""

    name: str
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class ClipPart:
    """Frames of one animation in one direction (None where the kind has no directions).

    durations are milliseconds per frame, None where the provider does not say. whole: these are all frames of the clip
    and replace what earlier steps gave of it (else clips of one name follow each other).
    """

    animation: str
    direction: str | None
    frames: tuple[Pixels, ...]
    durations: tuple[int, ...] | None = None
    loop: bool | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class WangTilePart:
    """A tile of a corner Wang set.

    corners: terrain names in the order north-west, north-east, south-west, south-east; None is empty.
    frames: one picture, or the frames of its animation, frame_ms each.
    variation: 0 for the tile itself, 1, 2 … for further pictures of the same corners.
    """

    corners: tuple[str | None, str | None, str | None, str | None]
    frames: tuple[Pixels, ...]
    frame_ms: int = 200
    variation: int = 0


@dataclass(frozen=True, slots=True)
class VertexMapPart:
    """Terrain on the corners of a map: shape (height + 1, width + 1), values are places in `terrains`."""

    terrains: tuple[str, ...]
    vertices: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TileMapPart:
    """A whole map as read from a file."""

    map: TileMapAsset


@dataclass(frozen=True, slots=True)
class AudioPart:
    """A track: samples (n, channels) int16, rate in Hz."""

    samples: npt.NDArray[np.int16]
    rate: int


Part: TypeAlias = ImagePart | ClipPart | WangTilePart | VertexMapPart | TileMapPart | AudioPart
