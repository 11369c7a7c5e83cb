"""The graph of assets that use each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bridge.core.errors import UserError
from bridge.spec.references import references
from bridge.spec.refs import AssetRef, parse_ref

if TYPE_CHECKING:
    from bridge.spec.load import Loaded


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
            if ref is not None and ref.id in loaded and not _is_own_still(asset_id, ref, field)
        ]
    order: list[str] = []
    state: dict[str, int] = {}
    cycles: dict[str, UserError] = {}
    for start in loaded:
        _visit_from(start, uses, loaded, state, order, cycles)
    return order, cycles


def _is_own_still(asset_id: str, ref: AssetRef, field: str) -> bool:
    """Whether a clip of a character refers to the character's own still, which is made before it."""
    return ref.id == asset_id and field.startswith("animations.")


def _visit_from(
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
            _report_cycle(trail[trail.index(other) :], uses, loaded, cycles)
        elif other not in state:
            state[other] = 1
            trail.append(other)
            pending.append(iter(uses[other]))


def _report_cycle(
    ring: list[str],
    uses: Mapping[str, list[tuple[str, str]]],
    loaded: Mapping[str, Loaded],
    cycles: dict[str, UserError],
) -> None:
    shown = " → ".join([*ring, ring[0]])
    for index, asset_id in enumerate(ring):
        following = ring[(index + 1) % len(ring)]
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
