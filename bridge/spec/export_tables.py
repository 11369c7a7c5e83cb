"""`[export]` and `[export.NAME]`: keys of every target, and the keys that each target declares for itself.

The tables of the built-in targets are fields. Those of other packages are looked for only where a spec names one:
searching for packages takes longer than reading all specs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, PrivateAttr, ValidationError, create_model, model_validator
from pydantic.functional_validators import AfterValidator, ModelWrapValidatorHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from bridge.core.tables import Reference, Table
from exporters import registry
from exporters.target import (
    AssetIdValue,
    ChoiceValue,
    ExportTarget,
    FlagValue,
    IntegerValue,
    OptionValue,
    TargetError,
    TargetNotLoaded,
    TextValue,
)

Pivot = (
    Literal["center", "bottom", "top_left"]
    | Annotated[list[Annotated[float, Field(ge=0, le=1, strict=False)]], Field(min_length=2, max_length=2)]
)
_UNKNOWN_TARGET = "unknown_target"


def _describe_extrude() -> str:
    targets = [registry.get_target(name) for name in registry.BUILT_IN]
    special = [f", for tile sheets of {one.title} {one.default_extrude}" for one in targets if one.default_extrude]
    return f"Edge pixels repeated outwards. Default: 0{''.join(special)}."


class EngineTable(Table):
    """Keys of `[export]` that each `[export.TARGET]` may set for itself."""

    pivot: Pivot | None = Field(None, description="center, bottom, top_left or [x, y] in 0–1 from the top left.")
    direction_names: Literal["compass", "screen"] | None = Field(
        None, description="walk_south or walk_down in output names. Default: compass."
    )
    padding: int | None = Field(None, ge=0, le=8, description="Pixels between frames on a sheet. Default: 1.")
    extrude: int | None = Field(None, ge=0, le=4, description=_describe_extrude())
    max_sheet: int | None = Field(
        None, ge=256, le=8192, description="Longest side of a sheet; more pages beyond. Default: 2048."
    )


def _field_type(value: OptionValue) -> Any:
    """The type of a model's field that takes the same values as an option."""
    literal: Any = Literal
    match value:
        case FlagValue():
            return bool
        case IntegerValue(low, high):
            return Annotated[int, Field(ge=low, le=high)]
        case ChoiceValue(choices, several):
            return list[literal[choices]] if several else literal[choices]
        case AssetIdValue():
            return Annotated[str, Field(pattern=r"^asset:[^#]+$"), Reference()]
        case TextValue():
            return Annotated[str, Field(min_length=1)]
        case _:
            raise TypeError(f"no field of a spec takes {value.words}")


@cache
def target_table(target: ExportTarget) -> type[EngineTable]:
    """The model of `[export.NAME]`."""
    fields: dict[str, Any] = {
        option.name: (_field_type(option.value) | None, Field(None, description=option.in_spec))
        for option in target.options
        if option.in_spec
    }
    name = f"{target.name.title().replace('_', '')}Table"
    return create_model(name, __base__=EngineTable, __doc__=f"`[export.{target.name}]`.", **fields)


def _check_target_name(name: str) -> str:
    if not registry.is_target(name):
        raise PydanticCustomError(_UNKNOWN_TARGET, "there is no such target")
    return name


class _TargetNameSchema:
    """The names of all targets as the JSON Schema of one."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        del schema, handler
        return {"enum": registry.target_names(), "type": "string"}


TargetName = Annotated[str, AfterValidator(_check_target_name), _TargetNameSchema]


class ExportKeys(EngineTable):
    """`[export]` without the tables of the built-in targets."""

    targets: list[TargetName] | None = Field(
        None, description="Engines to write for. Default: every target of assetbridge.toml that takes this kind."
    )
    _added_tables: dict[str, EngineTable] = PrivateAttr(default_factory=dict)

    @property
    def added_tables(self) -> Mapping[str, EngineTable]:
        """The tables of targets that other packages offer."""
        return self._added_tables

    def target(self, name: str) -> EngineTable | None:
        """The overrides of one target."""
        table: EngineTable | None = getattr(self, _field_name(name), None) if name in registry.BUILT_IN else None
        return table or self._added_tables.get(name)

    @model_validator(mode="wrap")
    @classmethod
    def _read_added_tables(cls, data: Any, handler: ModelWrapValidatorHandler[ExportKeys]) -> ExportKeys:
        """Checks the tables of added targets by their own models; their mistakes are told with all others."""
        known = {field.alias or name for name, field in cls.model_fields.items()}
        names = [name for name in data if name not in known and registry.is_target(name)] if _is_table(data) else []
        if not names:
            return handler(data)
        tables: dict[str, EngineTable] = {}
        errors: list[InitErrorDetails] = []
        for name in names:
            try:
                tables[name] = target_table(registry.get_target(name)).model_validate(data[name])
            except TargetNotLoaded:
                # Nobody can say what it takes, and nothing is written for it.
                continue
            except TargetError as error:
                errors.append(InitErrorDetails(type="value_error", loc=(name,), input=None, ctx={"error": str(error)}))
            except ValidationError as error:
                errors += _nested_errors(error, (name,))
        try:
            export = handler({key: value for key, value in data.items() if key not in names})
        except ValidationError as error:
            raise ValidationError.from_exception_data(cls.__name__, [*_nested_errors(error, ()), *errors]) from error
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        export._added_tables.update(tables)
        return export

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """With the tables of added targets, so that editors and messages know them."""
        node = handler(schema)
        properties = handler.resolve_ref_schema(node)["properties"]
        for name in registry.target_names():
            if name not in registry.BUILT_IN:
                try:
                    properties[name] = target_table(registry.get_target(name)).model_json_schema()
                except TargetError:
                    # It is told where it is named: a package that is broken must not stop the others.
                    properties[name] = {"type": "object"}
        return node


def inapplicable_options(export: Any, kind: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Options in the `[export]` of a spec that do nothing for its kind: their key paths, and the kinds they are for."""
    for name, table in export.items() if _is_table(export) else ():
        if not _is_table(table) or not registry.is_target(name):
            continue
        try:
            options = registry.get_target(name).options
        except TargetError:
            # It is told where targets are named.
            continue
        for option in options:
            if option.name in table and option.kinds and kind not in option.kinds:
                yield ("export", name, option.name), option.kinds


def _is_table(data: Any) -> bool:
    return isinstance(data, dict)


def _nested_errors(error: ValidationError, location: tuple[str | int, ...]) -> list[InitErrorDetails]:
    """The errors of a table below, as those of the table that it stands in."""
    return [
        InitErrorDetails(
            type=PydanticCustomError(_UNKNOWN_TARGET, "there is no such target")
            if one["type"] == _UNKNOWN_TARGET
            else one["type"],
            loc=(*location, *one["loc"]),
            input=one["input"],
            ctx=one.get("ctx", {}),
        )
        for one in error.errors(include_url=False)
    ]


def _field_name(name: str) -> str:
    """The attribute of a target's table: pydantic's own names, like `json`, get a line behind them."""
    return f"{name}_" if hasattr(ExportKeys, name) else name


def _target_fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in registry.BUILT_IN:
        target = registry.get_target(name)
        text = f"Overrides for {target.title}."
        attribute = _field_name(name)
        alias = name if attribute != name else None
        fields[attribute] = (target_table(target) | None, Field(None, alias=alias, description=text))
    return fields


if TYPE_CHECKING:
    ExportTable = ExportKeys
else:
    ExportTable = create_model(
        "ExportTable",
        __base__=ExportKeys,
        __doc__="`[export]`: how files are written. Free to change.",
        **_target_fields(),
    )
