"""What a provider's stored result means, in one vocabulary for all providers.

`Provider.interpret` turns the files of a finished step into parts; the modules beside this one turn the parts of all
steps of an asset into the neutral asset. Pixels are (height, width, 4) uint8 RGBA. Directions have underscores.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from exporters.model.asset import Pixels, TileMapAsset


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A still: name is empty for the only image, else a direction, an item name or a tile name.

    solid: whether the provider marks a tile as one that blocks; None where it says nothing.
    """

    name: str
    pixels: Pixels
    solid: bool | None = None


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
    """A whole map as read from a file. notes: what of the file has no counterpart in it."""

    map: TileMapAsset
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AudioPart:
    """A track: samples (n, channels) int16, rate in Hz."""

    samples: npt.NDArray[np.int16]
    rate: int


Part: TypeAlias = ImagePart | ClipPart | WangTilePart | VertexMapPart | TileMapPart | AudioPart


def part_name(part: Part) -> str:
    """What a step says that it gives: `still/south`, `clip/walk/south`, `clip/block`; empty for other parts."""
    if isinstance(part, ImagePart):
        return f"still/{part.name}"
    if isinstance(part, ClipPart):
        return "/".join(("clip", part.animation, *([part.direction] if part.direction else [])))
    return ""


def part_pictures(part: Part) -> tuple[Pixels, ...]:
    """The pictures of a part; none of maps and sounds, which have limits of their own."""
    if isinstance(part, ImagePart):
        return (part.pixels,)
    return part.frames if isinstance(part, ClipPart | WangTilePart) else ()


def frames_called(parts: Sequence[Part], name: str) -> tuple[Pixels, ...]:
    """The pictures of a part by its name: one of a still, all frames of a clip; empty where it is not there.

    Of several the last counts. A still that is not there itself is the first frame of the direction's `idle`, else of
    its first clip: some providers draw a direction in motion only.
    """
    clips = {
        part_name(clip): clip.frames for clip in join_clips([part for part in parts if isinstance(part, ClipPart)])
    }
    stills = {part_name(part): part.pixels for part in parts if isinstance(part, ImagePart)}
    if name in clips:
        return clips[name]
    if name in stills:
        return (stills[name],)
    direction = name.removeprefix("still/")
    moving = [clip for clip in clips if clip.endswith(f"/{direction}")]
    moving.sort(key=lambda clip: clip != f"clip/idle/{direction}")
    if name.startswith("still/") and moving:
        return clips[moving[0]][:1]
    return tuple(stills.values()) if name.startswith("still/") and list(stills) == ["still/"] else ()


def join_clips(clips: Sequence[ClipPart]) -> list[ClipPart]:
    """Clips of the same name and direction as one: some providers deliver a clip in pieces, in order."""
    pieces: dict[tuple[str, str | None], list[ClipPart]] = {}
    for part in clips:
        before = [] if part.whole else pieces.get((part.animation, part.direction), [])
        pieces[part.animation, part.direction] = [*before, part]
    clips_joined = []
    for several in pieces.values():
        times = [duration for part in several for duration in part.durations or ()]
        frames = tuple(frame for part in several for frame in part.frames)
        durations = tuple(times) if len(times) == len(frames) else None
        clips_joined.append(dataclasses.replace(several[0], frames=frames, durations=durations))
    return clips_joined
