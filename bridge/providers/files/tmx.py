"""Kind map from a Tiled map: layers, objects and the tilesets it uses.

A layer whose cells come from several tilesets becomes one layer per tileset, because a layer of the model counts
from one. Infinite maps are cut to the cells in use. Group layers are flattened (`group/layer`): what they do to their
layers is done to each of them. An image layer without a picture file is left out.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pytiled_parser import parse_map

from bridge.assemble.parts import Part, TileMapPart
from bridge.core import limits
from bridge.core.errors import UserError
from bridge.core.root_folder import RootFolder
from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.files import steps, tmx_files
from bridge.providers.files.tmx_layers import FlatLayer, flat_layers, look
from bridge.providers.files.tmx_objects import map_object, properties
from bridge.providers.files.tmx_tileset import PixelBudget, SourceFiles, left_out, read_tileset
from exporters.model.asset import FLIP_MASK, ImageLayer, ObjectLayer, Pixels, TileLayer, TileMapAsset, TilesetAsset

if TYPE_CHECKING:
    from bridge.spec.model import MapSpec

OPERATION = "files.map"
# Rises whenever more of the same file is read, so that maps that were read before are read again.
_READER = 2
MAP = "map"
_HEXAGONAL_TURN = 0x10000000
_ORIENTATIONS = ("orthogonal", "isometric")


def compile_map(spec: MapSpec, context: CompileContext) -> list[Step]:
    """One step over the map file and everything it leads to.

    Raises:
        UserError: no .tmx file is named, or a file is missing or damaged.
    """
    steps.check_form(spec, context, ("source",))
    ref = spec.source or ""
    if not ref.lower().endswith(".tmx"):
        raise context.fail("spec_invalid", f"{ref} is not a .tmx file", "source", "Save the map from Tiled as .tmx.")
    path, others = tmx_files.needed(ref, "source", context)
    inputs = [context.input(MAP, path, "source")]
    inputs += [context.input(f"file/{number}", other, "source") for number, other in enumerate(others)]
    return [steps.step(OPERATION, {"reader": _READER}, inputs, "source")]


def interpret(step: Step, result: StepResult) -> list[Part]:
    """The map.

    Raises:
        UserError: `source_broken` for a damaged file, `provider_limit` for hexagonal and staggered maps.
    """
    contents = {item.ref: steps.bytes_of(result, item.role) for item in step.inputs}
    return [read_map(steps.path_of(step, MAP), contents)]


def read_map(path: str, contents: Mapping[str, bytes]) -> TileMapPart:
    """The map at `path` of `contents` (relative path → bytes), which hold all tilesets and pictures it leads to.

    Raises:
        UserError: `source_broken` for a damaged file, `provider_limit` for hexagonal and staggered maps.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(os.path.realpath(folder))
            _lay_out(root, contents)
            return _read_file(root, path, SourceFiles(root, contents, PixelBudget()))
    except UserError:
        raise
    # pytiled-parser has no error of its own: what it meets first in a file it does not expect is what it raises.
    except Exception as error:
        raise steps.misfit(path, f"it is no sound Tiled map{_reason(error)}", "Save it again from Tiled.") from error


def _reason(error: Exception) -> str:
    """What the reader says, where that can help; never a path of the temporary folder."""
    if isinstance(error, KeyError):
        return f" ({error} is missing)"
    return "" if isinstance(error, OSError) or not str(error) else f" ({error})"


def _lay_out(root: Path, contents: Mapping[str, bytes]) -> None:
    """Writes the XML files as they lie in the project: the reader only reads from a disk."""
    folder = RootFolder(root)
    for ref, data in contents.items():
        if ref.lower().endswith((".tmx", ".tsx", ".tx")):
            folder.write(ref, tmx_files.normal_form(data, ref))


