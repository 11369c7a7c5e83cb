"""Character and animation specs as steps, and steps as parts."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bridge.assemble.parts import ClipPart, ImagePart
from bridge.core.errors import UserError, Where, WorkFailed
from bridge.providers.api import Input, ResultFile, Step, StepResult
from bridge.providers.procedural import character
from bridge.providers.procedural.character import actions, picture_motion, pictures, style_words
from bridge.providers.testing import SpecContext
from bridge.spec.character import AnimationSpec, CharacterSpec
from bridge.spec.model import Spec
from tests.unit.providers.procedural_terrain_context import compiled


class Context(SpecContext):
    """The answers of a small project."""

    def __init__(self) -> None:
        super().__init__("art/hero")

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        return (own or 7) + (own_take or 1) - 1 + variant - 1

    def input(self, role: str, ref: str, field: str) -> Input:
        return Input(role, ref, hashlib.sha256(ref.encode()).hexdigest())

    def read(self, ref: str, field: str) -> tuple[str, bytes]:
        raise self.fail("source_missing", ref, field)

    def files(self, pattern: str, field: str) -> Sequence[str]:
        return ()

    def spec_of(self, ref: str, field: str) -> Spec:
        raise self.fail("source_missing", ref, field)

    def fail(self, code: str, message: str, field: str, hint: str = "") -> UserError:
        return UserError(code, message, hint=hint, where=Where("art/hero.asset.toml", field=field))


def steps(**fields: Any) -> list[Step]:
    data = {"kind": "character", "description": "brave knight", **fields}
    return compiled(CharacterSpec.model_validate(data), Context())


def motion(**fields: Any) -> Step:
    data = {"kind": "animation", "source": "art/pot.png", "action": "idle", **fields}
    (step,) = compiled(AnimationSpec.model_validate(data), Context())
    return step


def refused(**fields: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        steps(**fields)
    return caught.value


def test_one_step_for_the_stills_and_one_per_clip_and_direction() -> None:
    made = steps(
        animations={"walk": {}, "hit": {"action": "heavy sword swing", "directions": ["south", "south-east"]}},
        directions=8,
    )
    walks = [step.key for step in made if step.key.startswith("clip/walk/")]
    assert made[0].key == "base"
    assert len(walks) == 8
    assert [step.key for step in made if step.key.startswith("clip/hit/")] == ["clip/hit/south", "clip/hit/south_east"]
    assert all(not step.after and step.operation in character.OPERATIONS for step in made)


def test_mirrored_directions_are_not_drawn() -> None:
    made = steps(directions=4, mirror={"west": "east"}, animations={"walk": {}})
    assert made[0].params["directions"] == ["south", "east", "north"]
    assert [step.key for step in made[1:]] == ["clip/walk/south", "clip/walk/east", "clip/walk/north"]


def test_adding_an_animation_changes_no_other_step() -> None:
    before = steps(animations={"walk": {}})
    after = steps(animations={"walk": {}, "run": {"frames": 6}})
    assert after[: len(before)] == before
    assert steps(animations={"walk": {"fps": 20}}) == before


def test_variants_make_several_bases_and_clips_use_the_pick() -> None:
    made = steps(variants=3, pick=2, animations={"walk": {"directions": ["south"]}})
    assert [(step.key, step.seed) for step in made] == [
        ("base/1", 7),
        ("base/2", 8),
        ("base/3", 9),
        ("clip/walk/south", 8),
    ]


@pytest.mark.parametrize(
    ("name", "table", "action", "frames"),
    [
        ("walk", {}, "walk", 8),
        ("stroll", {"template": "walking-6-frames"}, "walk", 6),
        ("slash", {}, "attack", 6),
        ("special", {"action": "casting a spell"}, "cast", 6),
        ("die", {"frames": 12}, "death", 12),
        ("wait", {"durations": [100, 100, 300]}, "idle", 3),
        ("fly", {}, "fly", 6),
        ("walk", {"template": "moonwalk-thing"}, "walk", 8),
    ],
)
def test_words_find_motions_and_frames(name: str, table: dict[str, Any], action: str, frames: int) -> None:
    step = steps(animations={name: table})[-1]
    assert (step.params["action"], step.params["frames"]) == (action, frames)


def test_unknown_motions_name_the_known_ones() -> None:
    error = refused(animations={"walk": {"action": "juggle seven melons"}})
    assert error.code == "provider_limit"
    assert error.where is not None
    assert error.where.field == "animations.walk.action"
    assert all(name in error.hint for name in actions.ACTIONS)
    assert refused(animations={"juggle": {}}).where == Where("art/hero.asset.toml", field="animations.juggle")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"model": "pixflux"}, "spec_not_applicable", "model"),
        ({"negative": "hats"}, "spec_not_applicable", "negative"),
        ({"provider_options": {"a": 1}}, "spec_not_applicable", "provider_options"),
        ({"transparent": False}, "spec_not_applicable", "transparent"),
        ({"animations": {"walk": {"enhance": True}}}, "spec_not_applicable", "animations.walk.enhance"),
        ({"animations": {"walk": {"seed": 4}}}, "spec_not_applicable", "animations.walk.seed"),
        ({"size": [8, 8]}, "provider_limit", "size"),
        ({"size": [512, 64]}, "provider_limit", "size"),
        ({"projection": "oblique"}, "provider_limit", "projection"),
        ({"outline": "zigzag"}, "provider_limit", "outline"),
        ({"shading": "zigzag"}, "provider_limit", "shading"),
        ({"detail": "zigzag"}, "provider_limit", "detail"),
        ({"proportions": "zigzag"}, "provider_limit", "proportions"),
        ({"weapon": {"hand": "left"}}, "provider_limit", "weapon.hand"),
    ],
)
def test_what_cannot_be_drawn_is_refused_on_its_line(fields: dict[str, Any], code: str, field: str) -> None:
    error = refused(**fields)
    assert error.code == code
    assert error.where is not None
    assert error.where.field == field


def test_equal_wishes_give_equal_parameters() -> None:
    one = steps(description="Brave   KNIGHT", outline="single color black outline", proportions="Heroic")[0]
    other = steps(description="brave knight", outline="black", proportions="heroic")[0]
    assert one.params == other.params
    assert steps(weapon={"type": "Axe", "shield": True})[0].params["description"] == "brave knight with axe with shield"


@pytest.mark.parametrize(
    ("text", "table", "expected"),
    [
        ("lineless", style_words.OUTLINES, "none"),
        ("single color black outline", style_words.OUTLINES, "black"),
        ("selective outline", style_words.OUTLINES, "selective"),
        ("flat shading", style_words.SHADINGS, "flat"),
        ("basic shading", style_words.SHADINGS, "basic"),
        ("medium shading", style_words.SHADINGS, "medium"),
        ("highly detailed shading", style_words.SHADINGS, "detailed"),
        ("low detail", style_words.DETAILS, "low"),
        ("highly detailed", style_words.DETAILS, "high"),
        ("purple", style_words.DETAILS, None),
    ],
)
def test_style_words(text: str, table: dict[str, str], expected: str | None) -> None:
    assert style_words.normalize_words(text, table) == expected


def test_stills_and_clips_come_back_as_parts() -> None:
    made = steps(size=[32, 40], directions=4, animations={"walk": {"frames": 4}})
    (base, first) = made[0], made[1]
    stills = character.interpret(base, character.run(base, {}, {}))
    assert [part.name for part in stills if isinstance(part, ImagePart)] == ["south", "east", "north", "west"]
    assert all(isinstance(part, ImagePart) and part.pixels.shape == (40, 32, 4) for part in stills)
    (part,) = character.interpret(first, character.run(first, {}, {}))
    assert isinstance(part, ClipPart)
    assert (part.animation, part.direction, len(part.frames), part.loop) == ("walk", "south", 4, True)


def test_running_twice_gives_the_same_bytes() -> None:
    step = steps(animations={"attack": {"directions": ["south"]}})[-1]
    assert character.run(step, {}, {}) == character.run(step, {}, {})


def test_a_strip_of_another_size_is_reported() -> None:
    step = steps()[0]
    result = character.run(step, {}, {})
    with pytest.raises(WorkFailed) as caught:
        character.interpret(step, StepResult(result.files, {"frame": [5, 5], "names": ["south"]}))
    assert caught.value.code == "assemble_failed"


def png(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


def pot() -> np.ndarray[Any, np.dtype[np.uint8]]:
    picture = np.zeros((24, 24, 4), dtype=np.uint8)
    picture[8:23, 6:18] = (180, 90, 60, 255)
    picture[8:11, 8:16] = (220, 150, 90, 255)
    return picture


@pytest.mark.parametrize("name", pictures.MOTIONS)
def test_pictures_move_and_keep_their_colors_but_for_light(name: str) -> None:
    count, loop = pictures.MOTIONS[name]
    step = motion(action=name)
    (part,) = character.interpret(step, character.run(step, {"source": png(pot())}, {}))
    assert isinstance(part, ClipPart)
    assert (len(part.frames), part.loop, part.direction) == (count, loop, None)
    assert len({frame.tobytes() for frame in part.frames}) > 1
    if name not in ("glow", "shake"):
        colors = {tuple(pixel) for frame in part.frames for pixel in frame.reshape(-1, 4).tolist()}
        assert colors <= {(0, 0, 0, 0), (180, 90, 60, 255), (220, 150, 90, 255)}


@pytest.mark.parametrize("name", [name for name, (_, loop) in pictures.MOTIONS.items() if loop])
def test_moved_pictures_loop(name: str) -> None:
    frames = picture_motion.move_picture(pot(), name, 12, loop=True)
    steps_between = [int((a != b).sum()) for a, b in pairwise(frames)]
    assert int((frames[-1] != frames[0]).sum()) <= max(steps_between) * 1.5


def test_a_dissolve_ends_empty_and_a_lunge_where_it_began() -> None:
    gone = picture_motion.move_picture(pot(), "dissolve", 6, loop=False)
    assert gone[0, ..., 3].any()
    assert not gone[-1, ..., 3].any()
    lunge = picture_motion.move_picture(pot(), "lunge", 7, loop=False)
    assert np.array_equal(lunge[0], lunge[-1])


def test_an_empty_picture_stays_empty() -> None:
    assert not picture_motion.move_picture(np.zeros((9, 9, 4), dtype=np.uint8), "hop", 3, loop=False).any()


def test_animation_size_puts_the_picture_bottom_centre() -> None:
    step = motion(size=[40, 32], frames=1)
    (part,) = character.interpret(step, character.run(step, {"source": png(pot())}, {}))
    assert isinstance(part, ClipPart)
    rows, columns = np.nonzero(part.frames[0][..., 3])
    assert part.frames[0].shape == (32, 40, 4)
    assert (rows.max(), columns.min(), columns.max()) == (30, 14, 25)


def test_animations_refuse_what_they_do_not_know() -> None:
    with pytest.raises(UserError) as caught:
        motion(action="recites a poem")
    assert caught.value.code == "provider_limit"
    with pytest.raises(UserError) as caught:
        motion(outline="black")
    assert caught.value.code == "spec_not_applicable"


def test_a_source_that_is_no_picture_is_reported() -> None:
    with pytest.raises(WorkFailed) as caught:
        character.run(motion(), {"source": b"not a picture"}, {})
    assert caught.value.code == "source_broken"


def test_results_are_single_png_strips() -> None:
    step = steps(size=[16, 16], directions=["south", "east"])[0]
    result = character.run(step, {}, {})
    assert result.meta == {"frame": [16, 16], "names": ["south", "east"]}
    (file,) = result.files
    assert isinstance(file, ResultFile)
    assert file.media_type == "image/png"
    with Image.open(io.BytesIO(file.data)) as image:
        assert image.size == (32, 16)
