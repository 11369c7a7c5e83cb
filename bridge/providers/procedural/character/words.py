"""What the words of a description stand for: roles, clothes, things in hands, animals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .palette import RGB


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of person: what it wears (features, blank-separated), its colours by slot, its build."""

    wears: str = ""
    colors: dict[str, str] = field(default_factory=dict)
    bulk: float = 1.0
    skin: str = ""


def _by_word(groups: Mapping[str, str]) -> dict[str, str]:
    """A table of groups (meaning → words) as word → meaning."""
    return {word: meaning for meaning, group in groups.items() for word in group.split()}


_PLATE = {
    "torso": "steel",
    "sleeves": "steel",
    "forearms": "steel",
    "hands": "steel",
    "legs": "steel",
    "boots": "steel",
}
ROLES: dict[str, Role] = {
    "knight": Role(
        "helmet plume plate pauldrons sword shield armored", {**_PLATE, "plume": "crimson", "shield": "blue"}
    ),
    "paladin": Role(
        "open_helmet plate pauldrons hammer shield cape armored", {**_PLATE, "cape": "white", "shield": "gold"}
    ),
    "soldier": Role("open_helmet plate spear shield", {"torso": "maroon", "legs": "brown"}),
    "guard": Role("open_helmet plate spear tabard", {"torso": "navy", "cloth": "navy", "legs": "grey"}),
    "warrior": Role("plate pauldrons sword", {"torso": "brown", "legs": "dark_brown"}, 1.1),
    "hero": Role("sword shield cape spiky", {"torso": "blue", "cape": "crimson", "legs": "tan"}),
    "mage": Role("robe hat pointed wide_hat staff", {"torso": "indigo", "hat": "indigo"}),
    "witch": Role("dress hat pointed wide_hat long_hair wand", {"torso": "dark_purple", "hat": "dark_purple"}),
    "warlock": Role("robe hood staff", {"torso": "dark_purple", "hood": "dark_purple"}),
    "necromancer": Role("robe hood staff", {"torso": "black", "hood": "black", "gem": "lime"}, skin="pale"),
    "druid": Role("robe hood staff beard", {"torso": "olive", "hood": "olive", "gem": "lime"}),
    "archer": Role("hood bow quiver strap", {"torso": "green", "hood": "green", "legs": "brown"}),
    "rogue": Role("hood mask dagger strap cape", {"torso": "dark_grey", "hood": "dark_grey", "cape": "dark_grey"}),
    "ninja": Role("hood mask sword", {"torso": "black", "hood": "black", "cloth": "black", "legs": "black"}),
    "pirate": Role("bandana sword beard", {"cloth": "red", "torso": "cream", "legs": "navy"}),
    "barbarian": Role("axe long_hair beard collar bare_arms", {"torso": "skin", "legs": "brown"}, 1.22),
    "viking": Role("open_helmet horned axe shield long_beard collar", {"torso": "brown", "beard": "ginger"}, 1.15),
    "priest": Role("robe hood mace", {"torso": "white", "hood": "white", "trim": "gold"}),
    "monk": Role("robe bald staff", {"torso": "orange", "gem": "orange"}),
    "king": Role("robe crown cape beard collar", {"torso": "crimson", "cape": "purple", "fur": "white"}),
    "queen": Role("dress crown cape long_hair collar", {"torso": "purple", "cape": "crimson", "fur": "white"}),
    "prince": Role("crown cape sword", {"torso": "blue", "cape": "crimson", "legs": "white"}),
    "princess": Role("dress crown long_hair", {"torso": "pink"}),
    "villager": Role("", {"torso": "olive", "legs": "brown"}),
    "farmer": Role("hat wide_hat pick", {"torso": "blue", "hat": "tan", "sleeves": "cream", "forearms": "cream"}),
    "miner": Role("open_helmet pick strap", {"torso": "brown", "armor": "amber"}),
    "blacksmith": Role("hammer apron beard bald bare_arms", {"torso": "brown", "apron": "dark_brown"}, 1.2),
    "merchant": Role("cap scarf pack", {"torso": "purple", "hat": "maroon"}, 1.15),
    "adventurer": Role("sword pack scarf", {"torso": "brown", "legs": "tan"}),
    "dwarf": Role("open_helmet horned axe long_beard plate", {"torso": "brown", "beard": "ginger"}, 1.3),
    "elf": Role("long_ears long_hair bow", {"torso": "emerald", "hair": "blonde", "legs": "tan"}, 0.92),
    "goblin": Role(
        "long_ears bald dagger fangs bare bare_arms", {"torso": "brown", "legs": "dark_brown"}, 0.95, "goblin"
    ),
    "orc": Role("bald axe fangs pauldrons bare_arms", {"torso": "dark_brown", "legs": "brown"}, 1.28, "orc"),
    "troll": Role("long_ears mohawk hammer fangs bare bare_arms", {"torso": "brown", "hair": "maroon"}, 1.35, "troll"),
    "ogre": Role("bald hammer fangs bare bare_arms", {"torso": "brown"}, 1.45, "ogre"),
    "zombie": Role("groping bare_arms", {"torso": "dark_teal", "legs": "brown", "eyes": "red"}, 0.96, "zombie"),
    "skeleton": Role("bones bald sword", {"eyes": "red"}, 1.0, "bone"),
    "lich": Role("bones robe crown staff", {"torso": "dark_purple", "gem": "lime", "eyes": "lime"}, 1.0, "bone"),
    "demon": Role(
        "horns tail bald wings claws bare bare_arms fangs", {"torso": "maroon", "wing": "maroon"}, 1.15, "demon"
    ),
    "vampire": Role(
        "cape collar fangs", {"torso": "black", "cape": "crimson", "hair": "black", "fur": "crimson"}, skin="pale"
    ),
    "werewolf": Role(
        "snout animal_ears claws tail bare bare_arms bald fangs", {"torso": "skin", "hair": "grey"}, 1.25, "fur"
    ),
    "robot": Role("boxy bald claws", {"torso": "steel", "legs": "grey", "eyes": "cyan"}, 1.05, "steel"),
    "angel": Role("robe wings long_hair", {"torso": "white", "wing": "white", "hair": "blonde"}),
    "fairy": Role("dress wings wand long_hair long_ears", {"torso": "lime", "wing": "azure", "hair": "pink"}, 0.9),
    "child": Role("", {"torso": "amber", "legs": "blue"}, 0.9),
    "girl": Role("dress long_hair", {"torso": "pink"}, 0.92),
    "woman": Role("dress long_hair", {"torso": "teal"}, 0.95),
    "sailor": Role("cap", {"torso": "white", "legs": "navy", "hat": "white"}),
    "chef": Role("apron cap", {"torso": "white", "hat": "white", "apron": "white"}),
    "samurai": Role("helmet horned sword plate pauldrons", {"torso": "crimson", "armor": "crimson", "plume": "gold"}),
}
# Role → further words for it.
ROLE_WORDS: dict[str, str] = _by_word(
    {
        "mage": "wizard sorcerer magician enchanter",
        "witch": "sorceress",
        "archer": "ranger hunter bowman",
        "rogue": "thief assassin bandit",
        "priest": "cleric healer bishop",
        "villager": "peasant man person human guy townsman",
        "child": "boy kid",
        "woman": "lady female",
        "warrior": "fighter swordsman gladiator mercenary",
        "paladin": "crusader templar",
        "guard": "sentinel",
        "robot": "android mech droid cyborg",
        "zombie": "undead ghoul",
        "demon": "imp devil",
        "king": "emperor",
        "blacksmith": "smith",
        "merchant": "trader shopkeeper",
        "adventurer": "traveler explorer",
        "fairy": "pixie",
        "druid": "shaman",
    }
)
# Roles that say what somebody is, not what they do: "skeleton archer" is both.
_RACES = (
    "angel child demon dwarf elf fairy girl goblin lich ogre orc robot skeleton troll vampire werewolf woman zombie"
)
RACES = frozenset(_RACES.split())
# Animals and other bodies: word → (rig, species, main colour, colours of further slots).
CREATURES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "wolf": ("quadruped", "wolf", "grey", {"belly": "silver", "muzzle": "silver"}),
    "dog": ("quadruped", "dog", "tan", {"marks": "brown"}),
    "fox": ("quadruped", "fox", "ginger", {"belly": "cream", "muzzle": "cream", "socks": "dark_brown"}),
    "cat": ("quadruped", "cat", "orange", {"belly": "cream", "muzzle": "cream"}),
    "lion": ("quadruped", "lion", "tan", {"mane": "auburn", "muzzle": "cream"}),
    "tiger": ("quadruped", "tiger", "orange", {"belly": "white", "muzzle": "white", "marks": "black"}),
    "bear": ("quadruped", "bear", "brown", {"muzzle": "tan"}),
    "horse": ("quadruped", "horse", "chestnut", {"mane": "dark_brown"}),
    "unicorn": ("quadruped", "unicorn", "white", {"mane": "pink", "horn": "gold"}),
    "deer": ("quadruped", "deer", "chestnut", {"belly": "tan"}),
    "pig": ("quadruped", "pig", "pink", {"marks": "pink"}),
    "boar": ("quadruped", "boar", "dark_brown", {"muzzle": "brown"}),
    "cow": ("quadruped", "cow", "white", {"marks": "dark_brown", "muzzle": "pink"}),
    "sheep": ("quadruped", "sheep", "white", {"muzzle": "dark_grey", "socks": "dark_grey"}),
    "goat": ("quadruped", "goat", "cream", {"mane": "grey"}),
    "rat": ("quadruped", "rat", "grey", {"belly": "silver"}),
    "rabbit": ("quadruped", "rabbit", "tan", {"belly": "cream", "muzzle": "cream"}),
    "spider": ("quadruped", "spider", "dark_purple", {"marks": "crimson", "socks": "black"}),
    "dragon": ("quadruped", "dragon", "red", {"belly": "amber", "wing": "orange", "muzzle": "red"}),
    "bird": ("winged", "bird", "blue", {"belly": "cream"}),
    "eagle": ("winged", "eagle", "brown", {"head": "white", "belly": "brown"}),
    "owl": ("winged", "owl", "brown", {"belly": "cream"}),
    "duck": ("winged", "duck", "white", {"head": "emerald"}),
    "bat": ("winged", "bat", "dark_purple", {"wing": "maroon"}),
    "bee": ("winged", "bee", "yellow", {"marks": "black", "wing": "white"}),
    "butterfly": ("winged", "butterfly", "dark_brown", {"wing": "orange", "marks": "black"}),
    "slime": ("amorphous", "slime", "green", {}),
    "ghost": ("amorphous", "ghost", "white", {}),
    "fire": ("amorphous", "flame", "orange", {"core": "yellow"}),
    "water": ("amorphous", "flame", "azure", {"core": "cyan"}),
    "golem": ("amorphous", "golem", "grey", {}),
    "snake": ("serpentine", "snake", "green", {"belly": "cream", "marks": "olive"}),
    "cobra": ("serpentine", "cobra", "olive", {"belly": "cream", "marks": "black"}),
    "worm": ("serpentine", "worm", "pink", {}),
    "eel": ("serpentine", "eel", "teal", {"belly": "turquoise"}),
    "centipede": ("serpentine", "centipede", "maroon", {"marks": "orange"}),
}
# Creature → further words for it.
CREATURE_WORDS: dict[str, str] = _by_word(
    {
        "dog": "hound puppy",
        "cat": "kitten",
        "tiger": "panther",
        "deer": "stag doe",
        "horse": "pony stallion mare",
        "sheep": "lamb",
        "goat": "ram",
        "rat": "mouse",
        "rabbit": "hare bunny",
        "cow": "bull ox",
        "boar": "hog",
        "spider": "tarantula",
        "dragon": "wyvern drake",
        "eagle": "hawk falcon",
        "bird": "crow raven parrot chicken pigeon",
        "duck": "goose",
        "bee": "wasp hornet fly bees",
        "butterfly": "moth",
        "slime": "blob jelly ooze gel pudding",
        "ghost": "spirit phantom wraith specter",
        "fire": "flame ember wisp elemental",
        "golem": "rock stone earth",
        "snake": "serpent viper python naga",
        "centipede": "caterpillar",
        "worm": "larva grub",
        "unicorn": "unicorns",
    }
)
DEFAULT_BODY = {
    "humanoid": "villager",
    "quadruped": "wolf",
    "winged": "bird",
    "amorphous": "slime",
    "serpentine": "snake",
}
SKINS: dict[str, RGB] = {
    "pale": (236, 214, 206),
    "goblin": (116, 166, 70),
    "orc": (92, 138, 72),
    "troll": (84, 140, 148),
    "ogre": (176, 158, 92),
    "zombie": (140, 168, 120),
    "bone": (230, 222, 196),
    "demon": (188, 56, 52),
    "fur": (112, 108, 116),
    "steel": (142, 154, 174),
}
HUMAN_SKINS: tuple[RGB, ...] = ((240, 198, 160), (228, 176, 134), (204, 146, 104), (160, 106, 74), (122, 80, 58))
HAIR_COLORS = ("brown", "chestnut", "blonde", "black", "ginger", "auburn", "dark_brown")
HAIR_WORDS = frozenset(("auburn", "blond", "blonde", "ginger"))
DARK_HAIR_COLORS = ("black", "dark_brown", "chestnut")
CLOTH_COLORS = ("blue", "teal", "olive", "maroon", "purple", "crimson", "tan", "green", "navy", "orange")
# Features that words add; a leading minus takes one away, "+weapon" every weapon.
FEATURES: dict[str, str] = _by_word(
    {
        "+weapon sword": "sword blade katana",
        "+weapon axe": "axe",
        "+weapon spear": "spear lance halberd trident pitchfork",
        "+weapon bow quiver": "bow",
        "+weapon bow": "crossbow",
        "+weapon staff": "staff",
        "+weapon wand": "wand",
        "+weapon dagger": "dagger knife",
        "+weapon hammer": "hammer",
        "+weapon mace": "mace club",
        "+weapon torch": "torch",
        "+weapon pick": "pickaxe",
        "+weapon -shield": "unarmed",
        "shield": "shield buckler",
        "book": "book",
        "cape": "cape cloak",
        "hood": "hood hooded",
        "hat": "hat",
        "cap": "cap",
        "-bald open_helmet": "helmet",
        "open_helmet": "helm",
        "crown": "crown",
        "horns": "horns horned",
        "wings": "wings winged",
        "tail": "tail",
        "beard": "beard bearded",
        "robe": "robe robes",
        "dress": "dress gown",
        "skirt": "skirt",
        "plate pauldrons armored": "armor armour armored",
        "plate pauldrons": "plate",
        "scarf": "scarf",
        "apron": "apron",
        "pack": "backpack pack",
        "bald -long_hair -spiky": "bald",
        "ponytail -long_hair": "ponytail",
        "bun -long_hair": "bun",
        "mohawk -bald": "mohawk",
        "spiky": "spiky",
        "mask": "mask masked",
        "bandana": "bandana",
        "fangs": "fangs",
        "quiver": "quiver",
        "pauldrons": "pauldrons",
        "plume": "plume",
        "collar": "collar",
        "bands": "striped banded bands stripes",
        "tabard": "tabard",
    }
)
# Two words that mean something together.
PAIRS: dict[tuple[str, str], str] = {
    ("long", "hair"): "long_hair -bald",
    ("long", "beard"): "beard long_beard",
    ("pointed", "hat"): "hat pointed",
    ("pointy", "hat"): "hat pointed",
    ("wizard", "hat"): "hat pointed wide_hat",
    ("pointed", "ears"): "long_ears",
    ("pointy", "ears"): "long_ears",
    ("animal", "ears"): "animal_ears",
    ("cat", "ears"): "animal_ears",
    ("open", "helmet"): "open_helmet -helmet",
    ("no", "weapon"): "+weapon",
    ("no", "shield"): "-shield",
    ("no", "helmet"): "-helmet -open_helmet -plume",
    ("no", "cape"): "-cape",
    ("no", "hat"): "-hat -pointed",
}
# Slots that a colour word before a noun paints.
SLOTS: dict[str, str] = _by_word(
    {
        "hair beard": "hair haired",
        "beard": "beard",
        "cape": "cape cloak",
        "hat": "hat cap",
        "hood": "hood",
        "torso sleeves forearms": "robe robes shirt coat jacket",
        "gem": "gem orb crystal",
        "torso sleeves": "dress gown tunic",
        "torso": "vest skirt",
        "torso sleeves forearms legs": "clothes",
        "armor torso sleeves forearms hands legs boots": "armor armour",
        "armor": "helmet",
        "plume": "plume",
        "legs": "pants trousers legs",
        "boots": "boots shoes",
        "hands": "gloves",
        "belt": "belt",
        "scarf": "scarf",
        "eyes glow_eyes": "eyes eyed",
        "skin ears": "skin",
        "skin": "skinned",
        "shield": "shield",
        "blade": "sword axe blade",
        "wood": "staff",
        "wing": "wings",
        "belly": "belly",
        "mane": "mane",
        "marks": "stripes bands spots",
        "horn": "horns horn",
        "apron": "apron",
        "cloth": "bandana mask tabard",
        "nose": "nose",
        "core": "core",
        "gold": "crown jewelry",
    }
)
