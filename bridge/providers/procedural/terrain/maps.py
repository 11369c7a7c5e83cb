"""Kind map: a landscape on the corners of the cells, made for a chain of terrains.

Terrain is painted on vertices, (width + 1) × (height + 1) of them. A corner tileset has tiles for neighbours of its
chain only, so the four corners of any cell may span at most two terrains that follow each other. Cutting every
vertex down to one more than its lowest neighbour guarantees that: each high area gets a rim of the terrains between.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bridge.assemble.parts import Part, VertexMapPart
from bridge.providers.api import CompileContext, ResultFile, Step, StepResult
from bridge.providers.procedural import noise
from bridge.providers.procedural.noise import Field

if TYPE_CHECKING:
    from bridge.spec.model import MapSpec

OPERATION = "map.noise"
_SHARES = 1_000_000
DEFAULT_SCALE, DEFAULT_OCTAVES = 12, 3


def compile_map(spec: MapSpec, context: CompileContext) -> list[Step]:
    """One step for the landscape; the tileset's pictures do not count, its chain of terrains does.

    Raises:
        UserError: no tileset, a tileset without corner terrains, or levels that do not fit it.
    """
    if spec.tileset is None:
        raise context.fail(
            "spec_invalid",
            "a procedural map needs a tileset",
            "tileset",
            'Write tileset = "asset:ID" of a tileset spec.',
        )
    tileset = context.spec_of(spec.tileset, "tileset")
    if tileset.kind != "tileset":
        raise context.fail(
            "spec_invalid",
            f"{spec.tileset} is of kind {tileset.kind}, which has no terrains to paint with",
            "tileset",
            "Name an asset of kind tileset.",
        )
    names = [terrain.name for terrain in tileset.terrains]
    width, height = spec.size
    table = spec.noise
    scale = table.scale if table else DEFAULT_SCALE
    params = {
        "size": [width, height],
        "terrains": names,
        "scale": round(scale * 256),
        "octaves": table.octaves if table else DEFAULT_OCTAVES,
        "levels": _spread_levels(dict((table.levels if table else None) or {}), names, context),
    }
    return [Step("map", "procedural", OPERATION, params, context.seed(variant=spec.pick or 1), field="noise")]


def _spread_levels(given: dict[str, float], names: list[str], context: CompileContext) -> list[int]:
    """The upper bound of every terrain but the last, in millionths; what is not given is spread evenly."""
    for name in given:
        if name not in names:
            raise context.fail(
                "spec_invalid",
                f"the tileset has no terrain {name}",
                f"noise.levels.{name}",
                f"Terrains: {', '.join(names)}.",
            )
    if names[-1] in given and given[names[-1]] != 1:
        raise context.fail(
            "spec_invalid",
            f"{names[-1]} is the last terrain and takes the rest",
            f"noise.levels.{names[-1]}",
            "Remove it.",
        )
    fixed = [(-1, 0)] + [
        (index, round(given[name] * _SHARES)) for index, name in enumerate(names[:-1]) if name in given
    ]
    fixed.append((len(names) - 1, _SHARES))
    levels = []
    for (start, low), (end, high) in itertools.pairwise(fixed):
        if high < low:
            raise context.fail(
                "spec_invalid",
                "noise levels must not fall from one terrain to the next",
                f"noise.levels.{names[end]}",
                f"Give {names[end]} at least {low / _SHARES:g}.",
            )
        levels += [low + (high - low) * (index - start) // (end - start) for index in range(start + 1, end + 1)]
    return levels[:-1]


def run_map(step: Step) -> StepResult:
    """Paints the vertices: bytes row by row, each a place in the chain of terrains."""
    params = step.params
    width, height = params["size"]
    vertices = generate_landscape(step.seed or 0, (width + 1, height + 1), params)
    data = vertices.tobytes()
    return StepResult(
        (ResultFile("vertices.bin", "application/octet-stream", data),), {"shape": [height + 1, width + 1]}
    )


def generate_landscape(seed: int, size: tuple[int, int], params: Any) -> npt.NDArray[np.uint8]:
    """Terrain numbers (height, width): `levels` are shares of the area, neighbours differ by at most 1."""
    total = np.zeros((size[1], size[0]), dtype=np.int64)
    for octave in range(params["octaves"]):
        scale, lean = max(256, params["scale"] >> octave), 1 - 2 * (octave % 2)
        total += hill_heights(noise.derive_seed(seed, "hills", octave), size, scale, lean=lean) >> octave
    order = np.argsort(total, axis=None, kind="stable")
    rank = np.empty(total.size, dtype=np.int64)
    rank[order] = np.arange(total.size, dtype=np.int64) * _SHARES // total.size
    terrain = np.zeros(total.size, dtype=np.int64)
    for level in params["levels"]:
        terrain += rank >= level
    return relax_slopes(terrain.reshape(total.shape)).astype(np.uint8)


def hill_heights(seed: int, size: tuple[int, int], scale: int, *, lean: int = 1) -> Field:
    """Smooth noise 0 … 65535 (height, width) with a bump every `scale` / 256 vertices.

    The lattice of the bumps is turned by the angle of the triangle 3-4-5 (`lean` 1 or -1): along the axes it would
    show as straight coasts.
    """
    x, y = np.arange(size[0], dtype=np.int64)[None, :], np.arange(size[1], dtype=np.int64)[:, None]
    columns, right = _locate_cells(4 * x + 3 * lean * y, scale)
    rows, below = _locate_cells(4 * y - 3 * lean * x, scale)

    def line(row: Field) -> Field:
        near = noise.hash_cells(seed, row, columns)
        far = noise.hash_cells(seed, row, columns + 1)
        return near + ((far - near) * right >> 8)

    upper, lower = line(rows), line(rows + 1)
    return upper + ((lower - upper) * below >> 8)


def _locate_cells(fifths: Field, scale: int) -> tuple[Field, Field]:
    """The lattice cell that a place (in fifths of a vertex) lies in, and the smooth weight 0 … 256 of the next."""
    position = fifths * 65536 // (5 * scale)
    part = position & 255
    return position >> 8, (part * part * (768 - 2 * part)) >> 16


def relax_slopes(terrain: Field) -> Field:
    """The terrain with every vertex at most 1 above its lowest neighbour of the eight."""
    for _ in range(int(terrain.max(initial=0))):
        padded = np.pad(terrain, 1, mode="edge")
        height, width = terrain.shape
        around = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
        lowered = np.minimum(terrain, np.minimum.reduce(around) + 1)
        if np.array_equal(lowered, terrain):
            break
        terrain = lowered
    return terrain


def interpret_map(step: Step, result: StepResult) -> list[Part]:
    """The vertices of a stored map."""
    height, width = result.meta["shape"]
    vertices = np.frombuffer(result.files[0].data, dtype=np.uint8).reshape(height, width)
    return [VertexMapPart(tuple(step.params["terrains"]), vertices)]
