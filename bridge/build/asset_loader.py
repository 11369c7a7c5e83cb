"""From stored results to pixels: the neutral asset of an evaluated spec, and the parts that other assets use."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bridge.assemble.asset import Assembled, assemble_asset
from bridge.assemble.parts import ImagePart, Part
from bridge.core import atomic_files as disk
from bridge.core.errors import UserError, WorkFailed
from bridge.core.paths import PREVIEW_FOLDER
from bridge.media.images import encode_png, pixel_hash
from bridge.plan.step_inputs import interpreted, pictures_of, result_of
from bridge.processing.pipeline import process_asset
from bridge.spec.refs import parse_ref
from exporters.model.asset import Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset

if TYPE_CHECKING:
    from bridge.plan.asset_state import AssetState
    from bridge.plan.evaluator import PartHash, Planner
    from bridge.project import Project
    from bridge.providers.api import Input, Step, StepResult
    from bridge.spec.load import Loaded


class AssetLoader:
    """Assembled and processed assets, kept while one plan or build runs."""

    def __init__(self, project: Project, planner: Planner) -> None:
        self.project = project
        self.planner = planner
        self._assembled: dict[str, tuple[str | None, Assembled]] = {}
        self._processed: dict[str, tuple[str | None, Asset]] = {}

    def parts_of(self, work: AssetState) -> list[Part]:
        """What the stored results of an asset's steps mean, in the order of the steps.

        Raises:
            WorkFailed: `store_missing` or `store_corrupt`.
            UserError: the files of a step are not what the spec says of them.
        """
        parts: list[Part] = []
        for step in work.steps:
            if _unpicked(work, step):
                continue
            try:
                parts += interpreted(step, self.result(work, step.key))
            except UserError as error:
                if error.where is None:
                    error.where = work.loaded.where(step.field or "provider")
                raise
        return parts

    def assembled(self, work: AssetState) -> Assembled:
        """The neutral asset before processing."""
        key = self.planner.assembled(work.id)
        kept = self._assembled.get(work.id)
        if kept is None or key is None or kept[0] != key:
            upstream = {}
            for other in work.upstream:
                asset = self.processed(self.planner.works[other])
                if isinstance(asset, TilesetAsset):
                    upstream[other] = asset
            made = assemble_asset(
                work.id,
                work.loaded.spec,
                self.parts_of(work),
                slots=work.entry.slots,
                upstream=upstream,
                seed=work.loaded.spec.seed or work.entry.seed,
            )
            work.entry.slots = dict(made.slots)
            self.project.lock.changed(work.id)
            self.planner.invalidate(work.id)
            kept = (self.planner.assembled(work.id), made)
            self._assembled[work.id] = kept
        return kept[1]

    def processed(self, work: AssetState) -> Asset:
        """The neutral asset as exporters get it."""
        key = self.planner.assembled(work.id)
        kept = self._processed.get(work.id)
        if kept is None or key is None or kept[0] != key:
            asset = self.assembled(work).asset
            kept = (self.planner.assembled(work.id), process_asset(asset, work.process))
            self._processed[work.id] = kept
        return kept[1]

    def release(self, asset_id: str) -> None:
        """Forgets the pixels of a finished asset that no other uses: a large project would not fit into memory."""
        if not self.planner.used(asset_id):
            self._assembled.pop(asset_id, None)
            self._processed.pop(asset_id, None)

    def _file(self, loaded: Loaded, ref: str) -> bytes:
        from bridge.spec.refs import resolve_path

        path = resolve_path(self.project.root, loaded.path, ref)
        try:
            return (self.project.root / path).read_bytes()
        except OSError as error:
            raise UserError(
                "source_missing", f"there is no file {path}", where=loaded.where("process.palette")
            ) from error

    def result(self, work: AssetState, key: str) -> StepResult:
        """The result of a step.

        Raises:
            WorkFailed: `store_missing` or `store_corrupt`.
        """
        return result_of(self.project.store, work.entry, key, work.results[key])

    def inputs(self, work: AssetState, item: Input) -> dict[str, bytes]:
        """The bytes of a step's input by role; a clip of the asset itself as one PNG a frame.

        Raises:
            UserError, WorkFailed: as `input_bytes`; `assemble_failed` for a part that was not delivered.
        """
        if not item.steps:
            return {item.role: self.input_bytes(work.loaded, item)}
        pictures = pictures_of(self.project.store, work.entry, work.steps, work.results, item)
        if item.ref.startswith("still/"):
            return {item.role: encode_png(pictures[0])}
        return {f"{item.role}/{number}": encode_png(pixels) for number, pixels in enumerate(pictures)}

    def input_bytes(self, loaded: Loaded, item: Input) -> bytes:
        """The bytes of a step's input: a file as it is, an asset's part as PNG.

        Raises:
            UserError: `source_missing`, or `source_part` when the asset has no such part.
        """
        ref = parse_ref(item.ref)
        if ref is None:
            return self._file(loaded, item.ref)
        work = self.planner.works.get(ref.id)
        if work is None or work.missing:
            raise WorkFailed(
                "source_failed",
                f"{loaded.id} uses {ref.id}, which is not ready",
                hint=f"Mend {ref.id} first.",
            )
        return encode_png(find_part(self.assembled(work).asset, ref.part, item.ref))

    def part_hash(self, asset_id: str, part: str | None) -> str | None:
        """The content hash of a part (pixels and size); None when the asset's results are not in the store."""
        work = self.planner.works[asset_id]
        try:
            asset = self.assembled(work).asset
        except WorkFailed:
            return None
        if isinstance(asset, TilesetAsset) and part is None:
            names = ",".join(terrain.name for terrain in asset.terrains)
            sha256 = hashlib.sha256(names.encode()).hexdigest()
        else:
            sha256 = pixel_hash(find_part(asset, part, f"asset:{asset_id}" + (f"#{part}" if part else "")))
        entry = work.entry
        of = self.planner.assembled(asset_id) or ""
        if entry.parts.get(":of") != of:
            entry.parts = {":of": of}
        entry.parts[part or ""] = sha256
        self.project.lock.changed(asset_id)
        return sha256

    def variant_previews(self, work: AssetState) -> str:
        """Writes the stills of each variant to `.assetbridge/previews/` and returns the pattern of their names."""
        import numpy as np

        for step in work.steps:
            parts = interpreted(step, self.result(work, step.key))
            stills = [part.pixels for part in parts if isinstance(part, ImagePart)]
            if stills:
                name = f"{work.id}.{step.key.replace('/', '_')}.png"
                sheet = np.concatenate([still.repeat(4, axis=0).repeat(4, axis=1) for still in stills], axis=1)
                disk.write(self.project.root / PREVIEW_FOLDER / name, encode_png(sheet))
        return f"{PREVIEW_FOLDER}/{work.id}.base_*.png"


