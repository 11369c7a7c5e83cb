"""What Sprixen's REST API v1 takes and costs: paths, prices in credits, closed lists, limits.

Source: the API documentation at sprixen.com/docs. It names no price for promoting a generation to a sprite, which draws
nothing, for projects, and for maps without anything on them. It names none either for processed copies of animations
and for edits of maps, whose price therefore counts as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bridge.providers.api import FREE, Price

NAME = "sprixen"
UNIT = "credits"
PROMPT_LENGTH = (3, 500)
MOTION_LENGTH = 500
FRAMES = (2, 12)
MOST_VARIANTS = 3
VARIANT_COUNT = (1, MOST_VARIANTS)
MOST_IN_PACK = 8
MOTIONS = ("walk", "run", "idle", "attack", "jump", "death", "hurt")
CUSTOM = "custom"
PIXEL_PERFECT = ("auto", "on", "off")
TILE_ROLES = ("floor", "wall", "prop")
WEAPON_HANDS = ("left", "right", "both")
MODES = ("stabilize", "tight", "aggressive")
MAP_PROJECTIONS: Mapping[str, str] = {"isometric": "isometric", "orthogonal": "top_down", "side": "side_view"}
"""Our projections → the service's; its `world` is a layout in three dimensions, which is no tile map."""
PROJECT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": (),
    "description": (),
    "artStyle": ("pixel", "vector", "painterly"),
    "resolution": ("16x16", "32x32", "64x64"),
    "viewAngle": ("side", "top-down", "isometric"),
}
"""Fields of a project (its Style Lock) and their words; any text where there are none."""
PRESETS = (
    "epic_orchestral",
    "chiptune_adventure",
    "peaceful_village",
    "dungeon_dark",
    "battle_intense",
    "boss_fight",
    "menu_chill",
    "ambient_exploration",
    "fantasy_tavern",
    "scifi_synthwave",
)
ARCHETYPES: Mapping[str, str] = {
    "humanoid": "humanoid_biped",
    **{name: name for name in ("quadruped", "winged", "amorphous", "serpentine")},
}
DIRECTIONS: Mapping[str, str] = {
    "south": "down",
    "south-east": "down-right",
    "east": "right",
    "north-east": "up-right",
    "north": "up",
    "north-west": "up-left",
    "west": "left",
    "south-west": "down-left",
}
"""Our directions → the service's, as seen on the screen."""


@dataclass(frozen=True, slots=True)
class SprixenRoute:
    """An operation of this provider.

    path: of the order, `{}` stands for an id of an earlier step; empty where nothing is ordered.
    status: of what the order made, `{}` stands for its id; empty where only a list shows it.
    """

    path: str
    status: str
    price: Price


def _credits(amount: int | None) -> Price:
    return Price(UNIT, None if amount is None else Decimal(amount))


ROUTES: Mapping[str, SprixenRoute] = {
    "project.create": SprixenRoute("/projects", "/projects/{}", _credits(0)),
    "image.create": SprixenRoute("/generations", "/generations/{}", _credits(1)),
    "image.pack": SprixenRoute("/generations", "/generations/{}", _credits(1)),
    "character.create": SprixenRoute("/generations", "/generations/{}", _credits(1)),
    "character.select": SprixenRoute("/generations/select", "", _credits(0)),
    "character.adopt": SprixenRoute("", "", FREE),
    "clip.create": SprixenRoute("/sprites/{}/animations", "/animations/{}", _credits(1)),
    "clip.process": SprixenRoute("/animations/{}/process", "/animations/{}", _credits(None)),
    "tile.create": SprixenRoute("/tile-packs/generate", "", _credits(1)),
    "tile.builtin": SprixenRoute("", "", FREE),
    "map.create": SprixenRoute("/maps", "/maps/{}", _credits(0)),
    "map.adopt": SprixenRoute("", "/maps/{}", FREE),
    "map.pack": SprixenRoute("", "", FREE),
    "map.update": SprixenRoute("/maps/{}", "/maps/{}", _credits(0)),
    "map.edit": SprixenRoute("/maps/{}/ai-edit", "/maps/{}", _credits(None)),
    "music.create": SprixenRoute("/music", "/music/{}", _credits(3)),
}
# Fields of requests → fields of specs, to lead a rejection back to its line.
FIELDS: Mapping[str, str] = {
    "prompt": "description",
    "variantCount": "variants",
    "resolution": "size",
    "referenceImageUrl": "reference.style_url",
    "skipBgRemoval": "transparent",
    "pixelPerfect": "provider_options.pixelPerfect",
    "noBase": "provider_options.noBase",
    "projectId": "provider_options.projectId",
    "artStyle": "provider_options.project.artStyle",
    "viewAngle": "provider_options.project.viewAngle",
    "projectionType": "projection",
    "gridWidth": "size",
    "gridHeight": "size",
    "packItems": "items",
    "archetype": "archetype",
    "weaponHand": "weapon.hand",
    "weaponType": "weapon.type",
    "hasShield": "weapon.shield",
    "presetSlug": "preset",
    "bpm": "bpm",
    "key": "key",
    "duration": "duration",
}
CLIP_FIELDS: Mapping[str, str] = {
    "type": "template",
    "frameCount": "frames",
    "customDescription": "action",
    "direction": "directions",
}
