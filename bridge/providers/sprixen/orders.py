"""The paid requests: pure, from a step and the results of the steps before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bridge.providers.api import Step, StepResult
from bridge.providers.paid import Order
from bridge.providers.sprixen.animation import SOURCE
from bridge.providers.sprixen.compile import REFERENCE
from bridge.providers.sprixen.map_jobs import DOCUMENT, layers
from bridge.providers.sprixen.routes import ROUTES

_WEBHOOK = "webhookUrl"
_TAKES_WEBHOOKS = frozenset({"image.create", "image.pack", "character.create", "tile.create"})
"""The routes whose body has the field: others refuse what they do not know."""


def order(step: Step, inputs: Mapping[str, bytes], needed: Mapping[str, StepResult]) -> Order:
    """See `PaidProvider.order`. Ids in paths and bodies are those of the steps before."""
    body: dict[str, Any] = dict(step.params["request"])
    path = ROUTES[step.operation].path
    meta: dict[str, Any] = {}
    for key in step.after:
        meta |= needed[key].meta
    match step.operation:
        case "project.create":
            return Order(path, body, shared=True)
        case "character.select":
            return Order(path, {**_choose_request(inputs, meta), **body})
        case "clip.create":
            return Order(path.format(meta["sprite"]), body, origin={"sprite": meta["sprite"]})
        case "clip.process":
            return Order(path.format(meta["animation"]), body)
        case "map.edit":
            origin = {"map": meta["map"], "before": meta["state"]}
            if "updated" in meta:
                origin["updated"] = meta["updated"]
            return Order(path.format(meta["map"]), body, origin=origin)
        case "map.update":
            body |= _changed(meta, needed[step.after[0]])
            return Order(path.format(meta["map"]), body, method="PATCH", origin={"map": meta["map"]})
    for role in (SOURCE, REFERENCE):
        if role in inputs:
            body["referenceImageUrl"] = inputs[role].decode()
    if "project" in meta:
        body["projectId"] = meta["project"]
    return Order(path, body, webhook=_WEBHOOK if step.operation in _TAKES_WEBHOOKS else "")


def _choose_request(inputs: Mapping[str, bytes], meta: Mapping[str, Any]) -> dict[str, Any]:
    """The generation that is promoted, and which of its pictures: of another asset, or of the step before."""
    if SOURCE not in inputs:
        return {"generationId": meta["generation"]}
    made = json.loads(inputs[SOURCE])
    return {"generationId": made["ids"]["job"], "variationIndex": made["place"]}


def _changed(meta: Mapping[str, Any], before: StepResult) -> dict[str, Any]:
    """The change of a map: the pack that was looked up, or the layers as an earlier step left them."""
    if "pack" in meta:
        return {meta["pack_field"]: [meta["pack"]] if meta["packs"] else meta["pack"]}
    stored = next(file.data for file in before.files if file.name == DOCUMENT)
    return layers(json.loads(stored))
