"""Tables of TOML files as models, and the values that tables of several folders have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Dimension = Annotated[int, Field(ge=8, le=2048)]
Size = Annotated[list[Dimension], Field(min_length=2, max_length=2)]


class Table(BaseModel):
    """A TOML table: unknown keys are errors, values keep their types, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """Marks a field, as `Annotated[str, Reference()]`, that names an input: a path of the project, or `asset:ID#PART`.

    words: texts that the field takes beside, which name nothing.
    """

    words: frozenset[str] = frozenset()
