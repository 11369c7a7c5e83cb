"""Sheet JSON of every preset, opened by the libraries that it is for: each draws every frame, and tells of clips.

One test, so that one browser starts: its parts are told together. The table in docs/design/verified.md is what it saw;
`ASSETBRIDGE_WRITE_VERIFIED=1` writes it anew.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bridge.providers.files import aseprite
from tests.conftest import required
from tests.engines.readers import cases, session, table
from tests.engines.readers.cases import Case

READERS = {
    "aseprite": ("phaser3", "phaser4", "excalibur", "kaplay", "melonjs"),
    "phaser": ("phaser3", "phaser4"),
    "pixi": ("pixi7", "pixi8"),
    "texturepacker": ("phaser3", "phaser4", "pixi7", "pixi8", "melonjs"),
    cases.NATIVE: ("excalibur",),
}
DRAWN = ("packed", "grid", "strip", "extruded", "items", "two assets", "mirrored", "ping-pong")
TRIMMED = (*DRAWN, "trimmed")
PROMISED = {
    ("aseprite", "phaser3"): (*TRIMMED, "times", "pivot"),
    ("aseprite", "phaser4"): (*TRIMMED, "times", "pivot"),
    ("aseprite", "excalibur"): (*DRAWN, "times"),
    ("aseprite", "kaplay"): DRAWN,
    ("aseprite", "melonjs"): (*TRIMMED, "times", "pivot"),
    ("phaser", "phaser3"): (*TRIMMED, "multi-page", "times", "ends", "pivot"),
    ("phaser", "phaser4"): (*TRIMMED, "multi-page", "times", "ends", "pivot"),
    ("pixi", "pixi7"): (*TRIMMED, "multi-page", "times", "pivot"),
    ("pixi", "pixi8"): (*TRIMMED, "multi-page", "times", "pivot"),
    ("texturepacker", "phaser3"): (*TRIMMED, "times", "pivot"),
    ("texturepacker", "phaser4"): (*TRIMMED, "times", "pivot"),
    ("texturepacker", "pixi7"): (*TRIMMED, "multi-page", "times"),
    ("texturepacker", "pixi8"): (*TRIMMED, "multi-page", "times"),
    ("texturepacker", "melonjs"): (*TRIMMED, "multi-page", "pivot"),
    (cases.NATIVE, "excalibur"): ("packed", "items", "two assets", "mirrored", "ping-pong", "times"),
}
# These read the place of a frame on the sheet and not its place in the untrimmed picture, so trimmed frames must jump:
# that the comparison sees it is what makes the other cells worth something.
JUMPING = (("aseprite", "excalibur"), ("aseprite", "kaplay"))


def planned_cases() -> Iterator[tuple[str, str, Case]]:
    """Preset, reader and case of all jobs, in the order in which they run."""
    for preset, readers in READERS.items():
        for reader in readers:
            for case in cases.all_cases(preset):
                if case.feature == "multi-page" and (preset, reader[:6]) == ("texturepacker", "phaser"):
                    continue  # load.atlas takes one sheet; for several there is the preset phaser
                own = {"frames": "array"} if (preset, reader) == ("texturepacker", "melonjs") else {}
                yield preset, reader, dataclasses.replace(case, options={**case.options, **own})


def test_every_reader_draws_every_frame_of_its_presets(tmp_path: Path) -> None:
    found = required(session.tools())
    plan = list(planned_cases())
    jobs = [
        cases.make_job(case, reader, tmp_path / str(number), f"/work/{number}/")
        for number, (_, reader, case) in enumerate(plan)
    ]
    results = session.run_jobs(found, jobs, tmp_path)
    cells: dict[tuple[str, str], dict[str, str]] = {}
    said: dict[tuple[str, str, str], Any] = {}
    for (preset, reader, case), result in zip(plan, results, strict=True):
        row = cells.setdefault((preset, reader), {})
        row[case.feature] = table.judge_drawing(result)
        said[preset, reader, case.feature] = result.get("error") or result["wrong"]
        if case.feature == "packed":
            row.update(table.judge_clips(result, cases.expected_clips(cases.hero(case.asset, 0), "clip")))
            said[preset, reader, "times"] = said[preset, reader, "ends"] = result.get("clips")
    broken = [
        (preset, reader, column, said.get((preset, reader, column)))
        for (preset, reader), columns in PROMISED.items()
        for column in columns
        if cells[preset, reader].get(column) != table.YES
    ]
    assert not broken
    assert [pair for pair in JUMPING if cells[pair]["trimmed"] != table.NO] == []
    rows = table.write_rows(cells)
    table.keep_rows(rows)
    assert table.shown_rows() == rows


def test_another_reader_finds_the_same_in_an_aseprite_file(tmp_path: Path) -> None:
    found = required(session.tools())
    asset = cases.hero("art/hero", 7)
    (name,) = cases.write_case(asset, Case("packed", cases.NATIVE), tmp_path)
    (file,) = session.parse_ase_files(found, [tmp_path / name])
    width, height = cases.FRAME_SIZE
    clips = cases.expected_clips(asset, "clip")
    assert file["size"] == [width, height]
    assert file["durations"] == [ms for clip in clips.values() for ms in clip.durations]
    frames = [pixels for clip in clips.values() for pixels in clip.frames]
    for pixels, cels in zip(frames, file["cels"], strict=True):
        canvas = np.zeros((height, width, 4), dtype=np.uint8)
        for cel in cels:
            region = np.frombuffer(base64.b64decode(cel["pixels"]), dtype=np.uint8).reshape(cel["h"], cel["w"], 4)
            canvas[cel["ypos"] : cel["ypos"] + cel["h"], cel["xpos"] : cel["xpos"] + cel["w"]] = region
        assert (canvas == pixels).all()
    ranges = [(tag["name"], tag["to"] - tag["from"] + 1, tag["animDirection"], tag["repeat"]) for tag in file["tags"]]
    assert ranges == [(key, len(clip.frames), "Forward", 0 if clip.loop else 1) for key, clip in clips.items()]
    (pivot,) = file["slices"]
    assert (pivot["name"], pivot["keys"][0]["pivot"]) == ("pivot", {"x": 6, "y": 18})
    colors = {tuple(color) for pixels in frames for color in pixels.reshape(-1, 4).tolist() if color[3]}
    assert file["colors"] == (len(colors) + 1 if len(colors) < 256 else 0)
    (layer,) = file["layers"]
    assert (layer["name"], layer["opacity"], layer["flags"]["visible"]) == ("Layer 1", 255, True)


def test_a_file_of_aseprite_itself_is_read_as_another_reader_reads_it() -> None:
    found = required(session.tools())
    path = session.drawn_in_aseprite(found)
    (other,) = session.parse_ase_files(found, [path])
    data = path.read_bytes()
    file = aseprite.parse_aseprite(data, path.name)
    assert list(file.size) == other["size"]
    assert file.durations == other["durations"]
    assert [(tag.name, min(tag.order), max(tag.order)) for tag in file.tags] == [
        (tag["name"], tag["from"], tag["to"]) for tag in other["tags"]
    ]
    assert len(file.palette) == other["colors"]
    frames = aseprite.render_frames(data, path.name)
    assert len(frames) == len(other["cels"])
    colors = np.array([file.palette[index] for index in range(len(file.palette))], dtype=np.uint8)
    assert (colors[1:, 3] == 255).all()
    for pixels, cels in zip(frames, other["cels"], strict=True):
        canvas = np.zeros((file.size[1], file.size[0], 4), dtype=np.uint8)
        for cel in cels:
            indices = np.frombuffer(base64.b64decode(cel["pixels"]), dtype=np.uint8).reshape(cel["h"], cel["w"])
            region = canvas[cel["ypos"] : cel["ypos"] + cel["h"], cel["xpos"] : cel["xpos"] + cel["w"]]
            region[indices != file.transparent] = colors[indices[indices != file.transparent]]
        assert canvas.any()
        assert (pixels == canvas).all()
