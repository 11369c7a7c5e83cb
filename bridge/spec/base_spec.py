"""What all kinds share: fields and tables, and the checks that need more than one field."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bridge.core.tables import Color, Table
from bridge.spec.export_tables import ExportTable
from bridge.spec.fields import ProviderOptions, Ref, Seed, Text, View
from bridge.spec.files_table import FilesTable
from bridge.spec.process_table import ProcessTable


class ReferenceTable(Table):
    """`[reference]`: pictures and colours sent along; they count into the fingerprint."""

    style: Ref | None = Field(None, description="Picture whose style is followed: a path or asset:ID#PART.")
    style_url: str | None = Field(None, description="The same as https URL, for providers that take only URLs.")
    style_strength: int | None = Field(None, ge=0, le=100, description="How closely the style is followed.")
    init: Ref | None = Field(None, description="Picture to start from.")
    init_strength: int | None = Field(None, ge=1, le=999, description="How much of it is kept.")
    colors: str | list[Color] | None = Field(None, description="Palette file or list of colours that is sent.")
    force_colors: bool = Field(False, description="Only these colours.")


class RefineStep(Table):
    """A provider's clean-up of the result: its own step, planned and locked."""

    provider: str = Field(description="Who does it.")
    mode: Literal["stabilize", "tight", "aggressive"] | None = Field(None, description="How strongly.")
    colors: int | None = Field(None, ge=2, le=256, description="Colours of the result.")


class RefineTable(Table):
    """`[refine]`: clean-up by a provider after the result, in this order."""

    pixelate: RefineStep | None = Field(None, description="Snap to a pixel grid.")
    stabilize: RefineStep | None = Field(None, description="Steady the frames of a clip.")


class BaseSpec(Table):
    """Fields and tables that any kind may have."""

    not_applicable: ClassVar[frozenset[str]] = frozenset()
    """Common fields that mean nothing for a kind: errors in a spec, ignored in the defaults."""

    provider: str = Field("procedural", description="Who makes the art.")
    model: str | None = Field(None, description="The provider's model; default: the provider's own default.")
    description: Text | None = Field(None, description="What the asset is.")
    negative: Text | None = Field(None, description="What it must not be.")
    seed: Seed | None = Field(None, description="Start of randomness; absent: made from the id once, kept in the lock.")
    take: int = Field(1, ge=1, le=100000, description="Which attempt: `assetbridge reroll` raises it.")
    variants: int = Field(1, ge=1, le=16, description="How many versions are made.")
    pick: int | None = Field(None, ge=1, le=16, description="Which version is used. Changing it buys nothing.")
    view: View | None = Field(None, description="From where it is seen.")
    outline: str | None = Field(None, max_length=200, description="Outline, in the provider's words.")
    shading: str | None = Field(None, max_length=200, description="Shading, in the provider's words.")
    detail: str | None = Field(None, max_length=200, description="Detail, in the provider's words.")
    transparent: bool = Field(True, description="Without a background.")
    colors: int | None = Field(None, ge=2, le=256, description="Number of colours asked for (local: process.colors).")
    source: Ref | None = Field(None, description="A path or asset:ID#PART that is the input.")
    source_url: str | None = Field(None, pattern=r"^https://", description="The same as https URL.")
    adopt: str | None = Field(None, description="Id of an object that the provider already has; costs nothing.")
    enhance: bool = Field(False, description="Have the provider rewrite the description; kept in the lock.")
    retries: int = Field(0, ge=0, le=3, description="Automatic new tries of failed steps, inside a budget only.")
    reference: ReferenceTable | None = Field(None, description="Pictures and colours sent along.")
    refine: RefineTable | None = Field(None, description="Clean-up by a provider.")
    provider_options: ProviderOptions | None = Field(None, description="Sent as it is; never repeats a field.")
    process: ProcessTable = Field(default_factory=ProcessTable, description="Free local processing.")
    export: ExportTable = Field(default_factory=ExportTable, description="How files are written.")
    files: FilesTable | None = Field(None, description='Your own art, with provider = "files".')

    @model_validator(mode="after")
    def _common_rules(self) -> BaseSpec:
        if self.source is not None and self.source_url is not None:
            raise ValueError("source_url: cannot stand beside source")
        if self.pick is not None and self.pick > self.variants:
            raise ValueError(f"pick: is more than variants = {self.variants}")
        if self.provider == "files":
            if self.files is None and self.source is None:
                raise ValueError('source: is required with provider = "files": a path, or a [files] table instead')
        elif self.files is not None:
            raise ValueError('files: needs provider = "files"')
        elif self.needs_description() and not (self.description or self.source or self.source_url or self.adopt):
            raise ValueError("description: is required: say what the asset is")
        return self

    def needs_description(self) -> bool:
        """Whether the kind has nothing else that says what to make."""
        return True
