"""Which fields of a spec do something. Every other one is refused, by one message, before anything is compiled.

A provider says what it uses as `uses`: by kind, dotted fields (`reference.style`, `animations.*.take`), `*` for the
name or the number of a table. A table by itself stands for everything in it. What the bridge uses by itself, whoever
makes the art, stands here once. A provider without `uses` is taken to use everything: its `compile` has to refuse.

Only what a spec itself says can be wrong: a default of the project is for those that use it. What says the same as
the absence of the line says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, get_args, get_origin

from bridge.core.errors import BridgeError
from bridge.providers import registry

if TYPE_CHECKING:
    from pydantic import BaseModel

    from bridge.providers.api import CompileContext, Provider
    from bridge.spec.model import Spec

Uses: TypeAlias = Mapping[str, frozenset[str]]
"""Kind → dotted fields."""

_ANY = "*"
ANY_KIND = frozenset({"kind", "provider", "retries", "process", "export", "refine"})
"""Used by the bridge in every kind: who makes it, how often it is tried, and what is done with the result."""
BY_KIND: Uses = {
    "sprite": frozenset({"size"}),
    "items": frozenset({"size", "columns", "items.*.name"}),
    "edit": frozenset({"size"}),
    "turnaround": frozenset({"size", "directions", "mirror"}),
    "animation": frozenset({"size", "name", "direction", "fps", "loop", "durations"}),
    "character": frozenset(
        {
            *("size", "directions", "mirror", "view"),
            *(f"animations.*.{field}" for field in ("frames", "fps", "loop", "durations", "directions", "mirror")),
            "animations.*.provider",
        }
    ),
    "tileset": frozenset(
        {
            *("tile_size", "columns", "transitions.*.between"),
            *(f"terrains.*.{field}" for field in ("name", "color", "solid", "probability", "properties")),
        }
    ),
    "isometric_tiles": frozenset(
        {"tile_size", "grid", "columns", *(f"tiles.*.{field}" for field in ("name", "solid", "role", "properties"))}
    ),
    "map": frozenset({"infinite"}),
    "music": frozenset({"loop"}),
}
"""Used by the bridge when it assembles the parts of a kind."""
_INSTEAD: Mapping[str, str] = {
    "archetype": "Say it in the description.",
    "colors": "[process] colors does it, free.",
    "negative": "Say in the description what should be there.",
    "pick": "Raise `take` for another one.",
    "proportions": "Say it in the description.",
    "reference.colors": "[process] palette does it, free.",
    "reference.force_colors": "[process] palette does it, free.",
    "source": 'Own pictures are for provider = "files".',
    "source_url": "Download the picture, and give its path where the kind takes one.",
    "variants": "Raise `take` for another one.",
    "weapon": "Say it in the description.",
    "animations.*.seed": "Set the `seed` of the character.",
    "animations.*.take": "A clip has one take here: raise the `take` of the character.",
}
"""What does the same in another way."""
_CLIP = "animation"
# What a clip that another provider makes takes from elsewhere, or says by an error of its own.
_CLIP_OWN = frozenset({"provider", "template", "directions", "mirror"})


class Unused(NamedTuple):
    """A field that a spec sets and nothing uses. pattern: the field with `*` for names and numbers."""

    field: str
    pattern: str


def refuse_unused(
    spec: Spec, provider: Provider, context: CompileContext, own: Mapping[str, Any] | None = None
) -> None:
    """Refuses the first field that neither the provider nor the bridge uses.

    own: what the spec itself says, as in its file; None for everything that was set.

    Raises:
        UserError: `spec_not_applicable`, on the line of the field.
    """
    for unused, name, kind in _unused_fields(spec, provider, own):
        raise refusal(name, unused.field, context, _way_out(unused.pattern, kind))


def refusal(provider: str, field: str, context: CompileContext, hint: str) -> Exception:
    """The error for a field that a provider has no use for, here or at all; to be raised by the caller."""
    return context.fail("spec_not_applicable", f"{provider} has no use for {field} here", field, hint)


def refuse_set(
    provider: str, table: BaseModel, context: CompileContext, reasons: Mapping[str, str], prefix: str = ""
) -> None:
    """Refuses the first field of `reasons` (field → way out) that a table sets: fields that are used elsewhere, but
    not beside another field of this spec.

    Raises:
        UserError: `spec_not_applicable`, on the line of the field.
    """
    known = type(table).model_fields
    for name, hint in reasons.items():
        if name in known and not _says_nothing(getattr(table, name), known[name].default):
            raise refusal(provider, prefix + name, context, hint)


def uses_of(provider: Provider) -> Uses | None:
    """What a provider says that it uses; None where it says nothing."""
    uses: Uses | None = getattr(provider, "uses", None)
    return uses


def used_fields(kind: str, provider: Provider) -> frozenset[str] | None:
    """The fields of a kind that this provider or the bridge uses; None for all."""
    uses = uses_of(provider)
    return None if uses is None else ANY_KIND | BY_KIND[kind] | uses.get(kind, frozenset())


def walk_fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted fields of a spec or of a table in it, with `*` for names and numbers; tables before what they hold."""
    for name, info in model.model_fields.items():
        key = prefix + (info.alias or name)
        yield key
        for several, table in _tables_in(info.annotation):
            yield from walk_fields(table, f"{key}.*." if several else f"{key}.")


