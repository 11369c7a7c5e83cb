"""A map that a user painted in Tiled shows the same terrain whatever becomes of its tileset's spec."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from bridge.cli import main
from exporters.model.asset import Pixels
from tests.engines import tiled_assets
from tests.engines.engine import Engine
from tests.engines.test_tiled_exports import drawn, evaluate

SCRIPTS = Path(__file__).with_name("tiled_scripts")
PROJECT = """\
[project]
name = "coast"
id = "c0a5"
specs = ["art/*.asset.toml"]
[defaults]
provider = "procedural"
[targets.tiled]
output = "maps"
"""
SIDE = 16
SIZE = (14, 11)
FIRST = ("water", "sand", "grass")
EMPTY = f"""\
<map version="1.10" orientation="orthogonal" width="{SIZE[0]}" height="{SIZE[1]}" tilewidth="{SIDE}"
 tileheight="{SIDE}">
 <tileset firstgid="1" source="coast.tsx"/>
 <layer id="1" name="ground" width="{SIZE[0]}" height="{SIZE[1]}">
  <data encoding="csv">{",".join("0" * (SIZE[0] * SIZE[1]))}</data>
 </layer>
</map>
"""
TABLES: Mapping[str, str] = {
    "water": "animated = 2\nsolid = true",
    "grass": "variations = 2\nprobability = 3",
    "sand": 'properties = { footstep = "soft" }',
}
Seen: TypeAlias = list[list[tuple[str, ...] | None]]


@dataclass(frozen=True)
class Coast:
    """A project with one tileset, and a map that a user paints with it."""

    root: Path
    tiled: Engine
    tmxrasterizer: Engine

    @property
    def maps(self) -> Path:
        return self.root / "maps" / "art"

    def build(self, terrains: Sequence[str], extra: str = "", *, reroll: bool = False) -> None:
        """Writes the spec and builds."""
        lines = [f'kind = "tileset"\ndescription = "coast"\ntile_size = {SIDE}']
        lines += [f'[[terrains]]\nname = "{name}"\n{TABLES.get(name, "")}' for name in terrains]
        spec = self.root / "art" / "coast.asset.toml"
        spec.parent.mkdir(parents=True, exist_ok=True)
        spec.write_text("\n".join([*lines, extra, ""]), encoding="utf-8")
        if reroll:
            assert main(["reroll", "art/coast", "--project", str(self.root)]) == 0
        assert main(["build", "--project", str(self.root)]) == 0

    def paint(self, vertices: tiled_assets.Vertices) -> None:
        """Paints the map with Tiled's terrain brush and saves it."""
        (self.maps / "town.tmx").write_text(EMPTY, encoding="utf-8")
        plans = [{"map": "town.tmx", "vertices": vertices.tolist()}]
        (self.maps / "plans.json").write_text(json.dumps(plans), encoding="utf-8")
        evaluate(self.tiled, self.maps, SCRIPTS / "paint.js", 1)

    def seen(self) -> Seen:
        """The terrains that Tiled sees in the map, by the names in its tileset as it is now."""
        (self.maps / "maps.txt").write_text("town.tmx", encoding="utf-8")
        evaluate(self.tiled, self.maps, SCRIPTS / "read_terrains.js", 1)
        (rows,) = json.loads((self.maps / "terrains.json").read_text(encoding="utf-8"))
        return [[tuple(cell) if cell else None for cell in row] for row in rows]

    def picture(self) -> Pixels:
        """Tiled's picture of the map."""
        return drawn(self.tmxrasterizer, self.maps / "town.tmx")


@pytest.fixture
def coast(tmp_path: Path, tiled: Engine, tmxrasterizer: Engine) -> Coast:
    (tmp_path / "assetbridge.toml").write_text(PROJECT, encoding="utf-8")
    return Coast(tmp_path, tiled, tmxrasterizer)


def wanted(vertices: tiled_assets.Vertices, gone: Sequence[set[str]] = ()) -> Seen:
    """The terrains that were painted; None for cells whose terrains together are gone from the tileset."""
    names = np.array(FIRST)[vertices]
    found: Seen = []
    for above, below in pairwise(names.tolist()):
        cells = zip(above[:-1], above[1:], below[:-1], below[1:], strict=True)
        found.append([None if any(lost <= set(cell) for lost in gone) else cell for cell in cells])
    return found


def test_painted_terrain_outlives_every_change_of_the_spec(coast: Coast) -> None:
    chance = random.Random(5)
    vertices = tiled_assets.vertices(chance, len(FIRST), *SIZE)
    assert len(np.unique(vertices)) == len(FIRST)
    coast.build(FIRST)
    coast.paint(vertices)
    assert b'<tileset firstgid="1" source="coast.tsx"/>' in (coast.maps / "town.tmx").read_bytes()
    painted, file = coast.picture(), (coast.maps / "town.tmx").read_bytes()
    assert coast.seen() == wanted(vertices)

    coast.build((*FIRST, "snow"))
    assert coast.seen() == wanted(vertices)
    assert np.array_equal(coast.picture(), painted)

    between = '[[transitions]]\nbetween = ["water", "sand"]'
    coast.build(("deep", "water", "reef", "sand", "grass"), between)
    assert coast.seen() == wanted(vertices)
    assert np.array_equal(coast.picture(), painted)

    coast.build(("deep", "water", "reef", "sand", "grass"))
    assert coast.seen() == wanted(vertices, [{"water", "sand"}])

    coast.build(FIRST[::-1])
    assert coast.seen() == wanted(vertices)

    coast.build(("sand", "grass"))
    assert coast.seen() == wanted(vertices, [{"water"}])
    assert blank(coast.picture()) == [[cell is None for cell in row] for row in wanted(vertices, [{"water"}])]

    coast.build(FIRST, reroll=True)
    assert coast.seen() == wanted(vertices)
    assert not np.array_equal(coast.picture(), painted)
    assert (coast.maps / "town.tmx").read_bytes() == file


def blank(picture: Pixels) -> list[list[bool]]:
    """Which cells of a map show nothing at all."""
    cells = picture[..., 3].reshape(SIZE[1], SIDE, SIZE[0], SIDE)
    return [[not there for there in row] for row in cells.max(axis=(1, 3)).tolist()]
