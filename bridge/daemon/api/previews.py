"""Pictures of assets for editors: PNG strips with what a player needs to know as JSON beside, GIFs for browsers.

They are kept in `.assetbridge/previews/` as `KEY[.ANIMATION][.vVARIANT].png|gif|json`; the JSON's `of` says what they
show, so a change of the asset's pixels makes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from bridge.assemble.asset import assemble_asset
from bridge.assemble.parts import ImagePart
from bridge.core import limits
from bridge.core.errors import BridgeError, UserError, WorkFailed
from bridge.core.json_text import parse_json
from bridge.core.paths import PREVIEW_FOLDER
from bridge.daemon.asset_key import key_of
from bridge.daemon.worker.open_project import PlanView
from bridge.media.images import encode_png
from bridge.plan.asset_state import AssetState
from bridge.preview.gif import encode_gif
from bridge.preview.panels import panels_of
from bridge.processing.pipeline import process_asset
from bridge.providers import registry
from bridge.store import results
from exporters.model.asset import Animation, Asset, Frame, ItemsAsset, Pixels, SpriteAsset, TileMapAsset, TilesetAsset
from exporters.packing.render import render_map

# Godot's and most graphics cards' limit is 16384; strips stay far below.
_WIDEST = 4096
_TURN_MS = 350


@dataclass(frozen=True, slots=True)
class PreviewInfo:
    """What a strip shows. Frames lie in rows of `columns`, each `width` × `height` pixels, durations in milliseconds.

    of: changes with the pixels. animations: the names that can be asked for.
    """

    of: str
    kind: str
    animation: str
    animations: tuple[str, ...]
    width: int
    height: int
    columns: int
    durations: tuple[int, ...]
    loop: bool

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        facts = asdict(self)
        facts["frame"] = {"width": facts.pop("width"), "height": facts.pop("height")}
        facts["frames"] = len(self.durations)
        return facts

    @classmethod
    def of_dict(cls, facts: Mapping[str, Any]) -> PreviewInfo:
        """Back from the JSON form.

        Raises:
            KeyError, TypeError: it is not that.
        """
        names = ("of", "kind", "animation", "columns", "loop")
        return cls(
            **{name: facts[name] for name in names},
            animations=tuple(facts["animations"]),
            durations=tuple(facts["durations"]),
            width=facts["frame"]["width"],
            height=facts["frame"]["height"],
        )


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """A picture of an asset: of one animation or item (empty: the first, or the whole sheet), of one variant (None: the
    one that is picked), as `png` or `gif`.
    """

    asset_id: str
    animation: str = ""
    variant: int | None = None
    image_type: str = "png"

    @property
    def stem(self) -> str:
        """The name of its files without their last suffix. The animation is a name that the asset has."""
        variant = [f"v{self.variant}"] if self.variant is not None else []
        parts = [key_of(self.asset_id), *([self.animation] if self.animation else []), *variant]
        return ".".join(parts) + (".gif" if self.image_type == "gif" else "")

    @property
    def file_name(self) -> str:
        """The name of the picture's file."""
        return self.stem if self.image_type == "gif" else f"{self.stem}.png"


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture (`png` or `gif`) and what it shows."""

    data: bytes
    info: PreviewInfo


def make_preview(view: PlanView, wanted: PreviewRequest) -> Preview:
    """The picture, from the cache where it is still right.

    Raises:
        BridgeError: `unknown_asset`, `source_part` (no such animation or variant), `store_missing` (not built yet).
    """
    state = _built_state(view, wanted.asset_id)
    of = view.content_of(wanted.asset_id)
    kept = _load_kept(view, wanted, of)
    if kept is not None:
        return kept
    clips = clips_of(
        view.assets.load_processed(state) if wanted.variant is None else _assemble_variant(view, state, wanted.variant)
    )
    view.assets.release(wanted.asset_id)
    clip = clips.get(wanted.animation) if wanted.animation else next(iter(clips.values()))
    if clip is None:
        raise UserError(
            "source_part", f"{wanted.asset_id} has no part {wanted.animation}", hint=f"It has: {', '.join(clips)}."
        )
    preview = _draw_preview(of, state.loaded.spec.kind, clip, tuple(clips), wanted.image_type)
    _keep_preview(view, wanted, preview)
    return preview


def _built_state(view: PlanView, asset_id: str) -> AssetState:
    state = view.state_of(asset_id)
    if state is None:
        failure = view.failure_of(asset_id)
        raise failure or UserError("unknown_asset", f"there is no valid asset {asset_id}")
    if state.missing:
        raise WorkFailed("store_missing", f"{asset_id} is not made yet", hint="Build it first.")
    return state


def _assemble_variant(view: PlanView, state: AssetState, variant: int) -> Asset:
    """The asset as it would be with another variant picked; of a character the stills to choose by."""
    spec = state.loaded.spec
    if not 1 <= variant <= spec.variants:
        raise UserError("source_part", f"{state.id} has no variant {variant}", hint=f"It has {spec.variants}.")
    if spec.kind != "character":
        picked = spec.model_copy(update={"pick": variant}) if hasattr(spec, "pick") else spec
        assembled = assemble_asset(
            state.id,
            picked,
            view.assets.parts_of(state),
            slots=state.entry.slots,
            upstream={},
            seed=spec.seed or state.entry.seed,
        )
        return process_asset(assembled.asset, state.process)
    variants = []
    for step in state.steps:
        stored = results.load(view.project.store, state.results[step.key])
        parts = registry.get(step.provider).interpret(step, stored)
        stills = [(part.name, part.pixels) for part in parts if isinstance(part, ImagePart)]
        if stills:
            variants.append(stills)
    if len(variants) < variant:
        raise WorkFailed("store_missing", f"{state.id}: variant {variant} is not made yet", hint="Build it first.")
    shown = variants[variant - 1]
    clips = [Animation(name or "default", (Frame(pixels),), loop=False) for name, pixels in shown]
    return SpriteAsset(state.id, spec.kind, (*_turning_clips([pixels for _, pixels in shown]), *clips))


def _turning_clips(stills: Sequence[Pixels]) -> tuple[Animation, ...]:
    """The stills of all directions one after the other; none where there is one only, or their sizes differ."""
    if len(stills) == 1 or len({pixels.shape for pixels in stills}) > 1:
        return ()
    return (Animation("turn", tuple(Frame(pixels, _TURN_MS) for pixels in stills), loop=True),)


def clips_of(asset: Asset) -> dict[str, Animation]:
    """What can be shown of an asset, by name; the first is shown unless asked otherwise."""
    if isinstance(asset, SpriteAsset):
        return {animation.output_name(): animation for animation in asset.animations}
    if isinstance(asset, ItemsAsset):
        cells = [(item.slot, item.pixels) for item in asset.items]
        sheet = _draw_sheet(cells, asset.size, asset.columns, asset.rows)
        return {
            "sheet": _still_clip("sheet", sheet),
            **{item.name: _still_clip(item.name, item.pixels) for item in asset.items},
        }
    if isinstance(asset, TilesetAsset):
        tiles = [(tile.id, tile.pixels) for tile in asset.tiles]
        return {"sheet": _still_clip("sheet", _draw_sheet(tiles, asset.tile_size, asset.columns, asset.rows))}
    if isinstance(asset, TileMapAsset):
        return {"map": _still_clip("map", render_map(asset))}
    return {"wave": _still_clip("wave", panels_of([asset])[0].pictures[0])}


def _still_clip(name: str, pixels: Pixels) -> Animation:
    return Animation(name, (Frame(pixels),), loop=False)


def _draw_sheet(cells: list[tuple[int, Pixels]], size: tuple[int, int], columns: int, rows: int) -> Pixels:
    width, height = size
    sheet = np.zeros((rows * height, columns * width, 4), dtype=np.uint8)
    for slot, pixels in cells:
        row, column = divmod(slot, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = pixels
    return sheet


def _draw_preview(of: str, asset_kind: str, clip: Animation, names: tuple[str, ...], image_type: str) -> Preview:
    pictures = [frame.pixels for frame in clip.frames]
    height, width = pictures[0].shape[:2]
    durations = tuple(frame.duration_ms for frame in clip.frames)
    columns = min(len(pictures), max(1, _WIDEST // width))
    info = PreviewInfo(of, asset_kind, clip.output_name(), names, width, height, columns, durations, clip.loop)
    if image_type == "gif":
        return Preview(encode_gif(pictures, durations, loop=clip.loop), replace(info, columns=1))
    rows = -(-len(pictures) // columns)
    return Preview(encode_png(_draw_sheet(list(enumerate(pictures)), (width, height), columns, rows)), info)


def _load_kept(view: PlanView, wanted: PreviewRequest, of: str) -> Preview | None:
    if not all(character.isalnum() or character in "_-" for character in wanted.animation):
        return None
    folder = view.project.folder
    try:
        facts = parse_json(folder.read(f"{PREVIEW_FOLDER}/{wanted.stem}.json", limits.SPEC_BYTES))
        info = PreviewInfo.of_dict(facts)
        data = folder.read(f"{PREVIEW_FOLDER}/{wanted.file_name}", limits.PICTURE_BYTES)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Preview(data, info) if info.of == of else None


def _keep_preview(view: PlanView, wanted: PreviewRequest, preview: Preview) -> None:
    folder = view.project.folder
    try:
        folder.write(f"{PREVIEW_FOLDER}/{wanted.file_name}", preview.data)
        folder.write(f"{PREVIEW_FOLDER}/{wanted.stem}.json", json.dumps(preview.info.as_dict()).encode())
    except BridgeError:
        # A full disk costs the cache, not the picture.
        return
