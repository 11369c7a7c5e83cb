from __future__ import annotations

import io
import json
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from exporters import samples
from exporters.base import ExportContext, ExportError, ExportOptions
from exporters.generic.exporter import JsonExporter
from exporters.model.asset import Animation, Asset, Frame, Pixels, SpriteAsset
from exporters.packing.trim import clear_hidden

PICTURES = hnp.arrays(np.uint8, (6, 5, 4), elements=st.sampled_from([0, 0, 90, 255]))


def exported(asset: Asset, preset: str = "assetbridge", **options: Any) -> dict[str, bytes]:
    """The form of versions before presets, unless another is named."""
    context = ExportContext(asset.id, "", "id", ExportOptions(**options, engine={"preset": preset}))
    return {file.path: file.data for file in JsonExporter().export(asset, context)}


def rebuilt(files: dict[str, bytes], stem: str) -> dict[str, Pixels]:
    """Every frame, from nothing but PNG and JSON."""
    head = json.loads(files[f"{stem}.json"])
    folder = stem.rpartition("/")[0]
    documents = [head, *(json.loads(files[f"{folder}/{n}"]) for n in head["meta"].get("related_multi_packs", []))]
    frames = {}
    for document in documents:
        with Image.open(io.BytesIO(files[f"{folder}/{document['meta']['image']}"])) as image:
            sheet = np.asarray(image.convert("RGBA"))
        assert document["meta"]["size"] == {"w": sheet.shape[1], "h": sheet.shape[0]}
        for name, entry in document["frames"].items():
            f, s, size = entry["frame"], entry["spriteSourceSize"], entry["sourceSize"]
            pixels = np.zeros((size["h"], size["w"], 4), dtype=np.uint8)
            region = sheet[f["y"] : f["y"] + f["h"], f["x"] : f["x"] + f["w"]]
            pixels[s["y"] : s["y"] + s["h"], s["x"] : s["x"] + s["w"]] = region
            assert entry["trimmed"] == ((s["w"], s["h"]) != (size["w"], size["h"]))
            frames[name] = pixels
    return frames


@given(st.lists(PICTURES, min_size=1, max_size=9), st.sampled_from([7, 12, 2048]), st.integers(0, 1))
def test_sheet_and_json_give_back_every_frame(pictures: list[Pixels], max_sheet: int, extrude: int) -> None:
    clip = Animation("spin", tuple(Frame(pixels) for pixels in pictures))
    asset = SpriteAsset("art/thing", "animation", (clip,))
    frames = rebuilt(exported(asset, max_sheet=max_sheet + extrude, extrude=extrude), "art/thing")
    assert len(frames) == len(pictures)
    for number, pixels in enumerate(pictures):
        assert (frames[f"spin_{number}"] == clear_hidden(pixels)).all()


def test_tags_durations_and_names() -> None:
    document = json.loads(exported(samples.character())["art/hero.json"])
    tags = document["meta"]["frameTags"]
    assert tags == [
        {"name": "idle_south_east", "from": 0, "to": 1, "direction": "forward"},
        {"name": "walk_south_east", "from": 2, "to": 5, "direction": "forward"},
        {"name": "attack_west", "from": 6, "to": 9, "direction": "forward", "repeat": "1"},
    ]
    frames = list(document["frames"].items())
    for tag in tags:
        names = [name for name, _ in frames[tag["from"] : tag["to"] + 1]]
        assert names == document["animations"][tag["name"]]
    assert [entry["duration"] for _, entry in frames] == [400, 100, 100, 100, 100, 100, 60, 100, 30, 90]
    assert document["meta"]["image"] == "hero.png"


def test_tags_count_over_all_pages() -> None:
    clip = Animation("spin", tuple(Frame(samples.picture(30, 30, seed)) for seed in range(6)))
    files = exported(SpriteAsset("art/big", "animation", (clip,)), max_sheet=64)
    assert list(files) == ["art/big.png", "art/big_2.png", "art/big_2.json", "art/big.json"]
    head = json.loads(files["art/big.json"])
    assert head["meta"]["frameTags"][0]["to"] == 5
    assert head["animations"]["spin"] == [f"spin_{number}" for number in range(6)]
    assert "frameTags" not in json.loads(files["art/big_2.json"])["meta"]


def test_the_pivot_follows_the_size_of_the_frames() -> None:
    small, large = samples.picture(10, 20, 1), samples.picture(31, 40, 2)
    clips = (
        Animation("a", (Frame(small),)),
        Animation("b", (Frame(large), Frame(large))),
        Animation("c", (Frame(small),)),
    )
    document = json.loads(exported(SpriteAsset("art/x", "sprite", clips, pivot=(0.5, 1.0)))["art/x.json"])
    keys = document["meta"]["slices"][0]["keys"]
    assert [(key["frame"], key["pivot"]) for key in keys] == [
        (0, {"x": 5, "y": 20}),
        (1, {"x": 16, "y": 40}),
        (3, {"x": 5, "y": 20}),
    ]


def test_items_are_frames_and_slices_by_name() -> None:
    asset = samples.items()
    files = exported(asset)
    document = json.loads(files["art/icons.json"])
    frames = rebuilt(files, "art/icons")
    assert list(frames) == ["potion", "sword", "key"]
    for item in asset.items:
        assert (frames[item.name] == item.pixels).all()
    slices = {entry["name"]: entry["keys"][0]["bounds"] for entry in document["meta"]["slices"]}
    assert slices["key"] == {"x": 16, "y": 16, "w": 16, "h": 16}


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ([("a", 1, 100), ("a", 1, 100)], "Two animations"),
        ([("a", 0, 100)], "has no frame"),
        ([("a", 1, 0)], "less than 1 ms"),
    ],
)
def test_animations_that_no_engine_can_play_are_refused(clips: list[tuple[str, int, int]], message: str) -> None:
    picture = samples.picture(4, 4, 1)
    animations = tuple(Animation(name, (Frame(picture, ms),) * count) for name, count, ms in clips)
    with pytest.raises(ExportError, match=message) as caught:
        exported(SpriteAsset("art/x", "sprite", animations))
    assert caught.value.hint
