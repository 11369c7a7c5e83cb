"""PixelLab: the bodies of orders, to the last field, and the pictures in them."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from bridge.core.errors import UserError
from bridge.media.images import encode_png
from bridge.providers.api import ResultFile, Step, StepResult
from bridge.providers.pixellab import pictures
from bridge.providers.pixellab.character import mark_of
from exporters.model.asset import Pixels
from tests.unit.providers.pixellab_samples import (
    FILES,
    LAB,
    SPECS,
    body,
    by_key,
    inputs,
    opened,
    picture,
    png,
    steps,
)


def shown(node: Any) -> Pixels:
    """The pixels of a picture in a body."""
    assert set(node) == {"type", "base64", "format"}
    assert (node["type"], node["format"]) == ("base64", "png")
    return opened(base64.b64decode(node["base64"]))


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


def test_pixflux() -> None:
    step = steps(SPECS["sprite"])[1]
    sent = body(step)
    assert LAB.order(step, inputs(step), {}).path == "/create-image-pixflux"
    assert without(sent, "init_image", "color_image") == {
        "description": "mossy boulder",
        "image_size": {"width": 48, "height": 32},
        "direction": "south-east",
        "outline": "selective outline",
        "shading": "flat shading",
        "no_background": True,
        "init_image_strength": 200,
        "seed": 1001,
    }
    assert np.array_equal(shown(sent["init_image"]), opened(FILES["art/knight.png"]))
    colours = shown(sent["color_image"])
    assert colours.shape == (64, 64, 4)
    assert [tuple(colour) for colour in np.unique(colours.reshape(-1, 4), axis=0)] == [
        (0x1A, 0x1C, 0x2C, 255),
        (0xB1, 0x3E, 0x53, 255),
    ]


def test_bitforge() -> None:
    (step,) = steps(SPECS["bitforge"])
    sent = body(step)
    assert LAB.order(step, inputs(step), {}).path == "/create-image-bitforge"
    assert without(sent, "style_image") == {
        "description": "mossy boulder",
        "negative_description": "moss",
        "image_size": {"width": 32, "height": 32},
        "no_background": True,
        "oblique_projection": True,
        "style_strength": 20,
        "coverage_percentage": 80,
        "seed": 1000,
    }
    assert shown(sent["style_image"]).shape == (16, 16, 4)


def test_items() -> None:
    potion, sword = (body(step) for step in steps(SPECS["items"]))
    assert potion["description"] == "fantasy icon, red potion"
    assert (sword["description"], sword["seed"]) == ("fantasy icon, iron sword", 6)


def test_edit_sends_source_and_mask() -> None:
    (step,) = steps(SPECS["edit"])
    sent = body(step)
    assert LAB.order(step, inputs(step), {}).path == "/inpaint"
    assert without(sent, "inpainting_image", "mask_image") == {
        "description": "a golden helmet",
        "image_size": {"width": 32, "height": 32},
        "no_background": True,
        "seed": 1000,
    }
    assert np.array_equal(shown(sent["inpainting_image"]), opened(FILES["art/knight.png"]))
    mask = shown(sent["mask_image"])
    assert set(np.unique(mask[..., :3])) == {0, 255}
    assert np.array_equal(np.unique(mask[..., 3]), [255])


@pytest.mark.parametrize(
    ("mask", "white"),
    [("[4, 8, 2, 3]", 6), ("[30, 30, 9, 9]", 4), ('"transparent"', 10)],
)
def test_masks(mask: str, white: int) -> None:
    source = picture(32, 32)
    source[0, :10, 3] = 0
    (step,) = steps(SPECS["edit"].replace('"art/mask.png"', mask))
    sent = body(step, own={"source": encode_png(source)})
    assert int((shown(sent["mask_image"])[..., 0] == 255).sum()) == white


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ({"mask": png(31, 32)}, "mask"),
        ({"mask": encode_png(np.zeros((32, 32, 4), np.uint8))}, "mask"),
        ({"source": png(201, 32)}, "source"),
        ({"source": png(8, 32)}, "source"),
    ],
)
def test_pictures_that_do_not_fit_are_not_sent(own: dict[str, bytes], field: str) -> None:
    (step,) = steps(SPECS["edit"])
    if "source" in own:
        (step,) = steps(SPECS["edit"].replace('"art/mask.png"', '"transparent"'))
        own = {"source": encode_png(np.zeros_like(opened(own["source"])))}
    with pytest.raises(UserError) as caught:
        body(step, own={"source": FILES["art/knight.png"], **own})
    assert (caught.value.code, caught.value.field) == ("provider_limit", field)


def test_a_size_beside_the_source_has_to_be_its_own() -> None:
    (step,) = steps(SPECS["edit"] + "size = [40, 32]\n")
    with pytest.raises(UserError) as caught:
        body(step)
    assert caught.value.field == "size"


def test_turning() -> None:
    first, second = steps(SPECS["turnaround"])
    sent = body(first)
    assert LAB.order(first, inputs(first), {}).path == "/rotate"
    assert without(sent, "from_image") == {
        "image_size": {"width": 32, "height": 32},
        "from_direction": "south",
        "to_direction": "east",
        "seed": 1000,
    }
    assert shown(sent["from_image"]).shape == (32, 32, 4)
    assert body(second)["to_direction"] == "north"
    (turn,) = steps(SPECS["view"])
    assert without(body(turn), "from_image", "image_size", "seed") == {"direction_change": 45}
    views = SPECS["view"].replace("rotate = 45", 'from_view = "side"\nto_view = "low top-down"')
    (turn,) = steps(views)
    assert without(body(turn), "from_image", "image_size", "seed") == {"from_view": "side", "to_view": "low top-down"}


def test_a_larger_canvas_keeps_the_feet_in_the_middle_of_the_bottom() -> None:
    (step,) = steps(SPECS["view"] + "size = [40, 48]\n")
    canvas = shown(body(step)["from_image"])
    assert canvas.shape == (48, 40, 4)
    assert np.array_equal(canvas[16:, 4:36], opened(FILES["art/knight.png"]))
    assert not canvas[:16].any()


def test_text_animation_in_fours() -> None:
    first, second = steps(SPECS["animation"])
    drawn = tuple(ResultFile(f"frame_{number:03}.png", "image/png", png(64, 64, number)) for number in range(4))
    needed = {first.key: StepResult(drawn)}
    sent = body(second, needed)
    assert LAB.order(second, inputs(second), needed).path == "/animate-with-text"
    # It sees the frames that were drawn before it, in their order.
    seen = [shown(picture) for picture in sent["inpainting_images"]]
    assert all(np.array_equal(one, opened(file.data)) for one, file in zip(seen, drawn, strict=True))
    assert second.after == (first.key,)
    assert "inpainting_images" not in body(first)
    assert without(sent, "reference_image", "inpainting_images") == {
        "image_size": {"width": 64, "height": 64},
        "description": "character",
        "action": "raises the shield",
        "n_frames": 8,
        "start_frame_index": 4,
        "direction": "south",
        "seed": 1000,
    }
    assert body(first)["start_frame_index"] == 0
    assert np.array_equal(shown(sent["reference_image"])[32:, 16:48], opened(FILES["art/knight.png"]))


def test_skeletons_in_threes() -> None:
    first, second = steps(SPECS["skeleton"])
    sent = body(first)
    assert LAB.order(first, inputs(first), {}).path == "/animate-with-skeleton"
    assert set(sent) == {"image_size", "reference_image", "skeleton_keypoints", "seed"}
    assert sent["skeleton_keypoints"][0][1] == {"x": 0.5, "y": 0.4, "label": "NECK", "z_index": 0.0}
    assert len(body(second)["skeleton_keypoints"]) == 3


def test_estimated_poses_are_filled_in() -> None:
    estimate, clip = steps(SPECS["estimate"])
    assert set(body(estimate)) == {"image"}
    assert LAB.order(estimate, inputs(estimate), {}).path == "/estimate-skeleton"
    joints = [{"x": 0.1, "y": 0.2, "label": "NOSE", "z_index": 3.0}]
    sent = body(clip, {"skeleton": StepResult((), {"keypoints": joints})})
    moved = [{**joints[0], "x": 0.2, "y": 0.0}]
    assert sent["skeleton_keypoints"] == [joints, moved, joints]


def test_characters() -> None:
    made = by_key(SPECS["character"])
    base = made["base"]
    order = LAB.order(base, {}, {})
    assert order.path == "/create-character-with-8-directions"
    assert order.body == {
        "description": "brave knight",
        "image_size": {"width": 48, "height": 48},
        "proportions": {"type": "preset", "name": "heroic"},
        "seed": 1000,
    }
    clip = made["clip/walk/south_east"]
    order = LAB.order(clip, {}, {"base": StepResult((), {"character": "char-7"})})
    assert order.path == "/characters/animations"
    assert order.body == {
        "character_id": "char-7",
        "animation_name": f"walking-8-frames-{mark_of(clip)}",
        "template_animation_id": "walking-8-frames",
        "directions": ["south-east"],
        "seed": 1000,
    }


def test_own_proportions_and_colours_reach_clips_too() -> None:
    text = """
