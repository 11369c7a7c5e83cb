from __future__ import annotations

from exporters.godot.target import TARGET
from exporters.testing import ExporterContract


class TestGodotContract(ExporterContract):
    target = TARGET
