"""From a description to what is drawn: the thing, its materials and colours, and adjectives."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from bridge.providers.procedural.things.nouns import WEAK, all_nouns, singular_of
from bridge.providers.procedural.things.ramps import COLORS, MATERIALS, Ramp, color_ramp, material_ramp, tint_ramp

# Adjectives and names of stuff that stand for a material or a colour (`*`: glossy).
MEANINGS: dict[str, str] = {
    "golden": "gold",
    "gilded": "gold",
    "silvery": "silver",
    "metal": "iron",
    "metallic": "steel",
    "mithril": "ice",
    "brass": "bronze",
    "rusty": "rust",
    "rusted": "rust",
    "wooden": "wood",
    "oaken": "wood",
    "stony": "stone",
    "granite": "stone",
    "marble": "snow",
    "crystalline": "crystal",
    "bony": "bone",
    "ruby": "red*",
    "garnet": "crimson*",
    "emerald": "green*",
    "jade": "teal*",
    "sapphire": "blue*",
    "diamond": "crystal",
    "amethyst": "purple*",
    "topaz": "amber*",
    "obsidian": "coal",
    "onyx": "coal",
    "pearl": "snow",
    "opal": "snow",
    "gray": "grey",
    "golden-brown": "tan",
    "cream": "ivory",
    "silver": "silver",
    "poison": "green*",
    "poisonous": "green*",
    "toxic": "lime*",
    "acid": "lime*",
    "venom": "green*",
    "fiery": "fire",
    "burning": "fire",
    "flaming": "fire",
    "inferno": "fire",
    "lava": "fire",
    "magma": "fire",
    "frost": "ice",
    "frozen": "ice",
    "icy": "ice",
    "frosty": "ice",
    "cold": "ice",
    "water": "water",
    "mana": "blue*",
    "magic": "violet*",
    "magical": "violet*",
    "arcane": "violet*",
    "mystic": "indigo*",
    "holy": "gold",
    "divine": "gold",
    "sacred": "gold",
    "cursed": "indigo",
    "demonic": "crimson",
    "shadow": "black",
    "health": "red*",
    "healing": "red*",
    "blood": "crimson*",
    "bloody": "crimson*",
    "love": "pink*",
    "stamina": "green*",
    "speed": "cyan*",
    "lightning": "yellow*",
    "electric": "yellow*",
    "thunder": "yellow*",
    "nature": "leaf",
    "leafy": "leaf",
    "sandy": "tan",
    "sandstone": "thatch",
    "slate": "slate",
    "thatched": "thatch",
}
# Words that are materials of our own palette but no adjectives people mean by them in a spec.
SILENT = frozenset(
    {
        "autumn", "bark", "blossom", "cloth", "glass", "leaf", "paper", "pine", "roof", "skin", "snow", "water",
    }
)  # fmt: skip
SEPARATORS = frozenset(
    {
        "and", "beside", "for", "from", "holding", "in", "inside", "made", "near", "on", "that", "under",
        "wearing", "with",
    }
)  # fmt: skip
AGED = frozenset({"ancient", "old", "aged", "weathered", "worn", "antique", "ruined", "rusty", "rusted", "dirty"})
BROKEN = frozenset({"broken", "cracked", "shattered", "damaged", "ruined"})
GLOWING = frozenset({"glowing", "enchanted", "radiant", "luminous", "shining", "legendary", "magical"})
MOSSY = frozenset({"mossy", "overgrown", "moss"})
SNOWY = frozenset({"snowy", "snow", "snowcovered"})
SIZES = {"small": 0.72, "tiny": 0.58, "little": 0.72, "mini": 0.6, "short": 0.8}
DARK = frozenset({"dark", "deep"})
LIGHT = frozenset({"light", "pale", "bright"})
HOLDING = frozenset({"bag", "chest", "crate", "barrel", "pot", "cart"})
FALLBACKS = ("gift", "bag", "crate", "pot")


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """What a text asks for. thing: the drawing; main, accent: ramps the text names; words: all its words."""

    thing: str
    main: Ramp | None
    accent: Ramp | None
    words: frozenset[str]


def normalize_text(text: str) -> str:
    """Lower case words with single spaces; punctuation that separates becomes a comma."""
    lowered = re.sub(r"[;:.!?()\n]+", " , ", text.lower().replace("_", " ").replace(",", " , "))
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9, -]+", "", lowered)).replace(" ,", ",").strip(" ,")


def read_text(text: str, prefix: str = "", seed: int = 1) -> ItemRequest:
    """What the text of one thing means; `prefix` is text that all things of a sheet share."""
    parts = _split_phrases(normalize_text(text))
    thing, thing_index = _find_thing(parts)
    if thing is None:
        thing, _ = _find_thing(_split_phrases(normalize_text(prefix)))
        thing_index = 0
    if thing is None:
        thing = _find_nearest([word for part in parts for word in part]) or FALLBACKS[seed % len(FALLBACKS)]
    text_words = [word for part in [*parts, *_split_phrases(normalize_text(prefix))] for word in part]
    words = frozenset([*text_words, *map(singular_of, text_words)])
    if thing in HOLDING and "of" in parts[thing_index]:
        # What is in a bag says nothing about the bag.
        parts[thing_index] = parts[thing_index][: parts[thing_index].index("of")]
    own = [_find_ramp(part) for part in parts]
    main = own[thing_index] if own else None
    others = [ramp for index, ramp in enumerate(own) if index != thing_index and ramp is not None]
    if main is None and others and _shares_body(parts, thing_index):
        main = others.pop(0)
    accent = others[0] if others else None
    if main is None and prefix:
        main = next(
            (ramp for ramp in map(_find_ramp, _split_phrases(normalize_text(prefix))) if ramp is not None), None
        )
    return ItemRequest(thing, main, accent, words)


def _split_phrases(text: str) -> list[list[str]]:
    """The text's phrases: split at commas and at words such as `with`."""
    parts: list[list[str]] = [[]]
    for word in re.findall(r"[a-z0-9-]+|,", text):
        if word == "," or word in SEPARATORS:
            parts.append([])
        else:
            parts[-1] += [word] if word in COLORS or word in MEANINGS else word.split("-")
    return [part for part in parts if part] or [[]]


