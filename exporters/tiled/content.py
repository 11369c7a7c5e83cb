"""What a tileset file of ours says, before it is merged with what users and Tiled added.

Source: Tiled manual, "Using Terrains".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from exporters.base import ExportError
from exporters.model.asset import Pixels, Polygon, TilesetAsset
from exporters.model.wang import wang_table
from exporters.tiled.xml import Node, make_node

OUR_OBJECT = "assetbridge"
OUR_PROPERTIES = frozenset({"name", "animation", "role"})
MAX_COLOURS = 254


@dataclass(slots=True)
class TsxTile:
    """A tile's own content: weight for the terrain brush, properties, animation as (tile id, ms), polygons."""

    probability: float = 1.0
    properties: dict[str, str | int | float | bool] = field(default_factory=dict)
    animation: tuple[tuple[int, int], ...] = ()
    collision: tuple[Polygon, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether Tiled would leave the tile out."""
        return not (self.probability != 1.0 or self.properties or self.animation or self.collision)


@dataclass(slots=True)
class TilesetContent:
    """A tileset file's content. Sizes in pixels; `wangset` is our `<wangset>` element."""

    name: str
    tile_size: tuple[int, int]
    columns: int
    rows: int
    sheet: Pixels
    spacing: int = 0
    margin: int = 0
    alignment: str = ""
    grid: tuple[int, int] | None = None
    tiles: dict[int, TsxTile] = field(default_factory=dict)
    wangset: Node | None = None


def tile_contents(asset: TilesetAsset) -> dict[int, TsxTile]:
    """Content by tile id. Collision polygons of isometric tiles are moved into Tiled's projected grid.

    The terrain brush paints nothing where all tiles with the wanted corners have the weight 0: there the first of
    them, which maps of ours show, keeps the usual one.
    """
    needed = {choices[0][0] for choices in wang_table(asset).values() if not any(weight for _, weight in choices)}
    contents = {}
    for tile in sorted(asset.tiles, key=lambda tile: tile.id):
        properties: dict[str, str | int | float | bool] = dict(tile.properties)
        if tile.name is not None:
            properties["name"] = tile.name
        collision = tile.polygons
        if asset.orientation == "isometric":
            collision = tuple(project_points(polygon, asset.tile_size, asset.grid_size) for polygon in collision)
        content = TsxTile(
            1.0 if tile.id in needed else tile.probability,
            properties,
            tuple((frame.tile, frame.duration_ms) for frame in tile.animation),
            collision,
        )
        if not content.empty:
            contents[tile.id] = content
    return contents


def project_points(points: Polygon, tile_size: tuple[int, int], grid: tuple[int, int]) -> Polygon:
    """Screen pixels of a tile → the isometric grid, whose axes count in grid heights (Tiled's isometricrenderer)."""
    width, height = grid
    top, centre = tile_size[1] - height, tile_size[0] / 2
    screen = (((x - centre) / width, (y - top) / height) for x, y in points)
    return tuple(((down + across) * height, (down - across) * height) for across, down in screen)


def unproject_points(points: Polygon, tile_size: tuple[int, int], grid: tuple[int, int]) -> Polygon:
    """The isometric grid → screen pixels of a tile: what `projected` does, the other way round."""
    width, height = grid
    top, centre = tile_size[1] - height, tile_size[0] / 2
    return tuple(((x - y) / (2 * height) * width + centre, (x + y) / 2 + top) for x, y in points)


def wangset_of(asset: TilesetAsset, name: str) -> Node | None:
    """The corner Wang set: colours in the order of the terrains, `wangid` with corners at its odd places.

    The probability of a colour is always written (left out Tiled reads 0 and never paints it); the weights of full
    tiles and variations stand on the tiles.

    Raises:
        ExportError: more colours than a wangid can name, or a corner without its colour.
    """
    if not asset.terrains:
        return None
    if len(asset.terrains) > MAX_COLOURS:
        raise ExportError(
            f"{len(asset.terrains)} terrains are more than a Wang set can hold.",
            hint=f"Tiled knows at most {MAX_COLOURS} colours: split the tileset.",
        )
    children = []
    for terrain in asset.terrains:
        red, green, blue = terrain.color
        children.append(
            make_node(
                "wangcolor",
                {
                    "name": terrain.name,
                    "color": f"#{red:02x}{green:02x}{blue:02x}",
                    "tile": terrain.tile,
                    "probability": float(terrain.probability),
                },
            )
        )
    for tile in sorted(asset.tiles, key=lambda tile: tile.id):
        if tile.corners is None or all(corner is None for corner in tile.corners):
            continue
        if any(corner is not None and not 0 <= corner < len(asset.terrains) for corner in tile.corners):
            raise ExportError(f"Tile {tile.id} has a corner without a terrain.", hint="Build the asset again.")
        nw, ne, sw, se = (0 if corner is None else corner + 1 for corner in tile.corners)
        children.append(make_node("wangtile", {"tileid": tile.id, "wangid": f"0,{ne},0,{se},0,{sw},0,{nw}"}))
    return make_node("wangset", {"name": name, "type": "corner", "tile": -1}, children)
