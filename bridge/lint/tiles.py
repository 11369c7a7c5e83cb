"""Rules for tilesets: edges of tiles that may meet, and terrains that nobody can tell apart.

Two tiles may meet where the corners on the shared side are equal. Texture differs from tile to tile and is no seam, so
what is compared is a soft strip along each edge: its colour at every place (does a border of terrains go on where it
left off?) and its mean (is it the same grass?).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bridge.lint.model import ArtFinding, LintRules
from bridge.media.color import Ints, oklab
from exporters.model.asset import Pixels, Tile, TilesetAsset
from exporters.model.layouts import coverage, pair_name

# OKLab distances count in thousandths of the one from black to white.
_FULL = 16384
_FULL_ALPHA = 255
# What a strip may differ by, place by place and in the mean.
_PLACE = 120
_MEAN = 60


@dataclass(frozen=True, slots=True)
class Seam:
    """Two tiles that may meet and do not fit: ids, whether the second lies below (else to the right), bad places."""

    first: int
    second: int
    below: bool
    places: tuple[int, ...]


def _lab_and_alpha(pixels: Pixels) -> Ints:
    """OKLab and alpha of a picture, (height, width, 4), in thousandths; transparent pixels are all alike."""
    shown = pixels.copy()
    shown[shown[..., 3] == 0] = 0
    lab = oklab(shown[..., :3].reshape(-1, 3)).reshape(*shown.shape[:2], 3) * 1000 // _FULL
    alpha = shown[..., 3:].astype(np.int64) * 1000 // _FULL_ALPHA
    return np.concatenate([lab, alpha], axis=2)


def _soft_strip(colors: Ints, side: int) -> Ints:
    """The soft strip along an edge, (n, 4): 0 left, 1 right, 2 top, 3 bottom."""
    turned = colors if side >= 2 else colors.transpose(1, 0, 2)
    depth = _strip_depth(len(turned))
    return _soften(turned[:depth] if side in (0, 2) else turned[-depth:])


def _strip_depth(length: int) -> int:
    return max(2, length // 4)


def _soften(lines: Ints) -> Ints:
    """Lines (depth, n, 4) as one (n, 4): their mean, and that of three places along it."""
    line = lines.mean(axis=0)
    padded = np.concatenate([line[:1], line, line[-1:]])
    soft: Ints = np.rint((padded[:-2] + padded[1:-1] + padded[2:]) / 3).astype(np.int64)
    return soft


def _color_distance(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Ints:
    distance: Ints = np.rint(np.sqrt(((first - second) ** 2).sum(axis=-1).astype(np.float64))).astype(np.int64)
    return distance


def _strip_limits(fulls: Sequence[Ints]) -> tuple[int, int]:
    """What strips may differ by at a place and in the mean: little more than they do somewhere inside a full tile."""
    spot, mean = _PLACE, _MEAN
    for colors in fulls:
        for turned in (colors, colors.transpose(1, 0, 2)):
            depth = _strip_depth(len(turned))
            for line in range(depth, len(turned) - depth + 1):
                first, second = _soften(turned[line - depth : line]), _soften(turned[line : line + depth])
                spot = max(spot, int(_color_distance(first, second).max()) * 3 // 2)
                mean = max(mean, _mean_distance(first, second) * 3 // 2)
    return spot, mean


def _mean_distance(first: Ints, second: Ints) -> int:
    return int(_color_distance(np.rint(first.mean(axis=0)), np.rint(second.mean(axis=0))))


def _misfit_mask(first: Ints, second: Ints, limits: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """The places (n) at which two strips do not go on; all of them where their means differ."""
    spot, mean = limits
    if _mean_distance(first, second) > mean:
        return np.ones(len(first), dtype=bool)
    # Across a strip with two terrains half their difference is still the border, one pixel further on.
    spread = int(_color_distance(first.max(axis=0), first.min(axis=0)))
    bad: npt.NDArray[np.bool_] = _color_distance(first, second) > max(spot, spread // 2)
    return bad


def find_seams(tileset: TilesetAsset, allowed: int) -> Iterator[Seam]:
    """Pairs of tiles whose shared side has more than `allowed` percent of places that do not fit."""
    tiles = [tile for tile in tileset.tiles if tile.corners is not None and not tile.animation_frame]
    if not tiles or min(tileset.tile_size) < 2 or tileset.orientation != "orthogonal":
        return
    colors = [_lab_and_alpha(tile.pixels) for tile in tiles]
    full = {terrain.tile for terrain in tileset.terrains}
    limits = _strip_limits([picture for tile, picture in zip(tiles, colors, strict=True) if tile.id in full])
    for below in (False, True):
        ends = [_soft_strip(picture, 3 if below else 1) for picture in colors]
        starts = [_soft_strip(picture, 2 if below else 0) for picture in colors]
        for first, tile in enumerate(tiles):
            for second, other in enumerate(tiles):
                if _may_meet(tile, other, below=below):
                    bad = _misfit_mask(ends[first], starts[second], limits)
                    if int(bad.sum()) * 100 > allowed * len(bad):
                        yield Seam(tile.id, other.id, below, tuple(np.flatnonzero(bad).tolist()))


def _may_meet(tile: Tile, other: Tile, *, below: bool) -> bool:
    a, b = tile.corners, other.corners
    if a is None or b is None:
        return False
    return (a[2], a[3]) == (b[0], b[1]) if below else (a[1], a[3]) == (b[0], b[2])


def tileset_findings(tileset: TilesetAsset, rules: LintRules) -> tuple[list[ArtFinding], list[Seam]]:
    """What the tile rules find, and the seams for a picture of them, the worst first."""
    findings: list[ArtFinding] = []
    worst: list[Seam] = []
    allowed = rules.limit("seam")
    if allowed is not None:
        worst = sorted(find_seams(tileset, allowed), key=lambda s: (-len(s.places), s.below, s.first, s.second))
        if worst:
            findings.append(_seam_finding(tileset, worst))
    findings += _incomplete_findings(tileset, rules) + _contrast_findings(tileset, rules)
    return findings, worst


def _incomplete_findings(tileset: TilesetAsset, rules: LintRules) -> list[ArtFinding]:
    limit = rules.limit("incomplete_pair")
    if limit is None:
        return []
    findings = []
    for pair, missing in coverage(tileset).items():
        if len(missing) > limit:
            masks = ", ".join(str(mask) for mask in missing)
            message = f"{len(missing)} corner tiles are missing, masks {masks}: the terrain brush leaves holes"
            fix = "Make the missing tiles (mask = 8·nw + 4·ne + 2·sw + se), or keep the two terrains apart."
            findings.append(
                ArtFinding("incomplete_pair", message, fix, pair_name(tileset, pair), None, None, len(missing))
            )
    return findings


def _seam_finding(tileset: TilesetAsset, worst: Sequence[Seam]) -> ArtFinding:
    seam = worst[0]
    width, height = tileset.tile_size
    first, length = seam.places[0], seam.places[-1] + 1 - seam.places[0]
    box = (first, height - 1, length, 1) if seam.below else (width - 1, first, 1, length)
    side = "below" if seam.below else "right of"
    pairs = "1 pair of tiles does" if len(worst) == 1 else f"{len(worst)} pairs of tiles do"
    message = f"{pairs} not meet; worst: tile {seam.second} {side} tile {seam.first}"
    fix = 'Reroll the tileset, or paint the edges over in your own copy (provider = "files").'
    return ArtFinding("seam", message, fix, f"tile {seam.first}", None, box, len(worst))


def _contrast_findings(tileset: TilesetAsset, rules: LintRules) -> list[ArtFinding]:
    limit = rules.limit("terrain_contrast")
    tiles = {tile.id: tile for tile in tileset.tiles}
    if limit is None:
        return []
    means = [
        (terrain.name, _lab_and_alpha(tiles[terrain.tile].pixels).reshape(-1, 4).mean(axis=0))
        for terrain in tileset.terrains
        if terrain.tile in tiles
    ]
    findings = []
    for index, (name, mean) in enumerate(means):
        for other, second in means[index + 1 :]:
            distance = int(_color_distance(mean, second)) // 10
            if distance < limit:
                message = f"almost the same colour ({distance} % of black to white apart)"
                fix = "Describe one of them lighter, darker or in another colour."
                box = (0, 0, *tileset.tile_size)
                findings.append(ArtFinding("terrain_contrast", message, fix, f"{name}, {other}", None, box, distance))
    return findings
