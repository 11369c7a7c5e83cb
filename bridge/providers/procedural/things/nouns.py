"""Which words mean which drawing."""

from __future__ import annotations

from functools import cache

# Drawing: the words for it. The first is the plainest.
WORDS: dict[str, str] = {
    "sword": "sword, blade, longsword, greatsword, broadsword, saber, sabre, katana, rapier, scimitar, excalibur",
    "dagger": "dagger, knife, dirk, stiletto, shiv, kunai",
    "axe": "axe, ax, hatchet, battleaxe, tomahawk, halberd",
    "hammer": "hammer, mace, warhammer, maul, mallet, sledgehammer, club, cudgel",
    "pickaxe": "pickaxe, pick, mattock",
    "shovel": "shovel, spade, trowel",
    "bow": "bow, longbow, shortbow, crossbow",
    "arrow": "arrow, dart, quiver, crossbow bolt",
    "spear": "spear, lance, javelin, pike, trident, harpoon, polearm",
    "staff": "staff, stave, rod, scepter, sceptre, cane, walking stick",
    "wand": "wand, magic wand",
    "shield": "shield, buckler, escutcheon",
    "helmet": "helmet, helm, headgear, visor, mask",
    "armor": "armor, armour, chestplate, breastplate, cuirass, chainmail, mail, plate armor, tunic, robe, vest, shirt",
    "boots": "boot, shoe, greaves, sandal, footwear",
    "gloves": "glove, gauntlet, mitten, bracer",
    "hat": "hat, wizard hat, cap, hood, cowl",
    "ring": "ring, signet, band",
    "amulet": "amulet, necklace, pendant, medallion, talisman, locket, charm, medal",
    "crown": "crown, tiara, diadem, circlet",
    "belt": "belt, girdle, sash",
    "potion": "potion, flask, elixir, vial, bottle, tonic, brew, phial, antidote, philter, medicine, perfume",
    "barrel": "barrel, keg, cask",
    "crate": "crate, box, wooden box, carton",
    "chest": "chest, treasure chest, coffer, strongbox, trunk, treasure, loot",
    "pot": "pot, vase, urn, jar, amphora, jug, pitcher, cauldron, clay pot, flower pot, bucket, pail",
    "cup": "cup, goblet, chalice, grail, mug, tankard, trophy, beer, wine",
    "bag": "bag, pouch, sack, backpack, purse, satchel, money bag, coin purse, bag of gold",
    "gift": "gift, present, parcel, package",
    "gem": "gem, jewel, diamond, ruby, sapphire, emerald, amethyst, topaz, gemstone, opal, garnet, pearl",
    "coin": "coin, token, doubloon, penny, money, gold coin, silver coin",
    "coins": "coin pile, pile of coins, pile of gold, gold pile, coin stack, stack of coins, heap of gold, hoard",
    "key": "key, skeleton key, lockpick",
    "ore": "ore, nugget, mineral, vein",
    "ingot": "ingot, bar, bullion, gold bar",
    "crystal": "crystal, shard, crystal cluster, mana crystal, geode, quartz",
    "heart": "heart, life, health, love",
    "star": "star, favorite, favourite",
    "skull": "skull, cranium, death head",
    "bone": "bone, femur, rib",
    "apple": "apple, fruit, pear, peach, plum, tomato, lemon",
    "bread": "bread, loaf, baguette, bun, roll",
    "meat": "meat, ham, drumstick, steak, chicken, turkey, roast, mutton, beef, bacon, chicken leg",
    "cheese": "cheese, cheddar",
    "fish": "fish, trout, salmon, carp, tuna, cod",
    "carrot": "carrot, radish, turnip, parsnip, vegetable",
    "berry": "berry, cherry, blueberry, raspberry, strawberry, grape, olive",
    "egg": "egg, dragon egg",
    "mushroom": "mushroom, toadstool, fungus",
    "pumpkin": "pumpkin, gourd, squash, jack o lantern, melon",
    "cake": "cake, pie, dessert, pastry, slice of cake, sweet",
    "scroll": "scroll, parchment, recipe, letter, note, document, contract, paper",
    "book": "book, tome, grimoire, spellbook, journal, diary, bible, codex",
    "map": "map, treasure map, chart",
    "torch": "torch, brand, wall torch",
    "lantern": "lantern, lamp, light",
    "candle": "candle, candlestick, taper",
    "rope": "rope, cord, coil, lasso, string",
    "bomb": "bomb, grenade, explosive, dynamite, bombshell",
    "flame": "flame, fireball, fire, blaze, ember",
    "drop": "drop, droplet, water drop, tear, water, blood, oil",
    "bolt": "lightning bolt, lightning, thunderbolt, thunder, bolt, energy, spark",
    "hourglass": "hourglass, sandglass, timer, clock",
    "coal": "coal, charcoal",
    "tree": "tree, oak, pine, fir, spruce, palm, maple, birch, willow, conifer, sapling, sakura",
    "bush": "bush, shrub, hedge, thicket, foliage, plant, fern",
    "stump": "stump, tree stump",
    "cactus": "cactus, saguaro, succulent",
    "flower": "flower, rose, tulip, daisy, sunflower, blossom, lily, poppy, orchid, herb",
    "leaf": "leaf, foil",
    "feather": "feather, quill, plume",
    "rock": "rock, boulder, stone, pebble, cobble",
    "logs": "log, wood, lumber, timber, firewood, plank, woodpile, stick, branch",
    "house": "house, cottage, cabin, home, hut, inn, tavern, shop, store, barn, farmhouse, building",
    "tower": "tower, castle, keep, turret, watchtower, fortress, lighthouse",
    "tent": "tent, tipi, teepee, pavilion, camp",
    "door": "door, gate, portal, doorway, entrance",
    "ladder": "ladder, stair, steps",
    "fence": "fence, railing, palisade, barrier, picket",
    "sign": "sign, notice board, board, billboard, plaque, wooden sign",
    "signpost": "signpost, guidepost, crossroad, waypoint, direction sign",
    "well": "well, wishing well, water well",
    "campfire": "campfire, bonfire, fireplace, fire pit, firepit, camp fire",
    "statue": "statue, sculpture, idol, monument, golem",
    "gravestone": "gravestone, grave, tombstone, headstone, tomb, cross, memorial",
    "bridge": "bridge, footbridge, pier, dock",
    "fountain": "fountain",
    "cart": "cart, wagon, carriage, wheelbarrow, minecart, trolley",
}
# Words that are a thing only where no other thing is named: "gold sword" is a sword, "gold" alone a pile of coins.
WEAK: dict[str, str] = {
    "gold": "coins",
    "silver": "coins",
    "iron": "ingot",
    "steel": "ingot",
    "bronze": "ingot",
    "copper": "ingot",
    "bone": "bone",
    "wood": "logs",
    "stone": "rock",
    "crystal": "crystal",
    "leather": "bag",
    "leaf": "leaf",
    "fire": "flame",
    "water": "drop",
    "blood": "drop",
    "lightning": "bolt",
    "thunder": "bolt",
    "health": "heart",
    "life": "heart",
    "love": "heart",
    "light": "lantern",
    "energy": "bolt",
    "skull": "skull",
    "star": "star",
    "heart": "heart",
    "dragon": "egg",
    "ruby": "gem",
    "diamond": "gem",
    "emerald": "gem",
    "sapphire": "gem",
    "amethyst": "gem",
    "topaz": "gem",
    "treasure": "chest",
    "money": "coin",
    "death": "skull",
    "cross": "gravestone",
    "oil": "drop",
    "fall": "leaf",
    "rose": "flower",
    "blossom": "flower",
    "cherry": "berry",
    "camp": "campfire",
    "paper": "scroll",
    "building": "house",
    "plant": "bush",
    "string": "rope",
    "coal": "coal",
    "pearl": "gem",
    "olive": "berry",
    "wine": "cup",
}
# Things that stand on the ground: they keep their foot at the lower edge.
GROUNDED = frozenset(
    {
        "tree", "bush", "stump", "cactus", "rock", "house", "tower", "tent", "door", "ladder", "fence", "sign",
        "signpost", "well", "campfire", "statue", "gravestone", "bridge", "fountain", "cart", "chest", "crate",
        "barrel",
    }
)  # fmt: skip


@cache
def all_nouns() -> dict[str, str]:
    """Every noun and phrase → its drawing."""
    return {word: drawing for drawing, words in WORDS.items() for word in words.split(", ")}


@cache
def _known_words() -> frozenset[str]:
    return frozenset(word for phrase in all_nouns() for word in phrase.split())


def singular_of(word: str) -> str:
    """A plural word without its ending, if that makes a known noun."""
    known = _known_words()
    for ending, instead in (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", "")):
        if word.endswith(ending) and word.removesuffix(ending) + instead in known:
            return word.removesuffix(ending) + instead
    return word
