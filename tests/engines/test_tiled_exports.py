"""What the real Tiled makes of exported files: it saves the same bytes, paints our tiles and draws our pictures."""

from __future__ import annotations

import base64
import dataclasses
import json
import random
import re
import shutil
import zlib
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters import samples
from exporters.model.asset import AudioAsset, ImageLayer, Pixels, Terrain, Tile, TileLayer, TileMapAsset, TilesetAsset
from exporters.model.wang import Corners, solve
from exporters.packing.render import render_map
from exporters.tiled.exporter import TiledExporter
from tests.engines import tiled_assets
from tests.engines.demo_project import CHECKS
from tests.engines.engine import Engine

SCRIPTS = Path(__file__).with_name("tiled_scripts")
SUFFIXES = (".tsx", ".tmx")
SEED = 20260
BATCHES = 7


def evaluate(tiled: Engine, folder: Path, script: Path, count: int) -> None:
    """Runs a script in the folder; it has to do all of its work without a complaint."""
    shutil.copy(script, folder)
    done = tiled.run(["--evaluate", script.name], folder)
    report = done.stdout + done.stderr
    assert f"DONE {count}" in report, report
    assert not [line for line in report.splitlines() if re.search("fail|error|warn", line, re.IGNORECASE)], report


def unstamped(path: Path) -> bytes:
    """A file without the version of the Tiled that wrote it."""
    data = re.sub(rb' tiledversion="[^"]*"', b"", path.read_bytes())
    if b' compression="zlib"' in data:  # zlib and its successors pack the same cells into other bytes
        data = re.sub(rb"\n   (eJ\S+)\n", lambda found: zlib.decompress(base64.b64decode(found[1])), data)
    return data


def drawn(tmxrasterizer: Engine, path: Path, *options: str) -> Pixels:
    """Tiled's picture of a map at its own size."""
    picture = path.with_suffix(".drawn.png")
    words = ["--no-smoothing", *options, path.name, picture.name]
    done = tmxrasterizer.run(words, path.parent)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGBA"))


def test_tiled_saves_every_file_as_it_is(tiled: Engine, tmp_path: Path) -> None:
    known: list[tiled_assets.Wish] = [
        (asset, {}) for asset, _ in samples.sample_assets() if not isinstance(asset, AudioAsset)
    ]
    batches = [known, *(tiled_assets.wild_assets(seed) for seed in range(SEED, SEED + BATCHES))]
    assert sum(len(batch) for batch in batches[1:]) >= 200
    paths: list[Path] = []
    for number, batch in enumerate(batches):
        folder = tmp_path / str(number)
        for asset, options in batch:
            paths += [path for path in tiled_assets.write(folder, asset, **options) if path.suffix in SUFFIXES]
    names = [path.relative_to(tmp_path).as_posix() for path in paths]
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
    """Random sets of every number of terrains in both orientations, with variations, weights and animations."""
    found: list[Plan] = []
    for seed, terrains, isometric in product(range(SEED, SEED + BATCHES), (2, 3, 4), (False, True)):
        chance = random.Random(f"{seed} {terrains} {isometric}")
        asset = tiled_assets.tileset(f"set{len(found)}", chance, terrains, isometric=isometric)
        vertices = tiled_assets.vertices(chance, terrains, 24, 17)
        assert len(np.unique(vertices)) == terrains
        found.append(Plan(banded(asset) if terrains == 2 else asset, vertices))
    return found


def banded(asset: TilesetAsset) -> TilesetAsset:
    """The set with a terrain that lies between its two and has no full tile, and a twin that is never painted."""
    last = max(tile.id for tile in asset.tiles)
    slopes: list[Corners] = [(2, 2, 0, 0), (0, 2, 0, 0), (2, 0, 0, 0), (2, 2, 0, 1), (2, 2, 1, 0), (2, 2, 0, 0)]
    tiles = [
        Tile(last + number, asset.tiles[0].pixels, corners, probability=float(number < len(slopes)))
        for number, corners in enumerate(slopes, 1)
    ]
    terrains = (*asset.terrains, Terrain("edge", (90, 90, 90), -1))
    return dataclasses.replace(asset, tiles=(*asset.tiles, *tiles), terrains=terrains, pairs=((0, 1),))


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
    theirs, ours = drawn(tmxrasterizer, path, "--hide-object-layers"), render_map(town)
    assert theirs.shape == ours.shape
    assert np.array_equal(theirs[..., 3], ours[..., 3])
    half = any(isinstance(layer, TileLayer) and layer.opacity < 1 for layer in town.layers)
    # Qt draws half transparent layers with premultiplied colours of eight bits and loses up to one step by it.
    assert np.abs(theirs.astype(int) - ours).max() <= int(half)


