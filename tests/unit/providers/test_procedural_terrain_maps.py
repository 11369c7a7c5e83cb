"""Procedural maps: every cell has a tile in the chain, levels are shares of the area."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.assemble.parts import VertexMapPart
from bridge.core.errors import UserError
from bridge.providers.api import Step
from bridge.providers.procedural import ProceduralProvider
from bridge.providers.procedural.terrain.maps import generate_landscape, relax_slopes
from bridge.providers.testing import compile_checked
from bridge.spec.tiles import IsometricTilesSpec, MapSpec, TilesetSpec
from tests.unit.providers.procedural_terrain_context import Context

PROVIDER = ProceduralProvider()
LAND = TilesetSpec.model_validate(
    {"kind": "tileset", "terrains": [{"name": name} for name in ("water", "sand", "grass", "rock")]}
)
BLOCKS = IsometricTilesSpec.model_validate({"kind": "isometric_tiles", "tiles": [{"name": "grass"}]})
SPECS = {"asset:art/land": LAND, "asset:art/blocks": BLOCKS}


def steps(**fields: Any) -> list[Step]:
    spec = MapSpec.model_validate({"kind": "map", "tileset": "asset:art/land", **fields})
    return list(compile_checked(PROVIDER, spec, Context(specs=SPECS)))


def painted(**fields: Any) -> VertexMapPart:
    (step,) = steps(**fields)
    (part,) = PROVIDER.interpret(step, PROVIDER.run(step, {}, {}))
    assert isinstance(part, VertexMapPart)
    return part


def spans(vertices: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Highest minus lowest corner of every cell."""
    corners = np.stack([vertices[:-1, :-1], vertices[:-1, 1:], vertices[1:, :-1], vertices[1:, 1:]]).astype(np.int64)
    return np.asarray(corners.max(axis=0) - corners.min(axis=0))


def test_a_map_has_one_more_vertex_than_cells_each_way() -> None:
    part = painted(size=[40, 25])
    assert part.vertices.shape == (26, 41)
    assert part.terrains == ("water", "sand", "grass", "rock")
    assert set(np.unique(part.vertices).tolist()) == {0, 1, 2, 3}


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(1, 2**31 - 1),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    scale=st.integers(2, 128),
    octaves=st.integers(1, 8),
    levels=st.lists(st.integers(0, 1_000_000), min_size=0, max_size=8).map(sorted),
)
def test_every_cell_has_a_tile_of_the_chain(
    seed: int, size: tuple[int, int], scale: int, octaves: int, levels: list[int]
) -> None:
    vertices = generate_landscape(
        seed, (size[0] + 1, size[1] + 1), {"octaves": octaves, "scale": scale * 256, "levels": levels}
    )
    assert vertices.shape == (size[1] + 1, size[0] + 1)
    assert int(vertices.max()) <= len(levels)
    assert spans(vertices).max() <= 1


def test_relaxing_lowers_only_what_is_too_high() -> None:
    ground = np.zeros((5, 5), dtype=np.int64)
    ground[2, 2] = 3
    assert relax_slopes(ground)[2, 2] == 1
    even = np.full((4, 4), 2, dtype=np.int64)
    assert np.array_equal(relax_slopes(even), even)


def test_levels_are_shares_of_the_area() -> None:
    part = painted(size=[120, 120], noise={"scale": 40, "octaves": 1, "levels": {"water": 0.3}})
    assert abs(float((part.vertices == 0).mean()) - 0.3) < 0.05
    assert steps(noise={"levels": {"water": 0.4, "grass": 0.8}})[0].params["levels"] == [400000, 600000, 800000]
    assert not painted(noise={"levels": {"water": 1, "sand": 1, "grass": 1}}).vertices.any()


def test_scale_is_the_size_of_features() -> None:
    def coast(scale: int) -> int:
        vertices = painted(size=[100, 100], noise={"scale": scale, "octaves": 1}).vertices
        return int(np.count_nonzero(spans(vertices)))

    assert coast(6) > 2 * coast(40)


def test_the_picture_of_the_tileset_does_not_count_but_its_terrains_do() -> None:
    bigger = LAND.model_copy(update={"tile_size": 32})
    spec = MapSpec.model_validate({"kind": "map", "tileset": "asset:art/land"})
    again = compile_checked(PROVIDER, spec, Context(specs={"asset:art/land": bigger}))
    assert list(again) == steps()
    assert steps()[0].params["terrains"] == ["water", "sand", "grass", "rock"]


@pytest.mark.parametrize(
    ("fields", "code", "place"),
    [
        ({"tileset": "asset:art/blocks"}, "spec_invalid", "tileset"),
        ({"tileset": "asset:art/none"}, "source_missing", "tileset"),
        ({"noise": {"levels": {"lava": 0.5}}}, "spec_invalid", "noise.levels.lava"),
        ({"noise": {"levels": {"rock": 0.5}}}, "spec_invalid", "noise.levels.rock"),
        ({"noise": {"levels": {"water": 0.6, "sand": 0.4}}}, "spec_invalid", "noise.levels.sand"),
        ({"pack": "Fantasy"}, "spec_not_applicable", "pack"),
        ({"description": "an island"}, "spec_not_applicable", "description"),
        ({"edits": ["add a river"]}, "spec_not_applicable", "edits"),
    ],
)
def test_wrong_maps_are_refused_with_a_way_out(fields: dict[str, Any], code: str, place: str) -> None:
    with pytest.raises(UserError) as caught:
        steps(**fields)
    assert (caught.value.code, caught.value.args[1]) == (code, place)


def test_the_same_seed_gives_the_same_map_everywhere() -> None:
    part = painted(size=[64, 48], noise={"scale": 12, "octaves": 3})
    assert (
        hashlib.sha256(part.vertices.tobytes()).hexdigest()
        == "eb7f2a86a1aa975883a9eb2397305f268ab63fcdece59bd72568a6f015821a5d"
    )
