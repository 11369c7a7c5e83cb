"""A Unity project in memory: what exports wrote, for tests that look at all of it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from exporters import samples
from exporters.base import ExportContext, ExportOptions, Link, Policy
from exporters.model.asset import DIRECTIONS, Animation, Asset, Frame, SpriteAsset
from exporters.unity.exporter import UnityExporter

VERSIONS = ("2021.3", "2022.3", "6000.0")


def context(stem: str, version: str = "6000.0", **options: Any) -> ExportContext:
    """The context of a first export."""
    engine = {"version": version, "prefab": True} | options
    return ExportContext(
        stem, "Assets/Art", f"0123abcd:{stem}", ExportOptions(extrude=1, engine=engine), previous_stem=stem
    )


def written(disk: dict[str, bytes], asset: Asset, where: ExportContext) -> dict[str, bytes]:
    """Exports over what is there, as the bridge does; files of the old stem and gone ones are removed."""
    files = UnityExporter().export(asset, dataclasses.replace(where, read=disk.get))
    stems = "|".join(re.escape(stem) for stem in (where.stem, where.previous_stem or where.stem))
    owned = {path for path in disk if re.match(rf"({stems})(_\d+|_palette|_tiles)?[./]", path)}
    after = {path: data for path, data in disk.items() if path not in owned}
    for file in files:
        before = disk.get(file.path)
        after[file.path] = before if file.policy is Policy.CREATE and before is not None else file.data
    return after


def walker(asset_id: str = "art/walker", count: int = 8) -> SpriteAsset:
    """A character with all directions at rest and walking, a swing in four, and frames that last differently long."""
    directions = DIRECTIONS if count == 8 else DIRECTIONS[::2]
    animations = [
        Animation(name, _poses(seed, frames), direction, name != "swing")
        for name, frames, ways in (("idle", 1, directions), ("walk", 3, directions), ("swing", 2, DIRECTIONS[::2]))
        for seed, direction in enumerate(ways)
    ]
    return SpriteAsset(asset_id, "character", tuple(animations), pivot=(0.5, 1.0))


def _poses(seed: int, count: int) -> tuple[Frame, ...]:
    pictures = (samples.picture(16, 16, seed + 9 * k, box=((seed + k) % 3, 1, 15, 16)) for k in range(count))
    return tuple(Frame(picture, 60 + 40 * k) for k, picture in enumerate(pictures))


@cache
def whole_project(version: str) -> dict[str, bytes]:
    """Not to be changed: one asset of every kind, one of them with the controller of another."""
    disk: dict[str, bytes] = {}
    assets: list[Asset] = [
        samples.character("art/hero"),
        walker(),
        samples.still("art/rock"),
        samples.items("art/icons"),
        samples.tileset("art/ground", 3, animated=3),
        samples.tileset("art/iso", isometric=True, size=(32, 16)),
        samples.blocks("art/blocks"),
        samples.tile_map("maps/town"),
        samples.track("music/calm"),
    ]
    for asset in assets:
        disk = written(disk, asset, context(asset.id, version))
    links = {"art/hero": Link("art/hero", "0123abcd:art/hero")}
    shared = dataclasses.replace(context("art/goblin", version, controller="asset:art/hero"), links=links)
    return written(disk, samples.character("art/goblin"), shared)


def guids(disk: Mapping[str, bytes]) -> dict[str, str]:
    """The guid of every file and folder."""
    found = {}
    for path, data in disk.items():
        if path.endswith(".meta"):
            found[path.removesuffix(".meta")] = data.decode().split("guid: ")[1][:32]
    return found
