"""Assets whose every frame is known, written in every form, and what a reader has to make of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bridge.assemble.timing import frames_with_times
from exporters import samples
from exporters.aseprite.exporter import AsepriteExporter
from exporters.base import ExportContext, ExportOptions
from exporters.generic.exporter import JsonExporter
from exporters.model.asset import Animation, Frame, Item, ItemsAsset, Pixels, SpriteAsset
from exporters.packing.trim import clear_hidden

GAP = 3
COLUMNS = 8
FRAME_SIZE = (24, 20)
PIVOT = (0.25, 0.9)
NATIVE = ".aseprite"
"""In place of a preset: the file of the target `aseprite`."""


@dataclass(frozen=True, slots=True)
class Case:
    """An asset in one form. feature: which column of the table it proves; options: of `[export.json]`.

    beside: another asset, of the same clips and names, that is open at the same time.
    """

    feature: str
    preset: str
    options: Mapping[str, Any] = field(default_factory=dict)
    common: Mapping[str, Any] = field(default_factory=dict)
    asset: str = "art/hero"
    beside: str = ""

    @property
    def engine(self) -> dict[str, Any]:
        """The options with the preset."""
        return {"preset": self.preset, **self.options}


def hero(asset_id: str, seed: int) -> SpriteAsset:
    """Trimmed, empty, repeated and mirrored frames, times that differ, a ping-pong, a clip that plays once, a still."""
    width, height = FRAME_SIZE

    def drawn(number: int, box: tuple[int, int, int, int] | None = None) -> Pixels:
        return samples.picture(width, height, seed * 40 + number, box=box)

    east = [drawn(step, (3 + step, 2, 17 + step, 20)) for step in range(4)]
    idle = Frame(drawn(9, (4, 4, 20, 20)), 400)
    wave = [drawn(20 + step, (step, 0, 12 + step, 18)) for step in range(4)]
    empty = Frame(np.zeros((height, width, 4), dtype=np.uint8), 30)
    attack = (Frame(drawn(30), 60), Frame(east[1], 45), empty, Frame(drawn(31, (0, 19, 24, 20)), 250))
    return SpriteAsset(
        asset_id,
        "character",
        (
            Animation("idle", (idle,), "south"),
            Animation("walk", tuple(Frame(pixels, 100) for pixels in east), "east"),
            Animation("walk", tuple(Frame(np.ascontiguousarray(p[:, ::-1]), 100) for p in east), "west"),
            Animation("wave", frames_with_times(wave, (80, 100, 120, 140), "pingpong"), "south"),
            Animation("attack", attack, "south", loop=False),
        ),
        pivot=PIVOT,
    )


def icons(asset_id: str) -> ItemsAsset:
    """Items with an empty cell between them."""
    cells = [("potion", 0), ("sword", 1), ("key", 3)]
    width, height = FRAME_SIZE
    items = tuple(
        Item(name, slot, samples.picture(width, height, slot + 3, box=(2, 1, 20, 18))) for name, slot in cells
    )
    return ItemsAsset(asset_id, FRAME_SIZE, 2, items, PIVOT)


@dataclass(frozen=True, slots=True)
class ExpectedClip:
    """A clip as the neutral asset has it."""

    frames: tuple[Pixels, ...]
    durations: tuple[int, ...]
    loop: bool
    names: tuple[str, ...]


def expected_clips(asset: SpriteAsset | ItemsAsset, names: str) -> dict[str, ExpectedClip]:
    """Clips by name; names: `index`, `clip` or `asset`, the way in which frames are called."""
    clips: list[tuple[str, tuple[Pixels, ...], tuple[int, ...], bool, tuple[str, ...]]]
    if isinstance(asset, ItemsAsset):
        clips = [(item.name, (item.pixels,), (100,), True, (item.name,)) for item in asset.items]
    else:
        clips = [
            (
                clip.output_name(),
                tuple(frame.pixels for frame in clip.frames),
                tuple(frame.duration_ms for frame in clip.frames),
                clip.loop,
                tuple(f"{clip.output_name()}_{number}" for number in range(len(clip.frames))),
            )
            for clip in asset.animations
        ]
    made = {}
    start = 0
    for name, frames, durations, loop, own in clips:
        forms = {
            "index": tuple(str(start + number) for number in range(len(own))),
            "clip": own,
            "asset": tuple(f"{asset.id}/{text}" for text in own),
        }
        made[name] = ExpectedClip(tuple(clear_hidden(f) for f in frames), durations, loop, forms[names])
        start += len(own)
    return made


def write_case(asset: SpriteAsset | ItemsAsset, case: Case, folder: Path) -> list[str]:
    """Exports an asset into a folder and returns the names of its documents, the first one first."""
    documents = []
    if case.preset == NATIVE:
        files = AsepriteExporter().export(asset, ExportContext(asset.id, "", "id"))
    else:
        options = ExportOptions(**case.common, engine=case.engine)
        files = JsonExporter().export(asset, ExportContext(asset.id, "", "id", options))
    for file in files:
        path = folder / Path(file.path).name
        path.write_bytes(file.data)
        if path.suffix != ".png":
            documents.append(path.name)
    return sorted(documents, key=lambda name: (len(name), name))


def contact_sheet(clips: Mapping[str, ExpectedClip], size: tuple[int, int]) -> tuple[Pixels, list[dict[str, Any]]]:
    """All frames side by side, each in a cell with `GAP` free pixels round it, and where they are.

    size: of a frame. The places are what a job of the page names `clips`.
    """
    cell = (size[0] + 2 * GAP, size[1] + 2 * GAP)
    count = sum(len(clip.frames) for clip in clips.values())
    sheet = np.zeros((-(-count // COLUMNS) * cell[1], COLUMNS * cell[0], 4), dtype=np.uint8)
    places: list[dict[str, Any]] = []
    number = 0
    for name, clip in clips.items():
        cells = []
        for frame, (pixels, frame_name) in enumerate(zip(clip.frames, clip.names, strict=True)):
            x, y = number % COLUMNS * cell[0] + GAP, number // COLUMNS * cell[1] + GAP
            sheet[y : y + size[1], x : x + size[0]] = pixels
            cells.append({"x": x, "y": y, "frame": frame, "name": frame_name})
            number += 1
        places.append({"name": name, "cells": cells})
    return sheet, places


def make_job(case: Case, reader: str, folder: Path, url: str) -> dict[str, Any]:
    """Writes a case into a folder that the page sees at `url`; returns the job for one reader."""
    job = {"reader": reader, **_write_asset(case, folder, url)}
    if case.beside:
        beside = dataclasses.replace(case, asset=case.beside)
        job |= {"shared": True, "also": {"shared": True, **_write_asset(beside, folder / "also", f"{url}also/")}}
    return job


def _write_asset(case: Case, folder: Path, url: str) -> dict[str, Any]:
    asset = icons(case.asset) if case.feature == "items" else hero(case.asset, len(case.asset))
    names = case.options.get("names") or {"aseprite": "index", "pixi": "asset"}.get(case.preset, "clip")
    clips = expected_clips(asset, names)
    folder.mkdir(parents=True)
    documents = write_case(asset, case, folder)
    sheet, places = contact_sheet(clips, FRAME_SIZE)
    (folder / "expected.bin").write_bytes(sheet.tobytes())
    return {
        "preset": case.preset,
        "asset": case.asset,
        "stem": case.asset.rpartition("/")[2],
        "base": url,
        "documents": documents,
        "items": case.feature == "items",
        "clips": places,
        "size": [sheet.shape[1], sheet.shape[0]],
        "cell": [FRAME_SIZE[0] + 2 * GAP, FRAME_SIZE[1] + 2 * GAP],
        "gap": GAP,
        "pivot": [round(FRAME_SIZE[0] * PIVOT[0]), round(FRAME_SIZE[1] * PIVOT[1])],
        "expected": f"{url}expected.bin",
    }


def all_cases(preset: str) -> Iterator[Case]:
    """What is tried of a preset: every feature in which a reader could go wrong."""
    if preset == NATIVE:
        yield Case("packed", preset)
        yield Case("items", preset, asset="art/icons")
        yield Case("two assets", preset, asset="foes/hero", beside="art/hero")
        return
    yield Case("packed", preset, {"trim": False})
    yield Case("trimmed", preset, {"trim": True})
    yield Case("grid", preset, {"layout": "grid"}, {"extrude": 1})
    yield Case("strip", preset, {"layout": "strip"})
    yield Case("extruded", preset, {}, {"extrude": 2, "padding": 0})
    yield Case("items", preset, asset="art/icons")
    yield Case("two assets", preset, asset="foes/hero", beside="art/hero")
    if preset != "aseprite":
        # Twelve frames fit on a page.
        yield Case("multi-page", preset, {"trim": False}, {"max_sheet": 130, "extrude": 4})
