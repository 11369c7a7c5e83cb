"""Small specs that ask for more art than a machine holds: the worst of every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bridge.core.errors import BridgeError
from bridge.operations.plan import make_plan
from bridge.project import Project


class LargeSpec(NamedTuple):
    """kind and body: of the spec. field: where the error has to be."""

    kind: str
    body: str
    field: str


_BOUGHT = 'provider = "pixellab"\ndescription = "x"\n'
_DRAWN = 'provider = "procedural"\ndescription = "knight"\n'
_ENLARGED = "[process]\ncanvas = [2048, 2048]\nupscale = 8\n"


def _tables(name: str, count: int, body: str = "") -> str:
    return "".join(f'[[{name}]]\nname = "n{number}"\n{body}' for number in range(count))


def _clips(count: int, body: str) -> str:
    return "".join(f"[animations.walk{number}]\n{body}" for number in range(count))


def _transitions(terrains: int, count: int) -> str:
    pairs = [(lower, upper) for upper in range(terrains) for lower in range(upper - 1)][:count]
    return "".join(f'[[transitions]]\nbetween = ["n{lower}", "n{upper}"]\n' for lower, upper in pairs)


REFUSED: Mapping[str, LargeSpec] = {
    "variants, each on a canvas and enlarged": LargeSpec(
        "sprite", _BOUGHT + "size = [2048, 2048]\nvariants = 16\n" + _ENLARGED, "process.upscale"
    ),
    "small variants on a large canvas": LargeSpec(
        "items",
        _DRAWN + "size = [8, 8]\n" + _tables("items", 256) + "[process]\ncanvas = [2048, 2048]\n",
        "process.canvas",
    ),
    "large items": LargeSpec("items", _BOUGHT + "size = [2048, 2048]\n" + _tables("items", 256), "items"),
    "variants of items": LargeSpec(
        "items", _BOUGHT + "size = [256, 256]\nvariants = 16\n" + _tables("items", 256), "items"
    ),
    "clips in eight directions": LargeSpec(
        "character",
        _BOUGHT + "size = [2048, 2048]\ndirections = 8\n[animations.walk]\nframes = 64\n",
        "animations.walk",
    ),
    "variants of a character": LargeSpec(
        "character", _BOUGHT + "size = [2048, 2048]\ndirections = 8\nvariants = 16\n", "directions"
    ),
    "thousands of small clips": LargeSpec(
        "character", _DRAWN + "size = [12, 12]\ndirections = 8\n" + _clips(4500, "frames = 1\n"), "animations"
    ),
    "clips whose length the words say": LargeSpec(
        "character", _DRAWN + "size = [256, 256]\ndirections = 8\n" + _clips(60, 'action="walk"\n'), "animations"
    ),
    "a clip there and back": LargeSpec(
        "animation",
        _BOUGHT
        + 'source = "art/a.png"\naction = "walks"\nsize = [512, 512]\nframes = 64\nloop = "pingpong"\n'
        + _ENLARGED,
        "process.canvas",
    ),
    "an enlarged clip of unknown size": LargeSpec(
        "animation", _DRAWN + 'source = "art/a.png"\naction = "sway"\nframes = 64\n' + _ENLARGED, "process.canvas"
    ),
    "enlarged directions": LargeSpec(
        "turnaround", _BOUGHT + 'source = "art/a.png"\ndirections = 8\n' + _ENLARGED, "process.upscale"
    ),
    "enlarged variants of an edit": LargeSpec(
        "edit",
        _BOUGHT + 'source = "art/a.png"\nmask = [0, 0, 8, 8]\nsize = [2048, 2048]\nvariants = 16\n' + _ENLARGED,
        "process.upscale",
    ),
    "moving terrains with variations": LargeSpec(
        "tileset", "tile_size = 256\n" + _tables("terrains", 254, "animated = 8\nvariations = 8\n"), "terrains"
    ),
    "three thousand pairs of terrains": LargeSpec(
        "tileset", "tile_size = 16\n" + _tables("terrains", 254) + _transitions(254, 3000), "transitions"
    ),
    "large tiles of many pairs": LargeSpec("tileset", "tile_size = 256\n" + _tables("terrains", 200), "terrains"),
}
"""Each with the field that the error is placed on."""

LARGEST_ALLOWED: Mapping[str, LargeSpec] = {
    "isometric_tiles": LargeSpec("isometric_tiles", "tile_size = [512, 512]\n" + _tables("tiles", 256), ""),
    "map": LargeSpec("map", 'size = [512, 512]\ntileset = "asset:art/ground"\n', ""),
    "music": LargeSpec("music", 'preset = "battle"\nduration = 300\n', ""),
}
"""Of kinds whose own fields bound them."""


def write_spec(folder: Path, name: str, large: LargeSpec) -> None:
    """Writes a spec as art/NAME."""
    path = folder / "art" / f"{name}.asset.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'kind = "{large.kind}"\n{large.body}', encoding="utf-8")


def plan_failures(folder: Path) -> Iterator[BridgeError]:
    """What is wrong with the assets of a project."""
    with Project.open(folder) as project:
        planner, plan = make_plan(project)
        yield from (*plan.errors, *planner.evaluation.failures.values())
