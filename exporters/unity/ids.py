"""Guids of assets, ids of sprites and local file ids of objects, all made from the asset's identity.

Nothing here depends on a path, a place on a sheet or pixels, so that moving, packing and redrawing break no reference.
"""

from __future__ import annotations

import hashlib
from itertools import count

TEXTURE = 2800000
SINGLE_SPRITE = 21300000
CLIP = 7400000
CONTROLLER = 9100000
OVERRIDE = 22100000
SCRIPTED = 11400000
RESERVED = frozenset({0, TEXTURE, SINGLE_SPRITE})
_TAG = 8


def guid_for(identity: str, role: str) -> str:
    """The guid of a file of an asset: 32 lower-case hex digits."""
    return _digest_role(identity, role)[:32]


def anchor_for(identity: str, role: str) -> int:
    """The local file id of an object inside a file: 1..2^63-1."""
    return int(_digest_role(identity, f"anchor:{role}")[:16], 16) % (2**63 - 1) + 1


def sprite_id(identity: str, key: str, salt: int = 0) -> str:
    """The `spriteID` of a sprite; all sprites of one identity begin with the same digits (`is_ours`).

    key: what the picture is (clip, direction, frame), not where it lies.
    """
    salted = key if salt == 0 else f"{key}#{salt}"
    return tag_of(identity) + _digest_role(identity, f"sprite:{salted}")[: 32 - _TAG]


def is_ours(identity: str, sprite: str) -> bool:
    """Whether a `spriteID` was made by `sprite_id` for this identity."""
    return sprite.startswith(tag_of(identity))


def internal_id(sprite: str) -> int:
    """Unity's `internalID` of a new sprite (2021.2 and newer): the hash code of its `spriteID` as a guid, 32 bits.

    Each character of a guid's text is a nibble, the lowest first inside each of its four 32-bit words
    (UnityCsReference, GUID.bindings.cs).
    """
    words = [sum(int(sprite[8 * word + i], 16) << (4 * i) for i in range(8)) for word in range(4)]
    value = words[0]
    for word in words[1:]:
        value = (value * 397 & 0xFFFFFFFF) ^ word
    return value - (1 << 32) if value >= 1 << 31 else value


def free_sprite(identity: str, key: str, taken: frozenset[int] | set[int]) -> tuple[str, int]:
    """`spriteID` and `internalID` of a new sprite; salted while the 32 bits meet another sprite's."""
    for salt in count():
        sprite = sprite_id(identity, key, salt)
        number = internal_id(sprite)
        if number not in taken and number not in RESERVED:
            return sprite, number
    raise AssertionError("unreachable")


def tag_of(identity: str) -> str:
    """The digits with which every `spriteID` of an identity begins."""
    return _digest_role(identity, "sprites")[:_TAG]


def _digest_role(identity: str, role: str) -> str:
    return hashlib.sha256(f"{identity}\n{role}".encode()).hexdigest()
