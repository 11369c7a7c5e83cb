"""Loops lose a last frame that repeats their first, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bridge.processing.pipeline import process_asset
from bridge.processing.repeats import count_repeats, repeat_notes, same_picture, shortened_clips, shown_frames
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.repeats import RepeatsStep
from bridge.spec.model import KINDS
from bridge.spec.process_rules import process_settings
from exporters.model.asset import Animation, Frame, Pixels, SpriteAsset


def frame(place: int) -> Pixels:
    """A block that swings over 20 × 20 pixels."""
    pixels = np.zeros((20, 20, 4), dtype=np.uint8)
    pixels[4:16, 2 + place : 10 + place] = (200, 90, 60, 255)
    return pixels


def worn(pixels: Pixels) -> Pixels:
    """The same with the noise of a lossy file."""
    noise = np.random.default_rng(1).integers(-8, 9, (*pixels.shape[:2], 3))
    found = pixels.copy()
    found[..., :3] = np.clip(pixels[..., :3].astype(int) + noise, 0, 255)
    found[pixels[..., 3] == 0] = 0
    return found


SWING = [frame(place) for place in (0, 2, 4, 6, 4, 2)]


def test_a_last_picture_that_is_the_first_is_found_exact_or_with_noise() -> None:
    assert count_repeats(SWING) == 0
    assert count_repeats([*SWING, SWING[0]]) == 1
    assert count_repeats([*SWING, worn(SWING[0])]) == 1
    assert shown_frames([*SWING, SWING[0]]) == slice(6)
    assert shown_frames(SWING) == slice(6)


def test_pauses_short_loops_and_still_ones_are_meant() -> None:
    assert count_repeats([*SWING, SWING[0], SWING[0]]) == 2
    assert shown_frames([*SWING, SWING[0], SWING[0]]) == slice(8)
    assert count_repeats([SWING[0], SWING[1], SWING[2], SWING[0]]) == 0
    assert count_repeats([SWING[0]] * 8) == 0
    blink = [*[SWING[0]] * 5, SWING[1], SWING[0]]
    assert count_repeats(blink) == 0
    assert count_repeats([]) == 0


def test_a_clip_that_hardly_moves_keeps_all_its_frames() -> None:
    breath = []
    for rows in (0, 1, 2, 2, 1):
        pixels = frame(4)
        pixels[3, 6 : 6 + rows] = (200, 90, 60, 255)
        breath.append(pixels)
    assert count_repeats(breath) == 0


def test_frames_of_another_size_are_other_pictures() -> None:
    assert count_repeats([*SWING, np.pad(SWING[0], ((0, 1), (0, 0), (0, 0)))]) == 0
    assert not same_picture(frame(0), np.pad(frame(0), ((0, 1), (0, 0), (0, 0))))
    assert same_picture(worn(frame(0)), frame(0))
    assert not same_picture(frame(1), frame(0))


def sprite(*clips: tuple[str, list[Pixels], bool]) -> SpriteAsset:
    return SpriteAsset(
        "art/a",
        "character",
        tuple(
            Animation(name, tuple(Frame(pixels, 50 + place) for place, pixels in enumerate(frames)), "south", loop)
            for name, frames, loop in clips
        ),
    )


def test_times_go_with_their_frames_and_clips_that_do_not_loop_stay() -> None:
    closed = [*SWING, SWING[0]]
    asset = sprite(("walk", closed, True), ("attack", closed, False))
    found = process_asset(asset, ProcessSettings.of(RepeatsStep()))
    assert isinstance(found, SpriteAsset)
    assert [len(clip.frames) for clip in found.animations] == [6, 7]
    assert [one.duration_ms for one in found.animations[0].frames] == [50, 51, 52, 53, 54, 55]
    assert shortened_clips(asset, found) == ["walk_south"]
    assert repeat_notes(asset, asset) == []
    (told,) = repeat_notes(asset, found)
    assert "walk_south" in told
    assert 'repeats = "keep"' in told


def test_a_notice_names_the_first_clips_only() -> None:
    asset = sprite(*((f"walk{number}", [*SWING, SWING[0]], True) for number in range(5)))
    (told,) = repeat_notes(asset, process_asset(asset, ProcessSettings.of(RepeatsStep())))  # type: ignore[arg-type]
    assert "walk0_south, walk1_south, walk2_south and 2 more" in told


@pytest.mark.parametrize(
    ("kind", "fields", "drops"),
    [
        ("character", {"description": "elf"}, False),
        ("character", {"description": "elf", "provider": "pixellab"}, True),
        ("character", {"description": "elf", "provider": "pixellab", "process": {"repeats": "keep"}}, False),
        ("character", {"description": "elf", "process": {"repeats": "drop"}}, True),
        ("sprite", {"description": "rock", "provider": "pixellab"}, False),
    ],
)
def test_only_delivered_clips_lose_repeats_unless_told(kind: str, fields: dict[str, Any], drops: bool) -> None:
    spec: Any = KINDS[kind].model_validate({"kind": kind, **fields})
    settings = process_settings(spec, lambda _: b"")
    assert (settings.find(RepeatsStep) is not None) is drops
    assert ("repeats" in settings.fingerprint_data()) is drops
