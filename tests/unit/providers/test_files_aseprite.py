"""Own art in .aseprite files: what another reader finds in them is compared in tests/engines/test_sheet_readers.py."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import limits
from bridge.core.errors import UserError
from bridge.providers.files.aseprite import parse_aseprite, render_frames
from exporters import samples
from exporters.aseprite import chunks
from exporters.aseprite.exporter import AsepriteExporter
from exporters.base import ExportContext
from exporters.model.asset import Pixels, SpriteAsset
from tests.unit.providers.files_project import OwnArt

RED, HALF_BLUE = (200, 0, 0, 255), (0, 0, 255, 128)


@pytest.fixture
def art(tmp_path: Path) -> OwnArt:
    return OwnArt(tmp_path)


def exported(asset: SpriteAsset) -> bytes:
    return AsepriteExporter().export(asset, ExportContext(asset.id, "", "id"))[0].data


def filled(color: tuple[int, int, int, int], width: int = 4, height: int = 3) -> Pixels:
    return np.full((height, width, 4), color, dtype=np.uint8)


def chunk(kind: int, data: bytes) -> bytes:
    return struct.pack("<IH", 6 + len(data), kind) + data


def layer(name: str, *, flags: int = 3, kind: int = 0, level: int = 0, blend: int = 0, opacity: int = 255) -> bytes:
    text = name.encode()
    head = struct.pack("<HHHHHHB3xH", flags, kind, level, 0, 0, blend, opacity, len(text))
    return chunk(0x2004, head + text)


def cel(number: int, pixels: Pixels, *, left: int = 0, top: int = 0, opacity: int = 255, depth: int = 0) -> bytes:
    """pixels: of shape (height, width, bytes of a pixel)."""
    height, width = pixels.shape[:2]
    head = struct.pack("<HhhBHh5xHH", number, left, top, opacity, 2, depth, width, height)
    return chunk(0x2005, head + zlib.compress(pixels.tobytes()))


def link(number: int, frame: int) -> bytes:
    return chunk(0x2005, struct.pack("<HhhBHh5xH", number, 0, 0, 255, 1, 0, frame))


def file_of(*frames: list[bytes], bits: int = 32) -> bytes:
    data = bytearray(chunks.pack_file([chunks.pack_frame(frame, 100) for frame in frames], (4, 3), 0))
    struct.pack_into("<H", data, 12, bits)
    return bytes(data)


def shown(*frames: list[bytes], **options: Any) -> list[Pixels]:
    return render_frames(file_of(*frames, **options), "a.aseprite")


def test_what_the_target_wrote_comes_back_as_it_was(art: OwnArt) -> None:
    hero = samples.character()
    art.write("art/hero.aseprite", exported(hero))
    asset = art.asset(
        'kind = "character"\ndirections = ["south-east", "west"]\n[files]\naseprite = "art/hero.aseprite"\n'
        '[animations.idle]\ndirections = ["south-east"]\n[animations.walk]\ndirections = ["south-east"]\n'
        '[animations.attack]\ndirections = ["west"]\n[process]\nalign = "none"\n'
    )
    for clip in hero.animations:
        (read,) = [own for own in asset.animations if own.output_name() == clip.output_name()]
        assert [frame.duration_ms for frame in read.frames] == [frame.duration_ms for frame in clip.frames]
        assert read.loop == clip.loop
        for own, frame in zip(read.frames, clip.frames, strict=True):
            assert (own.pixels == frame.pixels).all()


def test_layers_lie_over_each_other_with_their_opacities() -> None:
    (frame,) = shown(
        [layer("a"), layer("b", opacity=128), cel(0, filled(RED)), cel(1, filled((0, 0, 255, 255), 2), left=3)]
    )
    assert (frame[:, :3] == RED).all()
    assert (frame[:, 3] == (100, 0, 128, 255)).all()
    (alone,) = shown([layer("a"), cel(0, filled(HALF_BLUE), left=-1, top=-2)])
    assert alone[0, 0].tolist() == list(HALF_BLUE)
    assert not alone[1:].any()
    assert not alone[:, 3].any()


def test_hidden_layers_and_layers_in_hidden_groups_do_not_show() -> None:
    hidden = [layer("g", flags=2, kind=1), layer("in", level=1), layer("off", flags=2), layer("ref", flags=65)]
    (frame,) = shown([*hidden, *(cel(number, filled(RED)) for number in (1, 2, 3))])
    assert not frame.any()


def test_linked_pictures_and_their_order() -> None:
    first, second = shown(
        [layer("a"), layer("b"), cel(0, filled(RED), depth=2), cel(1, filled((1, 2, 3, 255)))], [link(0, 0)]
    )
    assert (first == RED).all()
    assert (second == RED).all()


def test_palettes_and_grey() -> None:
    palette = chunks.pack_palette([(9, 9, 9, 255), RED, HALF_BLUE])
    indices = np.array([[0, 1, 2, 1]] * 3, dtype=np.uint8)[..., None]
    (frame,) = shown([palette, layer("a"), cel(0, indices)], bits=8)
    assert frame[0].tolist() == [[0, 0, 0, 0], list(RED), list(HALF_BLUE), list(RED)]
    old = chunk(0x0004, struct.pack("<HBB6B", 1, 1, 2, 200, 0, 0, 5, 6, 7))
    (frame,) = shown([old, layer("a"), cel(0, indices)], bits=8)
    assert frame[0].tolist() == [[0, 0, 0, 0], list(RED), [5, 6, 7, 255], list(RED)]
    (grey,) = shown([layer("a"), cel(0, np.full((3, 4, 2), (70, 255), dtype=np.uint8))], bits=16)
    assert (grey == (70, 70, 70, 255)).all()


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([layer("glow", blend=1)], "the layer 'glow' has a blend mode other than Normal"),
        ([layer("ground", kind=2)], "the layer 'ground' is a tilemap"),
        ([layer("g", kind=1, opacity=90)], "the group 'g' is half transparent"),
        ([layer("a"), link(0, 7)], "linked to a frame that is not there"),
        ([cel(0, filled(RED))], "on no layer"),
        ([layer("a"), chunks.pack_tags([chunks.AseTag("x", 0, 3, 0)])], "beyond the last frame"),
    ],
)
def test_what_cannot_be_shown_is_one_error_with_a_way_out(frames: list[bytes], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        parse_aseprite(file_of(frames), "a.aseprite")
    assert caught.value.code == "source_broken"
    assert caught.value.message.startswith("a.aseprite: ")
    assert caught.value.hint


def test_a_small_file_that_unpacks_to_a_large_one_is_refused() -> None:
    bomb = chunk(0x2005, struct.pack("<HhhBHh5xHH", 0, 0, 0, 255, 2, 0, 4, 3) + zlib.compress(bytes(1 << 24)))
    with pytest.raises(UserError, match="another size than it says"):
        parse_aseprite(file_of([layer("a"), bomb]), "a.aseprite")
    data = bytearray(file_of([layer("a")]))
    struct.pack_into("<HHH", data, 6, 4096, 8000, 8000)
    with pytest.raises(UserError, match="4096 frames of 8000"):
        parse_aseprite(bytes(data), "a.aseprite")
    assert limits.CLIP_PIXELS < 4096 * 8000 * 8000


@given(st.data())
def test_damaged_files_are_an_error_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(exported(samples.still()))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    refused = None
    try:
        render_frames(cut, "a.aseprite")
    except UserError as error:
        refused = error
    assert refused is None or (refused.code, bool(refused.hint)) == ("source_broken", True)


def test_the_error_stands_at_the_field_of_the_spec(art: OwnArt) -> None:
    art.write("art/hero.aseprite", b"no such thing")
    with pytest.raises(UserError) as caught:
        art.asset('kind = "animation"\n[files]\naseprite = "art/hero.aseprite"\n')
    assert caught.value.where is not None
    assert caught.value.where.line == 4
