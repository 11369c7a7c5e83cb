"""References between assets and to files, and the graph they form (specs §1)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core.errors import UserError

if TYPE_CHECKING:
    from bridge.spec.load import Loaded
    from bridge.spec.model import Spec


@dataclass(frozen=True, slots=True)
class AssetRef:
    """`asset:ID#PART`; part is None for the only image or clip."""

    id: str
    part: str | None


def parse_ref(text: str) -> AssetRef | None:
    """The asset reference in a text, None for a path."""
    if not text.startswith("asset:"):
        return None
    asset_id, _, part = text.removeprefix("asset:").partition("#")
    return AssetRef(asset_id, part or None)


def resolve_path(root: Path, spec_path: str, ref: str, folders: dict[str, str] | None = None) -> str:
    """A path of a spec as project-relative path with `/`; a leading `./` means the spec's own folder.

    folders: where folders really lie, to be kept between the calls for one spec.

    Raises:
        UserError: `source_outside` for absolute paths and such that leave the project, also through links.
    """
    hint = "Paths are relative to the project, with `/`; `./` is the spec's own folder."
    if ref.startswith(("/", "\\")) or "\\" in ref or (len(ref) > 1 and ref[1] == ":") or "\0" in ref:
        raise UserError("source_outside", f"{ref} is not a path inside the project", hint=hint)
    folder = spec_path.rpartition("/")[0]
    joined = f"{folder}/{ref[2:]}" if ref.startswith("./") and folder else ref.removeprefix("./")
    parts: list[str] = []
    for part in joined.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part == "..":
            raise UserError("source_outside", f"{ref} leads out of the project", hint=hint)
        elif part not in ("", "."):
            parts.append(part)
    path = "/".join(parts)
    if not path:
        raise UserError("source_outside", f"{ref or 'an empty path'} names no file", hint=hint)
    if not lies_inside(str(root), path, {} if folders is None else folders):
        raise UserError("source_outside", f"{ref} leads out of the project through a link", hint=hint)
    return path


def lies_inside(root: str, path: str, folders: dict[str, str]) -> bool:
    """Whether a file of the project really is in it, through whatever links. folders: see `resolve_path`."""
    top = _real(root, folders)
    folder, _, name = f"{root}/{path}".rpartition("/")
    # Text, for an asset may have hundreds of frames, and a Path costs more than the question.
    real = f"{_real(folder, folders)}/{name}"
    if os.path.islink(real):  # noqa: PTH114
        real = os.path.realpath(real)
    try:
        return os.path.commonpath([real, top]) == top
    except ValueError:
        # On Windows: they lie on two drives.
        return False


def _real(folder: str, known: dict[str, str]) -> str:
    if folder not in known:
        known[folder] = os.path.realpath(folder)
    return known[folder]


def references(spec: Spec) -> list[tuple[str, str]]:
    """(dotted field, reference) of every path and asset that a spec names as input."""
    return [(field, ref) for field, ref in _references(spec) if ref]


def _references(spec: Spec) -> Iterator[tuple[str, str | None]]:
    yield "source", spec.source
    if spec.reference is not None:
        yield "reference.style", spec.reference.style
        yield "reference.init", spec.reference.init
    if spec.export.unity is not None:
        yield "export.unity.controller", spec.export.unity.controller
    if spec.kind == "edit" and isinstance(spec.mask, str) and spec.mask != "transparent":
        yield "mask", spec.mask
    if spec.kind == "map":
        yield "tileset", spec.tileset
    if spec.kind == "animation":
        yield from ((f"keyframes.{n}.source", key.source) for n, key in enumerate(spec.keyframes or ()))
    if spec.kind == "character":
        for name, table in spec.animations.items():
            yield from (
                (f"animations.{name}.keyframes.{n}.source", key.source) for n, key in enumerate(table.keyframes or ())
            )
    if spec.kind == "tileset":
        yield from ((f"terrains.{n}.reference", terrain.reference) for n, terrain in enumerate(spec.terrains))
        yield from ((f"transitions.{n}.reference", edge.reference) for n, edge in enumerate(spec.transitions))


def graph_order(specs: Iterable[Loaded]) -> tuple[list[str], dict[str, UserError]]:
    """Ids in an order where each comes after what it uses (ties by id), and an error per asset of a cycle.

    Missing assets are left to whoever compiles the spec: the field is known there.
    """
    loaded = {one.id: one for one in sorted(specs, key=lambda one: one.id)}
    uses: dict[str, list[tuple[str, str]]] = {}
    for asset_id, one in loaded.items():
        refs = ((field, parse_ref(ref)) for field, ref in references(one.spec))
        uses[asset_id] = [
            (ref.id, field)
            for field, ref in refs
            if ref is not None and ref.id in loaded and not _own_still(asset_id, ref, field)
        ]
    order: list[str] = []
    state: dict[str, int] = {}
    cycles: dict[str, UserError] = {}
    for start in loaded:
        _visit(start, uses, loaded, state, order, cycles)
    return order, cycles


def _own_still(asset_id: str, ref: AssetRef, field: str) -> bool:
    """Whether a clip of a character refers to the character's own still, which is made before it."""
    return ref.id == asset_id and field.startswith("animations.")


def _visit(
    start: str,
    uses: Mapping[str, list[tuple[str, str]]],
    loaded: Mapping[str, Loaded],
    state: dict[str, int],
    order: list[str],
    cycles: dict[str, UserError],
) -> None:
    """Depth first without recursion: chains may be long."""
    if start in state:
        return
    trail = [start]
    pending = [iter(uses[start])]
    state[start] = 1
    while trail:
        entry = next(pending[-1], None)
        if entry is None:
            done = trail.pop()
            pending.pop()
            state[done] = 2
            order.append(done)
            continue
        other, _ = entry
        if state.get(other) == 1:
            _report(trail[trail.index(other) :], uses, loaded, cycles)
        elif other not in state:
            state[other] = 1
            trail.append(other)
            pending.append(iter(uses[other]))


def _report(
    ring: list[str],
    uses: Mapping[str, list[tuple[str, str]]],
    loaded: Mapping[str, Loaded],
    cycles: dict[str, UserError],
) -> None:
    shown = " → ".join([*ring, ring[0]])
    for place, asset_id in enumerate(ring):
        following = ring[(place + 1) % len(ring)]
        field = next(field for other, field in uses[asset_id] if other == following)
        cycles.setdefault(
            asset_id,
            UserError(
                "source_cycle",
                f"assets use each other in a circle: {shown}",
                hint="Let one of them use a file, or nothing.",
                where=loaded[asset_id].where(field),
            ),
        )
