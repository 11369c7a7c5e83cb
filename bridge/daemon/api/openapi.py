"""`GET /v1/openapi.json`: the endpoints as their declarations have them (OpenAPI 3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from bridge import __version__
from bridge.daemon.api.endpoint import Endpoint
from bridge.daemon.api.response_models import ERROR, NAMELESS

Schema = dict[str, Any]
_REFERENCE = "#/components/schemas/{model}"
_ADDRESS_PARTS: dict[str, Schema] = {
    "key": {"type": "string", "pattern": "^[0-9a-f]{16}$", "description": "`key` of the asset in GET /v1/assets"},
    "number": {"type": "integer", "minimum": 0},
    "kind": {"enum": ["png", "gif", "json"]},
}
_STATUS = {
    200: "done",
    201: "made",
    202: "queued: its events begin at `cursor`, its outcome will be at /v1/builds/{request}",
    304: "it is as the If-None-Match of the request says",
    400: "the request or a spec has a mistake",
    401: "the token is missing or wrong",
    403: "the request may come from a web page",
    404: "there is no such asset, job or address",
    408: "the body did not arrive in time",
    409: "it cannot be so now, or a person has to decide",
    410: "the project's folder was moved, deleted or replaced; the daemon ends",
    413: "the body is too large",
    415: "the body is not declared as JSON",
    431: "the header is too long",
    500: "the project's disk, lock or journal cannot be used",
    502: "a provider failed",
    503: "there are as many connections, listeners or builds as the daemon takes",
}


def describe_api(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The OpenAPI document of these endpoints."""
    components: dict[str, Schema] = {}
    _describe_answer(ERROR, components)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _describe_operation(endpoint, _describe_answer(endpoint.response_model, components))
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "assetbridge daemon", "version": __version__},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(sorted(components.items())),
        },
    }


def _describe_answer(model: type[BaseModel] | None, components: dict[str, Schema]) -> Schema:
    """The schema of an answer: in place, or of a model with a name its reference; adds what it refers to."""
    if model is None:
        return {"type": "object"}
    schema: Schema = _tidy_schema(model.model_json_schema(ref_template=_REFERENCE))
    components |= schema.pop("$defs", {})
    if model.__name__ == NAMELESS:
        return schema
    components[model.__name__] = schema
    return _refer_to(model.__name__)


def _refer_to(name: str) -> Schema:
    return {"$ref": _REFERENCE.format(model=name)}


def _describe_operation(endpoint: Endpoint, answer: Schema) -> dict[str, Any]:
    body: Schema = _tidy_schema(endpoint.request_model.model_json_schema())
    body.pop("description", None)
    query = body.get("properties", {}) if endpoint.method == "GET" else {}
    operation: dict[str, Any] = {
        "operationId": endpoint.operation,
        "summary": endpoint.summary,
        "parameters": [
            *(
                _describe_parameter("path", name, _ADDRESS_PARTS[name])
                for name in re.findall(r"{(\w+)}", endpoint.path)
            ),
            *(_describe_parameter("query", name, schema) for name, schema in query.items()),
        ],
        "responses": {
            str(endpoint.status): {
                "description": _STATUS[endpoint.status],
                "content": {media: {"schema": _schema_of(media, answer)} for media in endpoint.media},
            },
            **{str(status): _describe_error(status) for status in sorted(_error_statuses(endpoint))},
        },
    }
    if "image/png" in endpoint.media:
        operation["responses"]["304"] = {"description": _STATUS[304]}
    if endpoint.method == "POST":
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": bool(body.get("required")), "content": content}
    return operation


def _schema_of(media: str, answer: Schema) -> Schema:
    if media == "application/json":
        return answer
    return {"type": "string"} if media.startswith("text/") else {}


def _error_statuses(endpoint: Endpoint) -> frozenset[int]:
    """Those of its own, and those of every request of its kind."""
    addressed = {404} if "{" in endpoint.path else set()
    of_bodies = {408, 413, 415} if endpoint.method == "POST" else set()
    return endpoint.errors | {400, 401, 403, 410, 431, 503} | addressed | of_bodies


def _describe_error(status: int) -> dict[str, Any]:
    return {"description": _STATUS[status], "content": {"application/json": {"schema": _refer_to(ERROR.__name__)}}}


def _describe_parameter(where: str, name: str, schema: Schema) -> dict[str, Any]:
    rest = {key: value for key, value in schema.items() if key != "description"}
    about = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": where, "required": where == "path", "schema": rest, **about}


def _tidy_schema(schema: Any) -> Any:
    """Without the titles and defaults that pydantic adds; names of properties are no keywords."""
    if isinstance(schema, list):
        return [_tidy_schema(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {
        key: _tidy_schema(inner) for key, inner in schema.items() if key not in ("title", "default", "properties")
    }
    if "properties" in schema:
        tidied["properties"] = {name: _tidy_schema(inner) for name, inner in schema["properties"].items()}
    return tidied
