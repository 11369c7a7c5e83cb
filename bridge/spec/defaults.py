"""`[defaults]` under a spec: `[defaults]`, then `[defaults.KIND]`, then the spec (specs §1).

Tables merge deeply, lists and single values replace. A default that a kind does not have is ignored there; in the
spec itself it is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bridge.errors import BridgeError
from bridge.spec.model import KINDS, BaseSpec

if TYPE_CHECKING:
    from bridge.config import Config
    from bridge.spec.toml import Positions

# A spec that says one of these has chosen; a default for the other would only contradict it.
_EXCLUSIVE = (("source", "source_url"), ("description", "preset"))


def merged(
    data: Mapping[str, Any], kind: str, file: str, positions: Positions, config: Config
) -> tuple[dict[str, Any], list[BridgeError]]:
    """The spec's data with the project's defaults under it, and mistakes in the defaults' shape (none so far)."""
    del file, positions
    base: dict[str, Any] = {}
    model = KINDS[kind]
    general = {key: value for key, value in config.defaults.items() if not (key in KINDS and isinstance(value, dict))}
    own = config.defaults.get(kind)
    for layer in (general, own if isinstance(own, dict) else {}):
        base = _over(base, _known(layer, model))
    for one, other in _EXCLUSIVE:
        if one in data:
            base.pop(other, None)
        if other in data:
            base.pop(one, None)
    _drop_contradictions(base, data)
    return _over(base, data), []


def _drop_contradictions(base: dict[str, Any], data: Mapping[str, Any]) -> None:
    process, own = base.get("process"), data.get("process")
    if isinstance(process, dict) and isinstance(own, dict):
        if "colors" in own:
            process.pop("palette", None)
        if "palette" in own:
            process.pop("colors", None)
    if data.get("provider", base.get("provider")) != "files":
        base.pop("files", None)


def _known(layer: Mapping[str, Any], model: type[BaseSpec]) -> dict[str, Any]:
    """The part of a layer of defaults that a kind has."""
    names = {field.alias or name for name, field in model.model_fields.items()} - model.not_applicable
    return {key: value for key, value in layer.items() if key in names}


def _over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in top.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            result[key] = _over(below, value)
        else:
            result[key] = dict(value) if isinstance(value, Mapping) else value
    return result
