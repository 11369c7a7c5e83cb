"""What terrain is made of: colours, texture, the form of its edges, and the words that mean it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge.providers.procedural.palette import Ramp, parse_ramp


class Edge(Enum):
    """How a material ends where it meets a lower one."""

    LIQUID = "liquid"  # lies lowest; what stands over it gets a shore
    VOID = "void"  # nothing: everything drops into it
    SOFT = "soft"  # loose: smooth outline, a light lip and a shadow
    TUFT = "tuft"  # plants: ragged outline that hangs over
    HARD = "hard"  # rock: broken outline and a visible wall
    BUILT = "built"  # made by people: straight outline


@dataclass(frozen=True, slots=True)
class Material:
    """`level` orders materials by height: the higher one hangs over the lower. `wall` is the ramp of its cut side.

    `texture` names the painter; `moves` says whether an animation of it exists; `decor` names the marks that
    variations of its full tile may carry.
    """

    name: str
    ramp: Ramp
    texture: str
    edge: Edge
    level: int
    decor: tuple[str, ...] = ()
    moves: bool = False
    wall: Ramp | None = None


EARTH = parse_ramp("#2c1c1e #4a2e2a #6a4432 #8a5d3f #a87a50 #c79d6b")


def _make(
    name: str,
    codes: str,
    texture: str,
    edge: Edge,
    level: int,
    decor: str = "",
    moves: bool = False,
) -> Material:
    wall = EARTH if edge is Edge.TUFT else None
    return Material(name, parse_ramp(codes), texture, edge, level, tuple(decor.split()), moves, wall)


# Ramps are LINE, DARK, SHADE, BASE, LIGHT, SHINE.
MATERIALS: dict[str, Material] = {
    material.name: material
    for material in (
        _make("void", "#08070f #0d0b18 #120f22 #17142b #282346 #6a62a8", "void", Edge.VOID, 0, "stars", True),
        _make("lava", "#5a0f14 #8e1b16 #c9351a #f0691f #fb9f30 #ffe07a", "lava", Edge.LIQUID, 10, "crust", True),
        _make("water", "#1c2f66 #25478c #2e62ad #3a7cc4 #5ea4dc #b5e2f2", "water", Edge.LIQUID, 12, "lilies", True),
        _make("sea", "#172757 #1e3a7a #26529a #2f69b0 #4f92cc #a8d8ee", "sea", Edge.LIQUID, 11, "waves", True),
        _make("swamp", "#1c2a26 #2b4034 #3c573c #4d6c44 #6d8c4f #a3b866", "swamp", Edge.LIQUID, 14, "lilies", True),
        _make("slime", "#1f4a22 #2f7030 #46983a #66bd45 #96dc5c #d6f794", "swamp", Edge.LIQUID, 13, "", True),
        _make("blood", "#3a0a18 #5a0f20 #7e1827 #9e2430 #c24845 #ea8f80", "water", Edge.LIQUID, 12, "", True),
        _make("ice", "#3f6d99 #6d9fc6 #97c4e0 #b9deee #d8f0f7 #ffffff", "ice", Edge.SOFT, 16, "cracks", True),
        _make("mud", "#2a1b1b #422c27 #573c30 #6b4d3b #836249 #ad8c6c", "mud", Edge.SOFT, 20, "pebbles"),
        _make("path", "#5a4230 #86684a #ac8a60 #c3a274 #d5b98b #ead6ac", "path", Edge.SOFT, 21, "pebbles"),
        _make("asphalt", "#1f2129 #2e313b #3d414c #4a4e5a #5b606c #8a8f99", "asphalt", Edge.BUILT, 24, "cracks"),
        _make("dirt", "#3d2926 #5e4033 #7d5740 #96704f #ad8761 #cba981", "dirt", Edge.SOFT, 22, "pebbles tufts"),
        _make("farmland", "#33211f #4c322a #654435 #7b5640 #94704f #b8966d", "farmland", Edge.SOFT, 22, "sprouts"),
        _make("sand", "#8a6848 #b58f5f #d2af75 #e3c68a #efdaa2 #fbf0c9", "sand", Edge.SOFT, 26, "shells pebbles"),
        _make("desert", "#8f5a38 #bd8148 #d89f5b #e6b670 #f1cd89 #fce6b4", "dunes", Edge.SOFT, 26, "bones pebbles"),
        _make("salt", "#93909f #b4b2c0 #cfced9 #e3e2ea #f2f2f6 #ffffff", "cracked", Edge.SOFT, 26, "cracks"),
        _make("ash", "#2a282e #3d3a41 #514d54 #636067 #7a777c #a3a1a3", "ash", Edge.SOFT, 26, "embers"),
        _make("gravel", "#3c3c46 #585963 #757680 #8f9098 #aaabb0 #cfd0d0", "gravel", Edge.SOFT, 24, "pebbles"),
        _make("cobblestone", "#34353f #4c4e5a #686a76 #84868f #a0a2a8 #c4c6c6", "cobble", Edge.BUILT, 28, "moss"),
        _make("flagstone", "#3d3e47 #585a64 #747680 #8d8f97 #a7a9ae #cacccb",
            "flagstone", Edge.BUILT, 28, "moss cracks"),
        _make("marble", "#77798c #a1a3b5 #c3c5d2 #dcdde5 #ededf2 #ffffff", "marble", Edge.BUILT, 29, "cracks"),
        _make("tiles", "#4a3a44 #7a5f60 #a58779 #c4a892 #dac6b0 #f2e6d2", "checker", Edge.BUILT, 29, "cracks"),
        _make("brick", "#3b2226 #643431 #864339 #a75a48 #c17a5f #dba586", "brick", Edge.BUILT, 50, "moss cracks"),
        _make("planks", "#38221c #59372a #7a4e36 #996845 #b58458 #d3aa7a", "planks", Edge.BUILT, 48, "knots"),
        _make("carpet", "#3d1026 #661a35 #8c2640 #aa354b #c6595c #e8b36a", "carpet", Edge.BUILT, 46),
        _make("metal", "#23262f #3a3f4b #535a68 #6c7483 #8f97a3 #c6ced4", "metal", Edge.BUILT, 47, "rust"),
        _make("straw", "#6b4a24 #96702f #bf963f #d9b455 #ecd077 #faeba9", "straw", Edge.TUFT, 30, "tufts"),
        _make("snow", "#6f86b4 #9db4d6 #c4d5ea #e4edf6 #f4f8fc #ffffff", "snow", Edge.SOFT, 40, "snowdrift pebbles"),
        _make("cloud", "#8ba0cf #b0c2e4 #d2def2 #eaf1fa #f8fbff #ffffff", "snow", Edge.SOFT, 44),
        _make("grass", "#1e4a34 #2c6a3a #418541 #58a04a #7dbb57 #b6d977",
            "grass", Edge.TUFT, 34, "flowers tufts", True),
        _make("meadow", "#24522f #357339 #4f9142 #6bac4a #91c65c #c5e086",
            "meadow", Edge.TUFT, 34, "flowers tufts", True),
        _make("jungle", "#0f3230 #174a38 #22633d #317c42 #4f9a4a #86c05c",
            "jungle", Edge.TUFT, 36, "ferns flowers", True),
        _make("forest", "#202e26 #31442e #455b36 #5a6f3e #768749 #a0a862",
            "litter", Edge.TUFT, 33, "mushrooms ferns twigs"),
        _make("leaves", "#4a2320 #7a3a24 #a8562a #c97634 #e29c45 #f5cd6e", "litter", Edge.TUFT, 33, "mushrooms twigs"),
        _make("moss", "#22392a #35542f #4b6f37 #648a42 #88a653 #b9c973", "moss", Edge.TUFT, 35, "mushrooms pebbles"),
        _make("crystal", "#2d1f5e #47318a #6648b5 #8867d2 #b394e8 #efdcff", "crystal", Edge.HARD, 52, "shards", True),
        _make("rock", "#33313d #4c4a57 #676572 #82808a #9f9da3 #c6c4c4", "rock", Edge.HARD, 52, "cracks pebbles moss"),
        _make("cave", "#1f1c29 #302c3c #423d4e #544e5e #6c6573 #938c95", "cave", Edge.HARD, 23, "pebbles cracks bones"),
        _make("flesh", "#4a1420 #74222e #9c3a42 #bb5557 #d67c76 #f2b3a2", "moss", Edge.SOFT, 30),
        _make("bone", "#5c4c40 #8a765f #b39f7f #d3c19d #e8dcbc #fbf6e2", "gravel", Edge.SOFT, 31),
        _make("plain", "#3c3c4c #575769 #74748a #8f8fa6 #ababbd #d2d2dc", "plain", Edge.SOFT, 30, "pebbles"),
    )
}  # fmt: skip

# Two-word names come first when a text is read. Plurals are cut to singulars before the look-up.
WORDS: dict[str, str] = {
    word: material
    for material, words in {
        "void": "void abyss nothing space pit chasm hole darkness night_sky bottomless",
        "lava": "lava magma molten_rock fire hot_lava lava_lake lava_pool lava_river lava_stream",
        "water": "water river lake pond stream pool canal fountain oasis lagoon shallow_water shallow",
        "sea": "sea ocean deep_water tide bay",
        "swamp": "swamp bog marsh murk sewer sewage bayou mire toxic_waste swamp_water swamp_pool swamp_lake",
        "slime": "slime acid goo ooze poison toxin",
        "blood": "blood wine",
        "ice": "ice glacier frozen_lake frozen_water frost",
        "mud": "mud clay peat quagmire",
        "path": "path road trail track dirt_path dirt_road footpath walkway sand_path",
        "asphalt": "asphalt street tarmac highway concrete cement pavement",
        "dirt": "dirt earth soil ground mars wasteland badland loam",
        "farmland": "farmland farm field plowed tilled furrow crop garden",
        "sand": "sand beach shore coast sandy_beach sandbank",
        "desert": "desert dune sahara desert_sand",
        "salt": "salt salt_flat saltflat dry_lake",
        "ash": "ash cinder soot volcanic_ash coal charcoal",
        "gravel": "gravel pebble rubble scree shingle debris stone_rubble",
        "cobblestone": "cobblestone cobble stone_path stone_road cobbled_road paving",
        "flagstone": "stone flagstone stone_floor slab stone_tile dungeon dungeon_floor castle castle_floor temple",
        "marble": "marble porcelain palace quartz",
        "tiles": "tile checker floor tiled_floor ceramic kitchen bathroom terracotta",
        "brick": "brick stone_brick brick_wall wall masonry",
        "planks": "plank wood wooden board deck wood_floor wooden_floor parquet bridge dock pier timber log",
        "carpet": "carpet rug cloth fabric felt",
        "metal": "metal steel iron grate panel metal_floor plating spaceship sci_fi copper_plate",
        "straw": "straw hay thatch wheat reed",
        "snow": "snow snowfield tundra arctic fresh_snow snow_field",
        "cloud": "cloud sky heaven mist fog",
        "grass": "grass lawn turf grassland plain prairie hill savanna steppe green",
        "meadow": "meadow flower_field flower clover flower_meadow",
        "jungle": "jungle rainforest bush thicket hedge fern vine canopy",
        "forest": "forest_floor forest wood_land woodland undergrowth litter leaf_litter",
        "leaves": "leave leaf fallen_leave foliage autumn_leave",
        "moss": "moss lichen mossy_ground fungus mycelium mushroom",
        "crystal": "crystal gem amethyst gemstone",
        "rock": "rock cliff boulder mountain bedrock granite basalt obsidian slate stone_cliff plateau ore",
        "cave": "cave cavern cave_floor mine tunnel underground",
        "flesh": "flesh meat",
        "bone": "bone skull ivory_bone boneyard",
    }.items()
    for word in words.split()
}
