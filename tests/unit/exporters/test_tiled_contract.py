from __future__ import annotations

from exporters.testing import ExporterContract
from exporters.tiled.target import TARGET


class TestTiledContract(ExporterContract):
    target = TARGET