def part_hash_of(planner: Planner) -> PartHash:
    """How a planner learns the content of another asset's part: by assembling it."""
    return AssetLoader(planner.project, planner).part_hash


def _unpicked(work: AssetState, step: Step) -> bool:
    """Whether a step makes a variant of a character that is not the chosen one: its stills are none of the asset's."""
    spec = work.loaded.spec
    return spec.kind == "character" and step.key.startswith("base/") and step.key != f"base/{spec.pick or 1}"


def find_part(asset: Asset, part: str | None, ref: str) -> Pixels:
    """The picture a reference names: still, clip (its frames side by side), frame, item, tile, or the only one.

    Raises:
        UserError: `source_part`, listing the parts.
    """
    found = part_table(asset)
    if part is None and len(found) == 1:
        return next(iter(found.values()))
    if part is None and isinstance(asset, SpriteAsset) and len(asset.animations) == 1:
        return asset.animations[0].frames[0].pixels
    if part is not None and part.replace("-", "_") in found:
        return found[part.replace("-", "_")]
    names = ", ".join(name for name in found if "/" not in name)
    what = f"has no part {part}" if part else "has several parts, so one must be named"
    raise UserError("source_part", f"{ref}: the asset {what}", hint=f"Its parts are: {names}. Write asset:ID#PART.")


def part_table(asset: Asset) -> dict[str, Pixels]:
    """Every part of an asset by the name that `asset:ID#PART` calls it."""
    import numpy as np

    found: dict[str, Pixels] = {}
    if isinstance(asset, SpriteAsset):
        for animation in asset.animations:
            name = animation.output_name()
            if animation.direction and (animation.name == "idle" or animation.direction not in found):
                found[animation.direction] = animation.frames[0].pixels
            if len(asset.animations) == 1 and len(animation.frames) == 1:
                return {name: animation.frames[0].pixels}
            found[name] = np.concatenate([frame.pixels for frame in animation.frames], axis=1)
            for number, frame in enumerate(animation.frames):
                found[f"{name}/{number}"] = frame.pixels
    elif isinstance(asset, ItemsAsset):
        found = {item.name: item.pixels for item in asset.items}
    elif isinstance(asset, TilesetAsset):
        found = {tile.name or str(tile.id): tile.pixels for tile in asset.tiles}
    return found