def _read_file(root: Path, path: str, files: SourceFiles) -> TileMapPart:
    # The reader prints while it reads templates; the output of a command belongs to the command.
    with contextlib.redirect_stdout(io.StringIO()):
        source = parse_map(root / path)
    if source.orientation not in _ORIENTATIONS:
        raise UserError(
            "provider_limit",
            f"{path} is a {source.orientation} map",
            hint="Maps can be orthogonal or isometric.",
        )
    firsts = sorted(source.tilesets)
    if not firsts or firsts[0] != 1:
        raise steps.misfit(path, "it has no tileset for its first tiles", "Add the tileset in Tiled.")
    tilesets = tuple(
        read_tileset(source.tilesets[first], (root / path).parent, files, source.orientation) for first in firsts
    )
    size = (int(source.map_size.width), int(source.map_size.height))
    layers = list(flat_layers(source.layers))
    area = _used_area(layers) if source.infinite else (0, 0, *size)
    _check_size(area, path)
    cell = (int(source.tile_size.width), int(source.tile_size.height))
    numbering = _Numbering(firsts, tilesets)
    cut = _Cut(area, cell, source.orientation, size[1])
    moving = any(flat.look.parallax != (1, 1) for flat in layers)
    origin = (float(source.parallax_origin.x), float(source.parallax_origin.y))
    read = TileMapAsset(
        path,
        (area[2] - area[0], area[3] - area[1]),
        cell,
        tilesets,
        tuple(_layers(layers, cut, numbering, lambda layer: files.layer_picture(layer, (root / path).parent))),
        orientation=source.orientation,
        infinite=source.infinite,
        properties=properties(source.properties),
        parallax_origin=cut.place(*origin) if moving else (0.0, 0.0),
    )
    lost = [one for first in firsts for one in left_out(source.tilesets[first])]
    return TileMapPart(read, tuple(f"{path}: {one} is left out" for one in lost))


def _check_size(area: Sequence[int], path: str) -> None:
    cells = (area[2] - area[0]) * (area[3] - area[1])
    if not 0 < cells <= limits.MAP_CELLS:
        raise steps.misfit(path, f"it has {cells:,} cells, there may be {limits.MAP_CELLS:,}", "Split the map.")


