"""Providers by name. A provider's module is imported when a spec first names it."""

from __future__ import annotations

from importlib import import_module

from bridge.providers.base import Provider

KNOWN: dict[str, str] = {
    "procedural": "bridge.providers.procedural:ProceduralProvider",
    "files": "bridge.providers.files:FilesProvider",
    "pixelengine": "bridge.providers.pixelengine:PixelEngineProvider",
    "sprixen": "bridge.providers.sprixen:SprixenProvider",
    "pixellab": "bridge.providers.pixellab:PixelLabProvider",
}
PAID_KINDS: dict[str, frozenset[str]] = {
    "pixellab": frozenset(
        {"sprite", "items", "character", "animation", "turnaround", "edit", "tileset", "isometric_tiles"}
    ),
    "pixelengine": frozenset({"animation"}),
    "pixeldojo": frozenset({"sprite", "animation", "edit"}),
    "sprixen": frozenset({"sprite", "items", "character", "isometric_tiles", "music"}),
}
PAID = tuple(PAID_KINDS)
_loaded: dict[str, Provider] = {}


def get(name: str) -> Provider:
    """The provider of this name.

    Raises:
        KeyError: unknown, or a paid provider that this version does not have yet.
    """
    if name not in _loaded:
        module, _, attribute = KNOWN[name].partition(":")
        _loaded[name] = getattr(import_module(module), attribute)()
    return _loaded[name]