def _find_thing(parts: list[list[str]]) -> tuple[str | None, int]:
    """The drawing that the phrases name and the place of the phrase: the last noun of the first phrase with one."""
    known = all_nouns()
    for index, part in enumerate(parts):
        joined = [singular_of(word) for word in part]
        head = joined[: part.index("of")] if "of" in part else joined
        if part and part[-1] == "coins" and "of" not in part:
            return "coins", index
        for phrase in (part, joined):
            for length in (3, 2):
                for start in range(len(phrase) - length, -1, -1):
                    thing = known.get(" ".join(phrase[start : start + length]))
                    if thing:
                        return thing, index
        for word in reversed(head):
            if word in known and word not in WEAK:
                return known[word], index
    for index, part in enumerate(parts):
        for word in reversed([singular_of(word) for word in part]):
            if word in WEAK or word in known:
                return WEAK.get(word) or known[word], index
    return None, 0


def _find_nearest(words: list[str]) -> str | None:
    """The drawing of the noun that is spelt most alike."""
    known = all_nouns()
    for word in reversed(words):
        for start in range(3, len(word) - 3):
            # The last part of a compound: `firesword`.
            if singular_of(word[start:]) in known:
                return known[singular_of(word[start:])]
        close = difflib.get_close_matches(singular_of(word), known, n=1, cutoff=0.78)
        if close and len(word) > 3:
            return known[close[0]]
    return None


def _shares_body(parts: list[list[str]], thing_index: int) -> bool:
    """Whether a later phrase describes the thing itself (`potion in a red bottle`), not something on it."""
    thing, _ = _find_thing([parts[thing_index]])
    return any(
        _find_thing([part])[0] in (thing, None)
        for index, part in enumerate(parts)
        if index != thing_index and _find_ramp(part)
    )


def _find_ramp(part: list[str]) -> Ramp | None:
    """The ramp of the first colour or material word of a phrase; colours win over materials."""
    change = "dark" if DARK & set(part) else "light" if LIGHT & set(part) else None
    ramp: Ramp | None = None
    glossy = any(word in ("ruby", "gem", "crystal", "potion", "glass") for word in part)
    for word in part:
        if word in COLORS:
            ramp = color_ramp(word, gloss=glossy)
            break
    if ramp is None:
        for word in part:
            name = MEANINGS.get(word, word)
            if word in MEANINGS or (name in MATERIALS and word not in SILENT):
                plain = name.removesuffix("*")
                ramp = color_ramp(plain, gloss=name.endswith("*")) if plain in COLORS else material_ramp(name)
                break
    return tint_ramp(ramp, change) if ramp and change else ramp
