"""`GET /v1/openapi.json`: the addresses and their summaries, from the table that serves them (OpenAPI 3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from bridge import __version__

_ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "hint", "where"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "hint": {"type": "string"},
                "where": {"type": ["object", "null"]},
            },
        }
    },
}


def document(routes: Iterable[tuple[str, str, Callable[..., Any]]]) -> dict[str, Any]:
    """The description of (method, path, endpoint); an endpoint's docstring is its summary."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, endpoint in routes:
        shown = re.sub(r":\w+}", "}", path)
        operation: dict[str, Any] = {
            "operationId": endpoint.__name__,
            "summary": (endpoint.__doc__ or "").split("\n", 1)[0],
            "parameters": [_parameter(name) for name in re.findall(r"{(\w+)}", shown)],
            "responses": {"2XX": {"description": "done"}, "default": {"$ref": "#/components/responses/error"}},
        }
        if method == "POST":
            operation["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
        paths.setdefault(shown, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "assetbridge daemon", "version": __version__},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {
                "error": {"description": "an error", "content": {"application/json": {"schema": _ERROR}}},
            },
        },
    }


def _parameter(name: str) -> dict[str, Any]:
    kind = "integer" if name == "number" else "string"
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
