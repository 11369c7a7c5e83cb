"""The procedural provider: art drawn on this machine from words, offline, free and the same everywhere.

It only passes work on. Each family of art is a subpackage with `KINDS`, `OPERATIONS`, `compile`, `run` and
`interpret`; a subpackage is imported when a spec first needs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from bridge.core.errors import UserError
from bridge.providers.api import CompileContext, Step, StepResult
from bridge.providers.procedural.uses import USES

if TYPE_CHECKING:
    from bridge.assemble.parts import Part
    from bridge.spec.model import Spec

_BY_KIND: dict[str, str] = {
    "character": "character",
    "animation": "character",
    "sprite": "things",
    "items": "things",
    "music": "music",
    "tileset": "terrain",
    "isometric_tiles": "terrain",
    "map": "terrain",
}
# The first part of an operation's name: a step of a stored plan finds its family without importing the others.
_BY_OPERATION: dict[str, str] = {
    "character": "character",
    "picture": "character",
    "things": "things",
    "music": "music",
    "tileset": "terrain",
    "isometric": "terrain",
    "map": "terrain",
}


class Family(Protocol):
    """What a subpackage offers."""

    KINDS: frozenset[str]
    OPERATIONS: frozenset[str]

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """The steps of a spec of one of KINDS."""
        ...

    def run(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
        """The result of a step with one of OPERATIONS."""
        ...

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """What such a result means."""
        ...


def load_family(name: str) -> Family:
    """The subpackage of this name."""
    return cast("Family", import_module(f"{__name__}.{name}"))


class ProceduralProvider:
    """Characters, things, terrain, maps and music from descriptions."""

    name = "procedural"
    kinds = frozenset(_BY_KIND)
    uses = USES
    offline = True

    def compile(self, spec: Spec, context: CompileContext) -> Sequence[Step]:
        """The steps of a spec, compiled by the family of its kind.

        Raises:
            UserError: `provider_kind` for kinds that need a paid provider; whatever the subpackage raises.
        """
        name = _BY_KIND.get(spec.kind)
        if name is None:
            from bridge.providers.registry import usable

            able = [other.name for other in usable() if spec.kind in other.kinds]
            raise context.fail(
                "provider_kind",
                f"the procedural provider does not make {spec.kind}",
                "provider",
                f"Providers of {spec.kind}: {', '.join(able)}.",
            )
        return load_family(name).compile(spec, context)

    def run(self, step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> StepResult:
        """The result of a step, drawn or composed by the family of its operation."""
        return self._family_of(step).run(step, inputs, needed)

    def interpret(self, step: Step, result: StepResult) -> Sequence[Part]:
        """What a stored result means: the parts of the step's family."""
        return self._family_of(step).interpret(step, result)

    def _family_of(self, step: Step) -> Family:
        name = _BY_OPERATION.get(step.operation.partition(".")[0])
        if name is not None and step.operation in load_family(name).OPERATIONS:
            return load_family(name)
        raise UserError(
            "provider_kind",
            f"the procedural provider has no operation {step.operation}",
            hint="It comes from another version of assetbridge; build the asset again.",
        )
