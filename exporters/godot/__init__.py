"""Godot 4.3+: SpriteFrames, TileSet, scenes."""
