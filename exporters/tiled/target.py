"""The declaration of the `tiled` target."""

from __future__ import annotations

from exporters.target import ChoiceValue, ExportTarget, FlagValue, TargetOption

TARGET = ExportTarget(
    name="tiled",
    title="Tiled",
    exporter="exporters.tiled.exporter:TiledExporter",
    default_output="tilesets",
    output_description="Where tilesets and maps go.",
    packs_sheets=True,
    names_clips=True,
    options=(
        TargetOption("encoding", ChoiceValue(("csv", "base64", "zlib")), "Layer data of maps. Default: csv."),
        TargetOption("preview", FlagValue(), "Whether a tileset gets a small preview map. Default: true."),
    ),
)
