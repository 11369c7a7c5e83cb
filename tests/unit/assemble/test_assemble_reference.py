"""Clips that came with the picture they were made from in front."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bridge.assemble.asset import assemble_asset
from bridge.assemble.parts import ClipPart, ImagePart, Part
from bridge.core.errors import UserError
from bridge.spec.model import KINDS
from exporters.model.asset import Pixels, SpriteAsset


def picture(place: int) -> Pixels:
    pixels = np.zeros((16, 16, 4), dtype=np.uint8)
    pixels[2:14, 2 + place : 8 + place] = (180, 90, 60, 255)
    pixels[4, 4 + place] = (20, 20, 20, 255)
    return pixels


def made(clip: ClipPart, **table: Any) -> tuple[SpriteAsset, tuple[str, ...]]:
    fields = {"description": "elf", "size": [16, 16], "directions": ["east", "west"], "mirror": {"west": "east"}}
    spec: Any = KINDS["character"].model_validate({"kind": "character", **fields, "animations": {"walk": table}})
    parts: list[Part] = [ImagePart("east", picture(0)), clip]
    found = assemble_asset("art/elf", spec, parts, slots={}, upstream={}, seed=1)
    assert isinstance(found.asset, SpriteAsset)
    return found.asset, found.notes


STEPS = tuple(picture(place) for place in (1, 3, 5, 3))


def test_a_reference_beyond_the_ordered_frames_is_left_out_with_a_notice() -> None:
    delivered = ClipPart("walk", "east", (picture(0), *STEPS), (90, 100, 110, 120, 130))
    asset, notes = made(delivered, frames=4)
    east, west = (clip for clip in asset.animations if clip.name == "walk")
    assert [frame.duration_ms for frame in east.frames] == [100, 110, 120, 130]
    assert np.array_equal(east.frames[0].pixels, STEPS[0])
    assert np.array_equal(west.frames[0].pixels, STEPS[0][:, ::-1])
    assert notes == ("walk east came with its still in front of 4 frames: left out",)


def test_the_reference_is_known_on_a_larger_canvas_and_over_hidden_colours() -> None:
    large = [np.pad(frame, ((4, 4), (4, 4), (0, 0))) for frame in (picture(0), *STEPS)]
    large[0][large[0][..., 3] == 0] = (255, 0, 255, 0)
    asset, notes = made(ClipPart("walk", "east", tuple(large)), frames=4)
    assert len(next(clip for clip in asset.animations if clip.name == "walk").frames) == 4
    assert len(notes) == 1


def test_without_a_number_of_frames_all_stay() -> None:
    asset, notes = made(ClipPart("walk", "east", (picture(0), *STEPS)))
    assert len(next(clip for clip in asset.animations if clip.name == "walk").frames) == 5
    assert notes == ()


@pytest.mark.parametrize("frames", [(picture(2), *STEPS), (picture(0), *STEPS, picture(0)), STEPS[:3]])
def test_any_other_number_of_frames_is_an_error(frames: tuple[Pixels, ...]) -> None:
    with pytest.raises(UserError, match="the spec asks for 4"):
        made(ClipPart("walk", "east", frames), frames=4)
