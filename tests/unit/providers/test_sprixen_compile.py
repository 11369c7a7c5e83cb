"""Specs → steps of Sprixen: what is sent, what it costs, what is refused before it is paid for."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from bridge.core.errors import UserError
from bridge.providers.api import Step
from bridge.providers.fingerprint import step_fingerprint
from bridge.providers.sprixen.routes import DIRECTIONS
from bridge.spec.fields import DIRECTIONS as OURS
from tests.unit.providers.sprixen_samples import ADOPTED, ITEMS, SPECS, steps

SPRITE = 'kind = "sprite"\nprovider = "sprixen"\ndescription = "mossy boulder"\n'
CHARACTER = 'kind = "character"\nprovider = "sprixen"\ndescription = "knight"\n'
ONE = CHARACTER + "directions = 1\n"
MUSIC = 'kind = "music"\nprovider = "sprixen"\ndescription = "calm village"\n'
TILES = 'kind = "isometric_tiles"\nprovider = "sprixen"\n[[tiles]]\nname = "grass"\n'


def items(names: tuple[str, ...], **more: str) -> str:
    rows = "".join(f'[[items]]\nname = "{name}"\n{more.get(name, "")}\n' for name in names)
    return f'kind = "items"\nprovider = "sprixen"\ndescription = "icons"\n{rows}'


def prints(found: list[Step]) -> dict[str, str | None]:
    known: dict[str, str] = {}
    for step in found:
        fingerprint = step_fingerprint(step, known)
        assert fingerprint is not None
        known[step.key] = fingerprint
    return dict(known)


def credits_of(found: list[Step]) -> list[Decimal | None]:
    return [step.price.amount for step in found]


def test_variants_come_in_threes() -> None:
    first, second = steps(SPECS["sprite"])
    assert (first.key, first.params["request"]["variantCount"]) == ("image/1", 3)
    assert (second.key, second.params["request"]["variantCount"]) == ("image/4", 1)
    assert credits_of([first, second]) == [3, 1]


def test_a_sprite_is_said_in_words() -> None:
    (step,) = steps(SPRITE + 'size = [48, 32]\ndirection = "east"\nview = "side"\noutline = "thick black"\n')
    assert step.params["request"] == {
        "prompt": "mossy boulder, facing right, side view, thick black outline",
        "type": "sprite",
        "variantCount": 1,
        "resolution": "48x32",
        "pixelPerfect": "auto",
    }


def test_whole_scenes_keep_their_background() -> None:
    (step,) = steps(SPRITE + "transparent = false\n")
    assert step.params["request"]["skipBgRemoval"] is True


def test_style_is_followed_by_address_and_options_are_sent() -> None:
    more = '[reference]\nstyle_url = "https://example.com/a.png"\n[provider_options]\npixelPerfect = "on"\n'
    (step,) = steps(SPRITE + more)
    assert step.params["request"]["referenceImageUrl"] == "https://example.com/a.png"
    assert step.params["request"]["pixelPerfect"] == "on"


def test_the_seed_tells_takes_apart() -> None:
    """The service takes none, but what is asked for again with another one is bought again."""
    (one,) = steps(SPRITE)
    assert "seed" not in one.params["request"]
    assert prints([one]) != prints([dataclasses.replace(one, seed=1001)])


def test_packs_hold_eight_in_file_order() -> None:
    first, second = steps(items(ITEMS))
    assert first.key == "pack/" + "+".join(ITEMS[:8])
    assert first.params["request"]["packItems"] == [name.replace("_", " ") for name in ITEMS[:8]]
    assert second.params["request"]["packItems"] == list(ITEMS[8:])
    assert credits_of([first, second]) == [1, 1]
    assert first.params["request"]["prompt"] != second.params["request"]["prompt"]


def test_a_pack_depends_on_its_own_items_only() -> None:
    whole = prints(steps(items(ITEMS)))
    more = prints(steps(items((*ITEMS, "rope"))))
    changed = prints(steps(items(ITEMS, gem='description = "red gem"')))
    taken = prints(steps(items(ITEMS, gem="take = 2")))
    first, second = whole
    assert whole[first] == more[first] == changed[first] == taken[first]
    assert len({whole[second], changed[second], taken[second]}) == 3


def test_one_item_left_over_is_a_picture() -> None:
    *_, last = steps(items(ITEMS[:9]))
    assert "packItems" not in last.params["request"]
    assert last.params["request"]["prompt"] == "icons, gem"


def test_long_packs_keep_within_the_prompt() -> None:
    long = {name: f'description = "{name} {"x" * 150}"' for name in ITEMS}
    for step in steps(items(ITEMS, **long)):
        assert len(step.params["request"]["prompt"]) <= 500


def test_a_character_is_generated_promoted_and_moved() -> None:
    found = steps(SPECS["character"])
    assert [step.key for step in found] == [
        "base/1",
        "base/2",
        "sprite",
        "clip/walk/south",
        "clip/walk/east/still",
        "clip/walk/north/still",
        "clip/attack/south",
        "clip/attack/east",
    ]
    assert found[2].after == ("base/2",)
    assert {step.after for step in found[3:]} == {("sprite",)}
    assert found[4].params["request"] == {
        "type": "walk",
        "archetype": "humanoid_biped",
        "weaponHand": "right",
        "weaponType": "sword",
        "hasShield": True,
        "normalizeSize": True,
        "direction": "right",
    }
    attack = found[-1].params["request"]
    assert (attack["type"], attack["customDescription"], attack["frameCount"]) == ("attack", "heavy sword swing", 6)
    assert credits_of(found) == [1, 1, 0, 1, 1, 1, 1, 1]


def test_without_a_pick_only_stills_are_bought() -> None:
    text = SPECS["character"].replace("pick = 2\n", "")
    assert [step.key for step in steps(text)] == ["base/1", "base/2"]


def test_playing_faster_buys_nothing() -> None:
    text = SPECS["character"]
    assert prints(steps(text)) == prints(steps(text.replace("fps = 10", "fps = 24")))


def test_the_order_of_animations_buys_nothing() -> None:
    """Which clip lends its first frame as still is no part of what was ordered."""
    one, two = "[animations.walk]\n", "[animations.run]\n"
    straight, turned = (prints(steps(CHARACTER + pair)) for pair in (one + two, two + one))
    assert sorted(map(str, straight.values())) == sorted(map(str, turned.values()))


def test_other_motions_are_said_in_words() -> None:
    *_, clip = steps(ONE + "[animations.back_flip]\n")
    assert clip.params["request"]["type"] == "custom"
    assert clip.params["request"]["customDescription"] == "back flip"


def test_clean_up_is_a_step_of_unknown_price() -> None:
    *_, clip, refined = steps(SPECS["refined"])
    assert (refined.key, refined.after) == ("stabilize/clip/idle/south", (clip.key,))
    assert refined.params["request"] == {"mode": "tight"}
    assert refined.price.amount is None
    assert refined.price.unit == "credits"


def test_adopting_draws_no_still() -> None:
    assert [step.operation for step in steps(ADOPTED)] == ["character.adopt", "clip.create"]


def test_directions_are_those_of_the_screen() -> None:
    assert set(DIRECTIONS) == set(OURS)
    assert len(set(DIRECTIONS.values())) == 8
    assert (DIRECTIONS["south"], DIRECTIONS["east"], DIRECTIONS["north-west"]) == ("down", "right", "up-left")


def test_tiles_are_bought_or_taken() -> None:
    stone, wall, grass = steps(SPECS["isometric_tiles"])
    assert stone.params["request"]["projectionType"] == "floor"
    assert wall.params["request"]["projectionType"] == "wall"
    # Collision is written by the exporters: whether a tile is solid is free to change.
    assert "collision" not in wall.params["request"]
    assert grass.params == {"pack": "Fantasy Terrain", "tile": "Grass"}
    assert grass.price.amount == 0


def test_music_costs_three() -> None:
    (step,) = steps(SPECS["music"])
    assert step.params["request"] == {
        "prompt": "peaceful village",
        "presetSlug": "peaceful_village",
        "bpm": 96,
        "key": "D minor",
        "duration": 2,
    }
    assert credits_of([step]) == [3]


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (SPRITE + 'negative = "blurry"\n', "spec_not_applicable", "negative"),
        (SPRITE + 'source = "a.png"\n', "spec_not_applicable", "source"),
        (SPRITE + 'adopt = "x"\n', "spec_not_applicable", "adopt"),
        (
            SPRITE + '[reference]\nstyle = "a.png"\nstyle_url = "https://example.com/a.png"\n',
            "spec_not_applicable",
            "reference.style",
        ),
        (SPRITE + "[provider_options]\nvariantCount = 2\n", "spec_not_applicable", "provider_options.variantCount"),
        (SPRITE + '[provider_options]\npixelPerfect = "yes"\n', "provider_limit", "provider_options.pixelPerfect"),
        (SPRITE + '[provider_options]\nnoBase = "no"\n', "provider_limit", "provider_options.noBase"),
        (SPRITE.replace("mossy boulder", "x" * 501), "provider_limit", "description"),
        (SPRITE.replace("mossy boulder", "x"), "provider_limit", "description"),
        (items(ITEMS, gem="pick = 2"), "spec_not_applicable", "items.8.pick"),
        (items(ITEMS, gem="seed = 2"), "spec_not_applicable", "items.8.seed"),
        ("variants = 2\n" + items(ITEMS), "spec_not_applicable", "variants"),
        (CHARACTER, "provider_limit", "directions"),
        (ONE + 'proportions = "heroic"\n', "spec_not_applicable", "proportions"),
        (ONE + '[animations.fly]\ntemplate = "fly"\n', "provider_limit", "animations.fly.template"),
        (ONE + "[animations.run]\nframes = 13\n", "provider_limit", "animations.run.frames"),
        (ONE + "[animations.run]\ndurations = [80]\n", "provider_limit", "animations.run.durations"),
        (ONE + f'[animations.run]\naction = "{"x" * 501}"\n', "provider_limit", "animations.run.action"),
        (ONE + "[animations.run]\nseed = 4\n", "spec_not_applicable", "animations.run.seed"),
        (ONE + '[refine.pixelate]\nprovider = "sprixen"\n', "spec_not_applicable", "refine.pixelate.provider"),
        (
            ONE + '[refine.stabilize]\nprovider = "pixelengine"\n',
            "spec_not_applicable",
            "refine.stabilize.provider",
        ),
        (ADOPTED.replace('adopt = "spr-7"', 'adopt = "spr-7"\nvariants = 2'), "spec_not_applicable", "variants"),
        (TILES + 'builtin = "Grass"\n', "spec_invalid", "tiles.0.builtin"),
        (MUSIC + 'preset = "polka"\n', "provider_limit", "preset"),
        (MUSIC + "duration = 2.5\n", "provider_limit", "duration"),
    ],
)
def test_what_it_cannot_do_is_refused_on_its_line(text: str, code: str, field: str) -> None:
    with pytest.raises(UserError) as caught:
        steps(text)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.hint
