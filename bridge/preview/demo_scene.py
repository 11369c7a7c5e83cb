"""The demo project's moving picture: its characters on a meadow by the sea."""

from __future__ import annotations

from bridge.preview.scene import Actor, Leg, PreviewScene

_ROUND = (
    Leg("walk", "east", 6, 18, 0),
    Leg("walk", "south_east", 6, 12, 10),
    Leg("walk", "south", 6, 0, 14),
    Leg("walk", "south_west", 6, -12, 10),
    Leg("walk", "west", 6, -18, 0),
    Leg("walk", "north_west", 6, -12, -10),
    Leg("walk", "north", 6, 0, -14),
    Leg("walk", "north_east", 6, 12, -10),
)
SCENE = PreviewScene(
    tileset="art/overworld",
    land="""
2222222222222222222
2222222222222222222
2222222222222222221
2222222222222222211
2222222222222222110
2222222222222222110
2222222222222222211
1222222222222222221
1122222222222222211
0112222222222221110
0011122222211111100
0001111111110000000
""",
    actors=(
        Actor("art/props/house", 56, 100),
        Actor("art/props/pine", 124, 62),
        Actor("art/props/tree", 156, 72),
        Actor("art/props/pine", 196, 56),
        Actor("art/props/tree", 238, 66),
        Actor("art/props/well", 28, 140),
        Actor("art/props/chest", 216, 150),
        Actor("art/props/rock", 262, 124),
        Actor("art/props/campfire", 118, 122),
        Actor("art/coin", 240, 152),
        Actor("art/hero", 144, 98, _ROUND, shadow=18),
        Actor("art/mage", 88, 132, (Leg("idle", "east", 24, slow=2), Leg("attack", "east", 24, slow=2)), shadow=18),
        Actor("art/dragon", 222, 118, (Leg("idle", "west", 24, slow=2), Leg("attack", "west", 24, slow=2)), shadow=46),
        Actor("art/slime", 106, 162, (Leg("walk", "east", 24, 30), Leg("walk", "west", 24, -30)), shadow=24),
        Actor("art/wolf", 30, 160, (Leg("run", "east", 24, 60), Leg("run", "west", 24, -60)), shadow=30),
        Actor("art/snake", 200, 168, (Leg("walk", "west", 24, -20, 2), Leg("walk", "east", 24, 20, -2)), shadow=18),
        Actor(
            "art/bat", 100, 96, (Leg("fly", "south", 24, 80, -8), Leg("fly", "south", 24, -80, 8)), shadow=12, above=44
        ),
    ),
)
