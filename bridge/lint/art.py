"""All rules over one asset, as it would be exported."""

from __future__ import annotations

import dataclasses

from bridge.lint.clips import clip_findings
from bridge.lint.frames import pixel_findings
from bridge.lint.model import Finding, Rules
from bridge.lint.tiles import Seam, tileset_findings
from bridge.processing.settings import ProcessSettings
from exporters.model import Asset, ItemsAsset, SpriteAsset, TilesetAsset


def lint(
    asset: Asset, process: ProcessSettings, rules: Rules, *, soft_allowed: bool = False
) -> tuple[list[Finding], list[Seam]]:
    """The flaws of an asset in the order of its parts, and the seams of a tileset. Maps and music have none.

    process: what was done to it; its palette counts before the project's. soft_allowed: its spec keeps alpha on
    purpose.
    """
    if process.palette:
        colours = (*process.palette, *([process.outline] if process.outline else []))
        rules = Rules(rules.limits, colours)
    if isinstance(asset, SpriteAsset):
        found = []
        for animation in asset.animations:
            pictures = [frame.pixels for frame in animation.frames]
            found += pixel_findings(animation.output_name(), pictures, rules, soft_allowed=soft_allowed)
        return found + clip_findings(asset.animations, rules, grounded=process.align == "feet"), []
    if isinstance(asset, ItemsAsset):
        return [
            finding
            for item in asset.items
            for finding in pixel_findings(item.name, [item.pixels], rules, soft_allowed=soft_allowed)
        ], []
    if isinstance(asset, TilesetAsset):
        found, seams = tileset_findings(asset, rules)
        return _tile_pixels(asset, rules, soft_allowed=soft_allowed) + found, seams
    return [], []


def _tile_pixels(asset: TilesetAsset, rules: Rules, *, soft_allowed: bool) -> list[Finding]:
    """The pixel rules over all tiles as if they were one clip; empty tiles and lone pixels are usual here."""
    off = Rules({**rules.limits, "empty_frame": None, "stray": None}, rules.palette)
    pictures = [tile.pixels for tile in asset.tiles]
    found = []
    for finding in pixel_findings("", pictures, off, soft_allowed=soft_allowed):
        more = f" and {len(finding.others)} more" if finding.others else ""
        part = f"tile {asset.tiles[finding.frame or 0].id}{more}"
        found.append(dataclasses.replace(finding, part=part, frame=None, others=()))
    return found
