"""The promises of every exporter, for Unity."""

from __future__ import annotations

from exporters.testing import ExporterContract
from exporters.unity.target import TARGET


class TestUnityContract(ExporterContract):
    """See exporters/testing.py."""

    target = TARGET
