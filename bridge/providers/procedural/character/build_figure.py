"""From a description to a figure's looks. The description wins; what it leaves open the seed decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from . import words
from .palette import GLOSS, GLOW, MATTE, METAL, NAMES, RGB, SHIFTS, Paint, shift_color
from .style import PRESETS, FigureStyle, Proportions

_MASK = 0xFFFFFFFF
_WEAPONS = ("sword", "axe", "spear", "bow", "staff", "wand", "dagger", "hammer", "mace", "torch", "pick")
_FINISH = {
    "armor": METAL,
    "gold": METAL,
    "blade": METAL,
    "shield_rim": METAL,
    "trim": METAL,
    "gem": GLOSS,
    "magic": GLOW,
    "swoosh": GLOW,
    "fire": GLOW,
    "core": GLOW,
}
# Colours of slots that neither words nor roles paint.
_PLAIN: dict[str, str] = {
    "trim": "gold",
    "armor": "steel",
    "gold": "gold",
    "blade": "silver",
    "wood": "brown",
    "cape": "crimson",
    "plume": "crimson",
    "shield_rim": "silver",
    "cloth": "navy",
    "gem": "cyan",
    "magic": "cyan",
    "swoosh": "white",
    "string": "beige",
    "eye_white": "white",
    "fur": "tan",
    "horn": "ivory",
    "wing": "azure",
    "fire": "orange",
    "belt": "dark_brown",
    "boots": "dark_brown",
    "apron": "cream",
    "scarf": "red",
    "nose": "black",
    "tongue": "crimson",
    "core": "yellow",
    "beak": "amber",
    "glow_eyes": "red",
    "hoof": "dark_grey",
}


@dataclass(frozen=True, slots=True)
class FigureRequest:
    """What a spec asks of a figure: the step's normalised parameters."""

    description: str
    seed: int
    archetype: str | None = None
    proportions: Mapping[str, float] | str = "default"
    detail: int = 1


def pick_number(seed: int, salt: str, count: int) -> int:
    """A whole number below `count` from the seed: the same on every machine."""
    value = (seed * 2654435761) & _MASK
    for byte in salt.encode():
        value = ((value ^ byte) * 16777619) & _MASK
        value ^= value >> 13
    return ((value * 2246822519) & _MASK) % (count << 12) >> 12 if count > 1 else 0


def named_color(name: str) -> RGB:
    """A colour of the palette; `dark_brown` is a shifted one."""
    word, _, base = name.rpartition("_")
    rgb = NAMES[base]
    return shift_color(rgb, word) if word else rgb


def split_words(text: str) -> list[str]:
    """The words of a description, lower case; plurals stay as they are."""
    return re.findall(r"[a-z]+", text.lower())


def _find_known(word: str, *tables: Mapping[str, object]) -> str | None:
    """The word, or its singular, as a table knows it."""
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if any(form in table for table in tables):
            return form
    return None


_JOINTS = ("with", "holding", "wearing", "wielding", "riding", "and", "in")


def _find_subject(tokens: list[str], archetype: str | None) -> tuple[str, str, str]:
    """What the words before the first "with" name, else all words: (person, race or "", role) or (creature, name, "").

    The last noun is the subject ("fire dragon" is a dragon), but a race keeps its trade ("skeleton archer").
    """
    stop = next((i for i, word in enumerate(tokens) if word in _JOINTS), len(tokens))
    for group in (tokens[:stop], tokens):
        people: list[str] = []
        # "elemental" alone is one of fire; beside water or stone it says nothing.
        telling = [word for word in reversed(group) if word != "elemental"]
        for word in telling + ["elemental"] * ("elemental" in group):
            role = _find_known(word, words.ROLES, words.ROLE_WORDS)
            if role is not None and archetype in (None, "humanoid"):
                people.append(words.ROLE_WORDS.get(role, role))
            beast = _find_known(word, words.CREATURES, words.CREATURE_WORDS)
            if beast is not None and not people:
                name = words.CREATURE_WORDS.get(beast, beast)
                if archetype in (None, words.CREATURES[name][0]) or (name == "dragon" and archetype == "winged"):
                    return "creature", name, ""
        if people:
            race = next((name for name in people if name in words.RACES), "")
            trade = next((name for name in people if name not in words.RACES), "")
            return "person", race, trade
    rest = words.DEFAULT_BODY[archetype or "humanoid"]
    return ("person", "", rest) if archetype in (None, "humanoid") else ("creature", rest, "")


_BODY = frozenset(
    "animal_ears bald bare bones boxy claws fangs groping horns long_ears snout tail wings".split()  # noqa: SIM905
)


