from __future__ import annotations

import io

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from exporters.model.asset import Pixels
from exporters.model.png import encode_png

SHAPES = st.tuples(st.integers(1, 20), st.integers(1, 20), st.just(4))


def decoded(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


def chunk_names(data: bytes) -> list[bytes]:
    names, position = [], 8
    while position < len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        names.append(data[position + 4 : position + 8])
        position += length + 12
    return names


@given(hnp.arrays(np.uint8, SHAPES))
def test_every_value_survives_also_under_alpha_zero(pixels: Pixels) -> None:
    assert (decoded(encode_png(pixels)) == pixels).all()


@given(hnp.arrays(np.uint8, SHAPES, elements=st.sampled_from([0, 255])))
def test_few_colours_become_a_palette(pixels: Pixels) -> None:
    data = encode_png(pixels)
    assert data[25] == 3
    assert (decoded(data) == pixels).all()


@pytest.mark.parametrize(("colors", "color_type"), [(1, 3), (256, 3), (257, 6)])
def test_the_palette_ends_at_256_colours(colors: int, color_type: int) -> None:
    pixels = np.zeros((1, colors, 4), dtype=np.uint8)
    pixels[0, :, 0] = np.arange(colors) % 256
    pixels[0, :, 3] = np.arange(colors) // 256 + 9
    data = encode_png(pixels)
    assert data[25] == color_type
    assert (decoded(data) == pixels).all()


def test_many_colours_in_the_first_rows_are_noticed_early() -> None:
    values = np.arange(64 * 64, dtype=np.uint32) * 7919
    pixels = values.astype("<u4").view(np.uint8).reshape(64, 64, 4)
    data = encode_png(pixels)
    assert data[25] == 6
    assert (decoded(data) == pixels).all()


def test_no_metadata_and_no_needless_chunks() -> None:
    opaque = np.full((4, 4, 4), 255, dtype=np.uint8)
    assert chunk_names(encode_png(opaque)) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    clear = opaque.copy()
    clear[0, 0] = 0
    assert chunk_names(encode_png(clear)) == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]


def test_a_view_that_is_not_contiguous_is_taken() -> None:
    pixels = np.arange(8 * 8 * 4, dtype=np.uint8).reshape(8, 8, 4)[::2, ::-1]
    assert (decoded(encode_png(pixels)) == pixels).all()


@pytest.mark.parametrize("shape", [(0, 4, 4), (4, 4), (4, 4, 3)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not a picture"):
        encode_png(np.zeros(shape, dtype=np.uint8))
