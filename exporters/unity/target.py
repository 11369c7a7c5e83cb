"""The declaration of the `unity` target."""

from __future__ import annotations

from exporters.target import (
    AssetIdValue,
    AudioFormats,
    ExportTarget,
    FlagValue,
    IntegerValue,
    TargetOption,
    TextValue,
)

_AUDIO = AudioFormats(("wav", "ogg"), default="wav")
TARGET = ExportTarget(
    name="unity",
    title="Unity",
    exporter="exporters.unity.exporter:UnityExporter",
    default_output="Assets/Art/Generated",
    output_description="Where files go, under root; starts with `Assets/`.",
    has_root=True,
    output_below="Assets",
    default_extrude=1,
    audio=_AUDIO,
    packs_sheets=True,
    names_clips=True,
    options=(
        TargetOption(
            "pixels_per_unit",
            IntegerValue(1, 1024),
            in_spec="Pixels of one unit.",
            in_project="Pixels of one unit, where no spec says otherwise.",
            default="`16`",
        ),
        TargetOption(
            "version",
            TextValue("a text like 2022.3"),
            in_project="The editor's version.",
            default="read from ProjectSettings/ProjectVersion.txt",
        ),
        TargetOption(
            "prefab",
            FlagValue(),
            in_spec="Also a prefab with renderer and animator.",
            in_project="Whether sprites and characters get a prefab.",
            default="`false`",
        ),
        _AUDIO.option,
        TargetOption(
            "rule_tiles",
            FlagValue(),
            in_spec="Also RuleTiles and AnimatedTiles. Default: true.",
            in_project="Whether tilesets get RuleTiles and AnimatedTiles, which need com.unity.2d.tilemap.extras.",
            default="`true`",
        ),
        TargetOption(
            "controller",
            AssetIdValue(),
            "asset:ID of a character whose controller is shared, with an override for these clips.",
        ),
    ),
)
