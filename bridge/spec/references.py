"""Which fields of a spec name inputs: those whose type is marked with `Reference`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

from bridge.core.tables import Reference, Table
from bridge.spec.base_spec import BaseSpec
from bridge.spec.export_tables import ExportKeys


@dataclass(frozen=True, slots=True)
class _ReferringField:
    """A field that names an input, or leads to tables that do.

    name: in the model. key: in TOML. mark: None where it is no reference itself.
    """

    name: str
    key: str
    mark: Reference | None


def references(spec: Table) -> list[tuple[str, str]]:
    """(dotted field, reference) of every path and asset that a spec names as input, those of common fields first."""
    return list(_walk_table(spec, ""))


def _walk_table(table: Table, prefix: str) -> Iterator[tuple[str, str]]:
    for field in _referring_fields(type(table)):
        value = getattr(table, field.name)
        if value is None:
            continue
        path = prefix + field.key
        if isinstance(value, str):
            if field.mark is not None and value and value not in field.mark.words:
                yield path, value
        elif isinstance(value, Table):
            yield from _walk_table(value, f"{path}.")
        elif field.mark is None:
            tables = value.items() if isinstance(value, Mapping) else enumerate(value)
            for key, inner in tables:
                yield from _walk_table(inner, f"{path}.{key}.")
    if isinstance(table, ExportKeys):
        for name, inner in table.added_tables.items():
            yield from _walk_table(inner, f"{prefix}{name}.")


@lru_cache(maxsize=256)
def _referring_fields(model: type[Table]) -> tuple[_ReferringField, ...]:
    common = BaseSpec.model_fields if issubclass(model, BaseSpec) else ()
    fields = []
    for name in dict.fromkeys([*common, *model.model_fields]):
        info = model.model_fields[name]
        marks = [*(mark for mark in info.metadata if isinstance(mark, Reference)), *_marks_in(info.annotation)]
        if marks or any(_referring_fields(table) for table in _tables_in(info.annotation)):
            fields.append(_ReferringField(name, info.alias or name, marks[0] if marks else None))
    return tuple(fields)


def _marks_in(annotation: Any) -> Iterator[Reference]:
    for part in get_args(annotation):
        if isinstance(part, Reference):
            yield part
        else:
            yield from _marks_in(part)


def _tables_in(annotation: Any) -> Iterator[type[Table]]:
    parts = get_args(annotation)
    if not parts and isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    for part in parts:
        yield from _tables_in(part)
