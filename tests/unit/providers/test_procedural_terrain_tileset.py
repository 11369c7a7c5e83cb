"""Procedural tilesets: steps, seams, shared tiles, variations, animations, refusals."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.assemble.parts import WangTilePart
from bridge.core.errors import UserError
from bridge.providers.api import Step
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.procedural import ProceduralProvider
from bridge.providers.procedural.terrain.materials import MATERIALS, WORDS
from bridge.providers.procedural.terrain.words import named_material
from bridge.providers.testing import compile_checked
from bridge.spec.tiles import TilesetSpec
from tests.unit.providers.procedural_terrain_context import Context

PROVIDER = ProceduralProvider()


def spec(*terrains: str | dict[str, Any], **fields: Any) -> TilesetSpec:
    tables = [{"name": terrain} if isinstance(terrain, str) else terrain for terrain in terrains]
    return TilesetSpec.model_validate({"kind": "tileset", "terrains": tables, **fields})


def steps(wish: TilesetSpec, seed: int = 7) -> list[Step]:
    return list(compile_checked(PROVIDER, wish, Context(seed)))


def drawn(step: Step) -> list[WangTilePart]:
    parts = PROVIDER.interpret(step, PROVIDER.run(step, {}, {}))
    tiles = [part for part in parts if isinstance(part, WangTilePart)]
    assert len(tiles) == len(parts)
    return tiles


def by_corners(tiles: list[WangTilePart]) -> dict[tuple[str | None, ...], tuple[np.ndarray, ...]]:
    return {tile.corners: tile.frames for tile in tiles if tile.variation == 0}


def fingerprints(wish: TilesetSpec) -> list[str | None]:
    return [step_fingerprint(step, {}) for step in steps(wish)]


def borders_agree(tiles: dict[tuple[str | None, ...], tuple[np.ndarray, ...]]) -> None:
    """The outermost pixels of a side follow from the side's two corners alone, in every frame of the longest loop."""
    seen: dict[tuple[str, str | None, str | None, int], bytes] = {}
    for (nw, ne, sw, se), frames in tiles.items():
        for phase in range(16):
            frame = frames[phase % len(frames)]
            sides = {
                ("west", nw, sw): frame[:, 0],
                ("east", ne, se): frame[:, -1],
                ("north", nw, ne): frame[0],
                ("south", sw, se): frame[-1],
            }
            for (side, one, two), line in sides.items():
                assert seen.setdefault((side, one, two, phase), line.tobytes()) == line.tobytes(), (side, one, two)


def test_two_terrains_are_one_step_and_sixteen_tiles() -> None:
    found = steps(spec("water", "grass"))
    assert [step.key for step in found] == ["set/water+grass"]
    tiles = drawn(found[0])
    assert len({tile.corners for tile in tiles}) == 16
    assert all(tile.frames[0].shape == (16, 16, 4) and (tile.frames[0][..., 3] == 255).all() for tile in tiles)


def test_three_terrains_share_the_middle_tile() -> None:
    first, second = (by_corners(drawn(step)) for step in steps(spec("water", "sand", "grass")))
    middle = ("sand",) * 4
    assert np.array_equal(first[middle][0], second[middle][0])
    assert len(set(first) | set(second)) == 31


def test_an_extra_pair_shares_both_base_tiles() -> None:
    wish = spec("water", "sand", "grass", transitions=[{"between": ["water", "grass"], "description": "cliff"}])
    found = steps(wish)
    assert [step.key for step in found] == ["set/water+sand", "set/sand+grass", "set/water+grass"]
    sets = [by_corners(drawn(step)) for step in found]
    assert np.array_equal(sets[2][("water",) * 4][0], sets[0][("water",) * 4][0])
    assert np.array_equal(sets[2][("grass",) * 4][0], sets[1][("grass",) * 4][0])


def test_one_terrain_is_an_overlay_of_fifteen_tiles() -> None:
    (step,) = steps(spec("grass"))
    tiles = by_corners(drawn(step))
    assert step.key == "set/grass"
    assert len(tiles) == 15
    assert (None,) * 4 not in tiles
    lone = tiles[("grass", None, None, None)][0]
    assert lone[0, 0, 3] == 255
    assert lone[-1, -1, 3] == 0
    borders_agree(tiles)


