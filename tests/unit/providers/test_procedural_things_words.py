"""Descriptions of things: which drawing, which colours, which adjectives."""

from __future__ import annotations

import pytest

from bridge.providers.procedural.things import nouns, words
from bridge.providers.procedural.things.ramps import COLORS, MATERIALS, color_ramp, material_ramp, tint_ramp
from bridge.providers.procedural.things.render import all_drawings


def test_every_noun_leads_to_a_drawing() -> None:
    assert set(nouns.WORDS) == set(all_drawings())
    assert set(nouns.WEAK.values()) <= set(all_drawings())
    assert set(all_drawings()) >= nouns.GROUNDED
    assert set(words.FALLBACKS) <= set(all_drawings())


def test_meanings_name_known_ramps() -> None:
    for name in words.MEANINGS.values():
        assert name.removesuffix("*") in COLORS or name in MATERIALS


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("red potion in a round flask", "potion"),
        ("health potion", "potion"),
        ("wooden sword with gold hilt", "sword"),
        ("gold", "coins"),
        ("pile of gold", "coins"),
        ("gold coin", "coin"),
        ("three gold coins", "coins"),
        ("bag of gold", "bag"),
        ("bone staff", "staff"),
        ("stone", "rock"),
        ("oak tree stump", "stump"),
        ("oak tree", "tree"),
        ("Oak Tree!", "tree"),
        ("treasure chest full of gold", "chest"),
        ("apple tree", "tree"),
        ("loaves of bread", "bread"),
        ("knives", "dagger"),
        ("berries", "berry"),
        ("potoin", "potion"),
        ("firesword", "sword"),
        ("crystal", "crystal"),
        ("crystal sword", "sword"),
        ("lightning bolt", "bolt"),
        ("cottage with a red roof and a chimney", "house"),
        ("ruby", "gem"),
        ("ruby ring", "ring"),
    ],
)
def test_the_thing_of_a_text(text: str, thing: str) -> None:
    assert words.read_text(text).thing == thing


@pytest.mark.parametrize("drawing", sorted(nouns.WORDS))
def test_plurals_mean_the_same(drawing: str) -> None:
    plain = nouns.WORDS[drawing].split(", ")[0]
    plural = plain + "s"
    assert words.read_text(plural).thing in (drawing, "coins" if drawing == "coin" else drawing)


def test_unknown_words_give_something_by_the_seed() -> None:
    found = {words.read_text("xqzzt", seed=seed).thing for seed in range(8)}
    assert found == set(words.FALLBACKS)


def test_the_prefix_helps_when_the_item_says_nothing() -> None:
    assert words.read_text("qqq", prefix="magic rings").thing == "ring"
    assert words.read_text("sword", prefix="magic rings").thing == "sword"


def test_colors_and_materials() -> None:
    assert words.read_text("red sword").main == color_ramp("red")
    assert words.read_text("golden sword").main == material_ramp("gold")
    assert words.read_text("dark red cloak hood").main == tint_ramp(color_ramp("red"), "dark")
    assert words.read_text("sword with red gem").accent == color_ramp("red", gloss=True)
    assert words.read_text("sword").main is None
    assert words.read_text("bag of gold").main is None
    assert words.read_text("potion in a blue bottle").main == color_ramp("blue")
    assert words.read_text("coin", prefix="green fantasy icons").main == color_ramp("green")


def test_case_and_spacing_do_not_count() -> None:
    assert words.normalize_text("  Red   POTION!  ") == words.normalize_text("red potion")
    assert words.normalize_text("health_potion") == "health potion"
