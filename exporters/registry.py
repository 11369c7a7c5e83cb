"""Export targets by name: the built-in ones, and those of other packages (entry point group `assetbridge.exporters`).

A target's declaration is imported when it is first asked for, its exporter when an asset is first written for it.
Packages are searched only for a name that is not built in, or when all names are listed.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from exporters.target import ExportTarget, TargetError, TargetNotLoaded

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from exporters.base import Exporter

GROUP = "assetbridge.exporters"
BUILT_IN: dict[str, str] = {
    "godot": "exporters.godot.target:TARGET",
    "tiled": "exporters.tiled.target:TARGET",
    "unity": "exporters.unity.target:TARGET",
    "json": "exporters.generic.target:TARGET",
    "aseprite": "exporters.aseprite.target:TARGET",
}
_PARTS = ("name", "version", "supports", "export", "owned_hash")
_loaded: dict[str, ExportTarget] = {}
_guards: list[Callable[[], Exception | None]] = []


def guard_added(refuse: Callable[[], Exception | None]) -> None:
    """Asks, before a target of another package is imported or used, why that may not be done; None: it may.

    Without a guard they are loaded: whoever uses this package as a library has installed them.
    """
    _guards[:] = [refuse]


def target_names() -> list[str]:
    """All targets: the built-in ones first; a package cannot replace one of these."""
    return [*BUILT_IN, *sorted(set(_added_points()) - set(BUILT_IN))]


def is_target(name: str) -> bool:
    """Whether there is a target of this name, be it one that cannot be used."""
    return name in BUILT_IN or name in _added_points()


def get_target(name: str) -> ExportTarget:
    """The declaration of a target.

    Raises:
        TargetError: there is none, or a package offers it and it cannot be used. `TargetNotLoaded`: it may not be.
    """
    if name not in BUILT_IN and name in _added_points():
        _require_allowed(name)
    if name not in _loaded:
        if name in BUILT_IN:
            _loaded[name] = _import_name(BUILT_IN[name])
        elif name in _added_points():
            _loaded[name] = _load_added(name, _added_points()[name])
        else:
            close = difflib.get_close_matches(name, target_names(), n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(target_names())}."
            raise TargetError(f"there is no export target {name}", hint)
    return _loaded[name]


def load_exporter(name: str) -> Exporter:
    """The exporter of a target.

    Raises:
        TargetError: there is none, or a package offers it and it cannot be used.
    """
    return make_exporter(get_target(name))


def make_exporter(target: ExportTarget) -> Exporter:
    """The exporter that a declaration names.

    Raises:
        TargetError: it cannot be imported or made, or is no exporter of this target.
    """
    try:
        exporter: Exporter = _import_name(target.exporter)()
    except Exception as error:
        raise _broken(target.name, target.exporter, _in_words(error)) from error
    missing = [part for part in _PARTS if inspect.getattr_static(exporter, part, None) is None]
    if missing:
        raise _broken(target.name, target.exporter, f"it has no {', '.join(missing)}")
    if exporter.name != target.name:
        raise _broken(target.name, target.exporter, f"it calls itself {exporter.name!r}")
    return exporter


@cache
def _added_points() -> dict[str, list[EntryPoint]]:
    """What installed packages offer, by name; more than one where two packages use a name."""
    # A plan for built-in targets does not wait for this import.
    points: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        same_name = points.setdefault(point.name, [])
        # A package that is found twice on the path (a checkout beside its installation) is one package.
        if point not in same_name:
            same_name.append(point)
    return points


def _load_added(name: str, points: list[EntryPoint]) -> ExportTarget:
    values = ", ".join(sorted(point.value for point in points))
    if len(points) > 1:
        raise _broken(name, values, "two packages offer it", "Uninstall one of them.")
    try:
        target = points[0].load()
    except Exception as error:
        raise _broken(name, values, _in_words(error)) from error
    if not isinstance(target, ExportTarget):
        raise _broken(name, values, "it is no ExportTarget")
    if target.name != name:
        raise _broken(name, values, f"it calls itself {target.name!r}")
    return target


def _require_allowed(name: str) -> None:
    for refuse in _guards:
        error = refuse()
        if error is not None:
            raise TargetNotLoaded(f"the export target {name} is not loaded: {error}", getattr(error, "hint", ""))


def _import_name(reference: str) -> Any:
    """What stands behind `module:name`."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _broken(name: str, values: str, reason: str, hint: str = "Repair or uninstall its package.") -> TargetError:
    return TargetError(f"the export target {name} ({values}) cannot be used: {reason}", hint)
