"""The tiles of one pair of terrains, drawn as layers of masks over pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.providers.procedural import noise, palette
from bridge.providers.procedural.noise import Field
from bridge.providers.procedural.palette import DARK, LIGHT, LINE, RGB, SHADE, SHADES, SHINE, Ramp
from bridge.providers.procedural.terrain import field
from bridge.providers.procedural.terrain.edges import EdgeStyle
from bridge.providers.procedural.terrain.field import CORNERS, HALF, Mask, grow_mask, shift_mask
from bridge.providers.procedural.terrain.materials import Edge
from bridge.providers.procedural.terrain.surface import TerrainSurface

Picture = npt.NDArray[np.uint8]
BLACK: RGB = (20, 18, 26)


@dataclass(frozen=True, slots=True)
class TerrainPair:
    """Two terrains at a border. `upper_on_top` says which of the spec's two is the higher one here; bottom None is
    see-through; `strip` is the texture of a described transition, `wall` the ramp of its cliff; `colors` allowed,
    empty for any.
    """

    top: TerrainSurface
    bottom: TerrainSurface | None
    upper_on_top: bool
    strip: TerrainSurface | None = None
    wall: Ramp | None = None
    colors: tuple[RGB, ...] = ()


def draw_pair(
    ground: TerrainPair, style: EdgeStyle, size: tuple[int, int], seed: int, corners: Field = CORNERS
) -> Picture:
    """Pictures (tiles, frames, height, width, 4) for rows of corners (1 is the spec's upper terrain)."""
    shares = field.border_shares(size, style.border, corners)
    if not ground.upper_on_top:
        shares = noise.ONE - shares
    values = field.bend_border(size, style.border, shares, seed, style.band)
    return _Painter(ground, style, size, seed, values).draw_layers()


class _Painter:
    """Layers over a growing picture; masks are padded by the border's reach, pictures are not."""

    def __init__(self, ground: TerrainPair, style: EdgeStyle, size: tuple[int, int], seed: int, values: Field) -> None:
        self.ground, self.style, self.size, self.seed = ground, style, size, seed
        self.values = values[:, 1:-1, 1:-1]
        edge = ground.bottom.look.material.edge if ground.bottom else None
        self.fluid = edge is Edge.LIQUID and ground.top.look.material.edge is not Edge.LIQUID
        self.top = field.solid_mask(style.border, values)
        surfaces = [ground.top, *([ground.bottom] if ground.bottom else [])]
        self.frames = int(np.lcm.reduce([len(surface.shades) for surface in surfaces]))
        if style.fringe:
            self.top |= shift_mask(self.top, 0, 1) & self._choose_columns("fringe", 40)
        self.cut = _extend_down(self.top, style.wall) & ~self.top
        tiles = values.shape[0]
        self.result = np.zeros((tiles, self.frames, size[1], size[0], 4), dtype=np.uint8)

    def draw_layers(self) -> Picture:
        """All layers, lowest first."""
        self._draw_bottom()
        self._draw_shore()
        self._put_layer(self.top, self.picture_of(self.ground.top))
        self._draw_beach()
        self._draw_rims()
        self._draw_walls()
        self._draw_strip()
        self._draw_lines()
        if self.ground.colors:
            self._limit_colors()
        return self.result

    def picture_of(self, surface: TerrainSurface, change: int = 0) -> Picture:
        """A terrain's pictures (frames, height, width, 4), `change` steps lighter or darker."""
        shades = surface.shades[np.arange(self.frames) % len(surface.shades)]
        if change:
            steps = np.arange(256, dtype=np.int64)
            steps[:SHADES] = np.clip(steps[:SHADES] + change, 0, SHADES - 1)
            shades = steps[shades].astype(np.uint8)
        picture: Picture = palette.color_table(surface.colors)[shades]
        return picture

    def flat_picture(self, surface: TerrainSurface, shade: int) -> Picture:
        """One shade everywhere."""
        return palette.color_table([surface.colors[shade]])[np.zeros((1, 1, 1), dtype=np.int64)]

    def _put_layer(self, mask: Mask, picture: Picture) -> None:
        """Draws a picture where a padded mask (tiles or (tiles, frames), height, width) is True."""
        pad_x, pad_y = self.style.border.reach
        height, width = self.size[1], self.size[0]
        cut = mask[..., pad_y : pad_y + height, pad_x : pad_x + width]
        if cut.ndim == 3:
            cut = cut[:, None]
        self.result = np.where(cut[..., None], picture[None], self.result)

    def _repeat_tile(self, values: Field) -> Field:
        """An array (…, height, width) of the tile, continued beyond its edges by the reach."""
        pad_x, pad_y = self.style.border.reach
        rows = np.arange(-pad_y, self.size[1] + pad_y) % self.size[1]
        columns = np.arange(-pad_x, self.size[0] + pad_x) % self.size[0]
        return values[..., rows[:, None], columns[None, :]]

    def _choose_columns(self, topic: str, percent: int) -> Mask:
        """True in so many of 100 columns of the tile."""
        chosen = noise.hash_cells(noise.derive_seed(self.seed, topic), np.arange(self.size[0])) % 100 < percent
        wide = np.broadcast_to(chosen[None, :], (self.size[1], self.size[0]))
        return self._repeat_tile(wide.astype(np.int64))[None] > 0

    def _draw_bottom(self) -> None:
        bottom = self.ground.bottom
        if bottom is None:
            return
        self._put_layer(np.ones_like(self.top), self.picture_of(bottom))
        length = self.style.shadow
        if length:
            fallen = _extend_down(self.top | self.cut, length) | shift_mask(
                _extend_down(self.top | self.cut, length - 1) | self.top, 1, 0
            )
            self._put_layer(fallen, self.picture_of(bottom, -1))

    def _draw_shore(self) -> None:
        """Shallows and rings of foam in a liquid, or its cooled crust."""
        bottom, style = self.ground.bottom, self.style
        if bottom is None or not self.fluid:
            return
        if style.band:
            self._put_layer(self.values > HALF - style.band, self.picture_of(bottom, 1))
        if not style.foam:
            return
        hot = bottom.look.material.texture == "lava"
        land = self.top | self.cut
        inner = grow_mask(land, style.foam)
        outer = grow_mask(inner, style.spray)
        gate = self._ripple_noise()
        first, second = (SHADE, SHADE) if hot else (SHINE, LIGHT)
        self._put_layer(outer[:, None] & (gate > 620)[None], self.flat_picture(bottom, second))
        self._put_layer(inner[:, None] & (gate > 250)[None], self.flat_picture(bottom, DARK if hot else first))
        self._put_layer(inner[:, None] & (gate <= 250)[None], self.flat_picture(bottom, first if hot else second))

    def _ripple_noise(self) -> Field:
        """Noise (frames, height, width) that moves with the liquid, padded."""
        cell = 3 * (1 + min(self.size) // 28)
        cells = (max(2, self.size[0] // cell), max(2, self.size[1] // cell))
        ripples = noise.periodic_noise(noise.derive_seed(self.seed, "foam"), self.size, cells, self.frames)
        return self._repeat_tile(ripples)

    def _draw_beach(self) -> None:
        """The described or wet strip of land along a liquid."""
        if not self.fluid or not self.style.band:
            return
        if self.ground.strip:
            self._put_layer(self.top & (self.values < HALF + self.style.band), self.picture_of(self.ground.strip))
        elif self.ground.top.look.material.edge in (Edge.SOFT, Edge.TUFT):
            self._put_layer(
                self.top & (self.values < HALF + self.style.band // 2), self.picture_of(self.ground.top, -1)
            )

    def _draw_rims(self) -> None:
        """Light where the top faces north or west, dark where it faces south or east."""
        if not self.style.lip:
            return
        top, surface = self.top, self.ground.top
        if self.fluid and self.style.band and self.ground.strip:
            surface = self.ground.strip
        dark = DARK if surface.look.material.edge is not Edge.SOFT else SHADE
        self._put_layer(top & ~shift_mask(top, -1, 0), self.picture_of(surface, -1))
        lit = self._repeat_tile(self._wall_grain())[None] % 4 > 0
        self._put_layer(top & ~shift_mask(top, 1, 0) & lit, self.flat_picture(surface, LIGHT))
        self._put_layer(top & ~shift_mask(top, 0, 1), self.flat_picture(surface, SHINE if self.style.cap else LIGHT))
        self._put_layer(top & ~shift_mask(top, 0, -1), self.flat_picture(surface, dark))

    def _draw_walls(self) -> None:
        """The cut side below the southern rim, darker towards its foot."""
        if not self.style.wall:
            return
        material = self.ground.top.look.material
        ramp = self.ground.wall or material.wall or self.ground.top.colors[:SHADES]
        grain = self._repeat_tile(self._wall_grain())
        colors = palette.color_table(_wall_colors(tuple(ramp)))
        for depth in range(self.style.wall, 0, -1):
            row = _extend_down(self.top, depth) & ~_extend_down(self.top, depth - 1)
            tone = min(2, depth * 3 // (self.style.wall + 1))
            self._put_layer(row, colors[np.full((1, 1, 1), tone)])
            self._put_layer(row & (grain % 3 == 0)[None], colors[np.full((1, 1, 1), min(3, tone + 1))])

    def _wall_grain(self) -> Field:
        rows, columns = np.arange(self.size[1])[:, None], np.arange(self.size[0])[None, :]
        return noise.hash_cells(noise.derive_seed(self.seed, "wall"), rows // 2, columns)

    def _draw_strip(self) -> None:
        """The described strip between two grounds."""
        strip, band = self.ground.strip, self.style.band
        if strip is None or not band or self.fluid:
            return
        inside = (self.values > HALF - band) & (self.values < HALF + band)
        self._put_layer(inside & ~self.cut, self.picture_of(strip))

    def _draw_lines(self) -> None:
        if not self.style.line:
            return
        whole = self.top | self.cut
        rim = whole & ~(
            shift_mask(whole, 1, 0) & shift_mask(whole, -1, 0) & shift_mask(whole, 0, 1) & shift_mask(whole, 0, -1)
        )
        color = BLACK if self.style.line == "black" else self.ground.top.colors[LINE]
        self._put_layer(rim, palette.color_table([color])[np.zeros((1, 1, 1), dtype=np.int64)])

    def _limit_colors(self) -> None:
        """Every pixel in one of the allowed colours."""
        flat = self.result.reshape(-1, 4)
        codes = flat.astype(np.int64) @ np.array([1, 256, 65536, 16777216])
        values, inverse = np.unique(codes, return_inverse=True)
        table = np.zeros((len(values), 4), dtype=np.uint8)
        for index, code in enumerate(values.tolist()):
            if code >> 24:
                color = (code & 255, code >> 8 & 255, code >> 16 & 255)
                table[index] = (*palette.nearest_color(color, self.ground.colors), 255)
        self.result = table[inverse].reshape(self.result.shape)


def _extend_down(mask: Mask, depth: int) -> Mask:
    """Everything at most `depth` pixels below the mask, with the mask."""
    for _ in range(depth):
        mask = mask | shift_mask(mask, 0, 1)
    return mask


def _wall_colors(ramp: Ramp) -> list[RGB]:
    """From the upper end of a wall to its foot."""
    return [ramp[SHADE], ramp[DARK], ramp[LINE], ramp[LINE]]
