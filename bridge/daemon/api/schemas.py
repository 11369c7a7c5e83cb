"""The JSON documents that the daemon takes and gives, as JSON Schema (2020-12, the dialect of OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
FLAG: Shape = {"type": "boolean"}
SHARE: Shape = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
PATHS: Shape = {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}
DECIMAL: Shape = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}


def ref(name: str) -> Shape:
    """A shape of `SHAPES` by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(shape: Shape) -> Shape:
    """The same, or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def rows(shape: Shape) -> Shape:
    """A list of these."""
    return {"type": "array", "items": shape}


def given(**fields: Shape) -> Shape:
    """An answer: these fields are always there; a later version may say more."""
    return {"type": "object", "required": list(fields), "properties": fields}


def taken(required: dict[str, Shape] | None = None, **optional: Shape) -> Shape:
    """A request: any other field is refused; an optional one may be left out."""
    fields = {**(required or {}), **optional}
    return {
        "type": "object",
        "required": list(required or {}),
        "properties": fields,
        "additionalProperties": False,
    }


NAME: Shape = {"type": "string", "minLength": 1}
IDS: Shape = {"type": "array", "minItems": 1, "items": TEXT}
CAPS: Shape = {
    "type": ["object", "null"],
    "description": "The most that may be spent, per unit.",
    "additionalProperties": {
        "anyOf": [{"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?$"}, {"type": "integer", "minimum": 0}]
    },
}
WISHES: dict[str, Shape] = {
    "max_cost": CAPS,
    "force": {**FLAG, "description": "Overwrite outputs that were edited by hand."},
    "every": {**FLAG, "description": "Tell of every asset, also of those that stay as they are, with its `result`."},
}

SHAPES: dict[str, Shape] = {
    "Problem": given(
        code=TEXT,
        message=TEXT,
        hint=TEXT,
        where=maybe(
            given(
                file=TEXT,
                line={"type": ["integer", "null"]},
                column={"type": ["integer", "null"]},
                field={"type": ["string", "null"]},
            )
        ),
    ),
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {"error": ref("Problem"), "errors": rows(ref("Problem"))},
        "additionalProperties": False,
    },
    "Asset": given(
        key={"type": "string", "pattern": "^[0-9a-f]{16}$"},
        id=TEXT,
        kind=TEXT,
        state={**TEXT, "description": "new, stale, queued, building, needs_approval, needs_pick, uncertain, failed, …"},
        stale=FLAG,
        error=maybe(ref("Problem")),
        progress=SHARE,
    ),
    "Cost": given(provider=TEXT, unit=TEXT, amount=maybe(DECIMAL)),
    "PlannedStep": given(
        key=TEXT,
        provider=TEXT,
        operation=TEXT,
        fingerprint={"type": ["string", "null"]},
        cached=FLAG,
        cost=maybe(ref("Cost")),
        job={"type": ["string", "null"]},
    ),
    "AssetPlan": given(
        id=TEXT,
        kind=TEXT,
        action={"enum": ["create", "update", "export", "rename", "none", "orphan", "blocked", "error"]},
        reasons=rows(TEXT),
        steps=rows(ref("PlannedStep")),
        targets=rows(TEXT),
        drifted=rows(TEXT),
        renamed_from={"type": ["string", "null"]},
        error=maybe(ref("Problem")),
    ),
    "Plan": given(
        changes=WHOLE,
        digest=TEXT,
        cost=rows(ref("Cost")),
        providers=rows(given(provider=TEXT, unit=TEXT, amount=maybe(DECIMAL), verdict=TEXT)),
        assets=rows(ref("AssetPlan")),
        errors=rows(ref("Problem")),
        notes=rows(TEXT),
    ),
    "Result": given(
        id=TEXT, state=TEXT, error=maybe(ref("Problem")), outputs=PATHS, changed=rows(TEXT), notes=rows(TEXT)
    ),
    "Queued": given(request=WHOLE, ids=maybe(rows(TEXT)), cursor=TEXT),
    "Job": given(
        id=WHOLE,
        asset=TEXT,
        step=TEXT,
        provider=TEXT,
        operation=TEXT,
        state=TEXT,
        provider_id={"type": ["string", "null"]},
        remote={"type": "object", "additionalProperties": TEXT},
        attempt=WHOLE,
        error={"type": ["object", "null"]},
    ),
    "Event": {
        **given(seq={**TEXT, "description": "the cursor after this event"}, type=TEXT),
        "description": "What else it says depends on its type: see the table of events in docs/reference/daemon.md.",
    },
    "Finding": given(level={"enum": ["ok", "note", "problem"]}, what=TEXT, hint=TEXT),
    "Provider": given(
        name=TEXT,
        kinds=rows(TEXT),
        offline=FLAG,
        available=FLAG,
        key=maybe(given(name=TEXT, present=FLAG, source={"type": ["string", "null"]})),
        budget={"type": ["object", "null"]},
        balance=maybe(given(amounts={"type": "object", "additionalProperties": DECIMAL}, note=TEXT)),
    ),
    "Spent": given(name=TEXT, unit=TEXT, amount=DECIMAL, estimated=DECIMAL, possible=DECIMAL, orders=WHOLE),
}
