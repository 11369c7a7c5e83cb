"""Frames into sheets: trimmed and packed, or in cells; and maps as pictures."""
