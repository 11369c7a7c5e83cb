"""Kinds sprite, items, edit, turnaround."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from bridge.core.tables import Reference, Size, Table
from bridge.spec.base_spec import BaseSpec
from bridge.spec.fields import (
    Direction,
    Directions,
    Mirror,
    Name,
    Seed,
    Text,
    View,
    check_mirror,
    check_unique,
    expand_directions,
)

Mask = Annotated[str, Reference(frozenset({"transparent"}))]


class PoseTable(Table):
    """`[skeleton]` of a picture: the pose that it follows."""

    poses: str = Field(description="A JSON file of poses: keypoints.")
    pose: int | None = Field(None, ge=1, description="Which of them, counted from 1; default: the only one.")


class SpriteSpec(BaseSpec):
    """One still image, with variants."""

    kind: Literal["sprite"]
    size: Size = Field(default=[32, 32], description="Width and height, pixels.")
    direction: Direction | None = Field(None, description="Which way it looks.")
    projection: Literal["orthogonal", "isometric", "oblique"] = Field("orthogonal", description="Projection.")
    skeleton: PoseTable | None = Field(None, description="The pose that it follows.")


class ItemTable(Table):
    """`[[items]]`: one small picture."""

    name: Name = Field(description="Its name; its place on the sheet stays for ever.")
    description: Text | None = Field(None, description="What it is. Default: its name with spaces.")
    pick: int | None = Field(None, ge=1, le=16, description="Which variant is used.")
    seed: Seed | None = Field(None, description="Its own seed.")
    take: int | None = Field(None, ge=1, le=100000, description="Which attempt.")


class ItemsSpec(BaseSpec):
    """Named small sprites in one sheet: icons, props."""

    kind: Literal["items"]
    size: Size = Field(default=[32, 32], description="Width and height of every item, pixels.")
    columns: int = Field(8, ge=1, le=64, description="Columns of the sheet; fixed for life once exported.")
    items: list[ItemTable] = Field(min_length=1, max_length=256, description="The items; order gives first places.")

    @model_validator(mode="after")
    def _check_names(self) -> ItemsSpec:
        check_unique((item.name for item in self.items), "items")
        return self

    def needs_description(self) -> bool:
        """Every item has its own words."""
        return False


class EditSpec(BaseSpec):
    """Repaint the masked part of an image."""

    kind: Literal["edit"]
    size: Size | None = Field(None, description="Width and height, pixels; default: the source's.")
    mask: Mask | Annotated[list[Annotated[int, Field(ge=0, le=8192)]], Field(min_length=4, max_length=4)] = Field(
        description='Picture (white = repaint), "transparent", or [x, y, w, h].'
    )
    keep_outside: bool = Field(True, description="Pixels outside the mask are restored exactly.")

    @model_validator(mode="after")
    def _needs_source(self) -> EditSpec:
        if self.source is None and self.source_url is None:
            raise ValueError("source: is required: the picture to edit")
        if self.description is None and self.adopt is None and self.provider != "files":
            raise ValueError("description: is required: what the masked part becomes")
        return self

    def needs_description(self) -> bool:
        """It does, also beside a source; the rule above says for what."""
        return False


class TurnaroundSpec(BaseSpec):
    """One image rotated to more directions or views."""

    not_applicable: ClassVar = frozenset({"view", "variants", "pick"})

    kind: Literal["turnaround"]
    size: Size | None = Field(None, description="Width and height, pixels; default: the source's.")
    direction: Direction | None = Field(None, description="What the source shows.")
    directions: Directions | None = Field(None, description="Directions of the result: 1, 4, 8 or a list.")
    mirror: Mirror | None = Field(None, description="Directions flipped locally, free.")
    from_view: View | None = Field(None, description="View of the source.")
    to_view: View | None = Field(None, description="View of the result.")
    rotate: int | None = Field(None, ge=-180, le=180, description="Exact degrees round the upright axis.")
    tilt: int | None = Field(None, ge=-90, le=90, description="Exact degrees up or down.")

    @model_validator(mode="after")
    def _check_rules(self) -> TurnaroundSpec:
        if self.source is None and self.source_url is None:
            raise ValueError("source: is required: the picture to turn")
        self._check_one_way()
        check_mirror(self.mirror, self.result_directions)
        return self

    def needs_description(self) -> bool:
        """The source shows it."""
        return False

    def _check_one_way(self) -> None:
        ways = (("directions",), ("from_view", "to_view"), ("rotate", "tilt"))
        given = [[key for key in way if getattr(self, key) is not None] for way in ways]
        asked = [keys[0] for keys in given if keys]
        if len(asked) > 1:
            raise ValueError(f"{asked[1]}: cannot stand beside {asked[0]}")
        if len(given[1]) == 1:
            missing = "to_view" if given[1] == ["from_view"] else "from_view"
            raise ValueError(f"{missing}: is required with {given[1][0]}")
        if not asked and self.provider != "files":
            raise ValueError("directions: is required, or from_view and to_view, or rotate")

    @property
    def result_directions(self) -> tuple[str, ...]:
        """Directions of the result, in the fixed order; empty when a view or degrees are asked for."""
        return expand_directions(self.directions, self.view) if self.directions is not None else ()
