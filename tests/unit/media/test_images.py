"""Decoding within limits: every form of pixels, clips, damage."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bridge.core.errors import UserError, Where
from bridge.media import images
from exporters.model.asset import Pixels


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def gradient() -> Pixels:
    pixels = np.zeros((16, 16, 4), dtype=np.uint8)
    pixels[..., 0], pixels[..., 1] = np.arange(256).reshape(16, 16), np.arange(256).reshape(16, 16).T
    pixels[..., 3] = np.arange(255, -1, -1).reshape(16, 16)
    return pixels


def test_what_is_encoded_comes_back_with_hidden_colours() -> None:
    assert np.array_equal(images.decode(images.encode_png(gradient()), "a.png")[0].pixels, gradient())


def test_sixteen_bit_grey_is_scaled_not_cut_off() -> None:
    grey = np.array([[0, 128, 257 * 100, 65535]], dtype=np.uint16)
    found = images.decode_still(saved(Image.fromarray(grey)), "grey.png")
    assert found[0].tolist() == [[0, 0, 0, 255], [0, 0, 0, 255], [100, 100, 100, 255], [255, 255, 255, 255]]


def test_palettes_with_transparency_and_grey_with_alpha_are_read() -> None:
    indexed = Image.fromarray(np.array([[0, 1]], dtype=np.uint8))
    indexed = indexed.convert("P")
    indexed.putpalette([10, 20, 30, 40, 50, 60])
    found = images.decode_still(saved(indexed, transparency=1), "p.png")
    assert found[0, 0].tolist() == [10, 20, 30, 255]
    assert found[0, 1, 3] == 0
    grey = Image.new("LA", (1, 1), (7, 9))
    assert images.decode_still(saved(grey), "la.png")[0, 0].tolist() == [7, 7, 7, 9]
    assert images.decode_still(saved(Image.new("1", (1, 1), 1)), "1.png")[0, 0].tolist() == [255] * 4


def test_jpeg_is_opaque() -> None:
    found = images.decode_still(saved(Image.new("RGB", (8, 8), (200, 10, 10)), "JPEG"), "a.jpg")
    assert (found[..., 3] == 255).all()
    assert np.abs(found[0, 0, :3].astype(int) - (200, 10, 10)).max() < 8


def frames(count: int) -> list[Image.Image]:
    made = []
    for number in range(count):
        pixels = np.zeros((10, 10, 4), dtype=np.uint8)
        pixels[number : number + 4, 2:8] = (40 * number, 200, 10, 255)
        made.append(Image.fromarray(pixels))
    return made


@pytest.mark.parametrize("disposal", [1, 2])
def test_gif_frames_are_composed_as_they_are_shown(disposal: int) -> None:
    first, *rest = frames(4)
    data = saved(first, "GIF", save_all=True, append_images=rest, duration=[30, 0, 50, 70], disposal=disposal)
    found = images.decode(data, "a.gif")
    assert [frame.duration_ms for frame in found] == [30, images.DEFAULT_MS, 50, 70]
    for shown, wanted in zip(found, frames(4), strict=True):
        there = np.array(wanted)[..., 3] > 0
        assert np.array_equal(shown.pixels[there], np.array(wanted)[there])


def test_the_default_image_of_an_apng_is_no_frame() -> None:
    cover = Image.new("RGBA", (10, 10), (9, 9, 9, 255))
    data = saved(cover, "PNG", save_all=True, append_images=frames(3), duration=40, default_image=True)
    found = images.decode(data, "a.png")
    assert len(found) == 3
    assert found[0].pixels[1, 4].tolist() == [0, 200, 10, 255]


def resized_header(width: int, height: int) -> bytes:
    data = bytearray(saved(Image.new("RGBA", (4, 4))))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


CLIP = saved(frames(1)[0], "GIF", save_all=True, append_images=frames(6)[1:], duration=50)
APNG = saved(frames(1)[0], "PNG", save_all=True, append_images=frames(6)[1:], duration=50)
WEBP = saved(frames(1)[0], "WEBP", save_all=True, append_images=frames(6)[1:], duration=50, lossless=True)
STILL = images.encode_png(gradient())
BROKEN = {
    "nothing": (b"", "empty"),
    "text": (b"hello, I am a text", "not a PNG, GIF, WebP or JPEG"),
    "another format": (saved(Image.new("RGB", (4, 4)), "BMP"), "not a PNG, GIF, WebP or JPEG"),
    "cut png": (STILL[:-30], "cut off"),
    "png without its end": (STILL[:-12], "cut off"),
    "damaged png": (STILL[:60] + bytes([STILL[60] ^ 255]) + STILL[61:], ""),
    "cut gif": (CLIP[:-30], "cut off"),
    "gif without trailer": (CLIP[:-1], "cut off"),
    "cut apng": (APNG[:-60], "cut off"),
    "cut webp": (WEBP[:-20], "cut off"),
    "wide": (resized_header(9000, 10), "9000 × 10"),
    "many pixels": (resized_header(5000, 5000), "16,000,000"),
    "bomb": (resized_header(20000, 20000), "16,000,000"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_damage_is_one_error_with_file_and_reason(case: str) -> None:
    data, reason = BROKEN[case]
    with pytest.raises(UserError) as raised:
        images.decode(data, "art/a.png", Where("art/a.png"))
    assert raised.value.code == "source_broken"
    assert raised.value.message.startswith("art/a.png cannot be read: ")
    assert reason in raised.value.message
    assert raised.value.where == Where("art/a.png")


def test_too_many_frames_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_FRAMES", 5)
    with pytest.raises(UserError, match="more than 5 frames"):
        images.decode(CLIP, "a.gif")
    monkeypatch.setattr(images, "MOST_FRAMES", 2000)
    monkeypatch.setattr(images, "MOST_CLIP_PIXELS", 599)
    with pytest.raises(UserError, match="6 frames have more than 599 pixels"):
        images.decode(CLIP, "a.gif")


@given(st.sampled_from([STILL, CLIP, APNG, WEBP]), st.data())
def test_any_damage_ends_in_pictures_or_one_error(data: bytes, draw: st.DataObject) -> None:
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        damaged[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    kept = bytes(damaged[: draw.draw(st.just(len(data)) | st.integers(0, len(data)))])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = decoded_or_code(kept)
    if isinstance(found, str):
        assert found == "source_broken"
    else:
        assert all(frame.pixels.dtype == np.uint8 and frame.duration_ms > 0 for frame in found)


def decoded_or_code(data: bytes) -> list[images.DecodedFrame] | str:
    try:
        return images.decode(data, "a.png")
    except UserError as error:
        return error.code
