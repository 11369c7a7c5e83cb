"""The declaration of the `aseprite` target."""

from __future__ import annotations

from exporters.target import ExportTarget

TARGET = ExportTarget(
    name="aseprite",
    title="Aseprite",
    exporter="exporters.aseprite.exporter:AsepriteExporter",
    default_output="aseprite",
    output_description="Where .aseprite files go.",
)
