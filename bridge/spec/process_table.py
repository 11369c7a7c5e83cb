"""`[process]`, made of the keys of all steps."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import create_model

from bridge.core.tables import Table
from bridge.processing.registry import PIPELINE
from bridge.processing.steps.step import ProcessStep, StepFields

_WIDTH = 115


def make_process_table(steps: Sequence[type[ProcessStep]]) -> type[Table]:
    """The model of `[process]` with the keys of these steps, in their order."""
    tables = list(dict.fromkeys(step.fields for step in steps if step.fields is not StepFields))
    # pydantic takes the fields of the last base first.
    return create_model("ProcessTable", __base__=tuple(reversed(tables)), __doc__=_describe_steps(steps))


def _describe_steps(steps: Sequence[type[ProcessStep]]) -> str:
    names: dict[type[StepFields], str] = {}
    for step in steps:
        names.setdefault(step.fields, step.name)
    names.pop(StepFields, None)
    text = f"`[process]`: free local steps: {', '.join(names.values())}, in this order."
    return textwrap.fill(text, _WIDTH)


if TYPE_CHECKING:

    class ProcessTable(Table):
        """`[process]`: free local steps; which keys it has is said by the steps."""

else:
    ProcessTable = make_process_table(PIPELINE)
