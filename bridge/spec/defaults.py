"""`[defaults]` under a spec: `[defaults]`, then `[defaults.KIND]`, then the spec.

Tables merge deeply, lists and single values replace. A default that a kind does not have is ignored there; in the
spec itself it is an error, and so is a default that no kind has.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bridge.core.errors import BridgeError, UserError
from bridge.spec.model import KINDS, BaseSpec

if TYPE_CHECKING:
    from bridge.config.project_config import Config

# Whoever says one of a pair has chosen: what lies under it may say the other, and would only contradict it.
_EXCLUSIVE = (
    ("source", "source_url"),
    ("description", "preset"),
    ("fps", "durations"),
    ("template", "action"),
    ("palette", "colors"),
)


def merge_defaults(data: Mapping[str, Any], kind: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The spec's data with the project's defaults under it."""
    model = KINDS[kind]
    base = _lay_over(
        _keep_known(_general_defaults(defaults), model), _keep_known(_kind_defaults(defaults, kind), model)
    )
    if data.get("provider", base.get("provider")) != "files":
        base.pop("files", None)
    return _lay_over(base, data)


def unknown_defaults(config: Config) -> list[BridgeError]:
    """An error for every key of `[defaults]` that no kind has, and of `[defaults.KIND]` that this kind has not."""
    errors: list[BridgeError] = []
    for path, known in _find_unknown(config.defaults):
        close = difflib.get_close_matches(path[-1], known, n=1)
        table = ".".join(path[:-1])
        hint = f"Did you mean {close[0]}?" if close else "Remove it."
        message = f"{path[-1]} is not known in [{table}]"
        errors.append(UserError("config_invalid", message, hint=hint, where=config.where(path)))
    return errors


def _find_unknown(defaults: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """(path of an unknown default, keys that are known there)."""
    known = sorted(set().union(*(_known_keys(model) for model in KINDS.values())))
    for key in _general_defaults(defaults):
        if key not in known:
            yield ("defaults", key), sorted({*known, *KINDS})
    for kind, model in KINDS.items():
        own = sorted(_known_keys(model))
        for key in _kind_defaults(defaults, kind):
            if key not in own:
                yield ("defaults", kind, key), own


def _general_defaults(defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in defaults.items() if not (key in KINDS and isinstance(value, dict))}


def _kind_defaults(defaults: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    own = defaults.get(kind)
    return own if isinstance(own, dict) else {}


def _known_keys(model: type[BaseSpec]) -> set[str]:
    """Keys that a kind has and that mean something for it."""
    return {field.alias or name for name, field in model.model_fields.items()} - model.not_applicable - {"kind"}


def _keep_known(layer: Mapping[str, Any], model: type[BaseSpec]) -> dict[str, Any]:
    """The part of a layer of defaults that a kind has."""
    names = _known_keys(model)
    return {key: value for key, value in layer.items() if key in names}


def _lay_over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for one, other in _EXCLUSIVE:
        for said, dropped in ((one, other), (other, one)):
            # A table of this name is an animation that is called so.
            if said in top and dropped not in top and not isinstance(result.get(dropped), Mapping):
                result.pop(dropped, None)
    for key, value in top.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            result[key] = _lay_over(below, value)
        else:
            result[key] = dict(value) if isinstance(value, Mapping) else value
    return result
