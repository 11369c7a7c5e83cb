"""Grid, Tilemap and TilemapRenderer: what palettes and maps are made of.

Source: Unity manual, "Grid", "Tilemap" and "Tilemap Renderer".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exporters.unity.editor import Editor
from exporters.unity.ids import anchor_for
from exporters.unity.scene import component, game_object, renderer, transform
from exporters.unity.tiles import IDENTITY
from exporters.unity.yaml import Node, Tree, YamlObject, flow, write_number

NO_INDEX = 65535
EVERY_TILE = 1 << 30
RECTANGLE, ISOMETRIC = 0, 2
BOTTOM_LEFT, TOP_RIGHT = 0, 3
Matrix = tuple[int, int, int, int]
UPRIGHT: Matrix = (1, 0, 0, 1)


@dataclass(frozen=True, slots=True)
class TilemapCell:
    """A painted cell, y upwards. tile, sprite: references (sprite None for none); flags: the tile's locks.

    matrix: xx, xy, yx, yy of its turn or mirroring. film: sprites and how many a second, where it is animated.
    """

    x: int
    y: int
    tile: str
    sprite: str | None
    flags: int
    matrix: Matrix = UPRIGHT
    film: tuple[tuple[str, ...], float] | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A tilemap of a grid. color: red, green, blue, alpha 0..1; position: units, y upwards."""

    name: str
    cells: Sequence[TilemapCell]
    visible: bool = True
    color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    position: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True)
class _Counted:
    """Values in order of first use, with how often each is used."""

    uses: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    def index(self, value: str) -> int:
        self.uses[value] = self.uses.get(value, 0) + 1
        return self.places.setdefault(value, len(self.places))

    def entries(self) -> list[Node]:
        return [{"m_RefCount": count, "m_Data": value} for value, count in self.uses.items()]


def tile_grid(
    name: str,
    identity: str,
    role: str,
    editor: Editor,
    layers: Sequence[Layer],
    cell: tuple[float, float],
    *,
    isometric: bool,
) -> list[YamlObject]:
    """A Grid with a child for each layer. cell: units; role: tells prefabs of one asset apart."""

    def anchor(part: str) -> int:
        return anchor_for(identity, f"{role}:{part}")

    root, transform_id = anchor("root"), anchor("transform")
    grid: Tree = {
        **component(root),
        "m_CellSize": flow(x=cell[0], y=cell[1], z=1 if isometric else 0),
        "m_CellGap": flow(x=0, y=0, z=0),
        "m_CellLayout": ISOMETRIC if isometric else RECTANGLE,
        "m_CellSwizzle": 0,
    }
    children = [anchor(f"layer{number}:transform") for number in range(len(layers))]
    objects = [
        game_object(root, name, [transform_id, anchor("grid")]),
        transform(transform_id, root, editor, children=children),
        YamlObject(156049354, anchor("grid"), "Grid", grid),
    ]
    for order, layer in enumerate(layers):
        owner, own, tilemap, drawn = (
            anchor(f"layer{order}:{part}") for part in ("object", "transform", "tilemap", "renderer")
        )
        objects += [
            game_object(owner, layer.name, [own, tilemap, drawn], active=layer.visible),
            transform(own, owner, editor, father=transform_id, order=order, position=layer.position),
            YamlObject(1839735485, tilemap, "Tilemap", _tilemap_component(owner, layer, editor)),
            YamlObject(
                483693784, drawn, "TilemapRenderer", _tilemap_renderer(owner, editor, order, isometric=isometric)
            ),
        ]
    return objects


def _tilemap_component(owner: int, layer: Layer, editor: Editor) -> Tree:
    tiles, sprites, matrices = _Counted(), _Counted(), _Counted()
    by_matrix: dict[str, Tree] = {}
    entries: list[Node] = []
    cells = sorted(layer.cells, key=lambda cell: (cell.y, cell.x))
    for cell in cells:
        by_matrix.setdefault(str(cell.matrix), _matrix_node(cell.matrix))
        second: Tree = {
            "serializedVersion": 2,
            "m_TileIndex": tiles.index(cell.tile),
            "m_TileSpriteIndex": NO_INDEX if cell.sprite is None else sprites.index(cell.sprite),
            "m_TileMatrixIndex": matrices.index(str(cell.matrix)),
            "m_TileColorIndex": 0,
            "m_TileObjectToInstantiateIndex": NO_INDEX,
            **({"dummyAlignment": 0} if editor >= Editor.V2022 else {}),
            "m_AllTileFlags": EVERY_TILE | cell.flags,
        }
        entries.append({"first": flow(x=cell.x, y=cell.y, z=0), "second": second})
    turned: list[Node] = [{"m_RefCount": count, "m_Data": by_matrix[value]} for value, count in matrices.uses.items()]
    color: list[Node] = [{"m_RefCount": len(cells), "m_Data": flow(r=1, g=1, b=1, a=1)}] if cells else []
    left, bottom, width, height = _cell_bounds(cells)
    return {
        **component(owner),
        "m_Tiles": entries,
        "m_AnimatedTiles": _film_nodes(cells, editor) or {},
        "m_TileAssetArray": tiles.entries(),
        "m_TileSpriteArray": sprites.entries(),
        "m_TileMatrixArray": turned,
        "m_TileColorArray": color,
        "m_TileObjectToInstantiateArray": [],
        "m_AnimationFrameRate": 1,
        "m_Color": flow(**dict(zip("rgba", layer.color, strict=True))),
        "m_Origin": flow(x=left, y=bottom, z=0),
        "m_Size": flow(x=width, y=height, z=1),
        "m_TileAnchor": flow(x=0.5, y=0.5, z=0),
        "m_TileOrientation": 0,
        "m_TileOrientationMatrix": dict(IDENTITY),
    }


def _film_nodes(cells: Sequence[TilemapCell], editor: Editor) -> list[Node]:
    films: list[Node] = []
    for cell in cells:
        if cell.film is not None:
            second: Tree = {
                **({"serializedVersion": 2} if editor >= Editor.V2022 else {}),
                "m_AnimatedSprites": list[Node](cell.film[0]),
                "m_AnimationSpeed": write_number(cell.film[1]),
                "m_AnimationTimeOffset": 0,
                **({"m_Flags": 0} if editor >= Editor.V2022 else {}),
            }
            films.append({"first": flow(x=cell.x, y=cell.y, z=0), "second": second})
    return films


def _cell_bounds(cells: Sequence[TilemapCell]) -> tuple[int, int, int, int]:
    if not cells:
        return 0, 0, 0, 0
    xs, ys = [cell.x for cell in cells], [cell.y for cell in cells]
    return min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1


def _matrix_node(turn: Matrix) -> Tree:
    changed: Mapping[str, Node] = dict(zip(("e00", "e01", "e10", "e11"), turn, strict=True))
    return {**IDENTITY, **changed}


def _tilemap_renderer(owner: int, editor: Editor, order: int, *, isometric: bool) -> Tree:
    """Isometric tiles are drawn from the back, which is the top right of Unity's isometric axes."""
    return {
        **renderer(owner, editor, probes=0, order=order),
        "m_ChunkSize": flow(x=32, y=32, z=32),
        "m_ChunkCullingBounds": flow(x=0, y=0, z=0),
        "m_MaxChunkCount": 16,
        "m_MaxFrameAge": 16,
        "m_SortOrder": TOP_RIGHT if isometric else BOTTOM_LEFT,
        "m_Mode": 0,
        "m_DetectChunkCullingBounds": 0,
        "m_MaskInteraction": 0,
    }
