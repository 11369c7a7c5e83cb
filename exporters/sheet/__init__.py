"""`python -m exporters.sheet`: packs a folder of pictures without a project."""
