"""Clips of a character that another provider makes: per direction its kind `animation`, from the character's still."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bridge.core.errors import BridgeError
from bridge.providers import registry
from bridge.providers.api import DIRECTION_MARK, CompileContext, Input, Provider, Step
from bridge.spec.character import AnimationSpec, AnimationTable
from bridge.spec.fields import SPELLINGS
from bridge.spec.refs import parse_ref

if TYPE_CHECKING:
    from bridge.spec.character import CharacterSpec
    from bridge.spec.model import Spec

MARK = DIRECTION_MARK
"""Between the key of a step of such a clip and its direction: `clip/attack@south`."""
_KIND = "animation"


def foreign_animations(spec: Spec) -> dict[str, AnimationTable]:
    """The animations of a character that its own provider does not make."""
    if spec.kind != "character":
        return {}
    return {name: table for name, table in spec.animations.items() if table.provider not in (None, spec.provider)}


def compile_clips(
    spec: CharacterSpec, tables: Mapping[str, AnimationTable], steps: Sequence[Step], context: CompileContext
) -> list[Step]:
    """The steps of clips of other providers, per drawn direction; none before a variant is picked.

    steps: what makes the character so far.

    Raises:
        UserError: `unknown_provider`, `provider_kind`, `spec_not_applicable`, and whatever that provider refuses; on
            the line of the animation.
    """
    waits = spec.variants > 1 and spec.pick is None
    if waits:
        # Nobody knows yet what would move; what can be said against the tables is said now all the same.
        shown = tuple(f"still/{direction.replace('-', '_')}" for direction in spec.drawn_directions())
        steps = [dataclasses.replace(step, gives=shown) for step in steps[:1]]
    clips = []
    for name, table in tables.items():
        provider = _clip_provider(name, table, context)
        for direction in spec.drawn_directions(table):
            own = ClipContext(spec, name, table, direction, steps, context)
            clips += own.direct_steps(provider.compile(_as_animation(spec, name, table, direction, own), own))
    return [] if waits else clips


def get_named_provider(name: str, field: str, context: CompileContext) -> Provider:
    """A provider that a field of a spec names.

    Raises:
        UserError: `unknown_provider` or `provider_broken`, on the line of the field. NeedsDecision: `not_trusted`.
    """
    try:
        return registry.get(name)
    except BridgeError as error:
        placed = context.fail(error.code, error.message, field, error.hint)
        error.where = placed.where if isinstance(placed, BridgeError) else None
        raise


def _clip_provider(name: str, table: AnimationTable, context: CompileContext) -> Provider:
    field = f"animations.{name}.provider"
    provider = get_named_provider(table.provider or "", field, context)
    if _KIND not in provider.kinds or provider.offline:
        able = ", ".join(one.name for one in registry.usable() if _KIND in one.kinds and not one.offline)
        raise context.fail(
            "provider_kind",
            f"{provider.name} does not set a given picture in motion",
            field,
            f"Providers that do: {able}. Or remove the line, and the character's own provider makes the clip.",
        )
    return provider


def _as_animation(
    spec: CharacterSpec, name: str, table: AnimationTable, direction: str, context: ClipContext
) -> AnimationSpec:
    if table.template is not None:
        raise context.fail(
            "spec_not_applicable",
            f"{table.provider} takes the motion in words, not as a template",
            "template",
            'Write action = "…" instead.',
        )
    first = any(frame.index == 0 for frame in table.keyframes or ())
    common = (
        "provider",
        "model",
        "negative",
        "enhance",
        "frames",
        "durations",
        "keyframes",
        "retakes",
        "provider_options",
    )
    fields: dict[str, Any] = {field: getattr(table, field) for field in common}
    fields |= {"negative": table.negative or type(spec).model_fields["negative"].default, "direction": direction}
    return AnimationSpec.model_construct(
        **fields,
        kind="animation",
        description=spec.description,
        action=table.action or name.replace("_", " "),
        name=name,
        source=None if first else f"asset:{context.asset_id}#{direction}",
    )


def field_of(step: Step, field: str) -> str:
    """The field of the spec behind one that a provider names: for such a clip, below its animation."""
    if MARK not in step.key or field.startswith("animations."):
        return field
    animation = ".".join(step.field.split(".")[:2])
    return _field_below(animation, field)


def _field_below(animation: str, field: str) -> str:
    """A field of the kind `animation` as that of a table; what the table lacks is about the table as a whole."""
    return f"{animation}.{field}" if field.partition(".")[0] in AnimationTable.model_fields else animation


class ClipContext:
    """The `CompileContext` of one clip: the character's own id stands for its still, fields lie below the animation."""

    def __init__(
        self,
        spec: CharacterSpec,
        name: str,
        table: AnimationTable,
        direction: str,
        steps: Sequence[Step],
        context: CompileContext,
    ) -> None:
        self.asset_id = context.asset_id
        self._spec = spec
        self._field = f"animations.{name}"
        self._name = name
        self._table = table
        self._direction = direction
        self._steps = steps
        self._context = context

    def seed(self, *, variant: int = 1, own: int | None = None, own_take: int | None = None) -> int:
        """The effective seed of the clip; the variant is that of the character."""
        del variant
        return self._context.seed(
            variant=self._spec.pick or 1, own=own or self._table.seed, own_take=own_take or self._table.take
        )

    def input(self, role: str, ref: str, field: str) -> Input:
        """An input by reference, hashed now."""
        return self._own_still(ref, role) or self._context.input(role, ref, self._field_below(field))

    def address(self, role: str, ref: str, field: str) -> Input:
        """An input that the provider takes as a web address only."""
        still = self._own_still(ref, role)
        if still is None:
            return self._context.address(role, ref, self._field_below(field))
        return dataclasses.replace(still, by_url=True, field=self._field_below(field))

    def maker(self, ref: str) -> Step | None:
        """The step that delivers the still of another asset; the character itself is none."""
        asset = parse_ref(ref)
        return None if asset is None or asset.id == self.asset_id else self._context.maker(ref)

    def read(self, ref: str, field: str) -> tuple[str, bytes]:
        """The project-relative path and the content of a file that names other files."""
        return self._context.read(ref, self._field_below(field))

    def files(self, pattern: str, field: str) -> Sequence[str]:
        """Project-relative paths that match a glob pattern, sorted."""
        return self._context.files(pattern, self._field_below(field))

    def spec_of(self, ref: str, field: str) -> Spec:
        """The spec behind an asset reference."""
        return self._context.spec_of(ref, self._field_below(field))

    def fail(self, code: str, message: str, field: str, hint: str = "") -> Exception:
        """An error on the line of a field, to be raised by the caller."""
        return self._context.fail(code, message, self._field_below(field), hint)

    def direct_steps(self, steps: Sequence[Step]) -> list[Step]:
        """The steps of the clip as those of one direction: `clip/attack@south`, `retake/attack/1@south`."""
        direction = self._direction.replace("-", "_")
        end = MARK + direction
        return [
            dataclasses.replace(
                step,
                key=step.key + end,
                after=tuple(key + end for key in step.after),
                field=self._field_below(step.field),
                gives=tuple(f"{part}/{direction}" for part in step.gives),
            )
            for step in steps
        ]

    def _field_below(self, field: str) -> str:
        return _field_below(self._field, field)

    def _own_still(self, ref: str, role: str) -> Input | None:
        """The character's own still, where a reference means it: of the named direction, else of the clip's."""
        asset = parse_ref(ref)
        if asset is None or asset.id != self.asset_id:
            return None
        direction = SPELLINGS.get((asset.part or self._direction).replace("_", "-"))
        makers = _still_makers(self._steps, (direction or "").replace("-", "_"))
        if not makers:
            shown = sorted({part.rpartition("/")[2] for step in self._steps for part in step.gives})
            raise self._context.fail(
                "source_part",
                f"{self.asset_id} has no still of {asset.part or self._direction} that a clip could begin with",
                self._field,
                f"It shows {', '.join(shown)}." if shown else "Its own provider has to draw that direction.",
            )
        name = direction.replace("-", "_") if direction else ""
        return Input(role, f"still/{name}", None, tuple(step.key for step in makers))


def _still_makers(steps: Sequence[Step], direction: str) -> tuple[Step, ...]:
    """The steps that show a direction: those of its still, else of its `idle`, else of its first clip."""
    parts = dict.fromkeys(part for step in steps for part in step.gives)
    clips = [part for part in parts if part.startswith("clip/") and part.endswith(f"/{direction}")]
    clips.sort(key=lambda part: part != f"clip/idle/{direction}")
    for part in (f"still/{direction}", *clips):
        makers = tuple(step for step in steps if part in step.gives)
        if makers:
            return makers
    return ()
