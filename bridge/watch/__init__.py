"""Watching a project's specs and sources, and building what a save changed."""
