"""Tiled 1.10+: tilesets with Wang sets, maps."""
