"""Godot's resource ids: `uid://` and a 63-bit number in base 34 (digits a…y, 0…8; Godot's ResourceUID).

Ours are made from the asset's identity and the role of the file, so neither a move nor new pixels change
them.
"""

from __future__ import annotations

import hashlib
import re

DIGITS = "abcdefghijklmnopqrstuvwxy012345678"
PREFIX = "uid://"
PATTERN = re.compile(r"uid://[a-y0-8]+")
NODE_ID_LIMIT = 2**31 - 1


def uid_text(number: int) -> str:
    """The text of a number of 0..2^63-1."""
    text = ""
    while True:
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
        if not number:
            return PREFIX + text


def uid_for(identity: str, role: str) -> str:
    """The uid of a file of an asset; `role` tells its files apart (`texture`, `sprite_frames` …)."""
    return uid_text(_id_number(identity, role) & (2**63 - 1))


def node_id_for(identity: str, role: str) -> int:
    """The `unique_id` that Godot 4.6 gives every node of a scene: 1..2^31-1."""
    return _id_number(identity, role) % NODE_ID_LIMIT + 1


def _id_number(identity: str, role: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{identity}\n{role}".encode()).digest()[:8], "big")
