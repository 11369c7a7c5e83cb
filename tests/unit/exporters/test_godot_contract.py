from __future__ import annotations

from exporters.godot.exporter import GodotExporter
from exporters.testing import ExporterContract


class TestGodotContract(ExporterContract):
    exporter = GodotExporter()
