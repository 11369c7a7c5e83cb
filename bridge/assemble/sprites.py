"""Kinds sprite, edit, turnaround, animation, character: parts → SpriteAsset."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bridge.assemble.align_clip import align_clip
from bridge.assemble.parts import ClipPart, ImagePart, Part, frames_called, join_clips
from bridge.assemble.timing import does_loop, frame_durations, frames_with_times
from bridge.core.errors import UserError, WorkFailed
from bridge.processing.canvas import same_size
from bridge.processing.repeats import same_picture
from exporters.model.asset import DIRECTIONS, Animation, Frame, Pixels, SpriteAsset

if TYPE_CHECKING:
    from bridge.spec.model import AnimationSpec, CharacterSpec, EditSpec, SpriteSpec, TurnaroundSpec

STILL_MS = 100


def underscored(direction: str) -> str:
    """`south-east` → `south_east`."""
    return direction.replace("-", "_")


def assemble_image(asset_id: str, spec: SpriteSpec | EditSpec, parts: Sequence[Part]) -> SpriteAsset:
    """One picture: the animation `default` with one frame; of several variants the picked one."""
    pixels = pick_variant(parts, spec.pick or 1, asset_id)
    return SpriteAsset(asset_id, spec.kind, (Animation("default", (Frame(pixels, STILL_MS),), loop=False),))


def pick_variant(parts: Sequence[Part], pick: int, asset_id: str) -> Pixels:
    """The still of variant `pick`; a still without a name is the only one."""
    stills = {part.name: part.pixels for part in parts if isinstance(part, ImagePart)}
    for name in (str(pick), ""):
        if name in stills:
            return stills[name]
    raise WorkFailed(
        "assemble_failed",
        f"{asset_id}: variant {pick} is not among what was delivered ({', '.join(sorted(stills)) or 'nothing'})",
        hint="Change `pick`, or build again.",
    )


def assemble_turnaround(asset_id: str, spec: TurnaroundSpec, parts: Sequence[Part]) -> SpriteAsset:
    """Stills of directions as `idle_<direction>`, or one result as `default`."""
    stills = {part.name: part.pixels for part in parts if isinstance(part, ImagePart)}
    if set(stills) == {""}:
        return SpriteAsset(asset_id, spec.kind, (_still_clip("default", None, stills[""]),))
    mirrored = _with_mirrors(stills, {underscored(k): underscored(v) for k, v in (spec.mirror or {}).items()})
    ordered = [direction for direction in DIRECTIONS if direction in mirrored]
    return SpriteAsset(
        asset_id, spec.kind, tuple(_still_clip("idle", direction, mirrored[direction]) for direction in ordered)
    )


def _still_clip(name: str, direction: str | None, pixels: Pixels) -> Animation:
    return Animation(name, (Frame(pixels, STILL_MS),), direction=direction, loop=False)


def flipped(pixels: Pixels) -> Pixels:
    """The picture mirrored left to right."""
    return np.ascontiguousarray(pixels[:, ::-1])


def _with_mirrors(stills: Mapping[str, Pixels], mirror: Mapping[str, str]) -> dict[str, Pixels]:
    pictures = dict(stills)
    for direction, source in mirror.items():
        if source in stills:
            pictures[direction] = flipped(stills[source])
    return pictures


def assemble_clip(asset_id: str, spec: AnimationSpec, parts: Sequence[Part]) -> SpriteAsset:
    """The kind `animation`: one clip, or what a file held (every clip under its own name)."""
    clips = join_clips([part for part in parts if isinstance(part, ClipPart)])
    if not clips:
        raise WorkFailed("assemble_failed", f"{asset_id}: no frames were delivered", hint="Build it again.")
    own_name = spec.name or asset_id.rpartition("/")[2].lower().replace("-", "_")
    animations = []
    for part in clips:
        name = own_name if len(clips) == 1 else part.animation
        durations = frame_durations(len(part.frames), spec.fps, spec.durations, part.durations, name)
        direction = underscored(spec.direction) if spec.direction else part.direction
        frames = frames_with_times(part.frames, durations, spec.loop)
        animations.append(Animation(name, frames, direction, loop=does_loop(name, spec.loop, part.loop)))
    return SpriteAsset(asset_id, spec.kind, tuple(animations))


def assemble_character(asset_id: str, spec: CharacterSpec, parts: Sequence[Part]) -> tuple[SpriteAsset, list[str]]:
    """Stills and clips of every direction of the result; mirrored ones are flipped here and cost nothing. Also notes.

    Clips stand in the spec's order of animations (then further delivered ones by name), each in the fixed order of
    directions. A direction without an `idle` clip gets its still as the one-frame `idle`.
    """
    result = [underscored(direction) for direction in spec.result_directions]
    mirror = {underscored(key): underscored(value) for key, value in (spec.mirror or {}).items()}
    stills = {part.name: part.pixels for part in parts if isinstance(part, ImagePart)}
    stills = {name: pixels for name, pixels in _with_mirrors(stills, mirror).items() if name in result}
    clips: dict[str, dict[str, ClipPart]] = {}
    for part in join_clips([part for part in parts if isinstance(part, ClipPart)]):
        clips.setdefault(part.animation, {})[part.direction or result[0]] = part
    foreign = {name for name, table in spec.animations.items() if table.provider not in (None, spec.provider)}
    clips, notes = _as_ordered(spec, _on_own_ground(foreign, clips, parts), stills)
    names = [name for name in spec.animations if name in clips]
    names += sorted(name for name in clips if name not in spec.animations)
    animations = [animation for name in names for animation in _clips_of(spec, name, clips[name], result, mirror)]
    with_idle = {animation.direction for animation in animations if animation.name == "idle"}
    animations += [
        _still_clip("idle", direction, stills[direction])
        for direction in result
        if direction in stills and direction not in with_idle
    ]
    if not animations:
        raise WorkFailed("assemble_failed", f"{asset_id}: nothing was delivered", hint="Build it again.")
    if foreign & clips.keys():
        animations = _one_canvas(animations)
    return SpriteAsset(asset_id, spec.kind, tuple(animations)), notes


def _as_ordered(
    spec: CharacterSpec, clips: Mapping[str, Mapping[str, ClipPart]], stills: Mapping[str, Pixels]
) -> tuple[dict[str, dict[str, ClipPart]], list[str]]:
    """The clips without the picture they were made from, where it came in front of as many frames as were ordered."""
    kept = {name: dict(directed) for name, directed in clips.items()}
    notes = []
    for name, table in spec.animations.items():
        for direction, part in kept.get(name, {}).items():
            extra = table.frames is not None and len(part.frames) == table.frames + 1
            if extra and direction in stills and _is_still(part.frames[0], stills[direction]):
                times = part.durations[1:] if part.durations else None
                kept[name][direction] = replace(part, frames=part.frames[1:], durations=times)
                notes.append(f"{name} {direction} came with its still in front of {table.frames} frames: left out")
    return kept, notes


def _is_still(frame: Pixels, still: Pixels) -> bool:
    """Whether a frame shows the still, also in the middle of a larger canvas or of its lower edge."""
    placed = (same_size([[frame], [still]], bottom=bottom) for bottom in (False, True))
    return any(same_picture(one, other) for [one], [other] in placed)


def _on_own_ground(
    foreign: Collection[str], clips: Mapping[str, Mapping[str, ClipPart]], parts: Sequence[Part]
) -> dict[str, dict[str, ClipPart]]:
    """The clips, with those of other providers on the ground of the stills that they were made from."""
    own = [part for part in parts if not (isinstance(part, ClipPart) and part.animation in foreign)]
    grounded = {name: dict(directed) for name, directed in clips.items()}
    for name in grounded.keys() & set(foreign):
        for direction, part in grounded[name].items():
            still = frames_called(own, f"still/{direction}")
            if still:
                grounded[name][direction] = replace(part, frames=tuple(align_clip(part.frames, still[0])))
    return grounded


def _one_canvas(animations: Sequence[Animation]) -> list[Animation]:
    """All clips in the middle of the lower edge of one canvas, so that a figure does not jump from clip to clip."""
    placed = same_size([[frame.pixels for frame in animation.frames] for animation in animations], bottom=True)
    return [
        replace(
            animation,
            frames=tuple(replace(frame, pixels=pixels) for frame, pixels in zip(animation.frames, frames, strict=True)),
        )
        for animation, frames in zip(animations, placed, strict=True)
    ]


def _clips_of(
    spec: CharacterSpec,
    name: str,
    delivered: Mapping[str, ClipPart],
    result: Sequence[str],
    mirror: Mapping[str, str],
) -> list[Animation]:
    table = spec.animations.get(name)
    wanted = result
    if table is not None and table.directions is not None:
        chosen = [underscored(direction) for direction in table.result_directions(spec)]
        wanted = [direction for direction in result if direction in chosen]
    if table is not None and table.mirror is not None:
        mirror = {underscored(key): underscored(value) for key, value in table.mirror.items()}
    animations = []
    for direction in wanted:
        source = mirror.get(direction)
        part = delivered.get(direction) or (delivered.get(source) if source else None)
        if part is None:
            continue
        frames = part.frames if direction in delivered else tuple(flipped(pixels) for pixels in part.frames)
        if table is not None and table.frames is not None and table.frames != len(frames):
            raise UserError(
                "assemble_failed",
                f"animation {name} {direction} has {len(frames)} frames, the spec asks for {table.frames}",
                hint=f"Set animations.{name}.frames = {len(frames)}, or leave it out.",
            )
        fps, durations, loop = (table.fps, table.durations, table.loop) if table else (None, None, None)
        times = frame_durations(len(frames), fps, durations, part.durations, name)
        animations.append(
            Animation(name, frames_with_times(frames, times, loop), direction, loop=does_loop(name, loop, part.loop))
        )
    return animations
