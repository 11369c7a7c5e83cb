"""What PixelLab's adapter promises like every other."""

from __future__ import annotations

from bridge.providers.pixellab import PixelLabProvider
from bridge.providers.testing import PaidProviderContract
from tests.unit.providers.pixellab_samples import FILES, SPECS


class TestPixelLabContract(PaidProviderContract):
    provider = PixelLabProvider()
    specs = SPECS
    files = FILES
