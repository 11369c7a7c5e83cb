"""What PixelDojo's adapter promises like every other."""

from __future__ import annotations

from bridge.providers.testing import PaidProviderContract
from tests.unit.providers.pixeldojo_samples import DOJO, FILES, SPECS


class TestPixelDojoContract(PaidProviderContract):
    provider = DOJO
    specs = SPECS
    files = FILES
