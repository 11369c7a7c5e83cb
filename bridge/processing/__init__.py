"""Pixels: pure functions from image to image, in a fixed order (docs/guides/art.md).

The whole asset is treated at once, so that nothing flickers.
"""
