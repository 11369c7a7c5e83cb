from __future__ import annotations

from exporters.generic.exporter import JsonExporter
from exporters.testing import ExporterContract


class TestJsonContract(ExporterContract):
    exporter = JsonExporter()
