"""PixelLab: specs as steps, every published limit, and what does not apply."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bridge.core.errors import UserError
from bridge.providers.api import Step
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.pixellab import words
from bridge.providers.pixellab.routes import ROUTES
from tests.unit.providers.pixellab_samples import FILES, LAB, SPECS, by_key, png, steps

SPRITE = 'kind = "sprite"\nprovider = "pixellab"\ndescription = "rock"\n'
CHARACTER = 'kind = "character"\nprovider = "pixellab"\ndescription = "knight"\n'
TILESET = 'kind = "tileset"\nprovider = "pixellab"\n'
PAIR = '[[terrains]]\nname = "water"\n[[terrains]]\nname = "sand"\n'
EDIT = 'kind = "edit"\nprovider = "pixellab"\nsource = "art/knight.png"\ndescription = "helmet"\n'
TURN = 'kind = "turnaround"\nprovider = "pixellab"\nsource = "art/knight.png"\n'
MOVE = 'kind = "animation"\nprovider = "pixellab"\nsource = "art/knight.png"\n'
ISOMETRIC = 'kind = "isometric_tiles"\nprovider = "pixellab"\n'
TILE = '[[tiles]]\nname = "grass"\n'


def refused(text: str, code: str, field: str) -> UserError:
    """The error of a spec that PixelLab cannot make."""
    with pytest.raises(UserError) as caught:
        steps(text)
    error = caught.value
    assert (error.code, error.field) == (code, field), error.message
    return error


def request(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = step.params["request"]
    return found


# limits


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (SPRITE + "size = [404, 32]", "size"),
        (SPRITE + "size = [8, 64]", "size"),
        (SPRITE + "size = [16, 16]", "size"),
        (SPRITE + 'size = [201, 32]\nmodel = "bitforge"', "size"),
        (EDIT + 'size = [201, 32]\nmask = "transparent"', "size"),
        (TURN + "size = [201, 32]\nrotate = 45", "size"),
        (CHARACTER + "size = [401, 48]", "size"),
        (CHARACTER + "size = [48, 15]", "size"),
        (ISOMETRIC + "tile_size = [65, 32]\n" + TILE, "tile_size"),
        (ISOMETRIC + "tile_size = [8, 32]\n" + TILE, "tile_size"),
        (TILESET + "tile_size = 24\n" + PAIR, "tile_size"),
        (TILESET + "tile_size = [16, 32]\n" + PAIR, "tile_size"),
        (TILESET + 'view = "side"\n' + PAIR, "view"),
        (TILESET + '[[terrains]]\nname = "water"', "terrains"),
        (MOVE + 'action = "nods"\nsize = [32, 32]', "size"),
        (MOVE + 'action = "nods"\nframes = 6', "frames"),
        (MOVE + 'action = "nods"\ndurations = [80, 80]', "durations"),
        (MOVE + 'size = [257, 32]\n[skeleton]\nposes = "poses/moved.json"', "size"),
        (MOVE + 'frames = 3\n[skeleton]\nposes = "poses/walk.json"', "frames"),
        (SPRITE + "[provider_options]\ntext_guidance_scale = 21", "provider_options.text_guidance_scale"),
        (
            EDIT + 'mask = "transparent"\n[provider_options]\ntext_guidance_scale = 11',
            "provider_options.text_guidance_scale",
        ),
        (TILESET + PAIR + "[provider_options]\ntile_strength = 3", "provider_options.tile_strength"),
        (CHARACTER + '[provider_options]\ntemplate_id = "humanoid"', "provider_options.template_id"),
        (
            CHARACTER + '[animations.walk]\nprovider_options = { text_guidance_scale = "high" }',
            "animations.walk.provider_options.text_guidance_scale",
        ),
        (SPRITE + 'outline = "thick"', "outline"),
        (SPRITE + 'shading = "soft"', "shading"),
        (SPRITE + 'detail = "photo"', "detail"),
        (ISOMETRIC + 'outline = "single color black outline"\n' + TILE, "outline"),
        (SPRITE + 'projection = "oblique"', "projection"),
        (CHARACTER + 'projection = "oblique"', "projection"),
        (CHARACTER + 'proportions = "tiny"', "proportions"),
        (CHARACTER + 'archetype = "winged"', "archetype"),
        (CHARACTER + 'archetype = "quadruped"', "archetype"),
        (SPRITE + 'model = "pixflix"', "model"),
    ],
)
def test_limits_are_refused_on_their_line(text: str, field: str) -> None:
    error = refused(text, "provider_limit", field)
    assert error.message


@pytest.mark.parametrize(
    "text",
    [
        SPRITE + "size = [400, 400]",
        SPRITE + "size = [16, 64]",
        SPRITE + 'size = [16, 16]\nmodel = "bitforge"',
        SPRITE + 'size = [200, 200]\nmodel = "bitforge"',
        CHARACTER + "size = [16, 16]",
        CHARACTER + "size = [400, 400]",
        TILESET + "transition_size = 1.0\n" + PAIR,
        TILESET + 'tile_size = 32\nview = "low top-down"\n' + PAIR,
        ISOMETRIC + "tile_size = [16, 64]\n" + TILE,
        CHARACTER + 'outline = "thin"\ndetail = "medium"',
    ],
)
def test_what_some_version_takes_is_let_through(text: str) -> None:
    assert steps(text)


def test_a_source_that_is_too_large_is_refused_before_it_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "art/large.png", png(260, 70))
    for text in (EDIT + 'mask = "transparent"', TURN + "rotate = 9", MOVE + 'action = "nods"'):
        refused(text.replace("knight.png", "large.png"), "provider_limit", "source")
    skeleton = MOVE + '[skeleton]\nposes = "poses/moved.json"'
    refused(skeleton.replace("knight.png", "large.png"), "provider_limit", "source")


# what does not apply


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (SPRITE + 'negative = "moss"', "negative"),
        (SPRITE + 'source = "art/knight.png"', "source"),
        (SPRITE + "enhance = true", "enhance"),
        (SPRITE + "colors = 8", "colors"),
        (SPRITE + 'adopt = "x"', "adopt"),
        (SPRITE + '[reference]\nstyle = "art/style.png"', "reference.style"),
        (SPRITE + '[reference]\nstyle_url = "https://x"', "reference.style_url"),
        (SPRITE + "[reference]\ninit_strength = 5", "reference.init_strength"),
        (SPRITE + "[reference]\nforce_colors = true", "reference.force_colors"),
        (SPRITE + "[provider_options]\nno_background = true", "provider_options.no_background"),
        (SPRITE + "[provider_options]\nguidance = 3", "provider_options.guidance"),
        (EDIT + 'mask = "transparent"\nmodel = "bitforge"', "model"),
        (TURN + 'directions = 4\ndirection = "south"\ndescription = "knight"', "description"),
        (TURN.replace('source = "art/knight.png"', 'source_url = "https://x"') + "rotate = 5", "source_url"),
        (MOVE + 'action = "nods"\n[[keyframes]]\nindex = 0\nsource = "art/knight.png"', "keyframes"),
        (MOVE + 'action = "nods"\n[[retakes]]\nframes = [0, 1]', "retakes"),
        (MOVE + 'action = "nods"\n[skeleton]\nposes = "estimate"', "action"),
        (CHARACTER + 'negative = "cape"', "negative"),
        (CHARACTER + "transparent = false", "transparent"),
        (CHARACTER + '[weapon]\ntype = "axe"', "weapon"),
        (CHARACTER + 'adopt = "x"\nvariants = 2', "variants"),
        (CHARACTER + 'adopt = "x"\noutline = "thin"', "outline"),
        (CHARACTER + '[animations.walk]\nnegative = "fast"', "animations.walk.negative"),
        (CHARACTER + "[animations.walk]\nprovider_options = { seed = 3 }", "animations.walk.provider_options.seed"),
        (TILESET + '[[terrains]]\nname = "a"\nanimated = 4\n[[terrains]]\nname = "b"', "terrains.0.animated"),
        (TILESET + '[[terrains]]\nname = "a"\n[[terrains]]\nname = "b"\nvariations = 1', "terrains.1.variations"),
        (TILESET + "transparent = true\n" + PAIR, "transparent"),
        (ISOMETRIC + TILE + 'builtin = "x"', "tiles.0.builtin"),
    ],
)
def test_what_has_no_place_is_said(text: str, field: str) -> None:
    error = refused(text, "spec_not_applicable", field)
    assert error.hint


def test_turning_needs_to_know_where_it_begins() -> None:
    refused(TURN + "directions = 4", "spec_invalid", "direction")
    refused(TURN + 'direction = "south"\ndirections = 1', "spec_invalid", "directions")


# words


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Single Color Black Outline", "single color black outline"),
        ("selective", "selective outline"),
        ("lineless", "lineless"),
        ("none", "lineless"),
        ("black", "single color black outline"),
    ],
)
def test_outlines_are_understood(said: str, meant: str) -> None:
    (step,) = steps(SPRITE + f'outline = "{said}"')
    assert request(step)["outline"] == meant


def test_words_are_suggested() -> None:
    error = refused(SPRITE + 'shading = "flatt shading"', "provider_limit", "shading")
    assert "Did you mean flat shading?" in error.hint
    error = refused(
        CHARACTER + '[animations.a]\ntemplate = "walkin-8-frames"', "provider_limit", "animations.a.template"
    )
    assert "walking-8-frames" in error.hint


@pytest.mark.parametrize(
    ("motion", "family", "frames", "template"),
    [
        ("walk", "mannequin", None, "walking-8-frames"),
        ("walking slowly", "mannequin", 4, "walking-4-frames"),
        ("walk", "dog", 6, "walk-6-frames"),
        ("running", "cat", None, "running-8-frames"),
        ("idle", "mannequin", None, "breathing-idle"),
        ("idle", "bear", None, "idle-long"),
        ("he dies", "mannequin", None, "falling-back-death"),
        ("dying", "horse", None, "dying"),
        ("flying kick", "mannequin", None, "flying-kick"),
        ("kicks", "mannequin", None, "high-kick"),
        ("casts a spell", "mannequin", None, "fireball"),
        ("Jump", None, None, "jumping-1"),
        ("sneaking", "dog", None, "sneaking"),
        ("sings", "mannequin", None, None),
        ("bark", "mannequin", None, None),
    ],
)
def test_motions_find_their_template(motion: str, family: str | None, frames: int | None, template: str | None) -> None:
    assert words.template_for(motion, family, frames) == template


def test_every_shown_template_exists() -> None:
    """The table of motions names nothing that no family has."""
    known = words.templates(None)
    for text in words._SHOWN.values():
        assert any(template in known for template in text.split()), text
        assert all(template in known for template in text.split()), text


def test_a_motion_without_template_lists_them() -> None:
    error = refused(CHARACTER + '[animations.a]\naction = "sings"', "provider_limit", "animations.a.action")
    assert "breathing-idle" in error.hint
    refused(CHARACTER + "[animations.sing]", "provider_limit", "animations.sing")
    text = CHARACTER + '[animations.a]\ntemplate = "walking-8-frames"\nframes = 6'
    refused(text, "provider_limit", "animations.a.frames")


def test_animals_have_their_own_templates() -> None:
    dog = CHARACTER + 'archetype = "quadruped"\n[animations.walk]\n[provider_options]\ntemplate_id = "dog"\n'
    made = by_key(dog)
    assert request(made["base"])["template_id"] == "dog"
    assert request(made["clip/walk/south"])["template_animation_id"] == "walk-8-frames"
    refused(dog + '[animations.bow]\ntemplate = "breathing-idle"', "provider_limit", "animations.bow.template")
    refused(dog.replace('"quadruped"', '"humanoid"'), "spec_not_applicable", "archetype")


# steps


@pytest.mark.parametrize(
    ("directions", "operation"),
    [
        ("1", "character.create_4"),
        ("4", "character.create_4"),
        ("8", "character.create_8"),
        ('["south", "south-east"]', "character.create_8"),
        ('["south", "south-east"]\nmirror = { south-east = "south" }', "character.create_4"),
    ],
)
def test_the_smallest_route_that_draws_them_all(directions: str, operation: str) -> None:
    assert steps(CHARACTER + f"directions = {directions}")[0].operation == operation


def test_variants_are_picked_before_clips_are_bought() -> None:
    text = CHARACTER + "variants = 3\n{}[animations.walk]\n"
    assert list(by_key(text.format(""))) == ["base/1", "base/2", "base/3"]
    picked = by_key(text.format("pick = 2\n"))
    assert picked["clip/walk/south"].after == ("base/2",)
    assert [picked[f"base/{number}"].seed for number in (1, 2, 3)] == [1000, 1001, 1002]


def test_clips_follow_the_base() -> None:
    clips = [step for step in steps(SPECS["character"]) if step.key.startswith("clip/walk/")]
    assert [step.key.rpartition("/")[2] for step in clips] == ["south", "south_east", "east", "north_east", "north"]
    assert {step.after for step in clips} == {("base",)}
    assert {tuple(request(step)["directions"]) for step in clips} >= {("south-east",)}


def test_names_of_clips_cost_nothing() -> None:
    """What a clip is called here never reaches the provider."""
    walk = CHARACTER + '[animations.walk]\ntemplate = "walking-8-frames"'
    old, new = by_key(walk)["clip/walk/south"], by_key(walk.replace("[animations.walk]", "[animations.stroll]"))
    needed = {"base": "f1:0"}
    assert step_fingerprint(old, needed) == step_fingerprint(new["clip/stroll/south"], needed)


def test_restored_surroundings_cost_nothing() -> None:
    kept, whole = (by_key(EDIT + f"mask = [0, 0, 8, 8]\nkeep_outside = {value}") for value in ("true", "false"))
    assert list(kept) == ["image/1"]
    assert list(whole) == ["whole/1"]
    assert step_fingerprint(kept["image/1"], {}) == step_fingerprint(whole["whole/1"], {})


def test_a_default_that_is_said_is_no_other_wish() -> None:
    plain, said = (steps(SPRITE + more)[0] for more in ("", "[provider_options]\ntext_guidance_scale = 8.0"))
    assert step_fingerprint(plain, {}) == step_fingerprint(said, {})


def test_sets_are_chained() -> None:
    made = by_key(SPECS["tileset"])
    assert {key: step.after for key, step in made.items()} == {
        "set/water+sand": (),
        "set/sand+grass": ("set/water+sand",),
        "set/water+grass": ("set/water+sand", "set/sand+grass"),
    }
    assert made["set/sand+grass"].params["bases"] == {"lower": [0, "upper"]}
    assert made["set/water+grass"].params["bases"] == {"lower": [0, "lower"], "upper": [1, "upper"]}
    assert request(made["set/water+sand"])["transition_size"] == 0.5


def test_a_terrain_more_buys_one_set() -> None:
    two, three = by_key(TILESET + PAIR), by_key(TILESET + PAIR + '[[terrains]]\nname = "grass"')
    assert step_fingerprint(two["set/water+sand"], {}) == step_fingerprint(three["set/water+sand"], {})
    assert set(three) - set(two) == {"set/sand+grass"}


def test_poses_are_cut_into_threes() -> None:
    first, second = steps(SPECS["skeleton"])
    assert (first.key, second.key) == ("clip/stride/0", "clip/stride/3")
    assert (first.params["kept"], second.params["kept"]) == (3, 1)
    assert len(request(second)["skeleton_keypoints"]) == 3


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
    assert list(made) == ["skeleton", "clip/stride/0", "clip/stride/3"]
    assert made["clip/stride/0"].after == ("skeleton",)
    assert made["clip/stride/0"].params["estimated"] == [0]
    assert made["clip/stride/3"].after == ()


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


def test_adopting_is_free() -> None:
    base, *clips = steps(SPECS["adopted"])
    assert LAB.adopted_ids(base) == {"character": "char-7"}
    assert base.price.amount == 0
    assert clips
    assert all(LAB.adopted_ids(step) is None for step in clips)
    first, second = steps(TILESET + 'adopt = "set-1"\n' + PAIR + '[[terrains]]\nname = "grass"')
    assert LAB.adopted_ids(first) == {"tileset": "set-1"}
    assert second.operation == "tileset.create"


def test_prices_are_the_routes() -> None:
    for text in SPECS.values():
        for step in steps(text):
            assert step.price == ROUTES[step.operation].price


def test_fields_of_errors_exist() -> None:
    """Every field that a route blames is a name, or a name below the step's own field."""
    for route in ROUTES.values():
        for field in route.fields.values():
            assert re.fullmatch(r"(\{\}|[a-z_]+)(\.[a-z_]+)*", field)
