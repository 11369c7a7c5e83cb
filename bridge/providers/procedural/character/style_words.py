"""Style words of a spec: outline, shading, detail."""

from __future__ import annotations

import re

# Normal form → words that mean it. The first match in this order counts.
OUTLINES: dict[str, str] = {
    "none": "none lineless no without off borderless",
    "black": "black dark single ink bold thick",
    "selective": "selective selout coloured colored thin default soft light normal medium",
}
SHADINGS: dict[str, str] = {
    "flat": "flat none no unshaded cel",
    "basic": "basic simple low minimal",
    "detailed": "detailed highly high complex rich",
    "medium": "medium default soft normal smooth",
}
DETAILS: dict[str, str] = {
    "low": "low basic simple minimal few",
    "high": "high highly detailed rich many",
    "medium": "medium default normal",
}


def normalize_words(text: str, table: dict[str, str]) -> str | None:
    """The normal form that the words of `text` mean in one of the tables above; None where they mean nothing."""
    tokens = set(re.findall(r"[a-z]+", text.lower()))
    return next((name for name, words in table.items() if tokens & set(words.split())), None)
