from __future__ import annotations

from exporters.generic.target import TARGET
from exporters.testing import ExporterContract


class TestJsonContract(ExporterContract):
    target = TARGET