kind = "character"
provider = "pixellab"
description = "knight"
directions = 1
projection = "isometric"
proportions = { head_size = 1.5 }
[animations.walk]
action = "walks proudly"
seed = 9
take = 3
[reference]
colors = "art/palette.hex"
force_colors = true
"""
    made = by_key(text)
    sent = body(made["base"])
    assert sent["proportions"] == {
        "type": "custom",
        "head_size": 1.5,
        "arms_length": 1.0,
        "legs_length": 1.0,
        "shoulder_width": 1.0,
        "hip_width": 1.0,
    }
    assert (sent["isometric"], sent["force_colors"]) == (True, True)
    assert len(np.unique(shown(sent["color_image"]).reshape(-1, 4), axis=0)) == 3
    clip = made["clip/walk/south"]
    order = LAB.order(clip, inputs(clip), {"base": StepResult((), {"character": "c"})}).body
    assert (order["action_description"], order["seed"], order["force_colors"]) == ("walks proudly", 11, True)


def test_marks_tell_clips_apart() -> None:
    clips = [step for step in steps(SPECS["character"]) if step.operation == "character.animate"]
    assert len({mark_of(step) for step in clips}) == len(clips)
    rerolled = SPECS["character"].replace("[animations.walk]", "[animations.walk]\ntake = 2")
    walks = [mark_of(step) for step in steps(rerolled) if step.key.startswith("clip/walk/")]
    assert not {mark_of(step) for step in clips} & set(walks)


def test_a_base_that_says_no_id_is_not_guessed() -> None:
    clip = by_key(SPECS["character"])["clip/walk/south"]
    with pytest.raises(UserError) as caught:
        LAB.order(clip, {}, {"base": StepResult(())})
    assert caught.value.code == "source_part"


def test_tilesets_pass_their_base_tiles_on() -> None:
    made = by_key(SPECS["tileset"])
    order = LAB.order(made["set/water+sand"], {}, {})
    assert order.path == "/create-tileset"
    assert order.body == {
        "lower_description": "deep ocean",
        "upper_description": "sand",
        "transition_description": "wet sand",
        "tile_size": {"width": 16, "height": 16},
        "transition_size": 0.5,
        "seed": 1000,
    }
    needed = {
        "set/water+sand": StepResult((), {"bases": {"lower": "w", "upper": "s"}}),
        "set/sand+grass": StepResult((), {"bases": {"lower": "s", "upper": "g"}}),
    }
    second = LAB.order(made["set/sand+grass"], {}, needed).body
    assert second["lower_base_tile_id"] == "s"
    assert "upper_base_tile_id" not in second
    third = LAB.order(made["set/water+grass"], {}, needed).body
    assert (third["lower_base_tile_id"], third["upper_base_tile_id"]) == ("w", "g")


def test_pictures_of_terrains() -> None:
    text = """
