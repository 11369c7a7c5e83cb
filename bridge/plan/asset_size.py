"""How much art a spec asks for, in frames and pixels, and the refusal of what no machine should have to hold.

Counted is what the spec says at least: pictures whose size only their file or their provider knows count as one pixel,
clips of unknown length as one frame. What is delivered is counted again where it is read and processed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from bridge.assemble.tilesets import terrain_pairs
from bridge.core import limits
from bridge.core.errors import UserError
from bridge.processing.registry import PIPELINE
from bridge.processing.steps.step import ProcessStep
from bridge.spec.process_rules import art_facts
from bridge.spec.refs import parse_ref
from exporters import registry

if TYPE_CHECKING:
    from bridge.plan.targets import TargetJob
    from bridge.providers.api import Step
    from bridge.spec.character import AnimationSpec, AnimationTable, CharacterSpec
    from bridge.spec.load import Loaded
    from bridge.spec.model import IsometricTilesSpec, ItemsSpec, MapSpec, MusicSpec, Spec, TilesetSpec
    from bridge.spec.sprite import EditSpec, SpriteSpec, TurnaroundSpec

_UNKNOWN = (1, 1)
# Of a pair of terrains, beside the full tiles of each.
_MIXED_TILES = 14
_WAY_OUT = "Ask for fewer or smaller pictures, or divide the asset into several specs."
ClipLengths: TypeAlias = Mapping[str, int]
"""Frames of clips whose length the spec leaves to its provider, by the clip's name."""


@dataclass(frozen=True, slots=True)
class FrameSet:
    """Frames of one size (width, height in pixels), and the dotted field of the spec that asks for them."""

    count: int
    size: tuple[int, int]
    field: str

    @property
    def pixels(self) -> int:
        """Of all of them."""
        return self.count * self.size[0] * self.size[1]


def require_bounded(loaded: Loaded, steps: Sequence[Step] = ()) -> None:
    """Refuses a spec that asks for more than `ASSET_FRAMES` or `ASSET_PIXELS`, delivered or processed.

    steps: what it was compiled to, where that is known: they tell how long clips are.

    Raises:
        UserError: `asset_too_large`, on the line of the field that asks for most.
    """
    sets = list_frames(loaded.spec, _clip_lengths(steps))
    count = sum(frames.count for frames in sets)
    if count > limits.ASSET_FRAMES:
        field = _find_field(sets, lambda frames: frames.count)
        raise _refusal(loaded, field, f"{count:,} frames", f"{limits.ASSET_FRAMES:,}")
    _require_pixels(loaded, sets)
    for step in _sizing_steps(loaded.spec):
        sets = [FrameSet(frames.count, step.resized(frames.size), f"process.{step.name}") for frames in sets]
        _require_pixels(loaded, sets)


def require_drawable_map(loaded: Loaded, specs: Mapping[str, Loaded], jobs: Iterable[TargetJob]) -> None:
    """Refuses a map whose picture, which some targets write beside its cells, would be larger than an asset may be.

    Raises:
        UserError: `asset_too_large`, on the line of its size.
    """
    spec = loaded.spec
    if spec.kind != "map" or spec.tileset is None:
        return
    drawing = [job.name for job in jobs if registry.get_target(job.name).draws_maps]
    if not drawing:
        return
    ref = parse_ref(spec.tileset)
    used = specs.get(ref.id) if ref is not None else None
    if used is None or used.spec.kind != "tileset":
        return
    width, height = (cells * side for cells, side in zip(spec.size, used.spec.cell, strict=True))
    if width * height > limits.ASSET_PIXELS:
        raise UserError(
            "asset_too_large",
            f"its picture for {drawing[0]} would have {width:,} × {height:,} pixels; "
            f"there may be {limits.ASSET_PIXELS:,} together",
            hint=f"Make the map smaller, or leave {drawing[0]} out of export.targets.",
            where=loaded.where("size"),
        )


def list_frames(spec: Spec, clip_lengths: ClipLengths = MappingProxyType({})) -> list[FrameSet]:
    """Every frame that a spec asks for, as it is delivered; of a kind that is not known here, none."""
    return list(COUNTERS.get(spec.kind, _count_nothing)(spec, clip_lengths))


def _clip_lengths(steps: Iterable[Step]) -> ClipLengths:
    lengths: dict[str, int] = {}
    for step in steps:
        frames = step.params.get("frames")
        if step.key.startswith("clip/") and isinstance(frames, int):
            name = step.key.split("/")[1].partition("@")[0]
            lengths[name] = max(frames, lengths.get(name, 0))
    return lengths


def _require_pixels(loaded: Loaded, sets: Sequence[FrameSet]) -> None:
    pixels = sum(frames.pixels for frames in sets)
    if pixels <= limits.ASSET_PIXELS:
        return
    count, (width, height) = sum(frames.count for frames in sets), sets[0].size
    what = f"{count:,} frames of {width:,} × {height:,}, {pixels:,} pixels"
    raise _refusal(loaded, _find_field(sets, lambda frames: frames.pixels), what, f"{limits.ASSET_PIXELS:,}")


