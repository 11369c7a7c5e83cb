"""Providers by name: the built-in ones, and those of other packages (entry point group `assetbridge.providers`).

A provider's module is imported when a spec first names it. Packages are searched only when a name is not built in, or
when all names are listed: plans of built-in providers do not wait for it.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from bridge.core.errors import BridgeError, NeedsDecision, UserError
from bridge.providers.api import Provider
from bridge.spec.model import KINDS
from bridge.trust import plug_ins

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "assetbridge.providers"
KNOWN: dict[str, str] = {
    "procedural": "bridge.providers.procedural:ProceduralProvider",
    "files": "bridge.providers.files:FilesProvider",
    "pixellab": "bridge.providers.pixellab:PixelLabProvider",
    "pixelengine": "bridge.providers.pixelengine:PixelEngineProvider",
    "pixeldojo": "bridge.providers.pixeldojo:PixelDojoProvider",
    "sprixen": "bridge.providers.sprixen:SprixenProvider",
}
_EVERY = ("name", "kinds", "offline", "compile", "interpret")
_OFFLINE = ("run",)
_PAID = (
    *("abilities", "limits", "api", "order", "adopted_ids", "accepted", "refusal"),
    *("check", "cancelling", "fetch", "search", "balance", "assets", "models"),
)
_loaded: dict[str, Provider] = {}


def names() -> list[str]:
    """All providers: the built-in ones first; a package cannot replace one of these."""
    return [*KNOWN, *sorted(set(_entry_points()) - set(KNOWN))]


def get(name: str) -> Provider:
    """The provider of this name.

    Raises:
        UserError: `unknown_provider`; `provider_broken`: a package offers it, and it cannot be used.
        NeedsDecision: `not_trusted`: a package offers it, and is not imported for a project that is not trusted.
    """
    if name not in KNOWN and name in _entry_points():
        _require_allowed(name)
    if name not in _loaded:
        if name in KNOWN:
            module, _, attribute = KNOWN[name].partition(":")
            _loaded[name] = getattr(import_module(module), attribute)()
        elif name in _entry_points():
            _loaded[name] = _plug_in(name, _entry_points()[name])
        else:
            raise _unknown_error(name)
    return _loaded[name]


def usable() -> list[Provider]:
    """All providers but those that cannot be used."""
    providers = []
    for name in names():
        try:
            providers.append(get(name))
        except BridgeError:
            # It is said where it is named: a package that is broken, or not loaded, must not stop the others.
            continue
    return providers


@cache
def _entry_points() -> dict[str, list[EntryPoint]]:
    """What installed packages offer, by name; more than one where two packages use a name."""
    points: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        same = points.setdefault(point.name, [])
        # A package that is found twice on the path (a checkout beside its installation) is one package.
        if point not in same:
            same.append(point)
    return points


def _require_allowed(name: str) -> None:
    error = plug_ins.refuse_plug_in()
    if error is not None:
        message = f"the provider {name} is not loaded: {error.message}"
        raise NeedsDecision(error.code, message, hint=error.hint)


def _plug_in(name: str, points: list[EntryPoint]) -> Provider:
    values = ", ".join(sorted(point.value for point in points))
    if len(points) > 1:
        raise _broken_error(name, values, "two packages offer it", "Uninstall one of them.")
    try:
        made: Callable[[], Any] = points[0].load()
        provider = made()
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise _broken_error(name, values, reason, "Repair or uninstall its package.") from error
    lacking = _what_is_lacking(provider, name)
    if lacking:
        hint = "bridge/providers/ADDING.md says what a provider has."
        raise _broken_error(name, values, lacking, hint)
    return provider  # type: ignore[no-any-return]


def _what_is_lacking(provider: Any, name: str) -> str:
    """What keeps an object from being a provider; empty for nothing."""
    wanted = [*_EVERY, *(_OFFLINE if getattr(provider, "offline", False) else _PAID)]
    missing = [part for part in wanted if inspect.getattr_static(provider, part, None) is None]
    if missing:
        return f"it has no {', '.join(missing)}"
    if provider.name != name:
        return f"it calls itself {provider.name!r}"
    strange = sorted(set(provider.kinds) - set(KINDS))
    if strange or not provider.kinds:
        return f"it makes {', '.join(strange) or 'nothing'}, which is no kind"
    return ""


def _unknown_error(name: str) -> UserError:
    close = difflib.get_close_matches(name, names(), n=1)
    hint = f"Did you mean {close[0]}?" if close else f"Providers: {', '.join(names())}."
    return UserError("unknown_provider", f"there is no provider {name}", hint=hint)


def _broken_error(name: str, values: str, reason: str, hint: str) -> UserError:
    return UserError("provider_broken", f"the provider {name} ({values}) cannot be used: {reason}", hint=hint)
