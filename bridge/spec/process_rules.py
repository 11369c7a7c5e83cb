"""Which steps of `[process]` a kind can have, and the steps of one spec."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from bridge.processing.registry import PIPELINE
from bridge.processing.settings import ProcessSettings
from bridge.processing.steps.step import CLIP_KINDS, TILE_KINDS, ArtFacts, PaletteLoader

if TYPE_CHECKING:
    from bridge.spec.model import Spec


@lru_cache(maxsize=32)
def process_keys(kind: str) -> tuple[str, ...]:
    """The keys of `[process]` that a kind can have, in the order of the steps."""
    keys = (key for step in PIPELINE if kind in step.kinds for key in step.fields.model_fields)
    return tuple(dict.fromkeys(keys))


def refused_process_keys(kind: str, keys: Collection[str]) -> list[tuple[str, str]]:
    """Keys of a spec's own `[process]` that a kind cannot have, in their order, each with the way out.

    Tiles meet their neighbours: whatever moves or cuts their pixels would open the seams.
    """
    allowed = process_keys(kind)
    return [(key, _refusal_hint(kind, key, allowed)) for key in keys if key not in allowed]


def _refusal_hint(kind: str, key: str, allowed: Collection[str]) -> str:
    if not allowed:
        return "Maps and music have no pixels of their own; remove [process]."
    if kind in TILE_KINDS:
        *most, last = allowed
        return f"Tiles take {', '.join(most)} and {last}: anything else would open their seams."
    kinds = frozenset[str]().union(*(step.kinds for step in PIPELINE if key in step.fields.model_fields))
    if kinds == CLIP_KINDS:
        return "It is for clips, which characters and animations have; remove it."
    return f"It is for {', '.join(sorted(kinds))}; remove it."


def process_settings(spec: Spec, load_palette: PaletteLoader) -> ProcessSettings:
    """The steps that a spec's art goes through. load_palette: bytes of a palette file by its path in the spec.

    Raises:
        UserError: `source_missing` or `source_broken` for the palette file.
    """
    return ProcessSettings.from_table(spec.process, art_facts(spec, load_palette))


def art_facts(spec: Spec, load_palette: PaletteLoader) -> ArtFacts:
    """What the defaults of a spec's steps depend on. load_palette: as of `process_settings`."""
    return ArtFacts(spec.kind, spec.provider, spec.transparent, _stated_size(spec), load_palette)


def _stated_size(spec: Spec) -> tuple[int, int] | None:
    size = getattr(spec, "size", None)
    # A default nobody chose must not cut or reduce an artist's picture.
    if size is None or (spec.provider == "files" and "size" not in spec.model_fields_set):
        return None
    return int(size[0]), int(size[1])
