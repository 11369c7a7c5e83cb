"""Kind isometric_tiles as steps: a tile each, bought or taken from a built-in pack."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step
from bridge.providers.sprixen.compile import plain, prompt, step
from bridge.providers.sprixen.routes import NAME

if TYPE_CHECKING:
    from bridge.spec.model import IsometricTilesSpec
    from bridge.spec.tiles import IsometricTileTable

_WORDS = {"thin": "thin flat tile", "thick": "thick tile", "block": "full block"}


def compile_isometric(spec: IsometricTilesSpec, context: CompileContext) -> list[Step]:
    """A step per tile: `tile/NAME`.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`.
    """
    return [_tile_step(spec, index, tile, context) for index, tile in enumerate(spec.tiles)]


def _tile_step(spec: IsometricTilesSpec, index: int, tile: IsometricTileTable, context: CompileContext) -> Step:
    key, field, gives = f"tile/{tile.name}", f"tiles.{index}", (f"still/{tile.name}",)
    if tile.builtin is not None:
        pack, slash, label = tile.builtin.partition("/")
        if not (pack.strip() and slash and label.strip()):
            message = f"{tile.builtin!r} names no tile of a pack"
            raise context.fail("spec_invalid", message, f"{field}.builtin", 'Write "PACK/TILE".')
        builtin = {"pack": pack.strip(), "tile": label.strip()}
        return Step(key, NAME, "tile.builtin", builtin, field=f"{field}.builtin", gives=gives)
    words = (spec.description or "", plain(tile.description) or tile.name.replace("_", " "))
    request: dict[str, Any] = {
        "prompt": prompt(spec, context, *words, _WORDS[tile.shape or spec.shape], field=f"{field}.description"),
        "projectionType": tile.role or "floor",
    }
    seed = context.seed()
    # The list of tiles is the only place where one shows up, under its label: it has to be known again.
    asked = json.dumps([request, seed], sort_keys=True, separators=(",", ":"))
    mark = hashlib.sha256(asked.encode()).hexdigest()[:8]
    request["tileLabel"] = f"{tile.name} {mark}"
    # The mark is for the account's own map builder: the picture is the same, so changing it buys nothing.
    hints = {"collision": True} if tile.solid else None
    return step(key, "tile.create", request, seed=seed, of=field, gives=gives, hints=hints)
