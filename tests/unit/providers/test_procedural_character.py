"""Drawn figures: what a game sees of them."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from bridge.providers.procedural.character import actions, run_steps
from exporters.model.asset import Pixels

EIGHT = ("south", "south-east", "east", "north-east", "north", "north-west", "west", "south-west")
ARCHETYPES = {
    "humanoid": "knight with sword and shield",
    "quadruped": "wolf",
    "winged": "bird",
    "amorphous": "slime",
    "serpentine": "snake",
}


def params(description: str, size: tuple[int, int] = (48, 48), **changes: Any) -> dict[str, Any]:
    look: dict[str, Any] = {
        "description": description,
        "archetype": None,
        "size": list(size),
        "view": "low top-down",
        "outline": "selective",
        "shading": "medium",
        "detail": "medium",
        "proportions": "default",
        "colors": None,
    }
    return {**look, **changes}


def still(description: str, direction: str = "south", seed: int = 1, **changes: Any) -> Pixels:
    frames = run_steps.figure_of(params(description, **changes), seed).render("idle", np.zeros(1), [direction])
    return np.asarray(frames[0])


def clip(description: str, action: str, count: int, direction: str = "south", **changes: Any) -> Pixels:
    figure = run_steps.figure_of(params(description, **changes), 1)
    loop = actions.ACTIONS[action][1]
    return figure.render(action, run_steps.spread_phases(count, loop=loop), [direction] * count)


def border(frames: Pixels) -> int:
    """Pixels drawn on the outermost line."""
    alpha = frames[..., 3] > 0
    return int(alpha[..., 0, :].sum() + alpha[..., -1, :].sum() + alpha[..., :, 0].sum() + alpha[..., :, -1].sum())


def lowest(frames: Pixels) -> list[int]:
    return [int(np.flatnonzero((frame[..., 3] > 0).any(axis=1))[-1]) for frame in frames]


def difference(a: Pixels, b: Pixels) -> int:
    return int((a != b).any(axis=-1).sum())


@pytest.mark.parametrize("archetype", ARCHETYPES)
@pytest.mark.parametrize("size", [(16, 16), (24, 32), (48, 48), (128, 96)])
def test_every_motion_stays_inside_the_canvas_and_shows_a_figure(archetype: str, size: tuple[int, int]) -> None:
    for action, (count, _) in actions.ACTIONS.items():
        for direction in ("south", "east", "north-west"):
            frames = clip(ARCHETYPES[archetype], action, count, direction, size=size)
            assert frames.shape == (count, size[1], size[0], 4)
            assert border(frames) == 0, (action, direction)
            filled = (frames[..., 3] > 0).sum(axis=(1, 2))
            assert filled.min() > size[0] * size[1] * 0.02, (action, direction)
            assert set(np.unique(frames[..., 3])) == {0, 255}


@pytest.mark.parametrize(
    "weapon", ["sword", "axe", "spear", "bow", "staff", "hammer", "dagger", "torch", "wand", "mace"]
)
def test_long_weapons_stay_inside_the_canvas(weapon: str) -> None:
    for direction in EIGHT:
        assert border(clip(f"hero with {weapon}", "attack", 9, direction, size=(32, 32))) == 0


@pytest.mark.parametrize("description", ["knight", "wizard", "wolf", "snake", "slime", "spider", "bat", "golem"])
def test_directions_are_drawn_and_not_flipped(description: str) -> None:
    stills = [still(description, direction) for direction in EIGHT]
    for i, one in enumerate(stills):
        for other in stills[i + 1 :]:
            assert difference(one, other) > 8
    east, west = stills[2], stills[6]
    assert difference(east, west[:, ::-1]) > 8


def test_the_face_shows_in_front_only() -> None:
    skin = still("bald man", "south")
    back = still("bald man", "north")
    eye = run_steps.figure_of(params("bald man"), 1).table
    dark = {tuple(int(c) for c in pixel[:3]) for pixel in skin.reshape(-1, 4)} - {
        tuple(int(c) for c in pixel[:3]) for pixel in back.reshape(-1, 4)
    }
    assert dark & set(eye)


@pytest.mark.parametrize("description", ["knight", "wizard", "goblin", "archer with bow", "wolf", "horse"])
@pytest.mark.parametrize("action", ["idle", "walk", "run"])
def test_feet_keep_one_baseline(description: str, action: str) -> None:
    for direction in EIGHT:
        rows = lowest(clip(description, action, 8, direction, size=(64, 64)))
        assert max(rows) - min(rows) <= (0 if action == "idle" else 1), (direction, rows)


def test_walks_of_all_directions_share_the_baseline_of_the_stills() -> None:
    for direction in EIGHT:
        ground = lowest(still("knight", direction)[None])[0]
        assert ground == 48 - 2, direction
        assert abs(max(lowest(clip("knight", "walk", 8, direction))) - ground) <= 1


@pytest.mark.parametrize("archetype", ARCHETYPES)
@pytest.mark.parametrize("action", [name for name, (_, loop) in actions.ACTIONS.items() if loop])
def test_loops_close_without_a_jump(archetype: str, action: str) -> None:
    frames = clip(ARCHETYPES[archetype], action, 12, "east", size=(64, 64))
    steps = [difference(a, b) for a, b in pairwise(frames)]
    assert difference(frames[-1], frames[0]) <= max(steps) * 1.5 + 4


@pytest.mark.parametrize("description", ["knight", "mage", "slime"])
def test_attacks_end_where_they_began(description: str) -> None:
    frames = clip(description, "attack", 6, "east")
    assert difference(frames[0], frames[-1]) < difference(frames[0], frames[3]) / 3


def test_death_ends_lying_down() -> None:
    frames = clip("villager", "death", 6, "east")

    def extent(frame: Pixels) -> tuple[int, int]:
        rows, columns = np.nonzero(frame[..., 3])
        return int(np.ptp(columns)), int(np.ptp(rows))

    first, last = extent(frames[0]), extent(frames[-1])
    assert first[1] > first[0]
    assert last[0] > last[1]
    assert lowest(frames[-1:])[0] >= 48 - 3


def test_a_jump_leaves_the_ground() -> None:
    rows = lowest(clip("villager", "jump", 7, "south", size=(64, 64)))
    assert rows[0] == rows[-1]
    assert min(rows) <= rows[0] - 4


def test_people_fill_most_of_the_height() -> None:
    for size in (32, 48, 64, 128):
        rows = np.flatnonzero((still("villager", size=(size, size))[..., 3] > 0).any(axis=1))
        assert rows[-1] - rows[0] + 1 >= size * 0.8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("knight", "red knight"),
        ("knight", "knight with cape"),
        ("knight", "knight with axe"),
        ("knight", "mage"),
        ("man with brown hair", "man with blonde hair"),
        ("man", "bald man"),
        ("man", "man with beard"),
        ("mage", "mage in red robe"),
        ("skeleton", "skeleton archer"),
        ("wolf", "white wolf"),
        ("slime", "dark blue slime"),
        ("snake", "red snake"),
        ("bird", "yellow bird"),
        ("fire elemental", "water elemental"),
        ("orc", "goblin"),
        ("king", "queen"),
    ],
)
def test_words_change_the_looks(one: str, other: str) -> None:
    assert difference(still(one), still(other)) > 10


def test_a_color_word_paints_its_noun_only() -> None:
    figure = run_steps.figure_of(params("knight with green cape"), 1)
    plain = run_steps.figure_of(params("knight with cape"), 1)
    changed = {name for name in figure.style.paints if figure.style.paints[name] != plain.style.paints[name]}
    assert changed == {"cape"}


def test_dark_makes_a_color_darker() -> None:
    assert still("dark red slime").astype(int).sum() < still("red slime").astype(int).sum()


def test_the_archetype_field_wins_over_the_words() -> None:
    assert run_steps.figure_of(params("strange wolf", archetype="winged"), 1).style.rig == "winged"
    assert run_steps.figure_of(params("wolf", archetype="humanoid"), 1).style.rig == "humanoid"
    assert run_steps.figure_of(params("dragon", archetype="winged"), 1).style.species == "dragon"


def test_unknown_words_still_give_a_figure_that_the_seed_varies() -> None:
    pictures = {still("xyzzy of quux", seed=seed).tobytes() for seed in range(1, 9)}
    assert len(pictures) >= 5


@pytest.mark.parametrize("limit", [4, 8, 16])
def test_colors_limits_the_whole_figure(limit: int) -> None:
    frames = np.concatenate([clip("knight", "walk", 4, d, colors=limit) for d in ("south", "east")])
    opaque = frames[frames[..., 3] > 0][:, :3]
    assert 2 <= len(np.unique(opaque, axis=0)) <= limit


def test_a_figure_uses_few_colors_without_a_limit() -> None:
    opaque = still("villager", size=(64, 64))
    assert len(np.unique(opaque[opaque[..., 3] > 0], axis=0)) <= 48


def test_shading_words_change_the_number_of_tones() -> None:
    tones = [
        len(np.unique(still("goblin", shading=name, size=(64, 64)).reshape(-1, 4), axis=0))
        for name in ("flat", "basic", "medium", "detailed")
    ]
    assert tones == sorted(tones)
    assert tones[0] < tones[-1]


def test_outline_words() -> None:
    none, black, selective = (still("goblin", outline=name) for name in ("none", "black", "selective"))
    ink = (black[..., :3] == run_steps.BLACK).all(axis=-1) & (black[..., 3] > 0)
    assert ink.sum() > 40
    assert not (((selective[..., :3] == run_steps.BLACK).all(axis=-1)) & (selective[..., 3] > 0)).any()
    assert (none[..., 3] > 0).sum() < (selective[..., 3] > 0).sum()


def test_views_differ() -> None:
    views = {still("knight", view=view).tobytes() for view in ("side", "low top-down", "high top-down", "isometric")}
    assert len(views) == 4


def test_proportions_change_the_share_of_the_head() -> None:
    pictures = {still("villager", proportions=name).tobytes() for name in ("chibi", "heroic", "realistic", "default")}
    assert len(pictures) == 4
    assert still("villager", proportions={"head_size": 2.0}).tobytes() not in pictures


def test_equal_wishes_give_equal_pixels_and_neighbours_do_not_matter() -> None:
    whole = clip("knight", "walk", 8, "east")
    figure = run_steps.figure_of(params("knight"), 1)
    for i in range(8):
        alone = figure.render("walk", np.array([i / 8]), ["east"])
        assert np.array_equal(alone[0], whole[i])


GOLDEN = {
    "knight with red cape": "9e6fa0c837e75b03",
    "old wizard with staff": "34d88088fc6ae771",
    "wolf": "9aab190b7059068f",
    "blue dragon": "dfec2547f69d4722",
    "slime": "2079b03ad6281ec5",
    "owl": "df0a81234bb6d3c0",
    "snake": "deb993ba1bfab4a9",
    "skeleton archer": "08594bedaf666622",
}


@pytest.mark.parametrize("description", GOLDEN)
def test_pixels_are_the_same_on_every_machine(description: str) -> None:
    digest = hashlib.sha256()
    for action, direction in (("idle", "south"), ("walk", "south-east"), ("attack", "east"), ("death", "north")):
        digest.update(clip(description, action, 5, direction).tobytes())
    assert digest.hexdigest()[:16] == GOLDEN[description]
