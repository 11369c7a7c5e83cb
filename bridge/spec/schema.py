"""JSON Schema of all kinds, for editors (Taplo, Even Better TOML): completion and checks while typing.

Draft 7, because Taplo's validator knows no later one; fields with fixed lengths are arrays with minItems and maxItems.
"""

from __future__ import annotations

from typing import Any

from bridge.spec.model import KINDS


def json_schema() -> dict[str, Any]:
    """One schema with a branch per kind."""
    definitions: dict[str, Any] = {}
    branches = []
    for kind, model in KINDS.items():
        schema = model.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
        definitions |= schema.pop("$defs", {})
        for key in model.not_applicable:
            schema["properties"].pop(key, None)
        schema["properties"]["kind"] = {"enum": [kind], "description": "What is made."}
        schema["required"] = sorted({"kind", *schema.get("required", [])})
        definitions[f"kind_{kind}"] = schema
        branches.append({"$ref": f"#/definitions/kind_{kind}"})
    result = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "assetbridge spec",
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS), "description": "What is made."}},
        "oneOf": branches,
        "definitions": {name: definitions[name] for name in sorted(definitions)},
    }
    plain: dict[str, Any] = _without_titles(result)
    return plain


def _without_titles(value: Any) -> Any:
    """Without pydantic's generated titles and null branches: in TOML a key is there or not."""
    if isinstance(value, list):
        return [_without_titles(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {
        key: _without_titles(item) for key, item in value.items() if not (key == "title" and isinstance(item, str))
    }
    if value.get("title") == "assetbridge spec":
        result["title"] = value["title"]
    choices = result.get("anyOf")
    if isinstance(choices, list):
        choices = [choice for choice in choices if choice != {"type": "null"}]
        del result["anyOf"]
        result |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    if result.get("default", ...) is None:
        del result["default"]
    if "patternProperties" in result:
        # Names that follow no pattern are errors, not free.
        result["additionalProperties"] = False
    if "const" in result:
        result["enum"] = [result.pop("const")]
    if "$ref" in result and len(result) > 1:
        # Draft 7 ignores what stands beside a $ref.
        result = {"allOf": [{"$ref": result.pop("$ref")}], **result}
    return result
