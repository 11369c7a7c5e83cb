"""What `[targets.unity]` and `[export.unity]` say, checked and with defaults."""

from __future__ import annotations

from dataclasses import dataclass

from exporters.base import ExportContext
from exporters.unity.editor import Editor, editor_of

DEFAULT_PIXELS_PER_UNIT = 16


@dataclass(frozen=True, slots=True)
class UnitySettings:
    """Options of the target.

    pixels_per_unit: pixels of one unit of the scene. prefab: one for each character. rule_tiles: also assets whose
    scripts are in com.unity.2d.tilemap.extras. controller: id of the asset whose controller is shared, None for an own
    one.
    """

    editor: Editor
    pixels_per_unit: int
    prefab: bool
    rule_tiles: bool
    controller: str | None

    def units(self, pixels: tuple[int, int]) -> tuple[float, float]:
        """A size in units."""
        return pixels[0] / self.pixels_per_unit, pixels[1] / self.pixels_per_unit


def settings_of(context: ExportContext) -> UnitySettings:
    """The settings of an export.

    Raises:
        ExportError: the editor's version is none, or too old.
    """
    engine = context.options.engine
    controller = engine.get("controller")
    return UnitySettings(
        editor_of(engine.get("version")),
        int(engine.get("pixels_per_unit", DEFAULT_PIXELS_PER_UNIT)),
        bool(engine.get("prefab", False)),
        bool(engine.get("rule_tiles", True)),
        str(controller).removeprefix("asset:") if controller else None,
    )
