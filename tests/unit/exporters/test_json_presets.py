from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions
from exporters.generic.exporter import JsonExporter
from exporters.generic.sheet_form import PRESETS, resolve_form
from exporters.generic.target import PRESET_NAMES, TARGET
from exporters.model.asset import Animation, Asset, Frame, Pixels, SpriteAsset
from exporters.packing.trim import clear_hidden

NEW_PRESETS = [name for name in PRESET_NAMES if name != "assetbridge"]


def exported(
    asset: Asset, engine: dict[str, Any], present: dict[str, bytes] | None = None, **common: Any
) -> dict[str, bytes]:
    context = ExportContext(
        asset.id, "", "id", ExportOptions(**common, engine=engine), before=(present or {}).get, previous_stem=asset.id
    )
    return {file.path: file.data for file in JsonExporter().export(asset, context)}


def read_png(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


def rebuild(entry: dict[str, Any], sheet: Pixels) -> Pixels:
    """The untrimmed frame of an entry."""
    f, s, size = entry["frame"], entry["spriteSourceSize"], entry["sourceSize"]
    pixels = np.zeros((size["h"], size["w"], 4), dtype=np.uint8)
    pixels[s["y"] : s["y"] + s["h"], s["x"] : s["x"] + s["w"]] = sheet[
        f["y"] : f["y"] + f["h"], f["x"] : f["x"] + f["w"]
    ]
    return pixels


def entries(files: dict[str, bytes], stem: str) -> list[tuple[str, dict[str, Any], Pixels]]:
    """Name, entry and sheet of every frame, of all documents."""
    folder = stem.rpartition("/")[0]
    listed = []
    for path, data in files.items():
        if not path.endswith(".json"):
            continue
        document = json.loads(data)
        for page in document.get("textures", [document]):
            sheet = read_png(files[f"{folder}/{page.get('image') or page['meta']['image']}"])
            frames = page["frames"]
            named = frames.items() if isinstance(frames, dict) else [(entry["filename"], entry) for entry in frames]
            listed += [(name, entry, sheet) for name, entry in named]
    return listed


def many_frames(count: int) -> SpriteAsset:
    """Three clips whose frames need several sheets of 130 pixels."""
    clips = [
        Animation(name, tuple(Frame(samples.picture(30, 30, 50 * start + k)) for k in range(count)))
        for start, name in enumerate(("a", "b", "c"))
    ]
    return SpriteAsset("art/big", "animation", tuple(clips))


def test_every_preset_is_declared_and_the_default_is_the_one_of_the_most_readers() -> None:
    assert tuple(PRESETS) == PRESET_NAMES
    assert resolve_form({}).preset == "aseprite"
    (option,) = [option for option in TARGET.options if option.name == "preset"]
    assert "Default: aseprite." in option.in_spec


@pytest.mark.parametrize("preset", NEW_PRESETS)
@pytest.mark.parametrize(
    "engine", [{}, {"trim": True}, {"trim": False}, {"layout": "grid"}, {"layout": "strip"}], ids=str
)
def test_every_form_gives_back_every_frame(preset: str, engine: dict[str, Any]) -> None:
    asset = samples.character()
    files = exported(asset, {"preset": preset, **engine}, extrude=1)
    frames = [clear_hidden(frame.pixels) for clip in asset.animations for frame in clip.frames]
    listed = entries(files, "art/hero")
    assert len(listed) == len(frames)
    for pixels, (_, entry, sheet) in zip(frames, listed, strict=True):
        assert (rebuild(entry, sheet) == pixels).all()
        assert entry["trimmed"] == (entry["spriteSourceSize"] != {"x": 0, "y": 0, "w": 32, "h": 32})
    assert any(entry["trimmed"] for _, entry, _ in listed) == resolve_form({"preset": preset, **engine}).trim


@pytest.mark.parametrize(
    ("preset", "first"),
    [
        ("aseprite", "0"),
        ("phaser", "idle_south_east_0"),
        ("pixi", "art/hero/idle_south_east_0"),
        ("texturepacker", "idle_south_east_0"),
    ],
)
def test_frames_are_called_as_their_readers_look_them_up(preset: str, first: str) -> None:
    assert entries(exported(samples.character(), {"preset": preset}), "art/hero")[0][0] == first


def test_aseprite_has_a_list_tags_and_the_pivot() -> None:
    document = json.loads(exported(samples.character(), {})["art/hero.json"])
    assert [entry["filename"] for entry in document["frames"]] == [str(number) for number in range(10)]
    assert [entry["duration"] for entry in document["frames"]] == [400, 100, 100, 100, 100, 100, 60, 100, 30, 90]
    tags = [(tag["name"], tag["from"], tag["to"], tag.get("repeat")) for tag in document["meta"]["frameTags"]]
    assert tags == [("idle_south_east", 0, 1, None), ("walk_south_east", 2, 5, None), ("attack_west", 6, 9, "1")]
    assert document["meta"]["slices"][0]["keys"][0]["pivot"] == {"x": 16, "y": 32}
    assert document["frames"][0]["pivot"] == {"x": 0.5, "y": 1.0}
    assert "aseprite" in document["meta"]["app"]


def test_items_are_tags_of_one_frame_or_frames_by_name() -> None:
    tags = json.loads(exported(samples.items(), {})["art/icons.json"])["meta"]["frameTags"]
    assert [(tag["name"], tag["from"], tag["to"]) for tag in tags] == [("potion", 0, 0), ("sword", 1, 1), ("key", 2, 2)]
    pixi = json.loads(exported(samples.items(), {"preset": "pixi"})["art/icons.json"])
    assert list(pixi["frames"]) == ["art/icons/potion", "art/icons/sword", "art/icons/key"]
    assert "animations" not in pixi
    assert json.loads(exported(samples.items(), {"preset": "phaser"})["art/icons.json"])["anims"] == []


def test_one_sheet_is_all_that_aseprite_has() -> None:
    with pytest.raises(ExportError, match="need 3 sheets") as caught:
        exported(many_frames(12), {}, max_sheet=130)
    assert "max_sheet" in caught.value.hint
    assert "pixi" in caught.value.hint


def test_pixi_has_whole_clips_on_a_sheet_and_every_sheet_names_all_others() -> None:
    files = exported(many_frames(12), {"preset": "pixi"}, max_sheet=130)
    documents = {path: json.loads(data) for path, data in files.items() if path.endswith(".json")}
    names = {path.rpartition("/")[2] for path in documents}
    assert len(names) == 3
    for path, document in documents.items():
        own = path.rpartition("/")[2]
        assert set(document["meta"]["related_multi_packs"]) == names - {own}
        for frames in document["animations"].values():
            assert set(frames) <= set(document["frames"])
    assert [
        name for path in sorted(documents, key=lambda path: (len(path), path)) for name in documents[path]["animations"]
    ] == ["a", "b", "c"]


def test_a_clip_that_fits_on_no_sheet_is_an_error_with_a_way_out() -> None:
    with pytest.raises(ExportError, match="frames of a do not fit") as caught:
        exported(many_frames(20), {"preset": "pixi"}, max_sheet=130)
    assert "phaser" in caught.value.hint
    assert len(exported(many_frames(20), {"preset": "phaser"}, max_sheet=130)) == 5


def test_phasers_one_document_has_all_pages_and_animations() -> None:
    files = exported(samples.character(), {"preset": "phaser"})
    document = json.loads(files["art/hero.json"])
    assert [anim["key"] for anim in document["anims"]] == [
        "art/hero/idle_south_east",
        "art/hero/walk_south_east",
        "art/hero/attack_west",
    ]
    assert [anim["repeat"] for anim in document["anims"]] == [-1, -1, 0]
    assert {frame["key"] for anim in document["anims"] for frame in anim["frames"]} == {"art/hero"}


def test_frames_of_several_sizes_stand_on_one_canvas_by_their_pivots() -> None:
    small, large = samples.picture(10, 20, 1), samples.picture(31, 40, 2)
    asset = SpriteAsset(
        "art/x", "sprite", (Animation("a", (Frame(small),)), Animation("b", (Frame(large),))), pivot=(0.5, 1.0)
    )
    files = exported(asset, {})
    document = json.loads(files["art/x.json"])
    first, second = (rebuild(entry, sheet) for _, entry, sheet in entries(files, "art/x"))
    assert document["meta"]["slices"][0]["keys"][0]["pivot"] == {"x": 16, "y": 40}
    assert (second == large).all()
    assert (first[20:40, 11:21] == small).all()
    assert not np.delete(first, range(11, 21), axis=1).any()


def test_a_frame_keeps_its_cell_when_clips_come_grow_and_go() -> None:
    def asset(clips: dict[str, int]) -> SpriteAsset:
        frames = {
            name: tuple(Frame(samples.picture(8, 8, ord(name) + k)) for k in range(n)) for name, n in clips.items()
        }
        return SpriteAsset("art/x", "animation", tuple(Animation(name, own) for name, own in frames.items()))

    for layout in ("grid", "strip"):
        engine = {"layout": layout}
        first = exported(asset({"b": 3, "d": 4}), engine)
        earlier = json.loads(first["art/x.json"])["meta"]["grid"]
        later = exported(asset({"a": 6, "b": 4, "d": 4}), engine, present=first)
        grid = json.loads(later["art/x.json"])["meta"]["grid"]
        assert grid["columns"] == earlier["columns"] or layout == "strip"
        assert grid["cells"]["d"] == earlier["cells"]["d"]
        assert grid["cells"]["b"][:3] == earlier["cells"]["b"]
        every = [cell for cells in grid["cells"].values() for cell in cells]
        assert len(set(every)) == len(every) == 14
        gone = json.loads(exported(asset({"d": 4}), engine, present=later)["art/x.json"])["meta"]["grid"]
        assert gone["cells"]["d"] == earlier["cells"]["d"]
        damaged = exported(asset({"d": 4}), engine, present={"art/x.json": b'{"meta": {"grid": 3}}'})
        assert json.loads(damaged["art/x.json"])["meta"]["grid"]["cells"]["d"] == [0, 1, 2, 3]


def test_cells_are_where_the_grid_says() -> None:
    asset = samples.character()
    files = exported(asset, {"layout": "grid"}, extrude=1)
    grid = json.loads(files["art/hero.json"])["meta"]["grid"]
    sheet = read_png(files["art/hero.png"])
    for clip in asset.animations:
        for cell, frame in zip(grid["cells"][clip.output_name()], clip.frames, strict=True):
            x = grid["margin"] + cell % grid["columns"] * (grid["cellwidth"] + grid["spacing"])
            y = grid["margin"] + cell // grid["columns"] * (grid["cellheight"] + grid["spacing"])
            assert (sheet[y : y + grid["cellheight"], x : x + grid["cellwidth"]] == clear_hidden(frame.pixels)).all()


def test_a_grid_larger_than_a_sheet_is_an_error_with_a_way_out() -> None:
    asset = many_frames(12)
    with pytest.raises(ExportError, match="more than max_sheet = 64") as caught:
        exported(asset, {"layout": "grid"}, max_sheet=64)
    assert "packed" in caught.value.hint
