"""What the endpoints take: the query of a GET, the JSON body of a POST. Whatever is beyond these fields is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema

from bridge.core.errors import UserError
from bridge.daemon.worker.requests import ApprovedPlan, RequestOptions

_CAPS_EXPECTED = 'must be a table like {"generations": "20"}'
_CAP = r"^[0-9]{1,9}(\.[0-9]{1,9})?$"
_MOST_CAP = 999_999_999
_CAPS_SCHEMA = {
    "type": ["object", "null"],
    "additionalProperties": {
        "anyOf": [{"type": "string", "pattern": _CAP}, {"type": "integer", "minimum": 0, "maximum": _MOST_CAP}]
    },
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a field must be, said after its name when it is something else or missing."""

    phrase: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.custom_error_schema(handler(source), "expected", custom_error_message=self.phrase)


def read_caps(value: Any) -> dict[str, Decimal]:
    """The most per unit; amounts are text or whole numbers."""
    if value is None:
        return {}
    try:
        if all(_is_cap(amount) for amount in value.values()):
            return {unit: Decimal(amount) for unit, amount in value.items()}
    except AttributeError:
        pass
    raise PydanticCustomError("expected", _CAPS_EXPECTED)


def _is_cap(amount: Any) -> bool:
    """Digits only: `1e999999999` is a number as well, and a gigabyte of text when it is shown."""
    if isinstance(amount, str):
        return re.fullmatch(_CAP, amount) is not None and amount.isascii()
    return type(amount) is int and 0 <= amount <= _MOST_CAP


Text = Annotated[str, Field(min_length=1), Expected("must be a text")]
Names = Annotated[list[str], Field(min_length=1), Expected("must be a list of texts")]
Flag = Annotated[bool, Expected("must be true or false")]
Every = Annotated[
    Flag, Field(description="Tell of every asset, also of those that stay as they are, with its `result`.")
]
# Of a variant, or of pixels: what is beyond is no size of anything, and thousands of digits are no number at all.
_MOST_NUMBER = 1_000_000
Number = Annotated[int, Field(ge=1, le=_MOST_NUMBER), Expected(f"must be a whole number from 1 to {_MOST_NUMBER}")]
Caps = Annotated[dict[str, Decimal], PlainValidator(read_caps), WithJsonSchema(_CAPS_SCHEMA)]
Money = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$"), Expected('must be a text like "0.05"')]
Switch = Annotated[Literal["0", "1"], Expected("is 0 or 1")]
Digits = Annotated[str, Field(pattern="^[0-9]{1,3}$"), Expected("is a number")]
Seconds = Annotated[str, Field(pattern="^[0-9]{1,3}$", description="seconds"), Expected("is a number of seconds")]
Grouping = Annotated[Literal["provider", "asset", "day", "order"], Expected("is provider, asset, day or order")]


class RequestModel(BaseModel):
    """Nothing at all, and the base of all others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Self:
        """Checks what was sent.

        Raises:
            UserError: `bad_request`: the first mistake; what is unknown comes last.
        """
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise UserError("bad_request", cls._describe(error)) from None

    @classmethod
    def _describe(cls, error: ValidationError) -> str:
        mistakes = error.errors(include_url=False)
        mistake, name = mistakes[0], ".".join(map(str, mistakes[0]["loc"][:1]))
        if mistake["type"] == "extra_forbidden":
            return f"unknown: {', '.join(sorted(str(unknown['loc'][0]) for unknown in mistakes))}"
        if mistake["type"] == "missing":
            phrases = [fact.phrase for fact in cls.model_fields[name].metadata if isinstance(fact, Expected)]
            return f"{name} {phrases[0]}"
        return f"{name} {mistake['msg']}".strip()


class PreviewQuery(RequestModel):
    """Which picture of an asset; empty: the first animation, the variant that is picked."""

    animation: str = ""
    variant: Digits = ""


class HealthQuery(RequestModel):
    """Which folder the asker means."""

    root: str = Field("", description="a folder as the asker names it: `serves` says whether it is the daemon's")


class BalanceQuery(RequestModel):
    """Whether to ask the providers."""

    balance: Switch = Field("0", description="1 asks the providers what is left")


class JobsQuery(RequestModel):
    """Which orders."""

    all: Switch = Field("0", description="1: also those that ended")


class SpendQuery(RequestModel):
    """What the sums are of."""

    by: Grouping = "provider"


class EventsQuery(RequestModel):
    """Since when; `wait` asks for one answer instead of a stream."""

    after: str = Field("", description="a cursor; 0: from the daemon's start; empty: from now")
    wait: Seconds = ""


class BuildOneBody(RequestModel):
    """How to build."""

    max_cost: Caps = Field(
        default_factory=dict, description="The most that may be spent, by `PROVIDER:UNIT` or by unit."
    )
    force: Flag = Field(False, description="Overwrite outputs that were edited by hand.")
    every: Every = False

    def options(self, approved: ApprovedPlan | None = None) -> RequestOptions:
        """The same for the worker."""
        return RequestOptions(approved, self.max_cost, force=self.force, every=self.every)


class _SomeOrAll(RequestModel):
    ids: Names = []
    all: Flag = False


class BuildBody(BuildOneBody, _SomeOrAll):
    """What to build, and how."""

    @model_validator(mode="after")
    def _check_one_of_both(self) -> Self:
        given = "ids" in self.model_fields_set
        if self.all and given:
            raise PydanticCustomError("expected", "unknown: ids")
        if not self.all and not given:
            raise PydanticCustomError("expected", "ids must be a list of texts")
        return self


class _Digest(RequestModel):
    digest: Text


class _SomeIds(RequestModel):
    ids: Names | None = None


class ApproveOneBody(BuildOneBody, _Digest):
    """The plan that a person has seen, and how to build."""


class ApproveBody(BuildOneBody, _SomeIds, _Digest):
    """The plan that a person has seen, what to build of it, and how."""


class RerollBody(RequestModel):
    """Of which part; and whether to build."""

    build: Flag = Field(False, description="build it at once, inside the budgets")
    part: Text | None = None

    def target(self, asset_id: str) -> str:
        """The asset, or the part of it, as commands name it."""
        return f"{asset_id}#{self.part}" if self.part is not None else asset_id


class _Variant(RequestModel):
    variant: Number


class PickBody(RerollBody, _Variant):
    """Which variant."""


class NewSpecBody(RequestModel):
    """A spec to write."""

    kind: Text
    id: Text
    description: Text | None = None
    provider: Text | None = None
    terrains: Names | None = None
    tile_size: Number | None = None


class AdoptBody(RequestModel):
    """What the provider calls an order."""

    provider_ids: Names


class SettleBody(RequestModel):
    """What was found at the provider."""

    charged: Money | None = Field(None, description="What the order cost in all, in its unit.")
    refunded: Money | None = Field(None, description="How much of that was given back.")


class ResubmitBody(RequestModel):
    """Whether a second charge is accepted; and as for a build."""

    accept_second_charge: Flag = False
    every: Every = False
