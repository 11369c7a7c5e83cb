"""Engines without a format of their own: PNG and JSON."""
