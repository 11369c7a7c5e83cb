"""Collision polygons out of alpha: the outline of a picture with few points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import dist

from exporters.model.asset import Pixels

Point = tuple[int, int]
Polygon = tuple[tuple[float, float], ...]
OPAQUE = 128
# Pixels that the polygon may leave the outline by: a slope of pixels becomes a line.
TOLERANCE = 1.0
# Pieces below this share of the largest one are specks that nobody bumps into.
SPECK_SHARE = 1 / 16


def trace_outline(pixels: Pixels) -> Polygon:
    """The polygon round what is opaque, clockwise in pixels from the top left; empty for an empty picture.

    Holes are filled. Pieces that do not touch each other get one polygon round all of them.
    """
    height, width = pixels.shape[:2]
    mask = pixels[..., 3] >= OPAQUE
    if mask.all():
        return _as_floats([(0, 0), (width, 0), (width, height), (0, height)])
    loops = [loop for loop in _find_loops(mask.tolist()) if _signed_area(loop) > 0]
    if not loops:
        return ()
    largest = max(_signed_area(loop) for loop in loops)
    pieces = [loop for loop in loops if _signed_area(loop) >= largest * SPECK_SHARE]
    if len(pieces) > 1:
        return _as_floats(_convex_hull([point for loop in pieces for point in loop]))
    (piece,) = pieces
    return _as_floats(next(loop for loop in (_simplify_loop(piece), piece, _convex_hull(piece)) if _is_simple(loop)))


def _as_floats(points: Sequence[Point]) -> Polygon:
    return tuple((float(x), float(y)) for x, y in points)


def _find_loops(rows: Sequence[Sequence[bool]]) -> Iterator[list[Point]]:
    """The borders of all pieces, corners only, with what is opaque on the right; borders of holes run the other way."""
    height, width = len(rows), len(rows[0])

    def there(x: int, y: int) -> bool:
        return 0 <= x < width and 0 <= y < height and rows[y][x]

    ways: dict[Point, list[Point]] = {}
    for y in range(height):
        for x in range(width):
            if not rows[y][x]:
                continue
            sides = (
                ((x, y - 1), (x, y), (x + 1, y)),
                ((x + 1, y), (x + 1, y), (x + 1, y + 1)),
                ((x, y + 1), (x + 1, y + 1), (x, y + 1)),
                ((x - 1, y), (x, y + 1), (x, y)),
            )
            for beyond, start, end in sides:
                if not there(*beyond):
                    ways.setdefault(start, []).append(end)
    while ways:
        yield _keep_corners(_walk_border(ways))


def _walk_border(ways: dict[Point, list[Point]]) -> list[Point]:
    """One closed border, taken out of the ways. Where pieces touch in a point it turns right and stays with its own."""
    start = next(iter(ways))
    path = [start]
    while len(path) == 1 or path[-1] != start:
        here = path[-1]
        ends = ways[here]
        if len(ends) > 1 and len(path) > 1:
            before = path[-2]
            ends.sort(key=lambda end: -_turn_direction(before, here, end))
        path.append(ends.pop(0))
        if not ends:
            del ways[here]
    return path[:-1]


def _turn_direction(one: Point, two: Point, three: Point) -> int:
    """Positive for a turn to the right, y down."""
    return (two[0] - one[0]) * (three[1] - two[1]) - (two[1] - one[1]) * (three[0] - two[0])


def _keep_corners(path: Sequence[Point]) -> list[Point]:
    around = zip([path[-1], *path[:-1]], path, [*path[1:], path[0]], strict=True)
    return [here for before, here, after in around if _turn_direction(before, here, after)]


def _signed_area(loop: Sequence[Point]) -> float:
    """In pixels; negative for the border of a hole."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*loop, loop[0]])) / 2


def _simplify_loop(loop: Sequence[Point]) -> list[Point]:
    """Douglas and Peucker, "Algorithms for the reduction of the number of points", 1973, on both halves of the loop."""
    first = loop[0]
    far = max(range(len(loop)), key=lambda index: (_squared_distance(first, loop[index]), -index))
    halves = (loop[: far + 1], [*loop[far:], first])
    return [point for half in halves for point in _simplify_line(half)[:-1]]


def _simplify_line(line: Sequence[Point]) -> list[Point]:
    start, end = line[0], line[-1]
    away = [_line_distance(point, start, end) for point in line]
    worst = max(range(len(line)), key=lambda index: (away[index], -index))
    if away[worst] <= TOLERANCE:
        return [start, end]
    return [*_simplify_line(line[: worst + 1])[:-1], *_simplify_line(line[worst:])]


def _line_distance(point: Point, start: Point, end: Point) -> float:
    length = dist(start, end)
    return abs(_turn_direction(start, end, point)) / length if length else dist(start, point)


def _squared_distance(one: Point, other: Point) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _is_simple(loop: Sequence[Point]) -> bool:
    """At least a triangle whose sides touch at their ends only: engines cannot use others."""
    if len(loop) < 3 or len(set(loop)) < len(loop):
        return False
    sides = list(pairwise([*loop, loop[0]]))
    return not any(_do_cross(*one, *other) for one, other in combinations(sides, 2) if not set(one) & set(other))


def _do_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    one, two, three, four = (
        _turn_direction(a, b, c),
        _turn_direction(a, b, d),
        _turn_direction(c, d, a),
        _turn_direction(c, d, b),
    )
    if 0 in (one, two, three, four):
        return any(_is_on_side(*side, point) for side, point in (((a, b), c), ((a, b), d), ((c, d), a), ((c, d), b)))
    return (one > 0) != (two > 0) and (three > 0) != (four > 0)


def _is_on_side(start: Point, end: Point, point: Point) -> bool:
    inside = all(min(start[k], end[k]) <= point[k] <= max(start[k], end[k]) for k in (0, 1))
    return inside and not _turn_direction(start, end, point)


def _convex_hull(points: Sequence[Point]) -> list[Point]:
    """The convex hull (A. M. Andrew, "Another efficient algorithm for convex hulls", 1979), clockwise."""
    ordered = sorted(set(points))
    halves = []
    for way in (ordered, ordered[::-1]):
        half: list[Point] = []
        for point in way:
            while len(half) > 1 and _turn_direction(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        halves += half[:-1]
    return halves
