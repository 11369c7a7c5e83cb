from __future__ import annotations

from typing import ClassVar

from exporters.generic.target import TARGET
from exporters.testing import ExporterContract


class TestJsonContract(ExporterContract):
    target = TARGET


class TestPhaserContract(TestJsonContract):
    engine_options: ClassVar[dict[str, object]] = {"preset": "phaser"}


class TestPixiContract(TestJsonContract):
    engine_options: ClassVar[dict[str, object]] = {"preset": "pixi"}


class TestTexturePackerContract(TestJsonContract):
    engine_options: ClassVar[dict[str, object]] = {"preset": "texturepacker", "frames": "array"}


class TestOldFormContract(TestJsonContract):
    engine_options: ClassVar[dict[str, object]] = {"preset": "assetbridge"}


class TestGridContract(TestJsonContract):
    engine_options: ClassVar[dict[str, object]] = {"layout": "grid"}


class TestStripContract(TestJsonContract):
    engine_options: ClassVar[dict[str, object]] = {"preset": "pixi", "layout": "strip"}