@pytest.mark.parametrize("isometric", [False, True])
def test_tiled_draws_layers_as_they_are_to_look(tmxrasterizer: Engine, tmp_path: Path, isometric: bool) -> None:
    tiles = samples.tileset(isometric=isometric, size=(32, 16) if isometric else (16, 16))
    town = tiled_assets.dressed(flipped(tiles, (9, 7), 5))
    sky, *others = town.layers
    assert isinstance(sky, ImageLayer)
    town = dataclasses.replace(town, layers=(dataclasses.replace(sky, repeat=(True, True), opacity=1.0), *others))
    path = tiled_assets.write(tmp_path, town)[-1]
    ours = render_map(town)
    # Tiled's picture is larger by what the first layer was moved: at the top, and on the right.
    theirs = drawn(tmxrasterizer, path)[2:, : ours.shape[1]]
    assert np.array_equal(theirs[..., 3], ours[..., 3])
    assert np.abs(theirs.astype(int) - ours).max() <= 2, "two half transparent layers lie upon each other"


USER_EDITS = (
    (b'name="ground" tilewidth', b'name="ground" class="Terrain" tilewidth'),
    (b'columns="8">', b'columns="8" backgroundcolor="#102030" tilerendersize="grid" fillmode="preserve-aspect-fit">'),
    (
        b" <image source",
        (
            b' <editorsettings>\n  <export target="x.json" format="json"/>\n </editorsettings>\n'
            b' <tileoffset x="1" y="-2"/>\n <transformations hflip="1" vflip="0" rotate="0" preferuntransformed="1"/>\n'
            b' <properties>\n  <property name="biome" value="coast &amp; &lt;sea&gt;"/>\n </properties>\n <image source'
        ),
    ),
    (
        b" <wangsets>\n",
        (
            b' <tile id="3" type="shore">\n  <properties>\n   <property name="footstep">wet\nsand</property>\n'
            b'  </properties>\n  <objectgroup draworder="index" id="2">\n'
            b'   <object id="1" name="trigger" x="2.5" y="4" width="8" height="6">\n    <properties>\n'
            b'     <property name="depth" type="int" value="2"/>\n    </properties>\n    <ellipse/>\n   </object>\n'
            b"  </objectgroup>\n </tile>\n <wangsets>\n"
        ),
    ),
    (b'<wangset name="ground" type', b'<wangset name="ground" class="Coast" type'),
    (
        b" </wangsets>",
        (
            b'  <wangset name="roads" type="edge" tile="-1">\n'
            b'   <wangcolor name="gravel" color="#ff0000" tile="-1" probability="0.5"/>\n'
            b'   <wangtile tileid="5" wangid="1,0,1,0,0,0,0,0"/>\n  </wangset>\n </wangsets>'
        ),
    ),
)


def test_what_a_user_adds_in_tiled_outlives_regeneration(tiled: Engine, tmp_path: Path) -> None:
    path = tiled_assets.write(tmp_path, samples.tileset("ground"))[1]
    edited = path.read_bytes()
    ours = TiledExporter().owned_hash(path.name, edited)
    for before, after in USER_EDITS:
        assert edited.count(before) == 1
        edited = edited.replace(before, after)
    path.write_bytes(edited)
    saved = path.with_stem("ground.again")
    (tmp_path / "files.txt").write_text(path.name, encoding="utf-8")
    evaluate(tiled, tmp_path, CHECKS / "save_again.js", 1)
    assert unstamped(saved) == unstamped(path)
    assert TiledExporter().owned_hash(path.name, saved.read_bytes()) == ours
    shutil.copy(saved, path)
    tiled_assets.write(tmp_path, samples.tileset("ground", terrains=3, animated=2), extrude=2)
    merged = path.read_bytes()
    for line in edited.splitlines():
        if not line.startswith((b"<tileset", b" <image", b"  <wangset name=")):
            assert line in merged, line
    for word in (b' class="Terrain" ', b' backgroundcolor="#102030" ', b' tilerendersize="grid" ', b' class="Coast" '):
        assert word in merged, word
    assert b' spacing="4" margin="2" ' in merged
    assert b'<wangcolor name="grass" ' in merged
    evaluate(tiled, tmp_path, CHECKS / "save_again.js", 1)
    assert unstamped(saved) == unstamped(path)


def test_shapes_of_isometric_tiles_lie_where_the_picture_is(tmxrasterizer: Engine, tmp_path: Path) -> None:
    diamonds = samples.tileset(isometric=True, size=(128, 64))
    quarter = ((64.0, 32.0), (128.0, 32.0), (64.0, 64.0))  # the lower right one, in pixels of the picture
    first = dataclasses.replace(diamonds.tiles[0], collision=quarter)
    path = tiled_assets.write(tmp_path, dataclasses.replace(diamonds, id="one", tiles=(first,), terrains=()))[-1]
    polygon = re.search(r"<polygon[^>]*>", path.read_text(encoding="utf-8"))
    assert polygon is not None
    # A tile's shapes are counted in the same units as the objects of an isometric map with one cell.
    shown = tmp_path / "shown.tmx"
    shown.write_text(
        '<map version="1.10" orientation="isometric" width="1" height="1" tilewidth="128" tileheight="64">'
        f'<objectgroup id="1"><object id="1" x="0" y="0">{polygon[0]}</object></objectgroup></map>',
        encoding="utf-8",
    )
    rows, columns = np.nonzero(drawn(tmxrasterizer, shown)[..., 3])
    for found, least, most in ((columns, 64, 128), (rows, 32, 64)):
        assert abs(found.min() - least) <= 5  # there is a round mark on the first point, and lines have a width
        assert abs(found.max() + 1 - most) <= 5