def _tables_in(annotation: Any, several: bool = False) -> Iterator[tuple[bool, type[BaseModel]]]:
    """The tables that a value of this type may be, and whether it holds them by name or number."""
    if hasattr(annotation, "model_fields"):
        yield several, annotation
    for part in get_args(annotation):
        yield from _tables_in(part, several or get_origin(annotation) in (list, dict))


def is_used(pattern: str, fields: frozenset[str]) -> bool:
    """Whether a field, or a table that it stands in, is one of these."""
    parts = pattern.split(".")
    return any(".".join(parts[:length]) in fields for length in range(1, len(parts) + 1))


def _unused_fields(spec: Spec, provider: Provider, own: Mapping[str, Any] | None) -> Iterator[tuple[Unused, str, str]]:
    """Each unused field, with the provider and the kind that it would be for."""
    if spec.kind not in provider.kinds:
        # That is said by whoever asks for such a kind.
        return
    used = used_fields(spec.kind, provider)
    foreign = _foreign_clips(spec)
    for unused in _walk(spec, own, used) if used is not None else ():
        # A clip that another provider makes has to please that one.
        if not any(unused.field.startswith(f"animations.{name}.") for name in foreign):
            yield unused, provider.name, spec.kind
    for name, maker in foreign.items():
        fields = used_fields(_CLIP, maker)
        if fields is None or _CLIP not in maker.kinds:
            continue
        table = None if own is None else _inner(_inner(own, "animations"), name)
        for unused in _walk(spec.animations[name], table, fields | _CLIP_OWN):  # type: ignore[union-attr]
            field = f"animations.{name}.{unused.field}"
            yield Unused(field, unused.pattern), maker.name, _CLIP


def _foreign_clips(spec: Spec) -> dict[str, Provider]:
    """The clips of a character that another provider makes, by name; not those of providers that cannot be had."""
    makers: dict[str, Provider] = {}
    for name, table in spec.animations.items() if spec.kind == "character" else ():
        if table.provider in (None, spec.provider):
            continue
        try:
            makers[name] = registry.get(table.provider)
        except BridgeError:
            # It is said by whoever needs that provider.
            continue
    return makers


def _walk(
    table: BaseModel, own: Mapping[str, Any] | None, used: frozenset[str], field: str = "", pattern: str = ""
) -> Iterator[Unused]:
    """The fields that a table sets and that are not used, in the order of the file; the outermost of each."""
    names = {info.alias or name: name for name, info in type(table).model_fields.items()}
    given = own if own is not None else [key for key, name in names.items() if name in table.model_fields_set]
    for key in given:
        name = names[key]
        value = getattr(table, name)
        if pattern + key in used or _says_nothing(value, type(table).model_fields[name].default):
            continue
        inner = list(_tables(value, None if own is None else own[key]))
        below = used if pattern + key in _opened(used) else frozenset()
        unused = [one for part in inner for one in _walk_part(part, below, field + key, pattern + key)]
        if below and inner:
            yield from unused
        elif unused or not inner:
            yield Unused(field + key, pattern + key)


def _walk_part(part: tuple[str, BaseModel, Any], used: frozenset[str], field: str, pattern: str) -> Iterator[Unused]:
    index, table, own = part
    return _walk(table, own, used, f"{field}.{index}", f"{pattern}.{_ANY}." if index else f"{pattern}.")


def _tables(value: Any, own: Any) -> Iterator[tuple[str, BaseModel, Any]]:
    """The tables in a value: (`""`, the table), or each of several with its name or number and a dot."""
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    if _is_table(value):
        yield "", value, own
    for name, part in parts:
        if _is_table(part) and (own is None or not isinstance(value, Mapping) or name in own):
            yield f"{name}.", part, None if own is None else own[name]


def _is_table(value: Any) -> bool:
    return hasattr(type(value), "model_fields")


def _says_nothing(value: Any, default: Any) -> bool:
    return value is None or value in ("", [], {}) or (type(value) is type(default) and value == default)


def _inner(own: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table: Mapping[str, Any] = own.get(key, {})
    return table


@cache
def _opened(used: frozenset[str]) -> frozenset[str]:
    """The tables that have used fields."""
    parts = [field.split(".") for field in used]
    opened = {".".join(words[:length]) for words in parts for length in range(1, len(words))}
    return frozenset(table.removesuffix(f".{_ANY}") for table in opened)


def _way_out(pattern: str, kind: str) -> str:
    able = []
    for provider in registry.usable():
        fields = uses_of(provider)
        if fields is not None and kind in provider.kinds and is_used(pattern, fields[kind]):
            able.append(provider.name if provider.offline else f"{provider.name} (paid)")
    instead = [_INSTEAD[pattern]] if pattern in _INSTEAD else []
    return " ".join([*instead, f"Providers of {kind} that use it: {', '.join(able)}." if able else "Remove it."])
