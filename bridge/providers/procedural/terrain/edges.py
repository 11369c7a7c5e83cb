"""What the border of two terrains looks like: walls, lips, shadows, foam and bands.

The higher terrain (`top`) hangs over the lower one. All decisions here are about kinds of material, so that any two
terrains get a border that fits them; words of a described transition change it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.providers.procedural.noise import ONE
from bridge.providers.procedural.terrain.field import Border, most_reach
from bridge.providers.procedural.terrain.materials import Edge
from bridge.providers.procedural.terrain.words import TerrainTexture, split_words, word_set

STEEP = word_set("cliff ledge steep wall bank drop escarpment precipice raised high tall elevated")
_GENTLE = word_set("gentle gradual soft smooth blend blended fade faded flat shallow slope seamless")
_STRAIGHT = word_set("straight clean sharp hard crisp cut neat curb kerb")
_RAGGED = word_set("ragged rough uneven jagged broken organic wild overgrown patchy scattered")
_FOAM = word_set("foam foamy surf wave spray whitewater froth")
_SHADOW = word_set("shadow shaded")


@dataclass(frozen=True, slots=True)
class EdgeStyle:
    """All lengths are pixels, `band` (half the width of the strip between) is a share 0 … ONE.

    wall: height of the visible side under the top's southern rim; foam, spray: width of the inner and outer ring
    around what stands in a liquid; shadow: length on the lower ground. `lip` draws light and dark rims, `line` is
    "" or "own" or "black"; `fringe` lets blades hang down; `cap` brightens the northern rim (side views).
    """

    border: Border
    wall: int = 0
    foam: int = 0
    spray: int = 0
    shadow: int = 0
    band: int = 0
    lip: bool = True
    line: str = ""
    fringe: bool = False
    cap: bool = False


def edge_style(
    top: TerrainTexture,
    bottom: TerrainTexture | None,
    size: tuple[int, int],
    width: float,
    words: str,
    view: str,
    outline: str,
) -> EdgeStyle:
    """The border for a pair; `width` is transition_size, `words` the transition's description."""
    unit = 1 + min(size) // 28
    tokens = frozenset(split_words(words))
    below = bottom.material.edge if bottom else None
    fluid = below is Edge.LIQUID and top.material.edge is not Edge.LIQUID
    wall = _wall_height(top, below, size, unit, tokens, view)
    if fluid and width >= 0.5 and not tokens & STEEP:
        # A wide shore is a slope: room that a wall would take goes to the shallows.
        wall = 0 if top.material.edge is Edge.SOFT else min(wall, unit)
    loose = width >= 0.5 and _can_mingle(top, below)
    plain = width == 0
    foam = unit if fluid and not (plain and not tokens & _FOAM) else 0
    if tokens & _FOAM and fluid:
        foam = 2 * unit if min(size) >= 16 else unit
    shadow = 0 if below in (None, Edge.LIQUID, Edge.VOID) or _are_both_flat(top, below) else unit
    if tokens & _GENTLE or view == "side" or loose:
        shadow = 0
    if tokens & _SHADOW:
        shadow = 2 * unit
    style = EdgeStyle(
        Border((0, 0), *_border_noise(top, width if loose else min(width, 0.25), tokens, unit, wall)),
        wall,
        foam,
        0,
        shadow,
        _band_width(width, fluid, bool(words)),
        lip=not plain and "lineless" not in outline and top.material.edge is not Edge.LIQUID,
        line=_line_kind(outline),
        fringe=top.material.edge is Edge.TUFT and not plain and not loose and not tokens & (_STRAIGHT | STEEP),
        cap=view == "side",
    )
    return _fit_style(style, size, steep=bool(tokens & STEEP))


def _wall_height(
    top: TerrainTexture, below: Edge | None, size: tuple[int, int], unit: int, tokens: frozenset[str], view: str
) -> int:
    if below is None or top.material.edge is Edge.LIQUID or view == "side" or (tokens & _GENTLE and not tokens & STEEP):
        return 0
    low = 2 if "high" not in view else 1
    if tokens & STEEP:
        return max(2 * unit, size[1] // 4 if low == 2 else size[1] // 6)
    if below is Edge.VOID:
        return low * unit + unit
    if top.material.edge is Edge.HARD and below is not Edge.LIQUID:
        return low * unit + unit
    if top.material.edge in (Edge.HARD, Edge.BUILT) and top.material.level >= 46:
        return low * unit
    return low * unit if below is Edge.LIQUID else 0


def _are_both_flat(top: TerrainTexture, below: Edge | None) -> bool:
    return top.material.edge is Edge.LIQUID or (
        below is Edge.BUILT and top.material.edge is Edge.BUILT and top.material.level < 46
    )


def _can_mingle(top: TerrainTexture, below: Edge | None) -> bool:
    """Whether two grounds may mingle."""
    return top.material.edge in (Edge.SOFT, Edge.TUFT) and below in (Edge.SOFT, Edge.TUFT, Edge.BUILT)


def _border_noise(
    top: TerrainTexture, width: float, tokens: frozenset[str], unit: int, wall: int
) -> tuple[int, int, bool]:
    """Amount, bump size in pixels, and whether crumbs are swept."""
    amount, cell, clean = {
        Edge.LIQUID: (150, 5, True),
        Edge.VOID: (120, 4, True),
        Edge.SOFT: (170, 4, True),
        Edge.TUFT: (210, 3, False),
        Edge.HARD: (240, 4, True),
        Edge.BUILT: (0, 4, True),
    }[top.material.edge]
    if tokens & _STRAIGHT:
        return 0, cell * unit, True
    if wall:
        # Small bumps would show as spots of wall on edges that run north to south.
        amount, cell, clean = amount * 2 // 3, cell + 1, True
    if width == 0:
        amount //= 2
    elif width >= 0.5:
        amount, cell, clean = (440, 3, False) if width < 1 else (640, 2, False)
    if tokens & _RAGGED:
        amount = max(amount, 380)
    return amount, cell * unit, clean


def _band_width(width: float, fluid: bool, described: bool) -> int:
    """Half the width of the strip between the terrains, as a share."""
    if width == 0 or not (fluid or described):
        return 0
    share = {0.25: 130, 0.5: 300}.get(width, 430)
    return min(share, ONE * 2 // 5) if described or width >= 0.5 else 0


def _line_kind(outline: str) -> str:
    if "lineless" in outline or not outline or "no outline" in outline or outline == "none":
        return ""
    if "black" in outline:
        return "black"
    return "" if "selective" in outline else "own"


def _fit_style(style: EdgeStyle, size: tuple[int, int], *, steep: bool) -> EdgeStyle:
    """The style with its lengths cut to what the tile has room for, and the border's reach set from them."""
    room_x, room_y = most_reach(size[0]), most_reach(size[1], steep=steep)
    fringe = int(style.fringe and room_y > 1)
    foam = min(style.foam, room_x, room_y)
    wall = max(0, min(style.wall, room_y - fringe - foam))
    spray = max(0, min(style.foam, room_x - foam, room_y - foam - fringe - wall))
    shadow = min(style.shadow, room_x, room_y - wall - fringe)
    across = max(1, foam + spray, shadow)
    down = max(1, wall + fringe + max(foam + spray, shadow))
    return replace(
        style,
        wall=wall,
        foam=foam,
        spray=spray,
        shadow=shadow,
        fringe=bool(fringe),
        border=replace(style.border, reach=(min(room_x, across), min(room_y, down))),
    )
