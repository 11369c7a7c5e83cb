"""Tilesets and isometric tiles of the emulated PixelLab: corners, names, ids, and pixels that agree with them."""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.emulator import TilesetStyle, Variant
from tests.emulator.lab import Lab

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
GRASS = {"lower_description": "water", "upper_description": "grass"}
NAMES = ("NW", "NE", "SW", "SE")


def pixels(tile: dict[str, Any]) -> Pixels:
    return np.array(Image.open(io.BytesIO(b64decode(tile["image"]["base64"]))))


def made(lab: Lab, **body: Any) -> dict[str, Any]:
    accepted = lab.finished("/create-tileset", GRASS | body)
    found: dict[str, Any] = lab.client.get(f"/tilesets/{accepted['tileset_id']}").json
    return found


def tileset(style: TilesetStyle | None = None, *, api: Any = "2025", **body: Any) -> dict[str, Any]:
    with Lab(Variant(api=api, tileset=style or TilesetStyle())) as lab:
        return made(lab, **body)


def corner_colours(tile: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The most frequent colour of each 4 x 4 corner patch."""
    picture = pixels(tile)
    patches = {"NW": picture[:4, :4], "NE": picture[:4, -4:], "SW": picture[-4:, :4], "SE": picture[-4:, -4:]}
    result = {}
    for name, patch in patches.items():
        colours, counts = np.unique(patch.reshape(-1, 4), axis=0, return_counts=True)
        result[name] = tuple(int(value) for value in colours[counts.argmax()])
    return result


@pytest.mark.parametrize("transition", [0.0, 0.25, 0.5])
@pytest.mark.parametrize("size", [16, 32])
def test_pixels_agree_with_corners(transition: float, size: int) -> None:
    tiles = tileset(transition_size=transition, tile_size={"width": size, "height": size})["tileset"]["tiles"]
    seen: dict[str, set[tuple[int, ...]]] = {"lower": set(), "upper": set()}
    for tile in tiles:
        assert pixels(tile).shape == (size, size, 4)
        for name, colour in corner_colours(tile).items():
            seen[tile["corners"][name]].add(colour)
    assert len(seen["lower"]) == len(seen["upper"]) == 1
    assert seen["lower"] != seen["upper"]
    assert len({tuple(tile["corners"].values()) for tile in tiles}) == 16


def test_edges_fit() -> None:
    tiles = tileset(transition_size=0.25)["tileset"]["tiles"]
    edges: dict[tuple[str, str], Pixels] = {}
    for tile in tiles:
        edge = (tile["corners"]["NW"], tile["corners"]["SW"])
        assert (edges.setdefault(edge, pixels(tile)[:, 0]) == pixels(tile)[:, 0]).all()


def test_the_sheet_has_the_order_of_real_ones() -> None:
    tiles = tileset()["tileset"]["tiles"]
    assert [tile["name"] for tile in tiles[:5]] == ["wang_13", "wang_10", "wang_4", "wang_12", "wang_6"]
    assert tiles[0]["corners"] == {"NW": "upper", "NE": "upper", "SW": "lower", "SE": "upper"}
    assert tiles[0]["pattern_4x4"]["row_1"] == [255, 1, 1, 255]
    assert tiles[5]["bounding_box"] == {"x": 16, "y": 16, "width": 16, "height": 16}


def test_ids_are_mixed_and_name_the_base_tiles() -> None:
    answer = tileset()
    ids = {tile["name"]: tile["id"] for tile in answer["tileset"]["tiles"]}
    base = answer["metadata"]["terrain_ids"]
    assert (ids["wang_0"], ids["wang_15"]) == (base["lower_base_tile_id"], base["upper_base_tile_id"])
    assert ids["wang_7"] == "7"
    assert len({tile["id"] for tile in tileset(TilesetStyle(ids="uuid"))["tileset"]["tiles"]}) == 16


def test_names_can_list_the_lower_corners() -> None:
    for tile in tileset(TilesetStyle(names="corners"))["tileset"]["tiles"]:
        lower = [name for name in NAMES if tile["corners"][name] == "lower"]
        assert tile["name"] == ("+".join(lower) or "none")


def test_patterns_can_contradict_every_corner() -> None:
    for tile in tileset(TilesetStyle(scrambled=True, boxes=False))["tileset"]["tiles"]:
        middle = tile["pattern_4x4"]["row_1"][1:3] + tile["pattern_4x4"]["row_2"][1:3]
        assert middle != [int(tile["corners"][name] == "upper") for name in NAMES]
        assert "bounding_box" not in tile


def test_bigger_sets_have_twins() -> None:
    whole = tileset(api="2026", transition_size=1.0)["tileset"]
    assert whole["total_tiles"] == len(whole["tiles"]) == 25
    assert len({tuple(tile["corners"].values()) for tile in whole["tiles"]}) == 21
    told_apart = {(tuple(tile["corners"].values()), str(tile["pattern_4x4"])) for tile in whole["tiles"]}
    assert len(told_apart) == 25
    assert tileset(TilesetStyle(tiles=23))["tileset"]["total_tiles"] == 23


def test_chained_sets_share_their_base_tile() -> None:
    with Lab() as lab:
        first = made(lab)
        shared = first["metadata"]["terrain_ids"]["upper_base_tile_id"]
        second = made(
            lab,
            lower_description="grass",
            upper_description="snow",
            lower_base_tile_id=shared,
            transition_size=0.5,
        )
        listed = lab.client.get("/tilesets").json["tilesets"]
    top = next(tile for tile in first["tileset"]["tiles"] if tile["id"] == shared)
    bottom = next(tile for tile in second["tileset"]["tiles"] if tile["id"] == shared)
    assert (pixels(top) == pixels(bottom)).all()
    assert (top["name"], bottom["name"]) == ("wang_15", "wang_0")
    assert [entry["lower_description"] for entry in listed] == ["grass", "water"]


def test_a_tileset_is_unknown_then_locked_then_there() -> None:
    with Lab(Variant(row_seconds=2, locked_retry_after=True)) as lab:
        accepted = lab.client.post("/tilesets", GRASS)
        path = f"/tilesets/{accepted.json['tileset_id']}"
        answers = [lab.client.get(path)]
        for seconds in (2, 8):
            lab.clock.advance(seconds)
            answers.append(lab.client.get(path))
    assert accepted.status == 202
    assert [answer.status for answer in answers] == [404, 423, 200]
    assert answers[1].headers["retry-after"] == "1"


def test_a_colour_image_of_the_wrong_size_fails_later() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (16, 16), (255, 0, 0, 255)).save(buffer, "PNG")
    with Lab() as lab:
        image = {"base64": b64encode(buffer.getvalue()).decode()}
        accepted = lab.finished("/create-tileset", GRASS | {"color_image": image})
        job = lab.client.get(f"/background-jobs/{accepted['background_job_id']}").json
        assert (job["status"], job["last_response"]["error"]) == ("failed", "Expected image of size 64x64")
        assert lab.emulator.ledger.total("generations") == 0


def test_finished_jobs_can_carry_a_preview_of_the_sheet() -> None:
    with Lab(Variant(encoding="rgba", tileset=TilesetStyle(previews=True))) as lab:
        accepted = lab.finished("/create-tileset", GRASS)
        preview = lab.client.get(f"/background-jobs/{accepted['background_job_id']}").json["last_response"]["image"]
    assert (preview["type"], preview["width"], preview["height"]) == ("rgba_bytes", 64, 64)


def test_isometric_tiles_have_walls_by_shape() -> None:
    body = {"description": "grass", "image_size": {"width": 32, "height": 32}}
    with Lab() as lab:
        thin, block = (
            lab.client.post("/create-isometric-tile", body | {"isometric_tile_shape": shape}).json["tile_id"]
            for shape in ("thin tile", "block")
        )
        assert lab.client.get(f"/isometric-tiles/{thin}").status == 423
        lab.clock.advance(10)
        filled = [
            np.count_nonzero(pixels(lab.client.get(f"/isometric-tiles/{each}").json)[..., 3]) for each in (thin, block)
        ]
        black = lab.client.post("/create-isometric-tile", body | {"outline": "single color black outline"})
        listed = lab.client.get("/isometric-tiles").json
    assert filled[0] < filled[1]
    assert black.status == 422
    assert [tile["id"] for tile in listed["tiles"]] == [block, thin]
