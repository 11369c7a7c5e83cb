"""The declaration of the `godot` target."""

from __future__ import annotations

from exporters.target import AudioFormats, ExportTarget, FlagValue, TargetOption

_AUDIO = AudioFormats(("wav", "ogg", "both"), default="ogg")
TARGET = ExportTarget(
    name="godot",
    title="Godot",
    exporter="exporters.godot.exporter:GodotExporter",
    default_output="art/generated",
    output_description="Where files go, under root.",
    has_root=True,
    audio=_AUDIO,
    packs_sheets=True,
    names_clips=True,
    options=(
        TargetOption("scene", FlagValue(), "Also a .tscn with the node, nearest filter, feet at the origin."),
        _AUDIO.option,
    ),
)
