"""What Pixel Engine's adapter promises like every other."""

from __future__ import annotations

from bridge.providers.pixelengine import PixelEngineProvider
from bridge.providers.testing import PaidProviderContract
from tests.unit.providers.pixelengine_samples import FILES, SPECS


class TestPixelEngineContract(PaidProviderContract):
    provider = PixelEngineProvider()
    specs = SPECS
    files = FILES
