"""The presets of sheet JSON, and the form that a spec's options come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exporters.generic.target import DEFAULT_PRESET


@dataclass(frozen=True, slots=True)
class SheetForm:
    """How sheet JSON is written; the options of the same names are described in target.py.

    one_canvas: all frames have one size. one_page: there may be one sheet only. whole_clips: no clip is on two sheets.
    """

    preset: str
    frames: str = "hash"
    names: str = "clip"
    trim: bool = True
    layout: str = "packed"
    one_canvas: bool = False
    one_page: bool = False
    whole_clips: bool = False

    @property
    def is_cells(self) -> bool:
        """Whether frames lie in uniform cells."""
        return self.layout != "packed"


PRESETS = {
    form.preset: form
    for form in (
        SheetForm("aseprite", "array", "index", trim=False, one_canvas=True, one_page=True),
        SheetForm("phaser", "array", "clip"),
        SheetForm("pixi", "hash", "asset", whole_clips=True),
        SheetForm("texturepacker", "hash", "clip", whole_clips=True),
        SheetForm("assetbridge"),
    )
}


def resolve_form(options: Mapping[str, Any]) -> SheetForm:
    """The form that options say, each unsaid one as its preset has it; cells are never trimmed."""
    preset = PRESETS[options.get("preset", DEFAULT_PRESET)]
    layout = options.get("layout", preset.layout)
    return SheetForm(
        preset.preset,
        options.get("frames", preset.frames),
        options.get("names", preset.names),
        options.get("trim", preset.trim and layout == "packed"),
        layout,
        preset.one_canvas or layout != "packed",
        preset.one_page,
        preset.whole_clips,
    )
