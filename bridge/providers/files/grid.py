"""Pictures cut out of a sheet with a regular grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge.providers.files.steps import misfit
from exporters.model.asset import Pixels


@dataclass(frozen=True, slots=True)
class FileSheetGrid:
    """Cells of a sheet, pixels: their size, what lies round all of them, what lies between two."""

    width: int
    height: int
    margin: int = 0
    spacing: int = 0

    def count(self, length: int, side: int) -> int:
        """How many cells a side of the sheet holds."""
        return max(0, (length - self.margin + self.spacing) // (side + self.spacing))

    def fits(self, length: int, side: int) -> bool:
        """Whether a side is a whole number of cells; margin and spacing may or may not follow the last."""
        rest = length - self.margin - self.count(length, side) * (side + self.spacing) + self.spacing
        return rest in (0, self.margin, self.spacing, self.margin + self.spacing)

    def cut(self, sheet: Pixels, path: str) -> list[list[Pixels]]:
        """The cells, row by row.

        Raises:
            UserError: `source_broken` when the sheet is no whole number of cells.
        """
        rows, columns = self.count(sheet.shape[0], self.height), self.count(sheet.shape[1], self.width)
        whole = self.fits(sheet.shape[1], self.width) and self.fits(sheet.shape[0], self.height)
        if not (whole and rows and columns):
            around = f" with margin {self.margin} and spacing {self.spacing}" if self.margin or self.spacing else ""
            raise misfit(
                path,
                f"its {sheet.shape[1]} × {sheet.shape[0]} pixels are no whole number of "
                f"{self.width} × {self.height} cells{around}",
                "Correct the size of a cell, margin or spacing, or the sheet.",
            )
        return [[self._cell(sheet, row, column) for column in range(columns)] for row in range(rows)]

    def _cell(self, sheet: Pixels, row: int, column: int) -> Pixels:
        top = self.margin + row * (self.height + self.spacing)
        left = self.margin + column * (self.width + self.spacing)
        return np.ascontiguousarray(sheet[top : top + self.height, left : left + self.width])


def filled(cells: Sequence[Sequence[Pixels]]) -> list[Pixels]:
    """All cells in reading order without the empty ones at the end."""
    flat = [cell for row in cells for cell in row]
    while len(flat) > 1 and not flat[-1][..., 3].any():
        flat.pop()
    return flat
