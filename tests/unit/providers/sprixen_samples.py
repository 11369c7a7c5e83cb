"""Specs of every kind that Sprixen makes, and free calls from a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bridge.http.outcome import Answer, TransportError
from bridge.plan.extra_steps import compile_steps
from bridge.providers.api import Step
from bridge.providers.sprixen import SprixenProvider
from bridge.providers.testing import SpecContext, spec_of
from bridge.providers.uses import refuse_unused

SPRIXEN = SprixenProvider()
ITEMS = ("health_potion", "mana_potion", "sword", "shield", "bow", "arrow", "key", "coin", "gem", "scroll")
SPECS: dict[str, str] = {
    "sprite": """
kind = "sprite"
provider = "sprixen"
description = "mossy boulder"
size = [64, 64]
variants = 4
pick = 4
""",
    "items": """
kind = "items"
provider = "sprixen"
description = "fantasy icons, thick outline"
size = [32, 32]
"""
    + "".join(f'[[items]]\nname = "{name}"\n' for name in ITEMS),
    "character": """
kind = "character"
provider = "sprixen"
description = "brave knight with shining armor"
size = [64, 64]
directions = 4
mirror = { west = "east" }
archetype = "humanoid"
variants = 2
pick = 2
[animations.walk]
fps = 10
[animations.attack]
action = "heavy sword swing"
frames = 6
directions = ["south", "east", "west"]
[weapon]
hand = "right"
type = "sword"
shield = true
""",
    "refined": """
kind = "character"
provider = "sprixen"
description = "green slime"
archetype = "amorphous"
directions = 1
[animations.idle]
frames = 4
[refine]
stabilize = { provider = "sprixen", mode = "tight" }
""",
    "animation": """
kind = "animation"
provider = "sprixen"
source_url = "https://example.com/guard.png"
description = "town guard"
action = "raises the shield"
direction = "south"
name = "block"
frames = 6
size = [64, 64]
[provider_options]
project = { name = "Town", artStyle = "pixel", resolution = "64x64" }
""",
    "map": """
kind = "map"
provider = "sprixen"
description = "green meadow"
size = [12, 10]
projection = "isometric"
pack = "Fantasy Terrain"
edits = ["add a river", "add a stone path"]
""",
    "isometric_tiles": """
kind = "isometric_tiles"
provider = "sprixen"
description = "fantasy"
tile_size = [130, 230]
[[tiles]]
name = "stone"
description = "mossy stone floor"
shape = "thin"
[[tiles]]
name = "wall"
role = "wall"
solid = true
[[tiles]]
name = "grass"
builtin = "Fantasy Terrain/Grass"
""",
    "music": """
kind = "music"
provider = "sprixen"
preset = "peaceful_village"
bpm = 96
key = "D minor"
duration = 2
""",
}
ADOPTED = """
kind = "character"
provider = "sprixen"
adopt = "spr-7"
directions = 1
[animations.run]
"""


def steps(text: str) -> list[Step]:
    """A spec's steps, clean-ups included."""
    spec, context = spec_of(text), SpecContext()
    refuse_unused(spec, SPRIXEN, context)
    return compile_steps(spec, SPRIXEN, context)


def answer(document: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, headers, document if isinstance(document, bytes) else json.dumps(document).encode())


class Line:
    """Free calls from a table: path or URL → answers in order, the last one again and again. No entry is a 404."""

    def __init__(self, pages: Mapping[str, Any]) -> None:
        self._pages = {path: list(page) if isinstance(page, tuple) else [page] for path, page in pages.items()}
        self.asked: list[str] = []

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        page = (params or {}).get("page", 1)
        return self._next(path if page == 1 else f"{path}?{page}")

    async def download(self, url: str, *, most: int = 0) -> Answer:
        return self._next(url)

    def _next(self, path: str) -> Answer:
        self.asked.append(path)
        pages = self._pages.get(path) or [TransportError("refused", "not found", status=404)]
        page = pages[0] if len(pages) == 1 else pages.pop(0)
        if isinstance(page, TransportError):
            raise page
        return page if isinstance(page, Answer) else answer(page)
