"""Emulated services on real sockets, with faults on request and a ledger of what they charged."""

from tests.emulator.clock import ManualClock
from tests.emulator.ledger import Ledger
from tests.emulator.pixellab import KEY, OTHER_KEY, PixelLab
from tests.emulator.pixellab_variant import OBSERVED, TilesetStyle, Variant, Words, ZipStyle
from tests.emulator.script import Rule, Script
from tests.emulator.server import Emulator

__all__ = [
    "KEY",
    "OBSERVED",
    "OTHER_KEY",
    "Emulator",
    "Ledger",
    "ManualClock",
    "PixelLab",
    "Rule",
    "Script",
    "TilesetStyle",
    "Variant",
    "Words",
    "ZipStyle",
]
