"""PixelLab: clips by words and by poses, cut into orders that show each other their frames."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bridge.core.errors import UserError
from bridge.providers.api import ResultFile, StepResult
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.pixellab.motion import list_windows
from exporters.model.asset import Pixels
from tests.unit.providers.pixellab_samples import (
    FILES,
    LAB,
    MOVE,
    OWN,
    SPECS,
    body,
    by_key,
    drawn_frames,
    inputs,
    opened,
    refused,
    request,
    shown,
    steps,
    without,
)


@pytest.mark.parametrize("length", [3, 4])
@pytest.mark.parametrize("frames", range(1, 21))
def test_windows_cover_a_clip(frames: int, length: int) -> None:
    windows = list_windows(frames, length)
    new = [window.first + slot for window in windows for slot in range(window.frozen, window.kept)]
    assert new == list(range(frames))
    for before, window in pairwise(windows):
        # What it shows was drawn right before it, and there is something left to draw.
        assert before.first < window.first < before.first + length
        assert 0 < window.frozen < length
        assert window.first + length <= frames
    assert len(windows) == 1 + max(0, -(-(frames - length) // (length - 1)))


def test_poses_are_cut_into_windows() -> None:
    first, second = steps(SPECS["skeleton"])
    assert (first.key, second.key) == ("clip/stride/0", "clip/stride/1")
    assert (first.params["kept"], second.params["kept"]) == (3, 3)
    assert ("frozen" in first.params, second.params["frozen"]) == (False, 2)
    assert second.after == (first.key,)
    assert request(second)["skeleton_keypoints"][:2] == request(first)["skeleton_keypoints"][1:]


def test_a_clip_of_few_poses_repeats_its_last() -> None:
    (clip,) = steps(MOVE + 'frames = 2\n[skeleton]\nposes = "poses/two.json"')
    assert clip.params["kept"] == 2
    one, two, three = request(clip)["skeleton_keypoints"]
    assert one != two == three


def test_an_own_skeleton_is_not_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    (clip,) = steps(SPECS["own estimate"])
    assert clip.operation == "clip.skeleton"
    nose, knee = OWN
    assert request(clip)["skeleton_keypoints"] == [
        OWN,
        [{**nose, "x": 0.5, "y": 0.0}, knee],
        [nose, {**knee, "x": pytest.approx(0.45)}],
    ]
    # Nothing but an edit of the file asks for another clip.
    before = step_fingerprint(clip, {})
    monkeypatch.setitem(FILES, "poses/one.json", json.dumps([[nose, {**knee, "y": 0.8}]]).encode())
    (edited,) = steps(SPECS["own estimate"])
    assert step_fingerprint(edited, {}) != before


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        (b'["estimate"]', "source_broken", "not a list of joints"),
        (b"[[]]", "source_broken", "no points"),
        (json.dumps([OWN, OWN]).encode(), "source_broken", "2 poses"),
        (json.dumps([[OWN[0], OWN[0]]]).encode(), "source_broken", "NOSE twice"),
        (json.dumps([OWN[:1]]).encode(), "source_broken", "no LEFT KNEE"),
    ],
)
def test_an_own_skeleton_that_is_none(file: bytes, code: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "poses/one.json", file)
    error = refused(SPECS["own estimate"], code, "skeleton.estimate")
    assert said in error.message


def test_an_own_skeleton_of_no_use() -> None:
    text = SPECS["own estimate"].replace("poses/moved.json", "poses/walk.json")
    refused(text, "spec_not_applicable", "skeleton.estimate")


def test_a_picture_follows_one_pose(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(SPECS["posed"].replace("pose = 2\n", ""), "source_broken", "skeleton.poses")
    assert "2 poses, and one is wanted" in error.message
    refused(SPECS["posed"].replace("pose = 2\n", "pose = 3\n"), "source_broken", "skeleton.pose")
    estimated = SPECS["posed"].replace("poses/two.json", "estimate")
    assert "assetbridge skeleton" in refused(estimated, "spec_not_applicable", "skeleton.poses").hint
    pixflux = SPECS["posed"].partition("[provider_options]")[0].replace('model = "bitforge"\n', "")
    assert "bitforge" in refused(pixflux, "spec_not_applicable", "skeleton").hint
    without_pose = SPECS["posed"].replace('[skeleton]\nposes = "poses/two.json"\npose = 2\n', "")
    error = refused(without_pose, "spec_not_applicable", "provider_options.skeleton_guidance_scale")
    assert "without a skeleton" in error.message
    monkeypatch.setitem(FILES, "poses/two.json", b'["estimate", {"NOSE": [0, 0.1]}]')
    refused(SPECS["posed"], "source_broken", "skeleton.pose")


@pytest.mark.parametrize(
    "poses",
    [
        b"{",
        b"[]",
        b"{}",
        b"[[]]",
        b'[[{"x": 2, "y": 0, "label": "NOSE"}]]',
        b'[[{"x": 0, "y": 0, "label": "TAIL"}]]',
        b'[[{"y": 0, "label": "NOSE"}]]',
        b'["guess"]',
        b"[3]",
        b"[" * 100_000,
    ],
)
def test_a_file_of_poses_that_is_none(poses: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "poses/walk.json", poses)
    error = refused(SPECS["skeleton"], "source_broken", "skeleton.poses")
    assert "poses/walk.json" in error.message


def test_one_pose_may_be_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    pose = b'[{"x": 0.5, "y": 0.5, "label": "NOSE"}]'
    monkeypatch.setitem(FILES, "poses/walk.json", b'["estimate", ' + pose + b", " + pose + b", " + pose + b"]")
    made = by_key(SPECS["skeleton"])
    assert list(made) == ["skeleton", "clip/stride/0", "clip/stride/1"]
    assert made["clip/stride/0"].after == ("skeleton",)
    assert made["clip/stride/0"].params["estimated"] == [0]
    assert made["clip/stride/1"].after == ("clip/stride/0",)


@pytest.mark.parametrize("poses", [b'["estimate", "estimate"]', b'[{}, "estimate", {}]'])
def test_poses_that_are_all_the_same_move_nothing(poses: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "poses/walk.json", poses)
    error = refused(SPECS["skeleton"], "spec_not_applicable", "skeleton.poses")
    assert "LEFT KNEE" in error.hint
    refused(MOVE + '[skeleton]\nposes = "estimate"', "spec_not_applicable", "skeleton.poses")
    assert len(steps(MOVE + 'frames = 1\n[skeleton]\nposes = "estimate"')) == 2


@pytest.mark.parametrize("moves", [b'{"TAIL": [0, 0]}', b'{"NOSE": [0.1]}', b'{"NOSE": [2, 0]}', b'{"NOSE": "up"}'])
def test_moves_that_are_none(moves: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "poses/walk.json", b'["estimate", ' + moves + b"]")
    error = refused(SPECS["skeleton"], "source_broken", "skeleton.poses")
    assert "pose 1" in error.message


def test_estimated_joints_are_moved() -> None:
    made = by_key(SPECS["estimate"])
    assert list(made) == ["skeleton", "clip/thing/0"]
    assert made["clip/thing/0"].params["estimated"] == [0, 1, 2]
    assert made["clip/thing/0"].params["moved"] == {"1": {"NOSE": [0.1, -0.9]}, "2": {"LEFT KNEE": [0.05, 0.0]}}


def frozen(sent: dict[str, Any]) -> list[Pixels | None]:
    """The pictures in the slots of a window; those that are there have a mask that keeps all of them."""
    slots = [None if picture is None else shown(picture) for picture in sent["inpainting_images"]]
    masks = [None if picture is None else shown(picture) for picture in sent["mask_images"]]
    for slot, mask in zip(slots, masks, strict=True):
        assert (slot is None) == (mask is None)
        if slot is not None and mask is not None:
            assert mask.shape == slot.shape
            assert not mask[..., :3].any()
    return slots


def assert_same(shown_frames: Sequence[Pixels | None], files: Sequence[ResultFile]) -> None:
    for frame, file in zip(shown_frames, files, strict=True):
        assert frame is not None
        assert np.array_equal(frame, opened(file.data))


def test_text_animation_in_windows() -> None:
    first, second, third = steps(SPECS["animation"])
    drawn = drawn_frames(4, 64)
    sent = body(second, {first.key: drawn})
    assert LAB.order(second, inputs(second), {first.key: drawn}).path == "/animate-with-text"
    # It begins with the last frame before it, which stays as it is; its other three are left to be drawn.
    slot, *free = frozen(sent)
    assert slot is not None
    assert np.array_equal(slot, opened(drawn.files[3].data))
    assert free == [None] * 3
    assert second.after == (first.key,)
    assert "inpainting_images" not in body(first)
    assert without(sent, "reference_image", "inpainting_images", "mask_images") == {
        "image_size": {"width": 64, "height": 64},
        "description": "character",
        "action": "raises the shield",
        "n_frames": 8,
        "start_frame_index": 3,
        "direction": "south",
        "seed": 1000,
    }
    assert body(first)["start_frame_index"] == 0
    assert np.array_equal(shown(sent["reference_image"])[32:, 16:48], opened(FILES["art/knight.png"]))
    # The last one ends with the clip: three of its four are there already.
    more = drawn_frames(4, 64, 10)
    sent = body(third, {second.key: more})
    assert sent["start_frame_index"] == 4
    *kept, last = frozen(sent)
    assert_same(kept, more.files[1:])
    assert last is None


def test_skeletons_in_windows() -> None:
    first, second = steps(SPECS["skeleton"])
    sent = body(first)
    assert LAB.order(first, inputs(first), {}).path == "/animate-with-skeleton"
    assert set(sent) == {"image_size", "reference_image", "skeleton_keypoints", "seed"}
    assert sent["skeleton_keypoints"][0][1] == {"x": 0.5, "y": 0.4, "label": "NECK", "z_index": 0}
    drawn = drawn_frames(3, 32)
    after = body(second, {first.key: drawn})
    assert after["skeleton_keypoints"][:2] == sent["skeleton_keypoints"][1:]
    *kept, last = frozen(after)
    assert all(
        one is not None and np.array_equal(one, opened(file.data))
        for one, file in zip(kept, drawn.files[1:], strict=True)
    )
    assert last is None


def test_estimated_poses_are_filled_in() -> None:
    estimate, clip = steps(SPECS["estimate"])
    assert set(body(estimate)) == {"image"}
    assert LAB.order(estimate, inputs(estimate), {}).path == "/estimate-skeleton"
    # Depths are whole numbers in orders, also where an earlier version kept them as they came.
    joints = [
        {"x": 0.1, "y": 0.2, "label": "NOSE", "z_index": 2.6},
        {"x": 0.4, "y": 0.8, "label": "LEFT KNEE", "z_index": 1},
    ]
    sent = body(clip, {"skeleton": StepResult((), {"keypoints": joints})})
    nose, knee = {**joints[0], "z_index": 3}, joints[1]
    assert sent["skeleton_keypoints"] == [
        [nose, knee],
        [{**nose, "x": 0.2, "y": 0.0}, knee],
        [nose, {**knee, "x": 0.45}],
    ]
    with pytest.raises(UserError, match="there is no LEFT KNEE"):
        body(clip, {"skeleton": StepResult((), {"keypoints": joints[:1]})})


def test_a_picture_follows_a_pose() -> None:
    (step,) = steps(SPECS["posed"])
    sent = body(step)
    assert LAB.order(step, inputs(step), {}).path == "/create-image-bitforge"
    assert sent["skeleton_keypoints"] == json.loads(FILES["poses/two.json"])[1]
    assert sent["skeleton_guidance_scale"] == 2.5
