"""The steps of `[process]` in their order. A step is added by its module and its place here."""

from __future__ import annotations

from bridge.processing.steps.align import AlignStep
from bridge.processing.steps.alpha import AlphaStep
from bridge.processing.steps.canvas import CanvasStep
from bridge.processing.steps.colors import ColorsStep
from bridge.processing.steps.despeckle import DespeckleStep
from bridge.processing.steps.grid import GridStep
from bridge.processing.steps.hidden_colors import HiddenColorsStep
from bridge.processing.steps.matte import MatteStep
from bridge.processing.steps.outline import OutlineStep
from bridge.processing.steps.palette import PaletteStep
from bridge.processing.steps.repeats import RepeatsStep
from bridge.processing.steps.steady import SteadyStep
from bridge.processing.steps.step import ProcessStep
from bridge.processing.steps.upscale import UpscaleStep

PIPELINE: tuple[type[ProcessStep], ...] = (
    MatteStep,
    GridStep,
    SteadyStep,
    CanvasStep,
    AlignStep,
    HiddenColorsStep,
    PaletteStep,
    ColorsStep,
    AlphaStep,
    DespeckleStep,
    OutlineStep,
    UpscaleStep,
    RepeatsStep,
)
