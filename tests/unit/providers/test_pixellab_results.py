"""PixelLab: fetching characters, clips and tiles in every shape, and what stored results mean."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from bridge.assemble.parts import ClipPart, ImagePart, WangTilePart
from bridge.core.errors import WorkFailed
from bridge.http.outcome import TransportError
from bridge.providers.api import ResultFile, ResultUrl, Step, StepResult
from bridge.providers.paid import DamagedResultError, Delivered, Gone, Running
from bridge.providers.pixellab.character import mark_of, remote_name
from tests.unit.providers.pixellab_samples import (
    LAB,
    SPECS,
    Line,
    answer,
    body,
    by_key,
    image,
    locked,
    opened,
    picture,
    png,
    ran,
    steps,
)

BASE = by_key(SPECS["character"])["base"]
CLIP = by_key(SPECS["character"])["clip/walk/south_east"]
SET = steps(SPECS["tileset"])[0]
TILE = steps(SPECS["isometric_tiles"])[0]
DIRECTIONS = ("south", "west", "east", "north")
IDS = {"job": "j", "character": "c", "clip": f"c/{remote_name(CLIP)}", "tileset": "t", "tile": "i"}
RUNS = {"/background-jobs/j": {"status": "completed"}}


def fetched(step: Step, pages: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> Any:
    return ran(LAB.fetch(Line(pages), step, IDS, facts or {}))


def archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:
        for name, data in files.items():
            packed.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def names(result: Any) -> list[str]:
    assert isinstance(result, StepResult), result
    return [file.name for file in result.files]


# stills of characters


def test_stills_by_address() -> None:
    urls = {name: f"https://x/{name}.png?t=1" for name in DIRECTIONS} | {"south-east": None}
    stored = {url: answer(png(8, 8, number)) for number, url in enumerate(filter(None, urls.values()))}
    result = fetched(BASE, {"/characters/c": {"id": "c", "status": "completed", "rotation_urls": urls}, **stored})
    assert names(result) == ["east.png", "north.png", "south.png", "west.png"]
    assert result.meta == {"character": "c"}
    assert result.files[2].data == png(8, 8, 0)
    assert result.files[2].address == ResultUrl(urls["south"] or "")


@pytest.mark.parametrize("folder", ["", "Knight/", "state a/"])
@pytest.mark.parametrize("urls", [None, {}, {"south": "https://x/gone.png"}])
def test_stills_from_the_zip(urls: Any, folder: str) -> None:
    files = {f"{folder}rotations/{name}.png": png(8, 8) for name in ("south", "south_west", "northeast")}
    packed = archive({**files, f"{folder}metadata.json": b"{}", f"{folder}animations/walk/south/frame_000.png": b"x"})
    pages = {"/characters/c": {"status": "completed", "rotation_urls": urls}, "/characters/c/zip": answer(packed)}
    result = fetched(BASE, pages)
    assert names(result) == ["north-east.png", "south.png", "south-west.png"]
    assert isinstance(result, StepResult)
    assert [file.address for file in result.files] == [None] * 3


def test_stills_that_are_not_there_yet() -> None:
    assert fetched(BASE, {"/characters/c": {"status": "pending"}}) == Running()
    assert fetched(BASE, {"/characters/c": {"status": "completed"}, "/characters/c/zip": locked(3.0)}) == Running(
        None, 3.0
    )
    assert fetched(BASE, RUNS) == Running()
    assert isinstance(fetched(BASE, {}), Gone)
    assert isinstance(fetched(BASE, {"/characters/c": {"status": "completed"}}), Gone)


@pytest.mark.parametrize("broken", [b"", b"<html>", png(8, 8)[:-15]])
def test_pictures_that_cannot_be_read_are_not_kept(broken: bytes) -> None:
    page = {"status": "completed", "rotation_urls": {"south": "https://x/s.png"}}
    pages: dict[str, Any] = {"/characters/c": page, "https://x/s.png": answer(broken)}
    good = fetched(BASE, pages | {"/characters/c/zip": answer(archive({"rotations/south.png": png(8, 8)}))})
    assert good.files[0].data == png(8, 8)
    with pytest.raises(DamagedResultError) as caught:
        fetched(BASE, pages | {"/characters/c/zip": answer(archive({"rotations/south.png": broken}))})
    assert [file.data for file in caught.value.files] == [broken]


def test_broken_connections_go_through() -> None:
    trouble = TransportError("interrupted", "broke")
    pages = {"/characters/c": {"rotation_urls": {"south": "https://x/s.png"}}, "https://x/s.png": trouble}
    with pytest.raises(TransportError):
        fetched(BASE, pages)


# clips


def group(name: str, **more: Any) -> dict[str, Any]:
    urls = [f"https://x/{name}/{number}.png" for number in range(2)]
    return {
        "animation_type": "walking-8-frames",
        "animation_group_id": f"group-{name}",
        "display_name": name,
        "directions": [
            {"direction": "south", "frame_count": 1, "frames": ["https://x/wrong.png"]},
            {"direction": "south-east", "frame_count": 2, "frames": urls},
        ],
        **more,
    }


STORED = {
    f"https://x/{name}/{number}.png": png(8, 8, place * 2 + number)
    for place, name in enumerate(("a", "b"))
    for number in (0, 1)
}


def clip_of(groups: list[Any], facts: Mapping[str, Any] | None = None) -> Any:
    pages = {url: answer(data) for url, data in STORED.items()}
    return fetched(
        CLIP, {"/characters/c": {"animations": groups}, "/characters/c/zip": answer(archive({})), **pages}, facts
    )


def test_clips_are_known_by_the_id_of_their_job() -> None:
    found = clip_of([group("a"), group("b")], {"animation_id": "group-b"})
    assert [file.data for file in found.files] == [STORED["https://x/b/0.png"], STORED["https://x/b/1.png"]]
    assert names(found) == ["frame_000.png", "frame_001.png"]


def test_clips_are_known_by_their_name() -> None:
    named = group("a", display_name=remote_name(CLIP))
    assert len(clip_of([group("b"), named, None, {"directions": 3}]).files) == 2
    assert isinstance(clip_of([group("a"), group("b")]), Gone)


def test_the_newest_of_several_is_taken() -> None:
    old = group("a", display_name=remote_name(CLIP), created_at="2026-01-01T00:00:00Z")
    new = group("b", display_name=remote_name(CLIP), created_at="2026-02-01T00:00:00Z")
    for groups in ([old, new], [new, old]):
        assert clip_of(groups).files[0].data == STORED["https://x/b/0.png"]


def test_repeated_addresses_are_one_frame() -> None:
    urls = ["https://x/a/0.png", "https://x/a/0.png", "https://x/a/1.png"]
    twice = group("a", display_name=remote_name(CLIP), directions=[{"direction": "southeast", "frames": urls}])
    assert len(clip_of([twice]).files) == 2


def zipped(files: Mapping[str, bytes], facts: Mapping[str, Any] | None = None) -> Any:
    pages = {"/characters/c": {"status": "completed"}, "/characters/c/zip": answer(archive(files))}
    return fetched(CLIP, {**pages, **RUNS}, facts)


@pytest.mark.parametrize(
    "key",
    [
        "walking-8-frames",
        f"walking_8_frames_{mark_of(CLIP)}-95ac3e3b",
        f"Walking-8-Frames-{mark_of(CLIP)}-95ac3e3b",
        "animation-1111aaaa-0000-4000-8000-000000000000",
        "Walking-1111aaaa",
        "Walking-1111aaaa-south-east",
    ],
)
@pytest.mark.parametrize("direction", ["south-east", "south_east", "southeast"])
def test_every_style_of_folder(key: str, direction: str) -> None:
    frames = {f"animations/{key}/{direction}/frame_{number:03}.png": png(8, 8, number) for number in (1, 0, 10, 2)}
    others = {
        "animations/running-8-frames/south-east/frame_000.png": b"x",
        f"animations/{key}/south/frame_000.png": b"x",
    }
    found = zipped({**others, **frames}, {"animation_id": "1111aaaa-0000-4000-8000-000000000000"})
    assert [file.data for file in found.files] == [png(8, 8, number) for number in (0, 1, 2, 10)]


def test_metadata_says_the_order_and_repeats_are_dropped() -> None:
    paths = [f"animations/walking-8-frames/south-east/{name}.png" for name in ("b", "a")]
    document = {"frames": {"animations": {"walking-8-frames": {"south-east": [paths[0], *paths, "missing.png"]}}}}
    files = {paths[0]: png(8, 8, 1), paths[1]: png(8, 8, 2), "metadata.json": json.dumps(document).encode()}
    assert [file.data for file in zipped(files).files] == [png(8, 8, 1), png(8, 8, 2)]


def test_the_own_name_is_believed_before_the_template() -> None:
    own = f"animations/walking-8-frames-{mark_of(CLIP)}/south-east/frame_000.png"
    other = "animations/walking-8-frames/south-east/frame_000.png"
    for files in ({own: png(8, 8, 1), other: b"x"}, {other: b"x", own: png(8, 8, 1)}):
        assert [file.data for file in zipped(files).files] == [png(8, 8, 1)]


@pytest.mark.parametrize("metadata", [b"", b"[]", b'{"frames": 3}', b'{"frames": {"animations": {"x": 3}}}', b"\xff"])
def test_strange_metadata_is_passed_over(metadata: bytes) -> None:
    files = {"metadata.json": metadata, "animations/walking-8-frames/south-east/frame_000.png": png(8, 8)}
    assert len(zipped(files).files) == 1


def test_a_clip_that_is_nowhere() -> None:
    assert zipped({}) == Running()
    assert isinstance(fetched(CLIP, {}), Gone)
    nameless = ran(LAB.fetch(Line({}), CLIP, {"job": "j"}, {}))
    assert isinstance(nameless, Gone)


def test_an_adopted_job_says_its_character() -> None:
    pages = {"/characters/k": {"animations": [group("a")]}, **{url: answer(data) for url, data in STORED.items()}}
    facts = {"character_id": "k", "animation_id": "group-a"}
    assert len(names(ran(LAB.fetch(Line(pages), CLIP, {"job": "j"}, facts)))) == 2


# tiles


CORNERS = ("NW", "NE", "SW", "SE")


def wang(number: int, **more: Any) -> dict[str, Any]:
    values = ["upper" if number >> 3 - place & 1 else "lower" for place in range(4)]
    return {
        "id": {0: "base-low", 15: "base-up"}.get(number, str(number)),
        "name": f"wang_{number}",
        "image": image(png(16, 16, number)),
        "corners": dict(zip(CORNERS, values, strict=True)),
        "pattern_4x4": {"row_1": [255, 1, 1, 255]},
        **more,
    }


def document(tiles: list[Any], **more: Any) -> dict[str, Any]:
    return {"tileset": {"total_tiles": len(tiles), "tile_size": {"width": 16, "height": 16}, "tiles": tiles}, **more}


ORDER = (13, 10, 4, 12, 6, 8, 0, 1, 11, 3, 2, 5, 15, 14, 9, 7)


def test_tilesets() -> None:
    result = fetched(SET, {"/tilesets/t": document([wang(number) for number in ORDER])})
    assert len(result.files) == 16
    assert result.meta["bases"] == {"lower": "base-low", "upper": "base-up"}
    assert result.meta["tileset"] == "t"
    parts = LAB.interpret(SET, result)
    assert len(parts) == 16
    for number, part in zip(ORDER, parts, strict=True):
        assert isinstance(part, WangTilePart)
        assert part.corners == tuple("sand" if number >> 3 - place & 1 else "water" for place in range(4))
        assert np.array_equal(part.frames[0], picture(16, 16, number))
        assert part.variation == 0


def test_the_metadata_knows_the_base_tiles_best() -> None:
    ids = {"terrain_ids": {"lower_base_tile_id": "l", "upper_base_tile_id": None}}
    result = fetched(SET, {"/tilesets/t": document([wang(number) for number in ORDER], metadata=ids)})
    assert result.meta["bases"] == {"lower": "l", "upper": "base-up"}


def test_tiles_of_raw_pixels() -> None:
    raw = [wang(number, image=image(opened(png(16, 16, number)).tobytes())) for number in ORDER]
    result = fetched(SET, {"/tilesets/t": document(raw)})
    assert np.array_equal(opened(result.files[0].data), picture(16, 16, 13))


def test_transitions_are_a_terrain_and_twins_are_variations() -> None:
    corners = dict.fromkeys(CORNERS, "lower") | {"NW": "transition"}
    tiles = [wang(number) for number in ORDER] + [wang(20 + number, corners=corners) for number in range(9)]
    parts = LAB.interpret(SET, fetched(SET, {"/tilesets/t": document(tiles)}))
    assert len(parts) == 25
    twins = [part for part in parts if isinstance(part, WangTilePart) and "water_sand_edge" in part.corners]
    assert [part.variation for part in twins] == list(range(9))


@pytest.mark.parametrize("corners", [None, {}, {"NW": "lower"}, dict.fromkeys(CORNERS, "sea")])
def test_a_tile_without_corners_is_not_guessed(corners: Any) -> None:
    result = fetched(SET, {"/tilesets/t": document([wang(0, corners=corners)])})
    with pytest.raises(WorkFailed) as caught:
        LAB.interpret(SET, result)
    assert caught.value.code == "assemble_failed"


def test_tiles_that_are_not_there_yet() -> None:
    assert fetched(SET, {"/tilesets/t": locked(2.0)}) == Running(None, 2.0)
    assert fetched(SET, RUNS) == Running()
    assert isinstance(fetched(SET, {}), Gone)
    assert fetched(TILE, {"/isometric-tiles/i": locked()}) == Running()
    assert isinstance(fetched(TILE, {}), Gone)


@pytest.mark.parametrize("page", [{}, {"tileset": 3}, document([]), document([wang(0, image=None)])])
def test_unreadable_tilesets(page: Any) -> None:
    with pytest.raises(DamagedResultError):
        fetched(SET, {"/tilesets/t": page})


def test_isometric_tiles() -> None:
    result = fetched(TILE, {"/isometric-tiles/i": {"image": image(png(32, 32, 4)), "usage": None}})
    (part,) = LAB.interpret(TILE, result)
    assert isinstance(part, ImagePart)
    assert part.name == "grass"
    assert np.array_equal(part.pixels, picture(32, 32, 4))
    with pytest.raises(DamagedResultError):
        fetched(TILE, {"/isometric-tiles/i": {"image": {}}})


# jobs of routes that deliver at once


def test_a_picture_may_come_by_a_job() -> None:
    step = steps(SPECS["sprite"])[0]
    pages = {"/background-jobs/j": {"status": "completed", "last_response": {"image": image(png(48, 32))}}}
    assert names(fetched(step, pages)) == ["image.png"]
    pages = {"/background-jobs/j": {"status": "completed", "last_response": {"images": [image(png(48, 32))]}}}
    assert names(fetched(step, pages)) == ["image.png"]
    assert fetched(step, {"/background-jobs/j": {"status": "processing"}}) == Running()
    with pytest.raises(DamagedResultError):
        fetched(step, RUNS)
    assert isinstance(fetched(step, {}), Gone)
    pages = {"/background-jobs/j": {"status": "completed", "last_response": {"image": image(b"<html>")}}}
    with pytest.raises(DamagedResultError) as caught:
        fetched(step, pages)
    assert [file.data for file in caught.value.files] == [b"<html>"]


# meaning


def result(*files: tuple[str, bytes], **meta: Any) -> StepResult:
    return StepResult(tuple(ResultFile(name, "image/png", data) for name, data in files), meta)


def test_variants_and_items_have_their_names() -> None:
    for step, name in ((steps(SPECS["sprite"])[1], "2"), (steps(SPECS["items"])[1], "iron_sword")):
        (part,) = LAB.interpret(step, result(("image.png", png(32, 32))))
        assert isinstance(part, ImagePart)
        assert part.name == name


def test_an_edit_keeps_what_is_outside_its_mask() -> None:
    (step,) = steps(SPECS["edit"].replace('"art/mask.png"', "[4, 8, 2, 3]"))
    sent = body(step)
    found = answer({"image": image(png(32, 32, 9))})
    accepted = LAB.accepted(step, dataclasses.replace(found, request=answer(sent).body))
    assert isinstance(accepted, Delivered)
    (part,) = LAB.interpret(step, accepted.result)
    assert isinstance(part, ImagePart)
    new, old = picture(32, 32, 9), picture(32, 32, 1)
    expected = old.copy()
    expected[8:11, 4:6] = new[8:11, 4:6]
    assert np.array_equal(part.pixels, expected)
    (whole,) = steps(SPECS["edit"].replace('"art/mask.png"', "[4, 8, 2, 3]") + "keep_outside = false")
    (part,) = LAB.interpret(whole, accepted.result)
    assert isinstance(part, ImagePart)
    assert np.array_equal(part.pixels, new)


def test_an_edit_of_another_size_is_taken_as_it_is() -> None:
    (step,) = steps(SPECS["edit"])
    files = (("image.png", png(40, 40)), ("source.png", png(32, 32)), ("mask.png", png(32, 32)))
    (part,) = LAB.interpret(step, result(*files))
    assert isinstance(part, ImagePart)
    assert part.pixels.shape == (40, 40, 4)


def test_the_source_is_part_of_its_turnaround() -> None:
    first, second = steps(SPECS["turnaround"])
    delivered = result(("image.png", png(32, 32, 5)), ("source.png", png(32, 32, 6)))
    parts = [part for part in LAB.interpret(first, delivered) if isinstance(part, ImagePart)]
    assert [part.name for part in parts] == ["south", "east"]
    assert np.array_equal(parts[0].pixels, picture(32, 32, 6))
    assert [part.name for part in LAB.interpret(second, delivered) if isinstance(part, ImagePart)] == ["north"]
    (turn,) = steps(SPECS["view"])
    assert [part.name for part in LAB.interpret(turn, delivered) if isinstance(part, ImagePart)] == [""]


def test_chunks_of_clips() -> None:
    first, second = steps(SPECS["skeleton"])
    frames = result(*((f"frame_{number:03}.png", png(32, 32, number)) for number in range(3)))
    (one,), (two,) = LAB.interpret(first, frames), LAB.interpret(second, frames)
    assert isinstance(one, ClipPart)
    assert isinstance(two, ClipPart)
    assert (one.animation, one.direction, len(one.frames), len(two.frames)) == ("stride", None, 3, 1)
    estimate, _ = steps(SPECS["estimate"])
    assert list(LAB.interpret(estimate, result(keypoints=[]))) == []


def test_stills_and_clips_of_characters() -> None:
    stills = LAB.interpret(BASE, result(("south.png", png(8, 8)), ("south-east.png", png(8, 8)), ("x.png", b"")))
    assert [part.name for part in stills if isinstance(part, ImagePart)] == ["south", "south_east"]
    (part,) = LAB.interpret(CLIP, result(("frame_000.png", png(8, 8)), ("frame_001.png", png(8, 8))))
    assert isinstance(part, ClipPart)
    assert (part.animation, part.direction, len(part.frames)) == ("walk", "south_east", 2)
