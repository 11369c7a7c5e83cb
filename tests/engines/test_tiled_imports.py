"""Maps drawn in Tiled come out of `provider = "files"` as they went in: pictures, layers, objects, shapes."""

from __future__ import annotations

import dataclasses
import random
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from bridge.cli import main
from exporters import samples
from exporters.model.asset import ImageLayer, ObjectLayer, TileLayer, TileMapAsset
from tests.engines import tiled_assets
from tests.engines.engine import Engine
from tests.engines.test_tiled_exports import drawn

PROJECT = """\
[project]
name = "imports"
id = "1497"
specs = ["art/*.asset.toml"]
[targets.tiled]
output = "out"
"""
SPEC = 'kind = "map"\nprovider = "files"\nsource = "drawn/{path}"\n[export.tiled]\nencoding = "{encoding}"\n'


def nameless(path: Path) -> list[str]:
    """The lines of a map or tileset without the names of tilesets, pictures and their files, which are the asset's."""
    text = re.sub(r'(<tileset .*?)name="[^"]*"|(<wangset )name="[^"]*"', r"\1\2", path.read_text(encoding="utf-8"))
    return re.sub(r'source="[^"]*"', "", text).splitlines()


def tilesets(path: Path) -> list[Path]:
    """The files of a map's tilesets."""
    return [path.parent / source for source in re.findall(r'<tileset .*source="([^"]*)"', path.read_text("utf-8"))]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "art").mkdir()
    return tmp_path


def town(number: int, *, infinite: bool, isometric: bool) -> TileMapAsset:
    """A map by chance. An infinite one fills its corners, for what comes out is cut to the cells in use."""
    asset = tiled_assets.tile_map(f"town{number}", random.Random(number), infinite=infinite, isometric=isometric)
    ground = asset.layers[0]
    if infinite and isinstance(ground, TileLayer):
        cells = ground.cells.copy()
        cells[0, 0] = cells[-1, -1] = 1
        asset = dataclasses.replace(asset, layers=(dataclasses.replace(ground, cells=cells), *asset.layers[1:]))
    return asset


def test_a_map_goes_in_and_out_unchanged(tmxrasterizer: Engine, project: Path) -> None:
    kinds = list(product((False, True), (False, True), tiled_assets.ENCODINGS))
    for number, (infinite, isometric, encoding) in enumerate(kinds):
        asset = town(number, infinite=infinite, isometric=isometric)
        assert any(isinstance(layer, ObjectLayer) and layer.objects for layer in asset.layers)
        tiled_assets.write(project / "drawn", asset, engine={"encoding": encoding})
        spec = SPEC.format(path=f"town{number}.tmx", encoding=encoding)
        (project / f"art/town{number}.asset.toml").write_text(spec, encoding="utf-8")
    assert main(["build", "--project", str(project)]) == 0
    for number in range(len(kinds)):
        before, after = project / f"drawn/town{number}.tmx", project / f"out/art/town{number}.tmx"
        for one, other in zip([after, *tilesets(after)], [before, *tilesets(before)], strict=True):
            assert nameless(one) == nameless(other), one.name
        assert np.array_equal(drawn(tmxrasterizer, after), drawn(tmxrasterizer, before)), number


@pytest.mark.parametrize("isometric", [False, True])
def test_pictures_stay_where_they_are_when_an_infinite_map_is_cut(
    tmxrasterizer: Engine, project: Path, isometric: bool
) -> None:
    """The cells in use are those of one chunk at 16, -32; the map itself is higher than that."""
    cell, rows = (32, 16) if isometric else (16, 16), 30
    tiles = samples.tileset(isometric=isometric, size=cell)
    ground = TileLayer("ground", np.full((16, 16), 3, dtype=np.uint32))
    sun = ImageLayer("sun", samples.picture(23, 17, 4), offset=(100.0, 60.0))
    asset = TileMapAsset("town", (16, 16), cell, (tiles,), (ground, sun), tiles.orientation, infinite=True)
    before = tiled_assets.write(project / "drawn", asset)[-1]
    across, down = (992, -128) if isometric else (256, -512)
    text = before.read_text(encoding="utf-8").replace('<chunk x="0" y="0"', '<chunk x="16" y="-32"')
    text = text.replace('width="16" height="16" tilewidth', f'width="16" height="{rows}" tilewidth')
    text = text.replace('offsetx="100" offsety="60"', f'offsetx="{100 + across}" offsety="{60 + down}"')
    before.write_text(text, encoding="utf-8")
    (project / "art/town.asset.toml").write_text(SPEC.format(path="town.tmx", encoding="csv"), encoding="utf-8")
    assert main(["build", "--project", str(project)]) == 0
    after = project / "out/art/town.tmx"
    assert 'offsetx="100" offsety="60"' in after.read_text(encoding="utf-8")
    assert np.array_equal(drawn(tmxrasterizer, after), drawn(tmxrasterizer, before))
