"""The provider `files`: an artist's own pictures, sheets, clips, maps and sounds, with the same exports as all others.

Compiling finds and hashes the files, running keeps them as they are, interpreting decodes what was kept. Every form
has a module; this one only passes work on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.files.uses import USES

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import Spec

_COMPILERS: dict[str, tuple[str, str]] = {
    "sprite": ("figures", "compile_sprite"),
    "animation": ("figures", "compile_animation"),
    "character": ("figures", "compile_character"),
    "items": ("named", "compile_items"),
    "isometric_tiles": ("named", "compile_isometric"),
    "tileset": ("terrain", "compile_tileset"),
    "map": ("tmx", "compile_map"),
    "music": ("audio", "compile_music"),
}
_INTERPRETERS: dict[str, str] = {
    "files.named": "named",
    "files.cells": "named",
    "files.rects": "named",
    "files.terrain": "terrain",
    "files.map": "tmx",
    "files.sound": "audio",
}


class FilesProvider:
    """Own art of every kind that files can hold; free and offline."""

    name = "files"
    kinds = frozenset(_COMPILERS)
    uses = USES
    offline = True

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """See `Provider.compile`."""
        module, function = _COMPILERS[spec.kind]
        compiled_steps: Sequence[Step] = getattr(_load_module(module), function)(spec, context)
        return compiled_steps

    def run(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
        """See `OfflineProvider.run`: the files as they are."""
        from bridge.providers.files import steps

        del needed
        return steps.delivered(step, inputs)

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """See `Provider.interpret`."""
        parts: Sequence[Part] = _load_module(_INTERPRETERS.get(step.operation, "figures")).interpret(step, result)
        return parts


def _load_module(name: str) -> Any:
    return import_module(f"{__name__}.{name}")
