"""Exporters by name. A module is imported when its target is first used."""

from __future__ import annotations

from importlib import import_module

from exporters.base import Exporter

KNOWN: dict[str, str] = {
    "godot": "exporters.godot.exporter:GodotExporter",
    "tiled": "exporters.tiled.exporter:TiledExporter",
    "unity": "exporters.unity.exporter:UnityExporter",
    "json": "exporters.generic.exporter:JsonExporter",
}
# The file format of music that each engine gets unless its options say otherwise: wav, ogg or both.
AUDIO: dict[str, str] = {"godot": "ogg", "json": "both"}

# Pixels by which the edge of a tile is repeated unless the spec says otherwise: engines whose cameras do not snap to
# pixels show the neighbour of a tile at its seams.
TILE_EXTRUDE: dict[str, int] = {"unity": 1}


def get(name: str) -> Exporter:
    """The exporter of a target.

    Raises:
        KeyError: no exporter has this name.
    """
    module, _, attribute = KNOWN[name].partition(":")
    exporter: Exporter = getattr(import_module(module), attribute)()
    return exporter
