"""Sheets: packing frames and encoding PNG."""
