"""What the real Tiled makes of exported files: saving changes no byte, its brush paints our tiles, its picture is ours."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import samples
from exporters.model import AudioAsset, Pixels, TileLayer, TileMapAsset, TilesetAsset
from exporters.sheet.render import render_map
from exporters.wang import Corners, solve
from tests.engines import tiled_assets
from tests.engines.demo_project import CHECKS
from tests.engines.engine import Engine

SCRIPTS = Path(__file__).with_name("tiled_scripts")
SUFFIXES = (".tsx", ".tmx")
SEED = 20260


def evaluate(tiled: Engine, folder: Path, script: Path, count: int) -> None:
    """Runs a script in the folder; it has to do all of its work without a complaint."""
    shutil.copy(script, folder)
    done = tiled.run(["--evaluate", script.name], folder)
    report = done.stdout + done.stderr
    assert f"DONE {count}" in report, report
    assert not [line for line in report.splitlines() if re.search("fail|error|warn", line, re.IGNORECASE)], report


def unstamped(path: Path) -> bytes:
    """A file without the version of the Tiled that wrote it."""
    return re.sub(rb' tiledversion="[^"]*"', b"", path.read_bytes())


def drawn(tmxrasterizer: Engine, path: Path) -> Pixels:
    """Tiled's picture of a map's tile layers, at its own size."""
    picture = path.with_suffix(".drawn.png")
    words = ["--no-smoothing", "--hide-object-layers", path.name, picture.name]
    done = tmxrasterizer.run(words, path.parent)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGBA"))


def test_tiled_saves_every_file_as_it_is(tiled: Engine, tmp_path: Path) -> None:
    known = [(asset, {}) for asset, _ in samples.sample_assets() if not isinstance(asset, AudioAsset)]
    paths = []
    for asset, options in [*known, *tiled_assets.wild_assets(SEED)]:
        paths += [path for path in tiled_assets.write(tmp_path, asset, **options) if path.suffix in SUFFIXES]
    names = [path.relative_to(tmp_path).as_posix() for path in paths]
    assert len(names) > 60
    (tmp_path / "files.txt").write_text("\n".join(names), encoding="utf-8")
    evaluate(tiled, tmp_path, CHECKS / "save_again.js", len(names))
    for path in paths:
        assert unstamped(path.with_name(f"{path.stem}.again{path.suffix}")) == unstamped(path), path.name


@dataclasses.dataclass(frozen=True)
class Plan:
    """A tileset and the terrains of a map's vertices, to be painted by Tiled and solved by us."""

    asset: TilesetAsset
    vertices: tiled_assets.Vertices

    def entry(self, path: str) -> dict[str, object]:
        """What paint.js reads."""
        isometric = self.asset.orientation == "isometric"
        grid = list(self.asset.grid_size)
        return {"tileset": path, "isometric": isometric, "grid": grid, "vertices": self.vertices.tolist()}

    def corners(self, tiles: list[list[int]]) -> list[list[Corners | None]]:
        """The corners of tile ids (-1: no tile)."""
        known = {tile.id: tile.corners for tile in self.asset.tiles}
        return [[known[tile] if tile >= 0 else None for tile in row] for row in tiles]


def plans() -> list[Plan]:
    """Every number of terrains and both orientations, with variations, weights and animations."""
    chance = random.Random(SEED)
    found = []
    for terrains in (2, 3, 4):
        for isometric in (False, True):
            asset = tiled_assets.tileset(f"set{len(found)}", chance, terrains, isometric=isometric)
            vertices = tiled_assets.vertices(chance, terrains, 24, 17)
            assert len(np.unique(vertices)) == terrains
            found.append(Plan(asset, vertices))
    return found


def test_the_terrain_brush_paints_the_tiles_that_we_choose(tiled: Engine, tmp_path: Path) -> None:
    wanted = plans()
    for plan in wanted:
        tiled_assets.write(tmp_path, plan.asset)
    entries = [plan.entry(f"{plan.asset.id}.tsx") for plan in wanted]
    (tmp_path / "plans.json").write_text(json.dumps(entries), encoding="utf-8")
    evaluate(tiled, tmp_path, SCRIPTS / "paint.js", len(wanted))
    painted = json.loads((tmp_path / "painted.json").read_text(encoding="utf-8"))
    for plan, tiles in zip(wanted, painted, strict=True):
        ours = solve(plan.asset, plan.vertices).astype(int) - 1
        assert ours.min() >= 0
        assert plan.corners(tiles) == plan.corners(ours.tolist()), plan.asset.id


def flipped(tiles: TilesetAsset, size: tuple[int, int], seed: int) -> TileMapAsset:
    """A map with every flip, on two layers."""
    chance = random.Random(seed)
    layers = tuple(TileLayer(f"layer{k}", tiled_assets.cells(chance, tiles, size, 0.8)) for k in range(2))
    hidden = TileLayer("hidden", tiled_assets.cells(chance, tiles, size), visible=False)
    return TileMapAsset("maps/flipped", size, tiles.grid_size, (tiles,), (*layers, hidden), tiles.orientation)


@pytest.mark.parametrize(
    "town",
    [
        pytest.param(samples.tile_map(tiles=samples.tileset(terrains=3, animated=3)), id="orthogonal"),
        pytest.param(flipped(samples.tileset(size=(16, 16)), (9, 7), 1), id="flips"),
        pytest.param(flipped(samples.tileset(isometric=True, size=(32, 16)), (5, 8), 2), id="diamonds"),
        pytest.param(flipped(samples.blocks(), (6, 4), 3), id="blocks"),
        pytest.param(flipped(dataclasses.replace(samples.tileset(size=(16, 24)), grid=(16, 16)), (6, 5), 4), id="tall"),
    ],
)
@pytest.mark.parametrize("extrude", [0, 2])
def test_tiled_draws_maps_as_we_do(tmxrasterizer: Engine, tmp_path: Path, town: TileMapAsset, extrude: int) -> None:
    path = tiled_assets.write(tmp_path, town, extrude=extrude)[-1]
    theirs, ours = drawn(tmxrasterizer, path), render_map(town)
    assert theirs.shape == ours.shape
    assert np.array_equal(theirs[..., 3], ours[..., 3])
    half = any(isinstance(layer, TileLayer) and layer.opacity < 1 for layer in town.layers)
    # Qt draws half transparent layers with premultiplied colours of eight bits and loses up to one step by it.
    assert np.abs(theirs.astype(int) - ours).max() <= int(half)
