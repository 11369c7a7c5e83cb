"""A colour as three numbers, and as it is written in specs."""

from __future__ import annotations

from typing import TypeAlias

RGB: TypeAlias = tuple[int, int, int]


def parse_rgb(text: str) -> RGB:
    """`#rrggbb` as three numbers.

    Raises:
        ValueError: the text is no such colour.
    """
    digits = text.removeprefix("#")
    if len(digits) != 6 or not set(digits) <= set("0123456789abcdefABCDEF"):
        raise ValueError(f"{text} is not a colour like #1a1c2c")
    value = int(digits, 16)
    return value >> 16, (value >> 8) & 255, value & 255


def format_rgb(color: RGB) -> str:
    """Three numbers as `#rrggbb`."""
    red, green, blue = color
    return f"#{red:02x}{green:02x}{blue:02x}"
