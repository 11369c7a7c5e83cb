"""The declaration of the `json` target."""

from __future__ import annotations

from exporters.target import (
    CLIP_KINDS,
    AudioFormats,
    ChoiceValue,
    ExportTarget,
    FlagValue,
    OptionConflict,
    TargetOption,
)

_AUDIO = AudioFormats(("wav", "ogg", "both"), default="both")
LAYOUT_NAMES = ("corner16", "pixellab", "dual_grid", "blob47", "blob47_tilesetter", "rpgmaker_a2", "tilesetter_wang")
PRESET_NAMES = ("aseprite", "phaser", "pixi", "texturepacker", "assetbridge")
DEFAULT_PRESET = "aseprite"
FRAME_KINDS = (*CLIP_KINDS, "items")
_AS_IT_WAS = "the preset assetbridge has one form"
_KEEP_OLD = 'Take it out: preset = "assetbridge" is the form of versions before presets, as it was.'


def _form_option(
    name: str, value: ChoiceValue | FlagValue, text: str, kinds: tuple[str, ...], default: str = "the preset's"
) -> TargetOption:
    return TargetOption(name, value, f"{text} Default: {default}.", text, default, kinds)


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
            kinds=("tileset",),
        ),
        TargetOption(
            "preset",
            ChoiceValue(PRESET_NAMES),
            f"Whose sheet JSON is written; see docs/guides/engines.md. Default: {DEFAULT_PRESET}.",
            "Whose sheet JSON is written; see docs/guides/engines.md.",
            DEFAULT_PRESET,
            FRAME_KINDS,
            implied=DEFAULT_PRESET,
            before="assetbridge",
        ),
        _form_option("frames", ChoiceValue(("hash", "array")), "Frames by name, or as a list.", FRAME_KINDS),
        _form_option(
            "names",
            ChoiceValue(("index", "clip", "asset")),
            "Names of frames: 7, walk_south_3 or art/hero/walk_south_3.",
            FRAME_KINDS,
        ),
        _form_option("trim", FlagValue(), "Whether transparent borders of frames are left out.", CLIP_KINDS),
        _form_option(
            "layout",
            ChoiceValue(("packed", "grid", "strip")),
            "Frames close together, in cells of one size with a row for each clip, or in one row of cells.",
            CLIP_KINDS,
            "packed",
        ),
    ),
    conflicts=(
        OptionConflict(
            (("layout", ("grid", "strip")), ("trim", (True,))),
            "cells of one size hold whole frames, which cannot be trimmed",
            'Write trim = false, or layout = "packed".',
        ),
        OptionConflict(
            (("preset", ("phaser",)), ("frames", ("hash",))),
            "Phaser's sheets over several pictures have lists of frames only",
            'Take frames out, or write preset = "texturepacker", which Phaser reads too.',
        ),
        OptionConflict(
            (("preset", ("pixi",)), ("frames", ("array",))),
            "PixiJS reads frames by name only",
            'Take frames out, or write preset = "texturepacker".',
        ),
        OptionConflict(
            (("preset", ("pixi",)), ("names", ("index",))),
            "PixiJS keeps the frames of all assets in one cache, where numbers would be taken for each other",
            'Take names out: the preset\'s "asset" differs in every asset.',
        ),
        OptionConflict(
            (("preset", ("phaser",)), ("names", ("asset",))),
            "Phaser looks frames up inside of their own texture, and its animations carry the asset's id already",
            'Take names out: the preset\'s "clip" is enough.',
        ),
        *(
            OptionConflict((("preset", ("assetbridge",)), (name, values)), _AS_IT_WAS, _KEEP_OLD)
            for name, values in (
                ("frames", ("hash", "array")),
                ("names", ("index", "clip", "asset")),
                ("trim", (True, False)),
                ("layout", ("grid", "strip")),
            )
        ),
    ),
)
