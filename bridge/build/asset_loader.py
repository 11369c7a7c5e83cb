"""From stored results to pixels: the neutral asset of an evaluated spec, and the parts that other assets use."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bridge.assemble.asset import Assembled, assemble_asset
from bridge.assemble.parts import ImagePart, Part, part_pictures
from bridge.core import limits
from bridge.core.errors import UserError, WorkFailed
from bridge.core.git_lfs import PULL, is_lfs_pointer
from bridge.media.images import encode_png, pixel_hash
from bridge.plan.planner import HashedPart
from bridge.plan.step_inputs import interpret_step, load_result, read_pictures
from bridge.processing.canvas import require_pixels
from bridge.processing.pipeline import process_asset
from bridge.providers import registry
from bridge.spec.refs import parse_ref, resolve_path
from exporters.model.asset import Asset, ItemsAsset, Pixels, SpriteAsset, TilesetAsset

if TYPE_CHECKING:
    from bridge.plan.asset_state import AssetState
    from bridge.plan.evaluation import Evaluation
    from bridge.plan.planner import PartHash
    from bridge.project import Project
    from bridge.providers.api import Input, Step, StepResult
    from bridge.spec.load import Loaded


# Pixels: previews of variants enlarge stills up to here.
_WIDEST_STILL = 1024
_DAMAGE = frozenset({"source_broken", "result_damaged"})


@dataclass(slots=True)
class _LoadedAsset:
    """An asset in memory; keys: the fingerprints of the states that it is the asset of."""

    keys: frozenset[str]
    assembled: Assembled
    processed: Asset | None = None


class AssetLoader:
    """Assembled and processed assets, kept while one plan or build runs. It changes nothing but its own memory."""

    def __init__(self, project: Project, evaluation: Evaluation) -> None:
        self._project = project
        self._evaluation = evaluation
        self._loaded: dict[str, _LoadedAsset] = {}

    def parts_of(self, state: AssetState) -> list[Part]:
        """What the stored results of an asset's steps mean, in the order of the steps.

        Raises:
            WorkFailed: `store_missing`, `store_corrupt` or `asset_too_large`.
            UserError: the files of a step are not what the spec says of them.
        """
        parts: list[Part] = []
        sizes: Counter[tuple[int, int]] = Counter()
        for step in state.steps:
            if _is_unpicked(state, step):
                continue
            try:
                meant = interpret_step(step, self.load_result(state, step.key))
                sizes.update((one.shape[1], one.shape[0]) for part in meant for one in part_pictures(part))
                require_pixels(sizes, f"{state.id} has")
                parts += meant
            except (UserError, WorkFailed) as error:
                if error.code in _DAMAGE and not registry.get(step.provider).offline:
                    error.hint = self._explain_refetching(state, step)
                if error.where is None and isinstance(error, UserError):
                    error.where = state.loaded.where(step.field or "provider")
                raise
        return parts

    def _explain_refetching(self, state: AssetState, step: Step) -> str:
        """The way out where a paid result that was kept turns out to be of no use."""
        fingerprint = state.fingerprints[step.key]
        journal = self._project.journal if fingerprint is not None else None
        job = journal.jobs.find_bought(fingerprint) if journal is not None and fingerprint is not None else None
        if job is None or not job.remote:
            return f"`assetbridge reroll {state.id}` asks {step.provider} for another take; plan shows its price."
        return f"`assetbridge jobs refetch {job.id}` fetches it from {step.provider} again, for nothing."

    def load_assembled(self, state: AssetState) -> Assembled:
        """The neutral asset before processing; its slots are those of the state with what is new."""
        return self._load_asset(state).assembled

    def _load_asset(self, state: AssetState) -> _LoadedAsset:
        key = self._evaluation.fingerprint_of(state)
        kept = self._loaded.get(state.id)
        if kept is not None and key in kept.keys:
            return kept
        upstream = {}
        for used in state.upstream:
            asset = self.load_processed(self._evaluation.states[used])
            if isinstance(asset, TilesetAsset):
                upstream[used] = asset
        made = assemble_asset(
            state.id,
            state.loaded.spec,
            self.parts_of(state),
            slots=state.slots,
            upstream=upstream,
            seed=state.loaded.spec.seed or state.entry.seed,
        )
        keys = (key, self._evaluation.fingerprint_of(with_slots(state, made.slots)))
        kept = self._loaded[state.id] = _LoadedAsset(frozenset(filter(None, keys)), made)
        return kept

    def load_processed(self, state: AssetState) -> Asset:
        """The neutral asset as exporters get it."""
        loaded = self._load_asset(state)
        if loaded.processed is None:
            loaded.processed = process_asset(loaded.assembled.asset, state.process)
        return loaded.processed

    def release(self, asset_id: str) -> None:
        """Forgets the pixels of a finished asset that no other uses: a large project would not fit into memory."""
        if not self._evaluation.is_used(asset_id):
            self._loaded.pop(asset_id, None)

    def _read_file(self, loaded: Loaded, ref: str) -> bytes:
        path = resolve_path(self._project.root, loaded.path, ref)
        try:
            data = self._project.folder.read_source(path)
        except limits.TooLargeError as error:
            raise UserError("source_broken", f"{path} cannot be read: {error.strerror}") from error
        except OSError as error:
            raise UserError(
                "source_missing", f"there is no file {path}", where=loaded.where("process.palette")
            ) from error
        if is_lfs_pointer(data):
            raise UserError("source_broken", f"{path} is a pointer of Git LFS: the file itself is not here", hint=PULL)
        return data

    def load_result(self, state: AssetState, key: str) -> StepResult:
        """The result of a step.

        Raises:
            WorkFailed: `store_missing` or `store_corrupt`.
        """
        return load_result(self._project.store, state.entry, key, state.results[key])

    def load_inputs(self, state: AssetState, item: Input) -> dict[str, bytes]:
        """The bytes of a step's input by role; a clip of the asset itself as one PNG a frame.

        Raises:
            UserError, WorkFailed: as `input_bytes`; `assemble_failed` for a part that was not delivered.
        """
        if item.by_frames and (ref := parse_ref(item.ref)) is not None:
            clip = find_clip(self._load_upstream(state.loaded, ref.id), ref.part, item.ref)
            return {f"{item.role}/{number}": encode_png(pixels) for number, pixels in enumerate(clip)}
        if not item.steps:
            return {item.role: self.input_bytes(state.loaded, item)}
        pictures = read_pictures(self._project.store, state.entry, state.steps, state.results, item)
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
            return self._read_file(loaded, item.ref)
        return encode_png(find_part(self._load_upstream(loaded, ref.id), ref.part, item.ref))

    def _load_upstream(self, loaded: Loaded, asset_id: str) -> Asset:
        state = self._evaluation.states.get(asset_id)
        if state is None or state.missing:
            raise WorkFailed(
                "source_failed",
                f"{loaded.id} uses {asset_id}, which is not ready",
                hint=f"Mend {asset_id} first.",
            )
        return self.load_assembled(state).asset

    def hash_part(self, state: AssetState, part: str | None) -> HashedPart | None:
        """The content hash of a part (pixels and size); None when the asset's results are not in the store."""
        try:
            assembled = self._load_asset(state).assembled
        except WorkFailed:
            return None
        asset = assembled.asset
        if isinstance(asset, TilesetAsset) and part is None:
            names = ",".join(terrain.name for terrain in asset.terrains)
            sha256 = hashlib.sha256(names.encode()).hexdigest()
        else:
            sha256 = pixel_hash(find_part(asset, part, f"asset:{state.id}" + (f"#{part}" if part else "")))
        fingerprint = self._evaluation.fingerprint_of(with_slots(state, assembled.slots))
        return HashedPart(sha256, dict(assembled.slots), fingerprint or "")

    def preview_variants(self, state: AssetState) -> dict[str, bytes]:
        """The stills of each variant, enlarged, as PNG by the file's name in `.assetbridge/previews/`."""
        sheets = {}
        for step in state.steps:
            parts = interpret_step(step, self.load_result(state, step.key))
            stills = [part.pixels for part in parts if isinstance(part, ImagePart)]
            if stills:
                scale = max(1, min(4, _WIDEST_STILL // max(still.shape[1] for still in stills)))
                enlarged = [still.repeat(scale, axis=0).repeat(scale, axis=1) for still in stills]
                sheets[f"{state.id}.{step.key.replace('/', '_')}.png"] = encode_png(np.concatenate(enlarged, axis=1))
        return sheets


def part_hash_of(project: Project, evaluation: Evaluation) -> PartHash:
    """How a planner learns the content of another asset's part: by assembling it."""
    return AssetLoader(project, evaluation).hash_part


def with_slots(state: AssetState, slots: Mapping[str, int]) -> AssetState:
    """The state once its asset is assembled; itself where no slot is new."""
    return state if dict(slots) == dict(state.slots) else dataclasses.replace(state, slots=dict(slots))


def _is_unpicked(state: AssetState, step: Step) -> bool:
    """Whether a step makes a variant of a character that is not the chosen one: its stills are none of the asset's."""
    spec = state.loaded.spec
    return spec.kind == "character" and step.key.startswith("base/") and step.key != f"base/{spec.pick or 1}"


def find_part(asset: Asset, part: str | None, ref: str) -> Pixels:
    """The picture a reference names: still, clip (its frames side by side), frame, item, tile, or the only one.

    Raises:
        UserError: `source_part`, listing the parts.
    """
    parts = part_table(asset)
    if part is None and len(parts) == 1:
        return next(iter(parts.values()))
    if part is None and isinstance(asset, SpriteAsset) and len(asset.animations) == 1:
        return asset.animations[0].frames[0].pixels
    if part is not None and part.replace("-", "_") in parts:
        return parts[part.replace("-", "_")]
    names = ", ".join(name for name in parts if "/" not in name)
    what = f"has no part {part}" if part else "has several parts, so one must be named"
    raise UserError("source_part", f"{ref}: the asset {what}", hint=f"Its parts are: {names}. Write asset:ID#PART.")


def find_clip(asset: Asset, part: str | None, ref: str) -> list[Pixels]:
    """The frames of the clip that a reference names.

    Raises:
        UserError: `source_part`, listing the clips.
    """
    clips = {clip.output_name(): clip for clip in asset.animations} if isinstance(asset, SpriteAsset) else {}
    clip = clips.get((part or "").replace("-", "_"))
    if clip is None:
        hint = f"Its clips are: {', '.join(clips)}. Write asset:ID#CLIP." if clips else "Name an asset that has clips."
        raise UserError("source_part", f"{ref}: the asset has no clip {part}", hint=hint)
    return [frame.pixels for frame in clip.frames]


def part_table(asset: Asset) -> dict[str, Pixels]:
    """Every part of an asset by name."""
    parts: dict[str, Pixels] = {}
    if isinstance(asset, SpriteAsset):
        for animation in asset.animations:
            name = animation.output_name()
            if animation.direction and (animation.name == "idle" or animation.direction not in parts):
                parts[animation.direction] = animation.frames[0].pixels
            if len(asset.animations) == 1 and len(animation.frames) == 1:
                return {name: animation.frames[0].pixels}
            parts[name] = np.concatenate([frame.pixels for frame in animation.frames], axis=1)
            for number, frame in enumerate(animation.frames):
                parts[f"{name}/{number}"] = frame.pixels
    elif isinstance(asset, ItemsAsset):
        parts = {item.name: item.pixels for item in asset.items}
    elif isinstance(asset, TilesetAsset):
        parts = {tile.name or str(tile.id): tile.pixels for tile in asset.tiles}
    return parts
