"""Whole files are read by other readers in tests/engines/test_sheet_readers.py; here is what these would not notice."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from exporters import samples
from exporters.aseprite.exporter import AsepriteExporter
from exporters.base import ExportContext, ExportError
from exporters.model.asset import Animation, Asset, AudioAsset, Frame, ItemsAsset, Pixels, SpriteAsset, TilesetAsset


def exported(asset: Asset) -> bytes:
    (file,) = AsepriteExporter().export(asset, ExportContext(asset.id, "", "id"))
    assert file.path == f"{asset.id}.aseprite"
    return file.data


def chunks_of(data: bytes) -> list[list[int]]:
    """The kinds of chunks by frame; all sizes fit into each other."""
    assert struct.unpack_from("<IH", data) == (len(data), 0xA5E0)
    frames = []
    at = 128
    for _ in range(struct.unpack_from("<H", data, 6)[0]):
        size, magic, _, _, count = struct.unpack_from("<IHHH2xI", data, at)
        assert magic == 0xF1FA
        kinds, inner = [], at + 16
        for _ in range(count):
            length, kind = struct.unpack_from("<IH", data, inner)
            kinds.append(kind)
            inner += length
        assert inner == at + size
        frames.append(kinds)
        at += size
    assert at == len(data)
    return frames


def clip_of(*pictures: Pixels, ms: int = 100) -> SpriteAsset:
    return SpriteAsset("art/x", "animation", (Animation("spin", tuple(Frame(pixels, ms) for pixels in pictures)),))


def test_an_empty_frame_has_no_cel_and_the_first_frame_has_all_else() -> None:
    empty = np.zeros((6, 5, 4), dtype=np.uint8)
    kinds = chunks_of(exported(clip_of(samples.picture(5, 6, 1), empty, samples.picture(5, 6, 2))))
    assert kinds == [[0x2007, 0x2019, 0x2004, 0x2005, 0x2018, 0x2022], [], [0x2005]]


def test_art_of_many_colours_has_no_palette() -> None:
    ys, xs = np.mgrid[0:17, 0:17].astype(np.uint8)
    gradient = np.stack([xs * 15, ys * 15, xs, np.full_like(xs, 255)], axis=2)
    assert 0x2019 not in chunks_of(exported(clip_of(gradient)))[0]
    assert 0x2019 in chunks_of(exported(clip_of(gradient[:5])))[0]


def test_what_the_format_cannot_hold_is_an_error_with_a_way_out() -> None:
    with pytest.raises(ExportError, match="65,535") as caught:
        exported(clip_of(samples.picture(4, 4, 1), ms=70_000))
    assert caught.value.hint


def test_it_takes_what_has_frames() -> None:
    exporter = AsepriteExporter()
    assert [exporter.supports(kind, "") for kind in (SpriteAsset, ItemsAsset, TilesetAsset, AudioAsset)] == [
        True,
        True,
        False,
        False,
    ]