@settings(max_examples=60, deadline=None)
@given(
    pair=st.tuples(st.sampled_from(sorted(WORDS)), st.sampled_from(sorted(WORDS))).filter(lambda two: two[0] != two[1]),
    size=st.sampled_from([8, 9, 12, 16, 24, 32, 48, 64, [16, 8], [24, 40]]),
    width=st.sampled_from([0, 0.25, 0.5, 1.0]),
    words=st.sampled_from(["", "cliff", "wet sand with foam", "ragged", "stone border", "straight", "shadow"]),
    view=st.sampled_from(["side", "low top-down", "high top-down"]),
    outline=st.sampled_from(["", "single color black outline", "lineless"]),
    seed=st.integers(1, 2**31 - 1),
)
def test_any_two_tiles_that_may_meet_fit(
    pair: tuple[str, str], size: Any, width: float, words: str, view: str, outline: str, seed: int
) -> None:
    wish = spec(
        {"name": "low", "description": pair[0].replace("_", " ")},
        {"name": "high", "description": pair[1].replace("_", " ")},
        tile_size=size,
        transition_size=width,
        view=view,
        outline=outline,
        transitions=[{"between": ["low", "high"], "description": words}],
    )
    (step,) = steps(wish, seed)
    tiles = by_corners(drawn(step))
    assert len(tiles) == 16
    borders_agree(tiles)


@pytest.mark.parametrize(
    ("low", "high"), [("water", "grass"), ("lava", "rock"), ("swamp", "forest floor"), ("void", "stone")]
)
def test_animated_tiles_move_in_step(low: str, high: str) -> None:
    wish = spec({"name": "low", "description": low, "animated": 4}, {"name": "high", "description": high})
    tiles = by_corners(drawn(steps(wish)[0]))
    assert len(tiles[("high",) * 4]) == 1
    for corners, frames in tiles.items():
        if "low" in corners:
            assert len(frames) == 4
    still = tiles[("low",) * 4]
    assert len({frame.tobytes() for frame in still}) > 1
    borders_agree(tiles)


def test_both_terrains_may_move_with_a_common_loop() -> None:
    wish = spec({"name": "water", "animated": 4}, {"name": "grass", "animated": 2})
    tiles = by_corners(drawn(steps(wish)[0]))
    assert {len(frames) for corners, frames in tiles.items() if len(set(corners)) == 2} == {4}
    assert len(tiles[("grass",) * 4]) == 2
    borders_agree(tiles)


@pytest.mark.parametrize("name", sorted(MATERIALS))
@pytest.mark.parametrize("size", [8, 16, 32])
def test_variations_differ_inside_and_keep_the_border(name: str, size: int) -> None:
    word = next((word for word, material in WORDS.items() if material == name), "blorb").replace("_", " ")
    (step,) = steps(spec({"name": "it", "description": word, "variations": 4}, "dirt", tile_size=size))
    full = [tile for tile in drawn(step) if set(tile.corners) == {"it"}]
    assert [tile.variation for tile in full] == [0, 1, 2, 3, 4]
    plain = full[0].frames[0]
    for tile in full[1:]:
        picture = tile.frames[0]
        assert np.array_equal(picture[[0, -1]], plain[[0, -1]])
        assert np.array_equal(picture[:, [0, -1]], plain[:, [0, -1]])
    if size >= 16 and MATERIALS[name].decor:
        assert len({tile.frames[0].tobytes() for tile in full}) > 1


def test_shared_terrains_bring_their_variations_once() -> None:
    wish = spec(
        {"name": "water", "variations": 1}, {"name": "sand", "variations": 2}, {"name": "grass", "variations": 3}
    )
    counts = [
        {
            name: sum(tile.variation > 0 and tile.corners[0] == name for tile in drawn(step))
            for name in ("water", "sand", "grass")
        }
        for step in steps(wish)
    ]
    assert counts == [{"water": 1, "sand": 2, "grass": 0}, {"water": 0, "sand": 0, "grass": 3}]


@pytest.mark.parametrize("name", sorted(MATERIALS))
def test_every_material_is_a_texture_of_its_own(name: str) -> None:
    word = next((word for word, material in WORDS.items() if material == name), "blorb").replace("_", " ")
    tiles = by_corners(drawn(steps(spec({"name": "it", "description": word}))[0]))
    full = tiles[("it",) * 4][0].reshape(-1, 4)
    colors = np.unique(full, axis=0)
    assert 2 <= len(colors) <= 9


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_means_its_material_also_with_adjectives(word: str) -> None:
    text = word.replace("_", " ")
    plural = f"{text}s" if len(text.split()[-1]) > 2 and not text.endswith("s") else text
    for description in (text, f"dark {text} with flowers", plural):
        material = named_material(description)
        assert material is not None
        assert material.name == WORDS[word]


def test_a_terrain_at_the_end_leaves_the_other_steps_alone() -> None:
    assert fingerprints(spec("water", "sand", "grass"))[:1] == fingerprints(spec("water", "sand"))


@pytest.mark.parametrize("change", [{"solid": True}, {"probability": 3.0}, {"color": "#102030"}, {"frame_ms": 500}])
def test_free_fields_are_no_params(change: dict[str, Any]) -> None:
    assert fingerprints(spec("water", {"name": "sand", **change})) == fingerprints(spec("water", "sand"))


