from __future__ import annotations

from exporters.testing import ExporterContract
from exporters.tiled.exporter import TiledExporter


class TestTiledContract(ExporterContract):
    exporter = TiledExporter()
