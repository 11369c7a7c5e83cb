"""What Sprixen's adapter promises like every other."""

from __future__ import annotations

from bridge.providers.sprixen import SprixenProvider
from bridge.providers.testing import PaidProviderContract
from tests.unit.providers.sprixen_samples import SPECS


class TestSprixenContract(PaidProviderContract):
    provider = SprixenProvider()
    specs = SPECS
