"""Short names of assets for web addresses: ids have slashes, keys do not."""

from __future__ import annotations

import hashlib


def key_of(asset_id: str) -> str:
    """16 hex digits of the sha256 of an id."""
    return hashlib.sha256(asset_id.encode()).hexdigest()[:16]
