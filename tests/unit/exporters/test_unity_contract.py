"""The promises of every exporter, for Unity."""

from __future__ import annotations

from exporters.testing import ExporterContract
from exporters.unity.exporter import UnityExporter


class TestUnityContract(ExporterContract):
    """See exporters/testing.py."""

    exporter = UnityExporter()
