"""Fields that a spec may have but that drawing on this machine has no use for: an error, never silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bridge.providers.api import CompileContext

if TYPE_CHECKING:
    from pydantic import BaseModel

PAID_ONLY: Mapping[str, str] = {
    "model": "There is only one procedural model; remove the line.",
    "negative": "Say in the description what should be there.",
    "adopt": "Nothing is kept at a provider; remove the line.",
    "enhance": "Descriptions are used as they are; remove the line.",
    "source": 'Use provider = "files" for your own pictures.',
    "source_url": 'Use provider = "files" for your own pictures.',
    "reference": "Use [process] palette to force colours.",
    "provider_options": "There are none; remove the table.",
}


def refuse_fields(spec: BaseModel, context: CompileContext, reasons: Mapping[str, str], prefix: str = "") -> None:
    """Raises for the first field of `reasons` (field → way out) that is set to something.

    Raises:
        UserError: `spec_not_applicable`, on the line of the field.
    """
    given = spec.model_fields_set
    for field, hint in reasons.items():
        if field not in given:
            continue
        if getattr(spec, field) not in (None, "", type(spec).model_fields[field].default):
            raise context.fail(
                "spec_not_applicable", f"the procedural provider has no use for {field} here", prefix + field, hint
            )
