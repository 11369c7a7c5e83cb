"""A terrain's description → what to paint: material, ramp and marks.

The last material word before a preposition is the terrain ("mossy stone with cracks" is stone); colours and
adjectives before it change its ramp, and what follows "with" becomes marks on it. Words that mean nothing here do
not fail: an unknown terrain gets a plain texture in a colour of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bridge.providers.procedural import noise
from bridge.providers.procedural.palette import (
    COLORS,
    Ramp,
    blend_ramps,
    parse_rgb,
    ramp_around,
    recolor_ramp,
    tune_ramp,
)
from bridge.providers.procedural.terrain.materials import MATERIALS, WORDS, Edge, Material


def word_set(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


_PREPOSITIONS = word_set("with of in on over under and near by covered surrounded full for at")

# Adjective → (lightness, saturation, lift towards white) factors for the whole ramp.
_TUNING: dict[str, tuple[float, float, float]] = {
    "dark": (0.76, 1.0, 0.0), "darker": (0.76, 1.0, 0.0), "shadowy": (0.68, 0.85, 0.0), "night": (0.6, 0.9, 0.0),
    "light": (1.0, 0.95, 0.22), "lighter": (1.0, 0.95, 0.22), "bright": (1.06, 1.12, 0.08), "pale": (1.0, 0.7, 0.3),
    "pastel": (1.0, 0.75, 0.35), "vivid": (1.02, 1.3, 0.0), "saturated": (1.0, 1.3, 0.0), "dull": (0.96, 0.6, 0.0),
    "faded": (1.0, 0.6, 0.15), "muted": (0.96, 0.65, 0.05), "lush": (0.94, 1.2, 0.0), "deep": (0.78, 1.08, 0.0),
    "wet": (0.82, 1.08, 0.0), "damp": (0.86, 1.0, 0.0), "gloomy": (0.72, 0.7, 0.0), "old": (0.92, 0.75, 0.0),
    "ancient": (0.88, 0.75, 0.0), "dirty": (0.86, 0.8, 0.0), "clean": (1.02, 1.0, 0.06), "glowing": (1.1, 1.2, 0.1),
    "cold": (0.98, 0.85, 0.04), "warm": (1.02, 1.08, 0.0), "dusty": (1.0, 0.65, 0.1), "murky": (0.74, 0.75, 0.0),
    "deepest": (0.66, 1.05, 0.0), "soft": (1.0, 0.9, 0.08), "sunny": (1.05, 1.1, 0.06), "foggy": (1.0, 0.5, 0.2),
    "calm": (1.0, 0.95, 0.04), "clear": (1.04, 1.0, 0.1), "dim": (0.78, 0.9, 0.0), "obsidian": (0.5, 0.9, 0.0),
    "basalt": (0.66, 0.8, 0.0), "granite": (0.98, 0.6, 0.06), "volcanic": (0.6, 0.8, 0.0), "coal": (0.5, 0.7, 0.0),
}  # fmt: skip

# Adjective → (colour, percentage of it): a cast, not a new colour.
_CAST: dict[str, tuple[str, int]] = {
    "dry": ("#cdb35a", 50), "dead": ("#a8925e", 65), "withered": ("#b09a5a", 60), "autumn": ("#d0742a", 82),
    "autumnal": ("#d0742a", 82), "savanna": ("#cfae52", 60), "prairie": ("#b9b45a", 40), "burnt": ("#3a3034", 70),
    "scorched": ("#3a3034", 70), "charred": ("#2e2a30", 75), "frozen": ("#c4def0", 60), "icy": ("#c4def0", 50),
    "frosty": ("#d6e8f2", 45), "snowy": ("#e6eef6", 60), "mossy": ("#6a8a45", 35), "toxic": ("#86c43c", 60),
    "poisonous": ("#86c43c", 55), "poison": ("#86c43c", 55), "polluted": ("#7a7a4a", 50), "magic": ("#8e6ce0", 55),
    "magical": ("#8e6ce0", 55), "enchanted": ("#7fb0e8", 45), "cursed": ("#6a3f86", 55), "corrupted": ("#6a3f86", 60),
    "bloody": ("#9c2430", 55), "rusty": ("#a4562f", 60), "rusted": ("#a4562f", 60), "sandy": ("#e0c086", 50),
    "muddy": ("#6b4d3b", 50), "oak": ("#b07a48", 35), "birch": ("#dcc79c", 60), "pine": ("#c09a62", 40),
    "mahogany": ("#7a3f30", 55), "ebony": ("#3c3034", 70), "shallow": ("#7fd0dc", 50), "tropical": ("#4fcfd0", 55),
    "lagoon": ("#52cfcf", 50), "sandstone": ("#d8b27a", 75), "limestone": ("#d6cfb8", 65), "slate": ("#5a6478", 60),
    "obsidian": ("#2a2438", 70), "martian": ("#c0603c", 70), "lunar": ("#b4b4bc", 80), "radioactive": ("#a2e040", 55),
    "red-hot": ("#f0541f", 40), "steppe": ("#bdb562", 45), "amethyst": ("#9a66cf", 50), "terracotta": ("#c8734a", 60),
    "alien": ("#b25ac4", 60),
}  # fmt: skip

# Nouns count after a preposition ("with pebbles"), adjectives anywhere ("cracked stone").
_MARK_NOUNS: dict[str, str] = {
    "flower": "flowers", "daisy": "flowers", "poppy": "flowers", "bloom": "flowers", "blossom": "flowers",
    "pebble": "pebbles", "stone": "pebbles", "rock": "pebbles", "mushroom": "mushrooms", "toadstool": "mushrooms",
    "crack": "cracks", "moss": "moss", "shell": "shells", "bone": "bones", "skull": "bones", "fern": "ferns",
    "leave": "leaves", "leaf": "leaves", "twig": "twigs", "stick": "twigs", "lily": "lilies", "lilie": "lilies",
    "ember": "embers", "crystal": "shards", "gem": "shards", "tuft": "tufts", "weed": "tufts", "star": "stars",
    "puddle": "puddles", "grass": "tufts", "rust": "rust", "sprout": "sprouts", "wave": "waves",
}  # fmt: skip
_MARK_ADJECTIVES: dict[str, str] = {
    "cracked": "cracks", "broken": "cracks", "ruined": "cracks", "mossy": "moss", "overgrown": "moss",
    "starry": "stars", "flowery": "flowers", "rocky": "pebbles", "stony": "pebbles", "grassy": "tufts",
}  # fmt: skip

_MORE = word_set("lush thick dense overgrown wild rough stormy rich tall")
_LESS = word_set("smooth calm flat plain sparse short simple empty clean quiet still")


@dataclass(frozen=True, slots=True)
class TerrainTexture:
    """What a description asks for. `amount` is a percentage of marks, `marks` those that the words name."""

    material: Material
    ramp: Ramp
    marks: tuple[str, ...]
    amount: int
    adjectives: tuple[str, ...] = ()

    def tint_ramp(self, shades: Ramp) -> Ramp:
        """Another ramp under the same colours and adjectives."""
        return _apply_words(shades, list(self.adjectives))


def split_words(text: str) -> list[str]:
    """Lower-case words with plurals cut (`cobblestones` → `cobblestone`, `berries` → `berrie`)."""
    words = re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words]


# Read as descriptions are, so that words which end in s are found too ("oasis").
_BY_TOKENS = {tuple(split_words(word.replace("_", " "))): name for word, name in WORDS.items()}


def normalize_text(text: str) -> str:
    """A description as it counts: lower case, single spaces, the same words give the same picture."""
    return " ".join(text.lower().split())


@cache
def texture_of(text: str, style: str = "") -> TerrainTexture:
    """What to paint for a description; `style` holds words that colour every terrain of a set."""
    words = split_words(text)
    head, tail = _split_phrase(words)
    material, used = _find_material(head) or _find_material(words) or (None, frozenset[str]())
    shades = _find_ramp(material, [word for word in head if word not in used]) if material else _own_ramp(text)
    names = [word for word in head if word not in used] + [word for word in head if word in _CAST or word in _TUNING]
    adjectives = tuple(dict.fromkeys([*names, *split_words(style)]))
    shades = _apply_words(shades, list(adjectives))
    every = head + tail
    marks = [_MARK_ADJECTIVES[word] for word in every if word in _MARK_ADJECTIVES]
    marks += [_MARK_NOUNS[word] for word in tail if word in _MARK_NOUNS]
    amount = 100 + 35 * sum(word in _MORE for word in every) - 35 * sum(word in _LESS for word in every)
    amount = min(200, max(30, amount))
    return TerrainTexture(material or MATERIALS["plain"], shades, tuple(dict.fromkeys(marks)), amount, adjectives)


def named_material(text: str) -> Material | None:
    """The material that a text names before its first preposition, or anywhere; None for none."""
    words = split_words(text)
    match = _find_material(_split_phrase(words)[0]) or _find_material(words)
    return match[0] if match else None


def _split_phrase(words: list[str]) -> tuple[list[str], list[str]]:
    for index, word in enumerate(words):
        if word in _PREPOSITIONS and index:
            return words[:index], words[index + 1 :]
    return words, []


def _find_material(words: list[str]) -> tuple[Material, frozenset[str]] | None:
    """The last material named, two-word names first, and the words that named it."""
    for end in range(len(words), 0, -1):
        for length in (3, 2, 1):
            part = words[max(0, end - length) : end]
            name = _BY_TOKENS.get(tuple(part)) if len(part) == length else None
            if name is not None:
                return MATERIALS[name], frozenset(part)
    return None


def _find_ramp(material: Material, others: list[str]) -> Ramp:
    """The ramp of what a built or hard thing is made of: "stone brick" is brickwork in the colours of stone."""
    match = _find_material(others)
    if match and material.edge in (Edge.BUILT, Edge.HARD) and match[0].edge in (Edge.BUILT, Edge.HARD, Edge.SOFT):
        return match[0].ramp
    return material.ramp


def _apply_words(shades: Ramp, words: list[str]) -> Ramp:
    for index, word in enumerate(words):
        name = f"{word}-{words[index + 1]}" if index + 1 < len(words) else ""
        color = COLORS.get(name) or COLORS.get(word)
        if color is not None:
            shades = recolor_ramp(shades, parse_rgb(color))
    for word in words:
        if word in _CAST:
            color, share = _CAST[word]
            shades = blend_ramps(shades, recolor_ramp(shades, parse_rgb(color)), share)
    for word in words:
        if word in _TUNING:
            shades = tune_ramp(shades, *_TUNING[word])
    return shades


def _own_ramp(text: str) -> Ramp:
    """A calm colour that belongs to unknown words."""
    plain = MATERIALS["plain"].ramp
    hues = ["#8a9a6a", "#9a8a6a", "#7a90a0", "#9a7a8a", "#7f9a8c", "#a08c78", "#8a84a4", "#a69468"]
    color = hues[noise.derive_seed(0, normalize_text(text)) % len(hues)]
    return blend_ramps(recolor_ramp(plain, parse_rgb(color)), ramp_around(parse_rgb(color)), 50) if text else plain