@pytest.mark.parametrize(
    "fields",
    [
        {"tile_size": 32},
        {"transition_size": 0.5},
        {"view": "high top-down"},
        {"outline": "lineless"},
        {"shading": "flat"},
        {"detail": "high"},
        {"colors": 6},
        {"description": "autumn"},
        {"transitions": [{"between": ["water", "grass"], "description": "cliff"}]},
    ],
)
def test_fields_that_count_change_the_picture(fields: dict[str, Any]) -> None:
    plain, other = steps(spec("water", "grass"))[0], steps(spec("water", "grass", **fields))[0]
    assert step_fingerprint(plain, {}) != step_fingerprint(other, {})
    assert PROVIDER.run(plain, {}, {}).files[0].data != PROVIDER.run(other, {}, {}).files[0].data


@pytest.mark.parametrize("colors", [2, 4, 8, 16])
def test_colors_limits_a_set(colors: int) -> None:
    wish = spec({"name": "water", "animated": 4}, {"name": "grass", "variations": 3}, colors=colors)
    pictures = [frame.reshape(-1, 4) for tile in drawn(steps(wish)[0]) for frame in tile.frames]
    assert len(np.unique(np.concatenate(pictures), axis=0)) <= colors


@pytest.mark.parametrize(("words", "channel"), [("red grass", 0), ("blue sand", 2), ("green water", 1)])
def test_color_words_have_their_hue(words: str, channel: int) -> None:
    tiles = by_corners(drawn(steps(spec({"name": "it", "description": words}))[0]))
    mean = tiles[("it",) * 4][0][..., :3].reshape(-1, 3).mean(axis=0)
    assert int(np.argmax(mean)) == channel


def test_dark_is_darker_and_light_is_lighter() -> None:
    def mean(words: str) -> float:
        tiles = by_corners(drawn(steps(spec({"name": "it", "description": words}))[0]))
        return float(tiles[("it",) * 4][0][..., :3].mean())

    assert mean("dark grass") < mean("grass") < mean("light grass")


def test_the_seed_changes_the_texture_and_unknown_words_are_welcome() -> None:
    wish = spec({"name": "it", "description": "blorb plasma goo-thing"})
    assert PROVIDER.run(steps(wish, 1)[0], {}, {}) != PROVIDER.run(steps(wish, 2)[0], {}, {})


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"enhance": True}, "enhance"),
        ({"adopt": "x"}, "adopt"),
        ({"negative": "trees"}, "negative"),
        ({"model": "pixflux"}, "model"),
        ({"transparent": True}, "transparent"),
        ({"source": "a.png"}, "source"),
        ({"reference": {"force_colors": True}}, "reference"),
        ({"provider_options": {"a": 1}}, "provider_options"),
    ],
)
def test_fields_of_paid_providers_are_errors(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(UserError) as caught:
        steps(spec("water", "grass", **fields))
    assert caught.value.code == "spec_not_applicable"
    assert caught.value.args[1] == place
    assert caught.value.hint


@pytest.mark.parametrize(
    ("terrains", "code", "place"),
    [
        ([{"name": "stone", "animated": 3}, "grass"], "spec_not_applicable", "terrains.0.animated"),
        ([{"name": "water", "reference": "a.png"}, "grass"], "spec_not_applicable", "terrains.0.reference"),
        ([{"name": "lava", "animated": 7}, {"name": "water", "animated": 5}], "provider_limit", "terrains.1.animated"),
        (
            [{"name": "water", "animated": 4}, {"name": "grass", "animated": 4, "frame_ms": 300}],
            "spec_not_applicable",
            "terrains.1.frame_ms",
        ),
    ],
)
def test_terrain_tables_that_cannot_be_drawn(terrains: list[Any], code: str, place: str) -> None:
    with pytest.raises(UserError) as caught:
        steps(spec(*terrains))
    assert (caught.value.code, caught.value.args[1]) == (code, place)


def test_tiles_beyond_the_limit_are_refused() -> None:
    with pytest.raises(UserError) as caught:
        steps(spec("water", "grass", tile_size=128))
    assert caught.value.code == "provider_limit"


def test_the_same_spec_gives_the_same_pixels_everywhere() -> None:
    wish = spec(
        {"name": "water", "animated": 4},
        {"name": "sand", "variations": 2},
        "grass",
        "rock",
        transitions=[{"between": ["sand", "grass"], "description": "autumn leaves", "size": 0.5}],
    )
    digest = hashlib.sha256()
    for step in steps(wish):
        for tile in drawn(step):
            for frame in tile.frames:
                digest.update(frame.tobytes())
    assert digest.hexdigest() == "4bdeba65ff30ab47ddc7716425b5d15ef3f7b6eebb9c847d4cafc81610cedf43"
