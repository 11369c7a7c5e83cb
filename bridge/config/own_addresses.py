"""Where the built-in providers are reached: a project that names another address sends keys elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

OWN_ADDRESSES: Mapping[str, str] = {
    "pixellab": "https://api.pixellab.ai/v2",
    "pixelengine": "https://api.pixelengine.ai/functions/v1",
    "pixeldojo": "https://pixeldojo.ai/api/v1",
    "sprixen": "https://api.sprixen.com/v1",
}
"""By provider, with the version prefix and without a slash at the end."""
