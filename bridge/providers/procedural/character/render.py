"""Drawing a figure: fit the camera to it, pose it, render all frames of a clip at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from exporters.model.asset import Pixels

from . import camera as cam
from . import flyer, humanoid, palette, quadruped, raster, serpent, shade, shapeless
from .actions import ACTIONS
from .scene import FigureScene
from .space import Array
from .style import FigureStyle, Staging

Rig = Callable[[FigureScene, FigureStyle, str, Array], Staging]
RIGS: dict[str, Rig] = {
    "humanoid": humanoid.build_humanoid,
    "quadruped": quadruped.build_quadruped,
    "winged": flyer.build_flyer,
    "amorphous": shapeless.build_shapeless,
    "serpentine": serpent.build_serpent,
}
# Long bodies seen from above climb the picture in the diagonals: animals are seen from a little lower.
_PITCH_SHARE = {"quadruped": 0.7, "serpentine": 1.15}
_TALL, _WIDE = 0.9, 0.94
_PROBE = 256.0  # pixels per unit while measuring, far above the thinnest limb


@dataclass(frozen=True, slots=True)
class FigureCanvas:
    """The picture: size in pixels, view, outline, light and colour limits."""

    width: int
    height: int
    view: str
    finish: shade.Finish
    black: palette.RGB | None = None
    colors: int | None = None

    @property
    def margin(self) -> float:
        """Pixels kept free at every side: one of border, and one for the outline where there is one."""
        return 2.0 if self.finish.outline else 1.0


class FigureRenderer:
    """A figure on a canvas: the drawing and its fit, found once and used for every clip."""

    def __init__(self, style: FigureStyle, canvas: FigureCanvas) -> None:
        self.style = style
        self.canvas = canvas
        self.pitch = cam.PITCH[canvas.view] * _PITCH_SHARE.get(style.rig, 1.0)
        used = self._collect_paints() if canvas.colors else ()
        self.table = palette.build_table(style.paints, limit=canvas.colors, used=used, black_outline=canvas.black)
        self.scale, self.drop = self._fit_camera()

    def _fit_camera(self) -> tuple[float, dict[str, float]]:
        """Pixels per model unit, and how far the feet lie below the origin in each direction (pixels)."""
        names = list(cam.FACING)
        facing = np.array([cam.FACING[n] for n in names]).T
        probe = cam.Camera(facing, self.pitch, _PROBE, 0.0, 0.0)
        scene = FigureScene(len(names), slope=probe.ground_slope())
        RIGS[self.style.rig](scene, self.style, "idle", np.zeros(len(names)))
        left, top, right, bottom = cam.measure_bounds(cam.project_scene(scene, probe), with_equipment=False) / _PROBE
        room = (self.canvas.width - 2 * self.canvas.margin, self.canvas.height - 2 * self.canvas.margin)
        reach = float(np.max(np.maximum(-left, right)))
        tall = float(np.max(bottom - top))
        scale = min(room[0] * _WIDE / (2 * reach), room[1] * _TALL / tall)
        scale = np.floor(scale * 64) / 64
        return float(scale), {n: float(d) for n, d in zip(names, bottom, strict=True)}

    def _collect_paints(self) -> set[str]:
        """The paints that any motion shows: only they share the colours that were asked for."""
        paints: set[str] = set()
        phases = np.arange(9) / 8
        for action in ACTIONS:
            scene = FigureScene(len(phases))
            RIGS[self.style.rig](scene, self.style, action, phases)
            for solids in (scene.ellipsoids, scene.capsules, scene.boxes, scene.triangles):
                paints.update(solid[0].paint for solid in solids)
            paints.update(decal.paint for decal in scene.decals)
        return paints

    def render(self, action: str, phases: Array, directions: Sequence[str]) -> Pixels:
        """Frames (n, height, width, 4) of an action at these phases, each in its direction."""
        canvas, scale = self.canvas, self.scale
        width, height, margin = canvas.width, canvas.height, canvas.margin
        frames = len(directions)
        facing = np.array([cam.FACING[d] for d in directions]).T
        view = cam.Camera(facing, self.pitch, scale, width / 2.0, 0.0)
        scene = FigureScene(frames, pixel=1.0 / (scale * view.up), slope=view.ground_slope())
        staging = RIGS[self.style.rig](scene, self.style, action, phases)
        base = height - margin + cam.SINK
        drop = np.array([self.drop[d] for d in directions])
        ground = np.floor((base - drop * scale) * 64 + 0.5) / 64
        fall = np.asarray(staging.fall, dtype=np.float64) * np.where(facing[0] > 0.1, -1.0, 1.0)
        view = replace(
            view,
            ground=ground,
            fall=fall,
            topple=np.asarray(staging.topple, dtype=np.float64) * np.where(facing[0] > 0.1, -1.0, 1.0),
        )
        batches = cam.project_scene(scene, view)
        if scene.holds:
            hands = cam.project_points(np.array(scene.holds), view)
            batches = cam.shorten_equipment(batches, hands, width, height, margin)
        lowered = np.zeros(frames)
        if staging.settle:
            lowered = np.floor(base - cam.measure_bounds(batches, with_equipment=False)[3] + 0.5)
            batches = cam.move_batches(batches, np.ones(frames), np.zeros(frames), lowered, (0.0, np.zeros(frames)))
        batches, change = self._fit_inside(batches)
        surface = raster.find_visible(batches, width, height, scale)
        image = shade.paint_layers(surface, batches, self.style.paints, (frames, height, width), canvas.finish)
        shade.trim_effects(image)
        shade.remove_lone_pixels(image)
        shade.draw_inner_lines(image, canvas.finish.lines)
        shade.paint_touches(image, self._project_decals(scene, view, change, lowered))
        if canvas.finish.outline:
            shade.draw_outline(image)
        flash = np.broadcast_to(np.asarray(staging.flash, dtype=np.float64) > 0.5, (frames,))
        return shade.apply_colors(image, self.table, flash)

    def _fit_inside(self, batches: list[cam.SolidBatch]) -> tuple[list[cam.SolidBatch], tuple[Array, Array, Array]]:
        """The figure within the margins, and what that did to any point: x, y → x·factor + dx, y·factor + dy.

        Twice, because lines of the least thickness do not shrink with the rest.
        """
        width, height = self.canvas.width, self.canvas.height
        scale, across, down = np.ones(1), np.zeros(1), np.zeros(1)
        for _ in range(2):
            factor, shift_x, shift_y = cam.fit_inside(batches, width, height, self.canvas.margin)
            pivot_x, pivot_y = width / 2.0, cam.measure_bounds(batches, with_equipment=True)[3]
            batches = cam.move_batches(batches, factor, shift_x, shift_y, (pivot_x, pivot_y))
            scale = scale * factor
            across = across * factor + pivot_x * (1.0 - factor) + shift_x
            down = down * factor + pivot_y * (1.0 - factor) + shift_y
        return batches, (scale, across, down)

    def _project_decals(
        self, scene: FigureScene, view: cam.Camera, change: tuple[Array, Array, Array], lowered: Array
    ) -> list[shade.Touch]:
        """The scene's decals on the canvas; `lowered` is what settling the figure on the ground added to y."""
        if not scene.decals:
            return []
        factor, across, down = change
        where = cam.project_points(np.array([d.where for d in scene.decals]), view)
        turned = cam.project_vectors(np.array([d.normal for d in scene.decals]), view)
        x = where[0] * factor + across
        y = (where[1] + lowered) * factor + down
        order = {name: i for i, name in enumerate(sorted(self.style.paints))}
        out = []
        for i, decal in enumerate(scene.decals):
            wide, tall = (int(np.floor(side * view.scale + 0.5)) for side in decal.size)
            if not decal.grow and (wide < 1 or tall < 1):
                continue
            wide, tall = max(wide, 1), max(tall, 1)
            left = np.floor((x[i] - wide / 2.0) * 64 + 0.5) / 64
            middle = self.canvas.width / 2.0
            column = np.where(x[i] < middle, np.ceil(left - 0.5), np.floor(left + 0.5)).astype(np.int64)
            row = np.floor(np.floor((y[i] - tall / 2.0) * 64 + 0.5) / 64 + 0.5).astype(np.int64)
            shown = np.floor(turned[2][i] * 1024 + 0.5) > 300
            code = order[decal.paint] * palette.LEVELS + decal.level
            out.append(shade.Touch(column, row, wide, tall, code, decal.part, shown))
        return out