def _combine_roles(race: str, trade: str) -> words.Role:
    """A race with the clothes and tools of its trade."""
    if not race or not trade:
        return words.ROLES[race or trade]
    born, learnt = words.ROLES[race], words.ROLES[trade]
    wears = [name for name in born.wears.split() if name in _BODY] + learnt.wears.split()
    if race == "skeleton":
        wears = [name for name in wears if name not in ("beard", "long_beard", "long_hair")]
    colors = {slot: name for slot, name in born.colors.items() if slot in ("eyes", "wing", "hair")} | learnt.colors
    return words.Role(" ".join(wears), colors, born.bulk * learnt.bulk, born.skin)


def _read_colors(tokens: list[str]) -> tuple[dict[str, RGB], RGB | None]:
    """Colours by slot as the words say, and the colour of the figure as a whole."""
    slots: dict[str, RGB] = {}
    main: RGB | None = None
    for index, word in enumerate(tokens):
        if word not in NAMES:
            continue
        rgb = NAMES[word]
        if index and tokens[index - 1] in SHIFTS:
            rgb = shift_color(rgb, tokens[index - 1])
        noun = None
        for follower in tokens[index + 1 : index + 4]:
            if follower in NAMES or follower in ("and", "with", "in", "on"):
                break
            noun = _find_known(follower, words.SLOTS)
            if noun is not None:
                break
        if noun is None and word in words.HAIR_WORDS:
            noun = "hair"
        if noun is not None:
            for slot in words.SLOTS[noun].split():
                slots[slot] = rgb
        elif main is None and not set(tokens[:index]) & {"with", "holding", "wearing", "wielding"}:
            main = rgb
    return slots, main


def _apply_change(features: set[str], change: str) -> None:
    for name in change.split():
        if name == "+weapon":
            features.difference_update((*_WEAPONS, "quiver"))
        elif name.startswith("-"):
            features.discard(name[1:])
        else:
            features.add(name)


def _read_features(tokens: list[str], start: str) -> set[str]:
    features = set(start.split())
    for word in tokens:
        known = _find_known(word, words.FEATURES)
        if known is not None:
            _apply_change(features, words.FEATURES[known])
    for pair in pairwise(tokens):
        if pair in words.PAIRS:
            _apply_change(features, words.PAIRS[pair])
    if features & {"hat", "crown", "cap"}:
        features -= {"spiky", "hood"}
    return features


def _make_paints(colors: Mapping[str, RGB]) -> dict[str, Paint]:
    return {slot: Paint(rgb, _FINISH.get(slot, MATTE)) for slot, rgb in colors.items()}


def _read_proportions(proportions: Mapping[str, float] | str) -> Proportions:
    if isinstance(proportions, str):
        return PRESETS[proportions]
    return Proportions(**proportions)


def _build_person(wish: FigureRequest, race: str, trade: str, tokens: list[str]) -> FigureStyle:
    role_name, role = race or trade, _combine_roles(race, trade)
    slots, main = _read_colors(tokens)
    features = _read_features(tokens, role.wears)
    old = any(word in ("old", "elderly", "ancient", "wise", "grandfather", "grandmother") for word in tokens)
    if old and trade in ("mage", "king", "druid") and "bald" not in features:
        features |= {"beard", "long_beard"}
    if trade == "villager" and not features & {"long_hair", "bald", "spiky", "beard"}:
        _apply_change(features, ("", "beard", "spiky", "ponytail", "")[pick_number(wish.seed, "style", 5)])
    skin = words.SKINS[role.skin] if role.skin else words.HUMAN_SKINS[pick_number(wish.seed, "skin", 5)]
    hairs = words.HAIR_COLORS if skin in words.HUMAN_SKINS[:3] else words.DARK_HAIR_COLORS
    hair = hairs[pick_number(wish.seed, "hair", len(hairs))]
    cloth = words.CLOTH_COLORS[pick_number(wish.seed, "cloth", len(words.CLOTH_COLORS))]
    colors = {slot: named_color(name) for slot, name in _PLAIN.items()}
    colors |= {"skin": skin, "hair": named_color("silver" if old else hair), "eyes": (66, 52, 74)}
    colors |= {
        "torso": named_color(cloth),
        "legs": named_color("dark_grey"),
        "hat": named_color(cloth),
        "hood": named_color(cloth),
    }
    colors["shield"] = colors["torso"]
    own = {slot: skin if name == "skin" else named_color(name) for slot, name in role.colors.items()}
    colors |= own
    if main is not None:
        colors |= _spread_main_color(main, role.skin, features, skin)
    colors |= slots
    skin = colors["skin"]
    sleeves = colors["torso"] if "bare_arms" not in features else skin
    colors.setdefault("sleeves", slots.get("torso", sleeves))
    colors.setdefault("forearms", skin if "bare_arms" in features else colors["sleeves"])
    if not features & {"robe", "armored"} and role_name != "robot" and "forearms" not in slots:
        colors["forearms"] = skin if pick_number(wish.seed, "cuffs", 2) else colors["forearms"]
    colors.setdefault("hands", skin)
    if "bones" in features:
        bare = {"torso", "sleeves", "forearms", "hands", "legs", "boots"}
        covered = {"torso", "sleeves"} if "robe" in features else set()
        colors |= dict.fromkeys(sorted(bare - covered), colors["skin"])
    if "bare" in features and "legs" not in slots:
        colors["legs"] = skin
    colors.setdefault("beard", colors["hair"])
    if "shield" in features and "shield" not in slots and trade in ("soldier", "hero", "warrior"):
        colors["shield"] = main or named_color(cloth)
    colors["blush"] = _blend_colors(skin, (222, 96, 96))
    paints = _make_paints(colors)
    if features & {"armored", "boxy"}:
        metal = ("torso", "sleeves", "forearms", "hands", "legs", "boots", *(("skin",) if "boxy" in features else ()))
        paints |= {slot: Paint(colors[slot], METAL) for slot in metal}
    bulk = role.bulk * (1.12 if {"muscular", "burly", "fat", "big", "strong"} & set(tokens) else 1.0)
    bulk *= 0.9 if {"thin", "slim", "skinny", "slender"} & set(tokens) else 1.0
    return FigureStyle(
        "humanoid", role_name, frozenset(features), paints, _read_proportions(wish.proportions), wish.detail, bulk
    )


