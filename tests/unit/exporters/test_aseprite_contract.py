from __future__ import annotations

from exporters.aseprite.target import TARGET
from exporters.testing import ExporterContract


class TestAsepriteContract(ExporterContract):
    target = TARGET