kind = "tileset"
provider = "pixellab"
description = "16-bit"
[[terrains]]
name = "deep_water"
reference = "art/knight.png"
[[terrains]]
name = "sand"
[[transitions]]
between = ["deep_water", "sand"]
reference = "art/style.png"
"""
    (step,) = steps(text)
    sent = body(step)
    assert sent["lower_description"] == "16-bit, deep water"
    assert shown(sent["lower_reference_image"]).shape == (32, 32, 4)
    assert shown(sent["transition_reference_image"]).shape == (16, 16, 4)
    assert "upper_reference_image" not in sent


def test_isometric_tiles() -> None:
    grass, stone = steps(SPECS["isometric_tiles"])
    order = LAB.order(grass, {}, {})
    assert order.path == "/create-isometric-tile"
    assert order.body == {
        "description": "grass",
        "image_size": {"width": 32, "height": 32},
        "isometric_tile_shape": "thin tile",
        "outline": "lineless",
        "seed": 1000,
    }
    assert body(stone)["isometric_tile_shape"] == "block"


def test_orders_are_pure_json() -> None:
    def needed(step: Step) -> dict[str, StepResult]:
        meta = {"character": "c", "bases": {"lower": "l", "upper": "u"}, "keypoints": []}
        joints = [{"x": 0.1, "y": 0.2, "label": "NOSE", "z_index": 3.0}]
        return {key: StepResult((), {**meta, "keypoints": joints}) for key in step.after}

    for text in SPECS.values():
        for step in steps(text):
            if LAB.adopted_ids(step) is None:
                one, two = (LAB.order(step, inputs(step), needed(step)) for _ in range(2))
                assert one == two
                assert json.loads(json.dumps(one.body)) == one.body


# pictures


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64, 4096])
def test_colour_pictures_hold_every_colour(count: int) -> None:
    colours = [(number % 256, number // 256, 7) for number in range(count)]
    pixels = opened(pictures.colour_picture(colours))
    assert pixels.shape == (64, 64, 4)
    assert {tuple(int(part) for part in colour[:3]) for colour in pixels.reshape(-1, 4)} == set(colours)


def test_pictures_of_answers_in_every_spelling() -> None:
    data = png(5, 3)
    text = base64.b64encode(data).decode()
    raw = base64.b64encode(opened(data).tobytes()).decode()
    prefixed = f"data:image/png;base64,{text}"
    for node in ({"base64": text}, {"type": "base64", "base64": prefixed, "format": "png"}, text, prefixed):
        assert pictures.read_delivered(node, None) == ("image/png", data)
    for raw_node, size in (
        ({"type": "rgba_bytes", "base64": raw, "width": 5, "height": 3}, None),
        ({"type": "rgba_bytes", "base64": raw}, (5, 3)),
        ({"type": "base64", "base64": raw}, (5, 3)),
    ):
        found = pictures.read_delivered(raw_node, size)
        assert found is not None
        assert np.array_equal(opened(found[1]), opened(data))


@pytest.mark.parametrize(
    "node",
    [
        None,
        3,
        {},
        {"base64": 7},
        {"base64": ""},
        {"base64": "%%%"},
        {"base64": "AAAA"},
        {"base64": base64.b64encode(png(5, 3)[:-20]).decode()},
        {"base64": "AAAA", "width": -1, "height": 1},
    ],
)
def test_what_is_no_picture(node: Any) -> None:
    assert pictures.read_delivered(node, (5, 3)) is None
