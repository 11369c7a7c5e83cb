"""The procedural provider passes work to the right family and refuses what it cannot make."""

from __future__ import annotations

import pytest

from bridge.core.errors import UserError
from bridge.providers.api import Step, StepResult
from bridge.providers.procedural import ProceduralProvider
from bridge.spec.sprite import TurnaroundSpec
from tests.unit.providers.procedural_terrain_context import Context


def test_kinds_without_an_offline_painter_name_the_providers_that_have_one() -> None:
    spec = TurnaroundSpec.model_validate(
        {"kind": "turnaround", "source": "art/front.png", "direction": "south", "directions": 4}
    )
    assert "turnaround" not in ProceduralProvider.kinds
    assert "edit" not in ProceduralProvider.kinds
    with pytest.raises(UserError) as caught:
        ProceduralProvider().compile(spec, Context())
    assert caught.value.code == "provider_kind"
    assert "pixellab" in caught.value.hint


@pytest.mark.parametrize("operation", ["tileset.other", "unknown.thing", ""])
def test_operations_of_other_versions_are_an_error_not_a_crash(operation: str) -> None:
    step = Step("set/a+b", "procedural", operation, {})
    for work in (
        lambda: ProceduralProvider().run(step, {}, {}),
        lambda: ProceduralProvider().interpret(step, StepResult(())),
    ):
        with pytest.raises(UserError) as caught:
            work()
        assert caught.value.code == "provider_kind"
        assert caught.value.hint
