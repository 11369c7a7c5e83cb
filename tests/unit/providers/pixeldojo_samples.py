"""Specs, files and answers for the tests of PixelDojo's adapter."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from bridge.providers.api import Step
from bridge.providers.pixeldojo import PixelDojoProvider
from bridge.providers.testing import SpecContext, compile_checked, spec_of
from tests.unit.providers.pixellab_samples import png

# A folder that never exists: what stands in the user's own cache must not reach a test.
DOJO = PixelDojoProvider(Path(tempfile.gettempdir()) / "assetbridge-no-such-folder" / "models.json")
FILES: Mapping[str, bytes] = {"art/knight.png": png(32, 32, 1), "art/mask.png": png(32, 32, 2)}
SPRITE = """
kind = "sprite"
provider = "pixeldojo"
model = "pixel-image"
description = "mossy boulder"
size = [64, 48]
variants = 2
"""
EDIT = """
kind = "edit"
provider = "pixeldojo"
model = "edit-image"
source = "art/knight.png"
mask = [4, 8, 10, 6]
description = "a golden helmet"
[provider_options]
image_url = "https://example.com/knight.png"
"""
ANIMATION = """
kind = "animation"
provider = "pixeldojo"
model = "motion-video"
source_url = "https://example.com/knight.png"
action = "raises the shield"
name = "block"
frames = 4
[provider_options]
duration = 3
"""
SPECS: Mapping[str, str] = {"sprite": SPRITE, "edit": EDIT, "animation": ANIMATION}


def steps(text: str, provider: PixelDojoProvider = DOJO) -> list[Step]:
    """A spec's steps."""
    return list(compile_checked(provider, spec_of(text), SpecContext(files=FILES)))
