"""Pixels: pure functions from image to image, in a fixed order: matte, grid, downscale, canvas, align, palette,
alpha, outline (specs §2). The whole asset is treated at once, so that nothing flickers.
"""
