"""Pictures of assets for editors: PNG strips with what a player needs to know as JSON beside, GIFs for browsers.

They are kept in `.assetbridge/previews/` as `KEY[.ANIMATION][.vVARIANT].png|gif|json`; the JSON's `of` says what they
show, so a change of the asset's pixels makes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge.core import atomic_files as disk
from bridge.core.errors import BridgeError, UserError, WorkFailed
from bridge.daemon.asset_key import key_of
from bridge.media.images import encode_png
from bridge.preview.gif import encode_gif
from exporters.model.asset import Animation, Asset, Frame, ItemsAsset, Pixels, SpriteAsset, TileMapAsset, TilesetAsset

if TYPE_CHECKING:
    from bridge.daemon.worker.reader import View
    from bridge.plan.asset_state import AssetState

FOLDER = ".assetbridge/previews"
# Godot's and most graphics cards' limit is 16384; strips stay far below.
_WIDEST = 4096
_TURN_MS = 350


@dataclass(frozen=True, slots=True)
class Info:
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
    def of_dict(cls, facts: Mapping[str, Any]) -> Info:
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
class Preview:
    """A picture (`png` or `gif`) and what it shows."""

    data: bytes
    info: Info


def preview(
    view: View, asset_id: str, *, animation: str = "", variant: int | None = None, kind: str = "png"
) -> Preview:
    """A picture of an asset: of one animation or item (default: the first, or the whole sheet), of one variant.

    Raises:
        BridgeError: `unknown_asset`, `source_part` (no such animation or variant), `store_missing` (not built yet).
    """
    work = _work(view, asset_id)
    of = f"{view.planner.evaluation.fingerprint_of(work)}"
    kept = _kept(view, asset_id, animation, variant, kind, of)
    if kept is not None:
        return kept
    clips = clips_of(view.art.load_processed(work) if variant is None else _shown(view, work, variant))
    view.art.release(asset_id)
    clip = clips.get(animation) if animation else next(iter(clips.values()))
    if clip is None:
        raise UserError("source_part", f"{asset_id} has no part {animation}", hint=f"It has: {', '.join(clips)}.")
    made = _drawn(of, work.loaded.spec.kind, clip, tuple(clips), kind)
    _keep(view, asset_id, animation, variant, kind, made)
    return made


def _work(view: View, asset_id: str) -> AssetState:
    work = view.planner.evaluation.states.get(asset_id)
    if work is None:
        failure = view.planner.evaluation.failures.get(asset_id)
        raise failure or UserError("unknown_asset", f"there is no valid asset {asset_id}")
    if work.missing:
        raise WorkFailed("store_missing", f"{asset_id} is not made yet", hint="Build it first.")
    return work


def _shown(view: View, work: AssetState, variant: int) -> Asset:
    """The asset as it would be with another variant picked; of a character the stills to choose by."""
    from bridge.assemble.asset import assemble
    from bridge.assemble.parts import ImagePart
    from bridge.processing.pipeline import apply
    from bridge.providers import registry
    from bridge.store import results

    spec = work.loaded.spec
    if not 1 <= variant <= spec.variants:
        raise UserError("source_part", f"{work.id} has no variant {variant}", hint=f"It has {spec.variants}.")
    if spec.kind != "character":
        other = spec.model_copy(update={"pick": variant}) if hasattr(spec, "pick") else spec
        made = assemble(
            work.id,
            other,
            view.art.parts_of(work),
            slots=work.entry.slots,
            upstream={},
            seed=spec.seed or work.entry.seed,
        )
        return apply(made.asset, work.process)
    stills = []
    for step in work.steps:
        parts = registry.get(step.provider).interpret(step, results.load(view.project.store, work.results[step.key]))
        found = [(part.name, part.pixels) for part in parts if isinstance(part, ImagePart)]
        if found:
            stills.append(found)
    if len(stills) < variant:
        raise WorkFailed("store_missing", f"{work.id}: variant {variant} is not made yet", hint="Build it first.")
    clips = [Animation(name or "default", (Frame(pixels),), loop=False) for name, pixels in stills[variant - 1]]
    return SpriteAsset(work.id, spec.kind, (*_turning([pixels for _, pixels in stills[variant - 1]]), *clips))


def _turning(stills: Sequence[Pixels]) -> tuple[Animation, ...]:
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
        sheet = _sheet(cells, asset.size, asset.columns, asset.rows)
        return {"sheet": _still("sheet", sheet), **{item.name: _still(item.name, item.pixels) for item in asset.items}}
    if isinstance(asset, TilesetAsset):
        tiles = [(tile.id, tile.pixels) for tile in asset.tiles]
        return {"sheet": _still("sheet", _sheet(tiles, asset.tile_size, asset.columns, asset.rows))}
    if isinstance(asset, TileMapAsset):
        from exporters.packing.render import render_map

        return {"map": _still("map", render_map(asset))}
    from bridge.preview.panels import panels_of

    return {"wave": _still("wave", panels_of([asset])[0].pictures[0])}


def _still(name: str, pixels: Pixels) -> Animation:
    return Animation(name, (Frame(pixels),), loop=False)


def _sheet(cells: list[tuple[int, Pixels]], size: tuple[int, int], columns: int, rows: int) -> Pixels:
    width, height = size
    sheet = np.zeros((rows * height, columns * width, 4), dtype=np.uint8)
    for place, pixels in cells:
        row, column = divmod(place, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = pixels
    return sheet


def _drawn(of: str, asset_kind: str, clip: Animation, names: tuple[str, ...], kind: str) -> Preview:
    pictures = [frame.pixels for frame in clip.frames]
    height, width = pictures[0].shape[:2]
    durations = tuple(frame.duration_ms for frame in clip.frames)
    columns = min(len(pictures), max(1, _WIDEST // width))
    info = Info(of, asset_kind, clip.output_name(), names, width, height, columns, durations, clip.loop)
    if kind == "gif":
        return Preview(encode_gif(pictures, durations, loop=clip.loop), replace(info, columns=1))
    rows = -(-len(pictures) // columns)
    return Preview(encode_png(_sheet(list(enumerate(pictures)), (width, height), columns, rows)), info)


def _stem(asset_id: str, animation: str, variant: int | None, kind: str) -> str:
    """A file name without its last suffix. The animation is a name that the asset has: the caller has looked it up."""
    parts = [key_of(asset_id), *([animation] if animation else []), *([f"v{variant}"] if variant is not None else [])]
    return ".".join(parts) + (".gif" if kind == "gif" else "")


def _kept(view: View, asset_id: str, animation: str, variant: int | None, kind: str, of: str) -> Preview | None:
    if not all(character.isalnum() or character in "_-" for character in animation):
        return None
    stem = _stem(asset_id, animation, variant, kind)
    folder = view.project.root / FOLDER
    try:
        facts = json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))
        info = Info.of_dict(facts)
        data = (folder / (stem if kind == "gif" else f"{stem}.png")).read_bytes()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Preview(data, info) if info.of == of else None


def _keep(view: View, asset_id: str, animation: str, variant: int | None, kind: str, made: Preview) -> None:
    stem = _stem(asset_id, animation, variant, kind)
    folder = view.project.root / FOLDER
    try:
        disk.write(folder / (stem if kind == "gif" else f"{stem}.png"), made.data)
        disk.write(folder / f"{stem}.json", json.dumps(made.info.as_dict()).encode())
    except BridgeError:
        # A full disk costs the cache, not the picture.
        return
