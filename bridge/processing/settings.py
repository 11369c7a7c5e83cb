"""`[process]` of a spec, resolved: defaults filled in, palette read, steps that do not apply left out (specs §2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.media.color import RGB, parse_rgb, written_rgb
from bridge.processing.palettes import read_palette
from bridge.spec.process_rules import CLIP_KINDS, KINDS_WITHOUT_STEPS, TILE_KINDS

if TYPE_CHECKING:
    from bridge.spec.model import Spec

# A step's version rises whenever it would make other pixels from the same ones.
VERSIONS = {
    "matte": 3,
    "grid": 3,
    "steady": 1,
    "canvas": 1,
    "align": 1,
    "palette": 1,
    "colors": 1,
    "alpha": 1,
    "despeckle": 1,
    "outline": 2,
    "upscale": 1,
    "repeats": 1,
}
_SIZED_KINDS = frozenset({"sprite", "items", "edit"})
# Art from these is on purpose as it is: it has real pixels and no background to remove.
_EXACT_PROVIDERS = frozenset({"procedural", "files"})

PaletteLoader = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What is done to the pixels of one asset. The defaults do nothing.

    expected: size of the art where the spec states one (width, height), which makes `grid = "auto"` sure.
    canvas: `native`, `trim`, or width and height. palette: empty keeps the colours. colors: 0 keeps them too.
    despeckle: largest group of stray pixels that goes. outline: colour of the line; None for no line, or with
    mends_outline for the line's own. mends_outline: whether the line that is there is mended, instead of one added.
    upscale: pixels of a side that each pixel becomes. steady: most pixels that frames of a loop wander by and are held
    in one place. drops_repeats: whether a loop loses a last frame that repeats its first.
    """

    matte: str = "none"
    grid: str | int = "none"
    expected: tuple[int, int] | None = None
    canvas: str | tuple[int, int] = "native"
    align: str = "none"
    palette: tuple[RGB, ...] = ()
    colors: int = 0
    dither: bool = False
    alpha: str = "keep"
    despeckle: int = 0
    outline: RGB | None = None
    upscale: int = 1
    mends_outline: bool = False
    steady: int = 0
    drops_repeats: bool = False

    @classmethod
    def from_spec(cls, spec: Spec, load: PaletteLoader) -> ProcessSettings:
        """The settings of a spec. load: bytes of a palette file by its path in the spec.

        Defaults: canvas `size` for sprite, items and edit that state one, else `native`; align `feet` for
        characters; matte `auto`, alpha `binary` and repeats `drop` for delivered art, none and `keep` for drawn and
        own art.

        Raises:
            UserError: `source_missing` or `source_broken` for the palette file.
        """
        if spec.kind in KINDS_WITHOUT_STEPS:
            return cls()
        table = spec.process
        exact = spec.provider in _EXACT_PROVIDERS
        colours = cls(
            palette=_palette(table.palette, load),
            colors=table.colors or 0,
            dither=table.dither and (table.palette is not None or table.colors is not None),
            alpha=table.alpha or ("keep" if exact or spec.kind in TILE_KINDS else "binary"),
        )
        if spec.kind in TILE_KINDS:
            return colours
        size = _stated_size(spec)
        canvas = _canvas(spec, size)
        return cls(
            matte=table.matte or ("none" if exact or not spec.transparent else "auto"),
            grid=table.grid or "none",
            expected=canvas if isinstance(canvas, tuple) else size,
            canvas=canvas,
            align=table.align or ("feet" if spec.kind == "character" else "none"),
            palette=colours.palette,
            colors=colours.colors,
            dither=colours.dither,
            alpha=colours.alpha,
            despeckle=table.despeckle,
            outline=_line(table.outline),
            upscale=table.upscale,
            mends_outline=table.outline is not None and table.outline.startswith("fix"),
            steady=table.steady,
            drops_repeats=spec.kind in CLIP_KINDS and (table.repeats or ("keep" if exact else "drop")) == "drop",
        )

    @property
    def is_identity(self) -> bool:
        """Whether no step is active."""
        return not self.fingerprint_data()

    def fingerprint_data(self) -> dict[str, Any]:
        """The active steps as JSON values, each with its version; a step that does nothing is not there."""
        active: dict[str, Any] = {}
        if self.matte != "none":
            active["matte"] = self.matte
        if self.grid not in ("none", 1):
            active["grid"] = [self.grid, list(self.expected) if self.expected and self.grid == "auto" else None]
        if self.steady:
            active["steady"] = self.steady
        if self.canvas != "native":
            active["canvas"] = self.canvas if isinstance(self.canvas, str) else list(self.canvas)
        if self.align != "none":
            active["align"] = self.align
        if self.palette:
            active["palette"] = [[written_rgb(colour)[1:] for colour in self.palette], self.dither]
        elif self.colors:
            active["colors"] = [self.colors, self.dither]
        if self.alpha != "keep":
            active["alpha"] = self.alpha
        if self.despeckle:
            active["despeckle"] = self.despeckle
        line = written_rgb(self.outline)[1:] if self.outline is not None else None
        if self.mends_outline:
            active["outline"] = ["fix", line]
        elif line is not None:
            active["outline"] = line
        if self.upscale > 1:
            active["upscale"] = self.upscale
        if self.drops_repeats:
            active["repeats"] = "drop"
        return {step: [VERSIONS[step], value] for step, value in active.items()}


def _line(chosen: str | None) -> RGB | None:
    colour = (chosen or "none").removeprefix("fix").strip()
    return parse_rgb(colour) if colour.startswith("#") else None


def _stated_size(spec: Spec) -> tuple[int, int] | None:
    size = getattr(spec, "size", None)
    # A default nobody chose must not cut or reduce an artist's picture.
    if size is None or (spec.provider == "files" and "size" not in spec.model_fields_set):
        return None
    return int(size[0]), int(size[1])


def _canvas(spec: Spec, size: tuple[int, int] | None) -> str | tuple[int, int]:
    chosen = spec.process.canvas
    if isinstance(chosen, list):
        return int(chosen[0]), int(chosen[1])
    if chosen is None:
        chosen = "size" if spec.kind in _SIZED_KINDS else "native"
    if chosen == "size":
        return size or "native"
    return chosen


def _palette(chosen: str | list[str] | None, load: PaletteLoader) -> tuple[RGB, ...]:
    if chosen is None:
        return ()
    if isinstance(chosen, list):
        return tuple(dict.fromkeys(parse_rgb(colour) for colour in chosen))
    return read_palette(load(chosen), chosen)
