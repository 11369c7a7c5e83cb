"""Holds real answers of the daemon against what its endpoints declare, with no field beyond."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bridge.daemon.api.endpoint import Endpoint
from bridge.daemon.api.response_models import ERROR
from bridge.daemon.api.routes import ENDPOINTS


def check_declared(method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Fails for an answer that says less or more than declared; the operation of one that was held against a model."""
    endpoint = endpoint_of(method, path.partition("?")[0])
    if endpoint is None or headers.get("content-type") != "application/json":
        return None
    if status >= 400:
        validator_of(ERROR).validate(json.loads(body))
        return None
    assert status == endpoint.status, (method, path, status)
    if endpoint.response_model is None:
        return None
    validator_of(endpoint.response_model).validate(json.loads(body))
    return endpoint.operation


@cache
def endpoint_of(method: str, path: str) -> Endpoint | None:
    """The endpoint that an address leads to."""
    for endpoint in ENDPOINTS:
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(endpoint.path))
        if endpoint.method == method and re.fullmatch(pattern, path):
            return endpoint
    return None


@cache
def validator_of(model: Any) -> Draft202012Validator:
    """Checks documents of a model that say nothing beyond it."""
    return Draft202012Validator(closed(model.model_json_schema()))


def closed(schema: Any) -> Any:
    """The schema with `additionalProperties` false wherever fields are listed."""
    if isinstance(schema, list):
        return [closed(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {key: inner if key == "default" else closed(inner) for key, inner in schema.items() if key != "properties"}
    if "properties" not in schema:
        return rest
    properties = {name: closed(inner) for name, inner in schema["properties"].items()}
    return {**rest, "properties": properties, "additionalProperties": False}
