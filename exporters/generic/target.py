"""The declaration of the `json` target."""

from __future__ import annotations

from exporters.target import AudioFormats, ChoiceValue, ExportTarget, TargetOption

_AUDIO = AudioFormats(("wav", "ogg", "both"), default="both")
LAYOUT_NAMES = ("corner16", "pixellab", "dual_grid", "blob47", "blob47_tilesetter", "rpgmaker_a2", "tilesetter_wang")
TARGET = ExportTarget(
    name="json",
    title="plain sheets and JSON",
    exporter="exporters.generic.exporter:JsonExporter",
    default_output="export",
    output_description="Where sheets and JSON go.",
    audio=_AUDIO,
    packs_sheets=True,
    names_clips=True,
    draws_maps=True,
    options=(
        _AUDIO.option,
        TargetOption(
            "layouts",
            ChoiceValue(LAYOUT_NAMES, several=True),
            "Also the corner tiles as sheets for other tools; see docs/guides/engines.md.",
        ),
    ),
)
