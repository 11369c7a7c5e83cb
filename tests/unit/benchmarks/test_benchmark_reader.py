"""The reader that judges sheets: right ones of every form, and each way in which one can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters.sheet.__main__ import main as pack
from tests.benchmarks.frames import frame_folder, frames
from tests.benchmarks.reader import Truth, judged, truth_of

COUNT, DIFFERENT = 10, 8

Frame = dict[str, Any]


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    return frame_folder(tmp_path / "frames", COUNT)


@pytest.fixture
def truth(drawn: Path) -> Truth:
    return truth_of(drawn)


@pytest.fixture
def sheet(tmp_path: Path, drawn: Path) -> Path:
    """A folder with our own sheet of the frames."""
    made = tmp_path / "made"
    made.mkdir()
    assert pack([str(drawn), str(made / "sheet")]) == 0
    return made


def edit(made: Path, change: Callable[[dict[str, Frame]], object]) -> None:
    document = json.loads((made / "sheet.json").read_text(encoding="utf-8"))
    change(document["frames"])
    (made / "sheet.json").write_text(json.dumps(document), encoding="utf-8")


def test_frames_are_the_same_everywhere_and_every_fifth_is_a_copy() -> None:
    one, other = frames(COUNT), frames(COUNT)
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))
    assert np.array_equal(one[4], one[0])
    assert np.array_equal(one[9], one[5])


def test_whole_sheet_is_exact_and_keeps_copies_once(sheet: Path, truth: Truth) -> None:
    found = judged(sheet, truth)
    with Image.open(sheet / "sheet.png") as page:
        width, height = page.size
    assert (found.exact, found.stored) == (COUNT, DIFFERENT)
    assert len(truth.pictures) == DIFFERENT
    assert found.full == pytest.approx(100 * truth.area / (width * height))
    assert found.aspect == max(width, height) / min(width, height)
    assert found.bytes == (sheet / "sheet.png").stat().st_size


def test_one_changed_pixel_breaks_the_frames_that_show_it(sheet: Path, truth: Truth) -> None:
    box = json.loads((sheet / "sheet.json").read_text(encoding="utf-8"))["frames"]["0001"]["frame"]
    with Image.open(sheet / "sheet.png") as page:
        pixels = np.array(page.convert("RGBA"))
    pixels[box["y"] + box["h"] // 2, box["x"] + box["w"] // 2, 0] ^= 1
    Image.fromarray(pixels).save(sheet / "sheet.png")
    assert judged(sheet, truth).exact == COUNT - 1


def test_cut_spike_is_found(sheet: Path, truth: Truth) -> None:
    def cut(found: dict[str, Frame]) -> None:
        found["0001"]["frame"]["w"] -= 1

    edit(sheet, cut)
    assert judged(sheet, truth).exact == COUNT - 1


def test_misplaced_frame_is_found(sheet: Path, truth: Truth) -> None:
    def move(found: dict[str, Frame]) -> None:
        found["0002"]["spriteSourceSize"]["x"] += 1

    edit(sheet, move)
    assert judged(sheet, truth).exact == COUNT - 1


def test_missing_frame_is_found(sheet: Path, truth: Truth) -> None:
    edit(sheet, lambda found: found.pop("0003"))
    assert judged(sheet, truth).exact == COUNT - 1


def test_turned_frame_is_refused(sheet: Path, truth: Truth) -> None:
    edit(sheet, lambda found: found["0003"].update(rotated=True))
    with pytest.raises(ValueError, match="rotation was to be off"):
        judged(sheet, truth)


def test_empty_folder_has_no_sheet(tmp_path: Path, truth: Truth) -> None:
    with pytest.raises(ValueError, match="no sheet"):
        judged(tmp_path / "nowhere", truth)


def test_form_with_flat_places_is_read(sheet: Path, truth: Truth) -> None:
    def flat(found: dict[str, Frame]) -> None:
        for name, frame in found.items():
            box, inner, whole = frame["frame"], frame["spriteSourceSize"], frame["sourceSize"]
            place = {"x": box["x"], "y": box["y"], "width": box["w"], "height": box["h"]}
            offset = {"offset_x": inner["x"], "offset_y": inner["y"]}
            found[name] = place | offset | {"source_width": whole["w"], "source_height": whole["h"]}

    edit(sheet, flat)
    assert judged(sheet, truth).exact == COUNT


def test_colours_behind_full_transparency_do_not_count(sheet: Path, truth: Truth) -> None:
    with Image.open(sheet / "sheet.png") as page:
        pixels = np.array(page.convert("RGBA"))
    pixels[pixels[..., 3] == 0] = (255, 0, 255, 0)
    Image.fromarray(pixels).save(sheet / "sheet.png")
    assert judged(sheet, truth).exact == COUNT
