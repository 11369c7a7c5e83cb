"""Spec files and the project file."""
