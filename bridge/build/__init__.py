"""Carrying out a plan: draw or buy what has no result, load the pixels, export them, write the files."""