def _find_field(sets: Sequence[FrameSet], measure: Callable[[FrameSet], int]) -> str:
    """The field that asks for most; the table around it, where several fields of a table do together."""
    totals: Counter[str] = Counter()
    fields: dict[str, set[str]] = {}
    for frames in sets:
        table = frames.field.partition(".")[0]
        totals[table] += measure(frames)
        fields.setdefault(table, set()).add(frames.field)
    ((table, _),) = totals.most_common(1)
    return next(iter(fields[table])) if len(fields[table]) == 1 else table


def _refusal(loaded: Loaded, field: str, what: str, most: str) -> UserError:
    message = f"the asset would have {what}; there may be {most}"
    return UserError("asset_too_large", message, hint=_WAY_OUT, where=loaded.where(field))


def _sizing_steps(spec: Spec) -> Iterator[ProcessStep]:
    """The steps of `[process]` that change sizes, without reading a palette."""
    facts = art_facts(spec, _no_palette)
    for kind in PIPELINE:
        if kind.has_effect_on(spec.kind) and kind.resized is not ProcessStep.resized:
            step = kind.from_table(spec.process, facts)
            if step is not None:
                yield step


# a counter for each kind


def _count_sprite(spec: SpriteSpec, _lengths: ClipLengths) -> Iterator[FrameSet]:
    yield FrameSet(spec.variants, _size_of(spec.size), "variants" if spec.variants > 1 else "size")


def _count_items(spec: ItemsSpec, _lengths: ClipLengths) -> Iterator[FrameSet]:
    yield FrameSet(len(spec.items) * spec.variants, _size_of(spec.size), "items")


def _count_edit(spec: EditSpec, _lengths: ClipLengths) -> Iterator[FrameSet]:
    yield FrameSet(spec.variants, _size_of(spec.size), "variants" if spec.variants > 1 else "size")


def _count_turnaround(spec: TurnaroundSpec, _lengths: ClipLengths) -> Iterator[FrameSet]:
    yield FrameSet(max(1, len(spec.result_directions)), _size_of(spec.size), "directions")


def _count_animation(spec: AnimationSpec, lengths: ClipLengths) -> Iterator[FrameSet]:
    yield FrameSet(_clip_length(spec, max(lengths.values(), default=1)), _size_of(spec.size), "frames")


def _count_character(spec: CharacterSpec, lengths: ClipLengths) -> Iterator[FrameSet]:
    size = _size_of(spec.size)
    yield FrameSet(len(spec.result_directions) * spec.variants, size, "directions")
    for name, table in spec.animations.items():
        length = _clip_length(table, lengths.get(name, 1))
        yield FrameSet(len(table.result_directions(spec)) * length, size, f"animations.{name}")


def _count_tileset(spec: TilesetSpec, _lengths: ClipLengths) -> Iterator[FrameSet]:
    moving = {terrain.name: terrain.animated for terrain in spec.terrains}
    for index, terrain in enumerate(spec.terrains):
        yield FrameSet((1 + terrain.variations) * terrain.animated, spec.cell, f"terrains.{index}")
    for lower, upper in terrain_pairs(spec):
        frames = lcm(moving[upper], 1 if lower is None else moving[lower])
        yield FrameSet(_MIXED_TILES * frames, spec.cell, "transitions" if spec.transitions else "terrains")


def _count_isometric_tiles(spec: IsometricTilesSpec, _lengths: ClipLengths) -> Iterator[FrameSet]:
    yield FrameSet(len(spec.tiles), _size_of(spec.tile_size), "tiles")


def _count_nothing(spec: MapSpec | MusicSpec, _lengths: ClipLengths) -> Iterator[FrameSet]:
    """Maps have cells of a tileset, and music has samples: the limits of their fields bound both."""
    del spec
    yield from ()


def _size_of(size: Sequence[int] | None) -> tuple[int, int]:
    return (size[0], size[1]) if size else _UNKNOWN


def _clip_length(clip: AnimationTable | AnimationSpec, unsaid: int) -> int:
    """Frames of a clip in one direction; a ping-pong goes back over all but its ends."""
    frames = clip.frames or (len(clip.durations) if clip.durations else unsaid)
    return max(frames, 2 * frames - 2) if clip.loop == "pingpong" else frames


COUNTERS: Mapping[str, Callable[[Any, ClipLengths], Iterator[FrameSet]]] = {
    "sprite": _count_sprite,
    "items": _count_items,
    "character": _count_character,
    "animation": _count_animation,
    "turnaround": _count_turnaround,
    "edit": _count_edit,
    "tileset": _count_tileset,
    "isometric_tiles": _count_isometric_tiles,
    "map": _count_nothing,
    "music": _count_nothing,
}
"""What counts the frames of a spec, by its kind."""


def _no_palette(_path: str) -> bytes:
    raise AssertionError("no step that changes sizes reads a palette")