def _spread_main_color(main: RGB, kind: str, features: set[str], skin: RGB) -> dict[str, RGB]:
    """The figure's own colour goes where the eye looks for it: skin of monsters, metal of armour, else cloth."""
    if kind in ("goblin", "orc", "troll", "ogre", "demon", "zombie", "bone", "fur"):
        return {"skin": main}
    slots = ["torso", "hood", "hat", "shield", "cloth"]
    if "armored" in features:
        slots += ["armor", "sleeves", "forearms", "hands", "legs", "boots", "plume", "cape"]
    if "boxy" in features:
        slots += ["skin", "sleeves", "forearms", "hands", "legs", "boots", "armor"]
    return dict.fromkeys(slots, main) | ({} if "boxy" in features else {"skin": skin})


def _blend_colors(a: RGB, b: RGB) -> RGB:
    return (a[0] * 2 + b[0]) // 3, (a[1] * 2 + b[1]) // 3, (a[2] * 2 + b[2]) // 3


def _build_creature(wish: FigureRequest, name: str, tokens: list[str]) -> FigureStyle:
    rig, species, body, further = words.CREATURES[name]
    slots, main = _read_colors(tokens)
    features = _read_features(tokens, "")
    if species == "golem" and "lava" in tokens:
        main = main or NAMES["crimson"]
    rgb = main or named_color(body)
    if main is None and name in ("dog", "cat", "horse", "rabbit", "bird", "slime"):
        options = {"slime": ("green", "azure", "pink"), "bird": ("blue", "red", "teal")}.get(
            name, (body, "chestnut", "dark_brown", "tan", "grey")
        )
        rgb = named_color(options[pick_number(wish.seed, "coat", len(options))])
    colors = {slot: named_color(plain) for slot, plain in _PLAIN.items()}
    light, dark = shift_color(rgb, "pale"), shift_color(rgb, "dark")
    colors |= {"body": rgb, "head": rgb, "belly": light, "muzzle": rgb, "socks": dark, "marks": dark, "mane": dark,
                "wing": dark, "skin": (232, 148, 150), "eyes": (56, 46, 66), "nose": (52, 44, 54)}  # fmt: skip
    if main is None:
        colors |= {slot: named_color(value) for slot, value in further.items()}
    else:
        colors |= {
            slot: named_color(value)
            for slot, value in further.items()
            if slot == "core" or (slot in ("horn", "belly", "muzzle") and sum(named_color(value)) > sum(rgb))
        }
    colors |= slots
    paints = _make_paints(colors)
    if rig == "amorphous":
        finish = {"slime": GLOSS, "flame": GLOW}.get(species, MATTE)
        paints["body"] = Paint(colors["body"], finish)
    if species == "bat":
        # Its wings are most of a bat: darker than the body they would be a hole in the picture.
        paints["wing"] = Paint(slots.get("wing", shift_color(rgb, "light")))
    if species in ("snake", "cobra"):
        features.add("bands")
    if species == "cobra":
        features.add("hood_flare")
    return FigureStyle(rig, species, frozenset(features), paints, _read_proportions(wish.proportions), wish.detail)


def build_figure(wish: FigureRequest) -> FigureStyle:
    """The looks of a wished figure."""
    tokens = split_words(wish.description)
    kind, name, trade = _find_subject(tokens, wish.archetype)
    return _build_person(wish, name, trade, tokens) if kind == "person" else _build_creature(wish, name, tokens)
