"""The demo in the real Tiled: saving changes no byte, and its picture of the map is ours."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from exporters.model.asset import ItemsAsset, Pixels, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.packing.render import render_map
from tests.engines.demo_project import CHECKS, Demo
from tests.engines.engine import Engine

SUFFIXES = (".tsx", ".tmx")


@dataclass(frozen=True)
class Shown:
    """A tileset as Tiled draws it: pictures and names by tile id, clips as (tile id, milliseconds) by name."""

    pictures: list[Pixels]
    names: dict[int, str]
    clips: dict[str, list[tuple[int, int]]]

    @classmethod
    def of(cls, tmxrasterizer: Engine, path: Path) -> Shown:
        """Draws a map that has every tile once, in rows as in the picture of the tileset."""
        root = ET.parse(path).getroot()
        columns, count, width, height = (
            int(root.attrib[key]) for key in ("columns", "tilecount", "tilewidth", "tileheight")
        )
        rows = count // columns
        gallery = path.with_suffix(".gallery.tmx")
        gallery.write_text(
            f'<map version="1.10" orientation="orthogonal" renderorder="right-down" width="{columns}" height="{rows}"'
            f' tilewidth="{width}" tileheight="{height}" infinite="0"><tileset firstgid="1" source="{path.name}"/>'
            f'<layer id="1" name="all" width="{columns}" height="{rows}"><data encoding="csv">'
            f"{','.join(map(str, range(1, count + 1)))}</data></layer></map>",
            encoding="utf-8",
        )
        drawn = _drawn(tmxrasterizer, gallery)
        cells = drawn.reshape(rows, height, columns, width, 4).swapaxes(1, 2).reshape(count, height, width, 4)
        names: dict[int, str] = {}
        clips: dict[str, list[tuple[int, int]]] = {}
        for tile in root.iter("tile"):
            number = int(tile.attrib["id"])
            frames = [(int(frame.attrib["tileid"]), int(frame.attrib["duration"])) for frame in tile.iter("frame")]
            for entry in tile.iter("property"):
                if entry.attrib["name"] == "name":
                    names[number] = entry.attrib["value"]
                elif entry.attrib["name"] == "animation":
                    clips[entry.attrib["value"]] = frames or [(number, 0)]
        return cls(list(cells), names, clips)


@pytest.fixture
def maps(demo: Demo, tmp_path: Path) -> Path:
    """The demo's folder for Tiled, alone: nothing outside it is needed."""
    shutil.copytree(demo.root / "maps", tmp_path / "maps")
    return tmp_path / "maps"


def test_tiled_saves_every_file_as_it_is(tiled: Engine, maps: Path) -> None:
    paths = [path for path in sorted(maps.rglob("*")) if path.suffix in SUFFIXES]
    assert {path.suffix for path in paths} == set(SUFFIXES)
    (maps / "files.txt").write_text("\n".join(path.as_posix() for path in paths), encoding="utf-8")
    shutil.copy(CHECKS / "save_again.js", maps)
    done = tiled.run(["--evaluate", "save_again.js"], maps)
    report = done.stdout + done.stderr
    assert f"DONE {len(paths)}" in report, report
    assert not [line for line in report.splitlines() if re.search("fail|error|warn", line, re.IGNORECASE)], report
    for path in paths:
        saved = path.with_name(f"{path.stem}.again{path.suffix}")
        assert _unstamped(saved) == _unstamped(path), path.name


def test_tiled_draws_the_map_as_we_do(tmxrasterizer: Engine, demo: Demo, maps: Path) -> None:
    island = demo.assets()["art/island"]
    assert isinstance(island, TileMapAsset)
    ours = render_map(island)
    drawn = _drawn(tmxrasterizer, maps / "generated/art/island.tmx")
    assert np.array_equal(drawn, ours)
    assert len(np.unique(ours.reshape(-1, 4), axis=0)) > 8
    with Image.open(demo.root / "export/art/island.png") as image:
        assert np.array_equal(np.asarray(image.convert("RGBA")), ours)


def test_tiled_shows_every_cell_and_clip(tmxrasterizer: Engine, demo: Demo, maps: Path) -> None:
    shown = 0
    for asset_id, asset in demo.assets().items():
        path = maps / f"generated/{asset_id}.tsx"
        if isinstance(asset, SpriteAsset):
            tileset = Shown.of(tmxrasterizer, path)
            clips = {clip.output_name(): clip.frames for clip in asset.animations}
            assert tileset.clips.keys() == clips.keys()
            for name, frames in clips.items():
                cells = tileset.clips[name]
                if len(frames) > 1:
                    assert [duration for _, duration in cells] == [frame.duration_ms for frame in frames]
                for (cell, _), frame in zip(cells, frames, strict=True):
                    assert _same(tileset.pictures[cell], frame.pixels), (asset_id, name, cell)
        elif isinstance(asset, ItemsAsset):
            tileset = Shown.of(tmxrasterizer, path)
            assert tileset.names == {item.slot: item.name for item in asset.items}
            for item in asset.items:
                assert _same(tileset.pictures[item.slot], item.pixels), (asset_id, item.name)
        elif isinstance(asset, TilesetAsset):
            tileset = Shown.of(tmxrasterizer, path)
            for tile in asset.tiles:
                assert _same(tileset.pictures[tile.id], tile.pixels), (asset_id, tile.id)
        else:
            continue
        shown += 1
    assert shown == len(list(maps.rglob("*.tsx")))


def test_previews_are_covered_with_tiles(tmxrasterizer: Engine, maps: Path) -> None:
    previews = sorted(maps.rglob("*_preview.tmx"))
    assert [path.name for path in previews] == ["dungeon_preview.tmx", "overworld_preview.tmx"]
    for path in previews:
        drawn = _drawn(tmxrasterizer, path)
        assert drawn[..., 3].min() == 255
        assert len(np.unique(drawn.reshape(-1, 4), axis=0)) > 8


def _same(drawn: Pixels, ours: Pixels) -> bool:
    """Whether Tiled's picture is ours: colours count as far as they show, for Qt draws with premultiplied alpha."""
    if drawn.shape != ours.shape or not np.array_equal(drawn[..., 3], ours[..., 3]):
        return False
    alpha = ours[..., 3:].astype(int)
    return bool((abs(drawn[..., :3].astype(int) - ours[..., :3]) * alpha <= 255 * (alpha < 255)).all())


def _drawn(tmxrasterizer: Engine, path: Path) -> Pixels:
    """Tiled's picture of a map at its own size."""
    picture = path.with_suffix(".drawn.png")
    done = tmxrasterizer.run(["--no-smoothing", path.name, picture.name], path.parent)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGBA"))


def _unstamped(path: Path) -> bytes:
    """A file without the version of the Tiled that wrote it."""
    return re.sub(rb' tiledversion="[^"]*"', b"", path.read_bytes())
