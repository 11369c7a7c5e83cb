"""The project of a picture: its Style Lock (style, resolution, angle) counts for everything that is drawn in it.

`[provider_options] project = { name = "Dungeon Crawler", artStyle = "pixel" }` asks for one. It is a free step of its
own, alike for every asset that names the same project: made once, and taken where the account has it already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bridge.providers.api import CompileContext, Step
from bridge.providers.asking import answered
from bridge.providers.paid import FreeCalls, Remote
from bridge.providers.sprixen import responses
from bridge.providers.sprixen.routes import NAME, PROJECT_FIELDS, ROUTES

if TYPE_CHECKING:
    from bridge.spec.base_spec import BaseSpec

KEY = "project"
_FIELD = "provider_options.project"
# What has to be the same for a project to be the one that is meant.
_LOCK = ("artStyle", "resolution", "viewAngle")


def project_steps(spec: BaseSpec, context: CompileContext) -> list[Step]:
    """`project`, where the spec asks for one.

    Raises:
        UserError: `spec_not_applicable`, `provider_limit`, on the line of the field.
    """
    table = (spec.provider_options or {}).get(KEY)
    if table is None:
        return []
    if not isinstance(table, dict):
        hint = 'Write project = { name = "…" }, or projectId = "…" for one that exists.'
        raise context.fail("provider_limit", "project is a table", _FIELD, hint)
    if "projectId" in (spec.provider_options or {}):
        message = "projectId names a project already"
        raise context.fail("spec_not_applicable", message, "provider_options.projectId", "Remove it, or `project`.")
    for name, value in table.items():
        _check(name, value, context)
    if not table.get("name", "").strip():
        raise context.fail("provider_limit", "a project has a name", f"{_FIELD}.name", 'Add name = "…".')
    return [
        Step(KEY, NAME, "project.create", {"request": dict(table)}, price=ROUTES["project.create"].price, field=_FIELD)
    ]


def _check(name: str, value: Any, context: CompileContext) -> None:
    field = f"{_FIELD}.{name}"
    if name not in PROJECT_FIELDS:
        hint = f"It has {', '.join(PROJECT_FIELDS)}."
        raise context.fail("spec_not_applicable", f"a project of sprixen has no {name}", field, hint)
    words = PROJECT_FIELDS[name]
    if not isinstance(value, str) or (words and value not in words):
        hint = f"It is one of {', '.join(words)}." if words else "It is a text."
        raise context.fail("provider_limit", f"{name} cannot be {value!r}", field, hint)


async def found(calls: FreeCalls, request: Mapping[str, Any]) -> list[Remote]:
    """The projects of the account with the name and the Style Lock that are asked for.

    A lock of which the list says nothing is believed to be right: the documented sample shows a part of it only.
    """
    answer = await answered(calls, "/projects")
    return [
        Remote({"project": responses.text(row.get("id"))})
        for row in (responses.rows(answer.json()) if answer is not None else [])
        if responses.text(row.get("id"))
        and responses.text(row.get("name")) == request["name"].strip()
        and all(row.get(name) in (None, request[name]) for name in _LOCK if name in request)
    ]