@dataclass(frozen=True, slots=True)
class _Numbering:
    """First global ids of the tilesets in the file, ascending, and the tilesets themselves."""

    firsts: Sequence[int]
    tilesets: Sequence[TilesetAsset]

    def owners(self, tiles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The place of the tileset of each global id, -1 for empty cells."""
        return np.asarray(np.searchsorted(self.firsts, tiles, side="right") - 1, dtype=np.int64)

    def renumbered(self, gid: int) -> int:
        """A global id with its flip bits, counted as if each tileset began right after the last tile before it."""
        tile = gid & ~(FLIP_MASK | _HEXAGONAL_TURN)
        owner = int(self.owners(np.array([tile]))[0])
        if owner < 0:
            return gid
        before = sum(max((one.id for one in known.tiles), default=-1) + 1 for known in self.tilesets[:owner])
        return (gid & FLIP_MASK) | (tile - self.firsts[owner] + 1 + before)


@dataclass(frozen=True, slots=True)
class _Cut:
    """The part of a map that is kept. area: left, top, right, bottom (exclusive) in cells; cell: its size in pixels.

    rows: of the whole map.
    """

    area: tuple[int, int, int, int]
    cell: tuple[int, int]
    orientation: str
    rows: int

    @property
    def objects(self) -> tuple[int, int]:
        """What places of objects move by: isometric maps measure them in tile heights along both axes."""
        unit = self.cell[1] if self.orientation == "isometric" else self.cell[0]
        return self.area[0] * unit, self.area[1] * self.cell[1]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A place in pixels of the picture. That of an isometric map begins left of the last row."""
        left, top, _, bottom = self.area
        width, height = self.cell
        if self.orientation != "isometric":
            return x - left * width, y - top * height
        rows = self.rows - (bottom - top)
        return x - (left - top + rows) * width / 2, y - (left + top) * height / 2


def _used_area(layers: Sequence[FlatLayer]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom (exclusive) of all cells in use of an infinite map."""
    boxes = []
    for flat in layers:
        for chunk in getattr(flat.layer, "chunks", None) or ():
            rows, columns = np.nonzero(np.array(chunk.data, dtype=np.int64))
            if len(rows):
                left, top = int(chunk.coordinates.x), int(chunk.coordinates.y)
                boxes.append(
                    (
                        left + int(columns.min()),
                        top + int(rows.min()),
                        left + int(columns.max()) + 1,
                        top + int(rows.max()) + 1,
                    )
                )
    if not boxes:
        return 0, 0, 1, 1
    lows, highs = np.array(boxes).min(axis=0), np.array(boxes).max(axis=0)
    return int(lows[0]), int(lows[1]), int(highs[2]), int(highs[3])


def _layers(
    layers: Sequence[FlatLayer], cut: _Cut, numbering: _Numbering, picture: Callable[[Any], Pixels | None]
) -> Iterator[TileLayer | ObjectLayer | ImageLayer]:
    for flat in layers:
        if hasattr(flat.layer, "tiled_objects"):
            objects = tuple(map_object(one, cut.objects, numbering.renumbered) for one in flat.layer.tiled_objects)
            yield ObjectLayer(flat.look.name, objects, **look(flat))
        elif hasattr(flat.layer, "data"):
            yield from _tile_layers(flat, _cells(flat.layer, cut.area), numbering)
        else:
            pixels = picture(flat.layer)
            if pixels is not None:
                placed = look(flat) | {"offset": cut.place(*flat.look.offset)}
                repeat = (bool(flat.layer.repeat_x), bool(flat.layer.repeat_y))
                yield ImageLayer(flat.look.name, pixels, repeat, **placed)


def _cells(layer: Any, area: tuple[int, int, int, int]) -> npt.NDArray[np.int64]:
    left, top, right, bottom = area
    cells = np.zeros((bottom - top, right - left), dtype=np.int64)
    blocks = [(int(c.coordinates.x), int(c.coordinates.y), c.data) for c in layer.chunks or ()]
    if layer.data:
        count, wanted = sum(len(row) for row in layer.data), int(layer.size.width) * int(layer.size.height)
        if count != wanted:
            raise ValueError(f"the layer {layer.name} has {count} of {wanted} cells")
        blocks.append((0, 0, layer.data))
    for x, y, data in blocks:
        block = np.array(data, dtype=np.int64)
        rows, columns = block.shape
        x0, y0, x1, y1 = max(x, left), max(y, top), min(x + columns, right), min(y + rows, bottom)
        if x0 < x1 and y0 < y1:
            cells[y0 - top : y1 - top, x0 - left : x1 - left] = block[y0 - y : y1 - y, x0 - x : x1 - x]
    return cells


def _tile_layers(flat: FlatLayer, cells: npt.NDArray[np.int64], numbering: _Numbering) -> Iterator[TileLayer]:
    flips = cells & FLIP_MASK
    tiles = cells & ~np.int64(FLIP_MASK | _HEXAGONAL_TURN)
    owners = np.where(tiles > 0, numbering.owners(tiles), -1)
    used = sorted({int(owner) for owner in np.unique(owners)} - {-1}) or [0]
    for owner in used:
        mine = owners == owner
        first = numbering.firsts[owner]
        _check_tiles(flat.look.name, tiles[mine] - first, numbering, owner)
        local = np.where(mine, (tiles - first + 1) | flips, 0).astype(np.uint32)
        suffix = f" {numbering.tilesets[owner].id}" if len(used) > 1 else ""
        yield TileLayer(f"{flat.look.name}{suffix}", local, owner, **look(flat))


def _check_tiles(layer: str, shown: npt.NDArray[np.int64], numbering: _Numbering, owner: int) -> None:
    if not len(shown):
        return
    known = {tile.id for tile in numbering.tilesets[owner].tiles}
    lost = sorted({int(tile) for tile in np.unique(shown)} - known)
    if lost:
        raise ValueError(f"the layer {layer} shows tile {lost[0]}, which {numbering.tilesets[owner].id} does not have")
