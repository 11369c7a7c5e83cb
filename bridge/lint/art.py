"""All rules over one asset, as it would be exported."""

from __future__ import annotations

import dataclasses

from bridge.lint.clips import clip_findings
from bridge.lint.frames import pixel_findings
from bridge.lint.model import ArtFinding, LintRules
from bridge.lint.tiles import Seam, tileset_findings
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.outline import OutlineStep
from bridge.processing.steps.palette import PaletteStep
from bridge.processing.steps.upscale import UpscaleStep
from exporters.model.asset import Animation, Asset, ItemsAsset, SpriteAsset, TilesetAsset


def lint_asset(
    asset: Asset, process: ProcessSettings, rules: LintRules, *, soft_allowed: bool = False
) -> tuple[list[ArtFinding], list[Seam]]:
    """The flaws of an asset in the order of its parts, and the seams of a tileset. Maps and music have none.

    process: what was done to it; its palette counts before the project's. soft_allowed: its spec keeps alpha on
    purpose. Limits count pixels of the art, also where `upscale` made blocks of them; boxes are those of the files.
    """
    palette, outline, upscale = process.find(PaletteStep), process.find(OutlineStep), process.find(UpscaleStep)
    if palette is not None:
        line = [outline.color] if outline is not None and outline.color is not None else []
        rules = LintRules(rules.limits, (*palette.colors, *line))
    if isinstance(asset, TilesetAsset):
        findings, seams = tileset_findings(asset, rules)
        return _tile_pixels(asset, rules, soft_allowed=soft_allowed) + findings, seams
    by = upscale.factor if upscale is not None else 1
    findings = []
    if isinstance(asset, SpriteAsset):
        animations = [_before_upscale(animation, by) for animation in asset.animations]
        for animation in animations:
            pictures = [frame.pixels for frame in animation.frames]
            findings += pixel_findings(animation.output_name(), pictures, rules, soft_allowed=soft_allowed)
        findings += clip_findings(animations, rules, grounded=process.is_grounded)
    if isinstance(asset, ItemsAsset):
        for item in asset.items:
            findings += pixel_findings(item.name, [item.pixels[::by, ::by]], rules, soft_allowed=soft_allowed)
    return [_after_upscale(finding, by) for finding in findings], []


def _before_upscale(animation: Animation, by: int) -> Animation:
    """A clip as it was before `upscale`."""
    if by == 1:
        return animation
    frames = tuple(dataclasses.replace(frame, pixels=frame.pixels[::by, ::by]) for frame in animation.frames)
    return dataclasses.replace(animation, frames=frames)


def _after_upscale(finding: ArtFinding, by: int) -> ArtFinding:
    if finding.box is None or by == 1:
        return finding
    left, top, width, height = finding.box
    return dataclasses.replace(finding, box=(left * by, top * by, width * by, height * by))


def _tile_pixels(asset: TilesetAsset, rules: LintRules, *, soft_allowed: bool) -> list[ArtFinding]:
    """The pixel rules over all tiles as if they were one clip; empty tiles and lone pixels are usual here."""
    off = LintRules({**rules.limits, "empty_frame": None, "stray": None}, rules.palette)
    pictures = [tile.pixels for tile in asset.tiles]
    findings = []
    for finding in pixel_findings("", pictures, off, soft_allowed=soft_allowed):
        more = f" and {len(finding.others)} more" if finding.others else ""
        part = f"tile {asset.tiles[finding.frame or 0].id}{more}"
        fix = finding.fix
        if finding.rule == "fake_pixels":
            fix = f"Bring the tiles in {finding.amount} times smaller: [process] grid would open their seams."
        findings.append(dataclasses.replace(finding, part=part, frame=None, others=(), fix=fix))
    return findings
